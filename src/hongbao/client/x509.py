"""What an X.509 certificate says of its owner and its dates, read from its DER bytes.

Only these facts, and only of the merchant's own file: nobody is trusted by them. The standard
library shows them for a verified peer alone, and ``cryptography`` takes 10 MB to import.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

# Tags of X.690, section 8, and of RFC 5280, appendix A.
_OBJECT_IDENTIFIER = 0x06
_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18
_BMP_STRING = 0x1E
_VERSION = 0xA0  # [0] EXPLICIT, left out in version 1
_LONG_LENGTH = 0x80
_LENGTH_OCTETS_MAX = 4  # 4 GiB: no certificate is longer

_COMMON_NAME = b"\x55\x04\x03"  # 2.5.4.3
_CENTURY_PIVOT = 50  # RFC 5280, section 4.1.2.5.1


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
        ((_, certificate),) = _elements(der)
        (_, to_be_signed), *_ = _elements(certificate)
        fields = _elements(to_be_signed)
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        _serial, _algorithm, _issuer, (_, validity), (_, subject) = fields[:5]
        not_before, not_after = (_time(tag, content) for tag, content in _elements(validity))
        names = tuple(_common_names(subject))
    except (IndexError, ValueError) as error:
        raise ValueError("not an X.509 certificate") from error
    return CertificateFacts(names, not_before, not_after)


def _elements(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that stand one behind another in ``data``: tag and content."""
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


def _common_names(subject: bytes) -> list[str]:
    names = []
    for _, relative_name in _elements(subject):
        for _, attribute in _elements(relative_name):
            kind, (tag, value) = _elements(attribute)
            if kind == (_OBJECT_IDENTIFIER, _COMMON_NAME):
                encoding = "utf-16-be" if tag == _BMP_STRING else "utf-8"
                names.append(value.decode(encoding, "replace"))
    return names


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if int(text[:2]) >= _CENTURY_PIVOT else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("this is not a time")
    year, rest = int(text[:4]), text[4:]
    if len(rest) != len("MMDDhhmmssZ") or rest[-1] != "Z":
        raise ValueError("this time is not in the form of RFC 5280")
    month, day, hour, minute, second = (int(rest[at : at + 2]) for at in range(0, 10, 2))
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
