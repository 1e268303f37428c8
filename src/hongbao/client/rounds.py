"""How often a file has its password hashed before anybody can tell whether it is right.

The file says it, outside of what is encrypted, and OpenSSL obeys: two billion rounds are half an
hour in which nothing can be interrupted.
"""

from __future__ import annotations

from itertools import pairwise, takewhile

from hongbao.client.der import CONSTRUCTED, INTEGER, OCTET_STRING, elements

ROUNDS_MAX = 10_000_000
"""Some seconds. WeChat's files ask for 2,000, today's tools for up to a million."""

_DEPTH_MAX = 32  # PKCS#12 nests to about 12
_COST_NUMBERS = 3  # of scrypt: N, r and p (RFC 7914, section 7); PBKDF2 and PKCS#12 have one


def rounds(der: bytes) -> int:
    """All rounds together that DER asks for; 0 if this is none, which OpenSSL will say in words."""
    return _rounds(der, 0)


def _rounds(der: bytes, depth: int) -> int:
    try:
        found = elements(der)
    except (IndexError, ValueError):
        return 0
    if depth == _DEPTH_MAX:
        return ROUNDS_MAX + 1
    total = sum(
        _rounds(content, depth + 1)
        for tag, content in found
        if tag & CONSTRUCTED or tag == OCTET_STRING
    )
    for at, ((salt, _), (number, _)) in enumerate(pairwise(found), 1):
        if (salt, number) == (OCTET_STRING, INTEGER):
            numbers = takewhile(_is_number, found[at : at + _COST_NUMBERS])
            total += _cost([content for _, content in numbers])
    return total


def _is_number(element: tuple[int, bytes]) -> bool:
    return element[0] == INTEGER


def _cost(numbers: list[bytes]) -> int:
    """What the numbers beside a salt come to."""
    product = 1
    for number in numbers if len(numbers) == _COST_NUMBERS else numbers[:1]:
        product *= int.from_bytes(number, "big")
    return product
