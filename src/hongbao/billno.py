"""Order numbers are derived, not drawn: the same payout has the same number for ever.

So a list submitted twice pays nobody twice, and books restored from an old backup send the same
numbers again, which WeChat answers without paying again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.business_key import checked
from hongbao.errors import InvalidRequest
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Two digits at a time, the lower one first; four make a number small enough for Python to divide by
# at once. Lists of a million are numbered with this.
_PAIRS = tuple(low + high for high in _ALPHABET for low in _ALPHABET)
_SQUARE = len(_PAIRS)
_WORD = _SQUARE**2


def new_billno(mch_id: str, key: str, attempt: int = 1) -> str:
    """The ``mch_billno`` of one attempt to pay one payout.

    28 base62 digits of a SHA-256, so that 2**83 payouts would be needed for an even chance of one
    collision.

    Args:
        mch_id: the merchant that pays.
        key: the payout's business key: what makes this payment this payment and no other, such as
            ``"spring-2026/user-4711"``. It is not the API key. Blanks around it do not count, nor
            does full width: see ``hongbao.business_key``.
        attempt: 1, and more only after the number before it is proven dead.

    Raises:
        InvalidRequest: if ``mch_id`` or ``key`` is empty, if a spreadsheet has changed the key
            (``2.02611E+17``, ``1001.0``), or if ``attempt`` is less than 1.
    """
    return derive_billno(mch_id, checked(key) if key else "", attempt)


def derive_billno(mch_id: str, key: str, attempt: int = 1) -> str:
    """The same for a key as the books hold it, character by character.

    Books of earlier versions hold keys in other spellings, whose numbers must stay as they are.

    Args:
        mch_id: as above.
        key: as it was stored.
        attempt: as above.

    Raises:
        InvalidRequest: if ``mch_id`` or ``key`` is empty, or ``attempt`` is less than 1.
    """
    if not mch_id or not key:
        empty = "key" if mch_id else "mch_id"
        raise InvalidRequest(field=empty, rule=say("not empty"), found=say("an empty string"))
    if attempt < 1:
        raise InvalidRequest(field="attempt", rule=say("1 or more"), found=str(attempt))
    number = str(attempt)
    return _digits(f"{_head(mch_id)}{len(key)}:{key};{len(number)}:{number};".encode())


def derive_first(mch_id: str, keys: Collection[str]) -> list[str]:
    """The first numbers of many keys, as ``derive_billno`` derives them.

    Raises:
        InvalidRequest: if ``mch_id`` or a key is empty.
    """
    head = _head(mch_id)
    if not mch_id or not all(keys):
        derive_billno(mch_id, "")
    return [_digits(f"{head}{len(key)}:{key};1:1;".encode()) for key in keys]


def _head(mch_id: str) -> str:
    # Each part stands behind its length, so that no two triples read as one.
    return f"hongbao/billno/1;{len(mch_id)}:{mch_id};"


def _digits(seed: bytes) -> str:
    # Seven words are 28 digits, the most that WeChat takes:
    # https://pay.weixin.qq.com/doc/v2/merchant/4011974053. Word by word, because Python divides
    # fastest by what fits into 30 bits.
    rest, first = divmod(int.from_bytes(sha256(seed).digest(), "big"), _WORD)
    rest, second = divmod(rest, _WORD)
    rest, third = divmod(rest, _WORD)
    rest, fourth = divmod(rest, _WORD)
    rest, fifth = divmod(rest, _WORD)
    rest, sixth = divmod(rest, _WORD)
    seventh = rest % _WORD
    return (
        f"{_PAIRS[first % _SQUARE]}{_PAIRS[first // _SQUARE]}"
        f"{_PAIRS[second % _SQUARE]}{_PAIRS[second // _SQUARE]}"
        f"{_PAIRS[third % _SQUARE]}{_PAIRS[third // _SQUARE]}"
        f"{_PAIRS[fourth % _SQUARE]}{_PAIRS[fourth // _SQUARE]}"
        f"{_PAIRS[fifth % _SQUARE]}{_PAIRS[fifth // _SQUARE]}"
        f"{_PAIRS[sixth % _SQUARE]}{_PAIRS[sixth // _SQUARE]}"
        f"{_PAIRS[seventh % _SQUARE]}{_PAIRS[seventh // _SQUARE]}"
    )
