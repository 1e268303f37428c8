"""What is read of DER (X.690) here: a certificate's owner and dates, and a password's rounds.

Only of the merchant's own files: nobody is trusted by them. The standard library shows a
certificate's facts for a verified peer alone, and ``cryptography`` takes 10 MB to import.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise, takewhile
from typing import NamedTuple

INTEGER = 0x02
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
BMP_STRING = 0x1E
CONSTRUCTED = 0x20

_LONG_LENGTH = 0x80
_LENGTH_OCTETS_MAX = 4  # 4 GiB: nothing here is longer
_VERSION = 0xA0  # [0] EXPLICIT, left out in version 1: RFC 5280, appendix A

_COMMON_NAME = b"\x55\x04\x03"  # 2.5.4.3
_CENTURY_PIVOT = 50  # RFC 5280, section 4.1.2.5.1

ROUNDS_MAX = 10_000_000
"""How often a file may have its password hashed before anybody can tell whether it is right.

The file says it, outside of what is encrypted, and OpenSSL obeys: two billion rounds are half an
hour in which nothing can be interrupted. These are some seconds. WeChat's files ask for 2,000,
today's tools for up to a million.
"""

_DEPTH_MAX = 32  # PKCS#12 nests to about 12
_COST_NUMBERS = 3  # of scrypt: N, r and p (RFC 7914, section 7); PBKDF2 and PKCS#12 have one


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that stand one behind another in ``data``: tag and content.

    Raises:
        ValueError: if it is not DER.
        IndexError: if it breaks off.
    """
    found = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length >= _LONG_LENGTH:
            octets = length - _LONG_LENGTH
            if not 1 <= octets <= _LENGTH_OCTETS_MAX:
                raise ValueError("this length is not DER")
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + length > len(data):
            raise ValueError("an element is longer than what holds it")
        found.append((tag, data[at : at + length]))
        at += length
    return found


class CertificateFacts(NamedTuple):
    """The times are aware, in UTC; the certificate is valid at both ends."""

    common_names: tuple[str, ...]
    not_before: datetime
    not_after: datetime


def read_facts(der: bytes) -> CertificateFacts:
    """The facts of a certificate.

    Raises:
        ValueError: if these bytes are not one.
    """
    try:
        ((_, certificate),) = elements(der)
        (_, to_be_signed), *_ = elements(certificate)
        fields = elements(to_be_signed)
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        _serial, _algorithm, _issuer, (_, validity), (_, subject) = fields[:5]
        not_before, not_after = (_time(tag, content) for tag, content in elements(validity))
        names = tuple(_common_names(subject))
    except (IndexError, ValueError) as error:
        raise ValueError("not an X.509 certificate") from error
    return CertificateFacts(names, not_before, not_after)


def _common_names(subject: bytes) -> list[str]:
    names = []
    for _, relative_name in elements(subject):
        for _, attribute in elements(relative_name):
            kind, (tag, value) = elements(attribute)
            if kind == (OBJECT_IDENTIFIER, _COMMON_NAME):
                encoding = "utf-16-be" if tag == BMP_STRING else "utf-8"
                names.append(value.decode(encoding, "replace"))
    return names


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= _CENTURY_PIVOT else "20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("this is not a time")
    year, rest = int(text[:4]), text[4:]
    if len(rest) != len("MMDDhhmmssZ") or rest[-1] != "Z":
        raise ValueError("this time is not in the form of RFC 5280")
    month, day, hour, minute, second = (int(rest[at : at + 2]) for at in range(0, 10, 2))
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


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
