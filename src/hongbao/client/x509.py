"""What an X.509 certificate says of its owner and its dates, read from its DER bytes.

Only these facts, and only of the merchant's own file: nobody is trusted by them. The standard
library shows them for a verified peer alone, and ``cryptography`` takes 10 MB to import.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from hongbao.client.der import (
    BMP_STRING,
    GENERALIZED_TIME,
    OBJECT_IDENTIFIER,
    UTC_TIME,
    elements,
)

_VERSION = 0xA0  # [0] EXPLICIT, left out in version 1: RFC 5280, appendix A

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
