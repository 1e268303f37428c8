"""Business keys: what makes a payment this payment and no other, as a list says it or derived."""

from __future__ import annotations

from hashlib import sha256

from hongbao.business_key import damage, normal

KEY_MAX = 128
KEY_RULE = f"1 to {KEY_MAX} characters without control characters"
_HEX = 20  # 80 bits: even odds of one collision need a million million receivers


def key_fault(key: str) -> str:
    """What is wrong with a key in its normal form, and what to do; empty if nothing is."""
    if why := damage(key):
        return why
    return "" if 0 < len(key) <= KEY_MAX and key.isprintable() else f"must be {KEY_RULE}"


class KeyMaker:
    """Derives the keys of rows that say none: the same for ever, and of one length in a campaign.

    The receiver stands in a key as a hash, so that a key can be shown.

    Args:
        campaign: its name.
    """

    def __init__(self, campaign: str) -> None:
        # Texts stand behind their lengths, so that no two pairs read as one.
        self._begun = sha256(f"hongbao/key/1;{len(campaign)}:{campaign}".encode())
        self._name = normal(campaign)
        # Of a name that is not in its normal form an earlier version took what stood there.
        self._beginnings = (f"{campaign}/", f"{self._name}/")

    def key(self, payee: str, ordinal: int = 1) -> str:
        """The key of a receiver's row.

        Args:
            payee: whom.
            ordinal: which of the receiver's rows without a key of their own, from 1.
        """
        whole = self._begun.copy()
        whole.update(f"{len(payee)}:{payee}".encode())
        return f"{self._name}/{whole.hexdigest()[:_HEX]}-{ordinal:03d}"

    def ordinal(self, key: str) -> int:
        """Which of its receiver's rows a derived key says; 0 for a key of a list's own."""
        begun, _, ordinal = key.rpartition("-")
        derived = begun.startswith(self._beginnings) and ordinal.isdecimal()
        return int(ordinal) if derived else 0
