"""Order numbers are derived, not drawn: the same payout has the same number for ever.

So a list submitted twice pays nobody twice, and books restored from an old backup send the same
numbers again, which WeChat answers without paying again.
"""

from __future__ import annotations

from hashlib import sha256

from hongbao.errors import InvalidRequest

BILLNO_LENGTH = (
    28  # the most that WeChat takes: https://pay.weixin.qq.com/doc/v2/merchant/4011974053
)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_billno(mch_id: str, key: str, attempt: int = 1) -> str:
    """The ``mch_billno`` of one attempt to pay one payout.

    28 base62 digits of a SHA-256, so that 2**83 payouts would be needed for an even chance of one
    collision.

    Args:
        mch_id: the merchant that pays.
        key: the payout's business key: what makes this payment this payment and no other, such as
            ``"spring-2026/user-4711"``. It is not the API key.
        attempt: 1, and more only after the number before it is proven dead.

    Raises:
        InvalidRequest: if ``mch_id`` or ``key`` is empty, or ``attempt`` is less than 1.
    """
    if not mch_id or not key:
        empty = "key" if mch_id else "mch_id"
        raise InvalidRequest(field=empty, rule="not empty", found="an empty string")
    if attempt < 1:
        raise InvalidRequest(field="attempt", rule="1 or more", found=str(attempt))
    # Each part stands behind its length, so that no two triples read as one.
    parts = (mch_id, key, str(attempt))
    seed = "hongbao/billno/1;" + "".join(f"{len(part)}:{part};" for part in parts)
    number = int.from_bytes(sha256(seed.encode()).digest(), "big")
    digits = []
    for _ in range(BILLNO_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(digits)
