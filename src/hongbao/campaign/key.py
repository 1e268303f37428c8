"""Business keys: what makes a payment this payment and no other, as a list says it or derived."""

from __future__ import annotations

from hashlib import sha256

KEY_MAX = 128
KEY_RULE = f"1 to {KEY_MAX} characters without control characters"
_HEX = 20  # 80 bits: even odds of one collision need a million million receivers


def is_key(text: str) -> bool:
    """Whether a text can be a key."""
    return 0 < len(text) <= KEY_MAX and text.isprintable()


class KeyMaker:
    """Derives the keys of rows that say none: the same for ever, and of one length in a campaign.

    The receiver stands in a key as a hash, so that a key can be shown.

    Args:
        campaign: its name.
    """

    def __init__(self, campaign: str) -> None:
        self._campaign = campaign
        # Texts stand behind their lengths, so that no two pairs read as one.
        self._begun = sha256(f"hongbao/key/1;{len(campaign)}:{campaign}".encode())

    def key(self, payee: str, ordinal: int = 1) -> str:
        """The key of a receiver's row.

        Args:
            payee: whom.
            ordinal: which of the receiver's rows without a key of their own, from 1.
        """
        whole = self._begun.copy()
        whole.update(f"{len(payee)}:{payee}".encode())
        return f"{self._campaign}/{whole.hexdigest()[:_HEX]}-{ordinal:03d}"
