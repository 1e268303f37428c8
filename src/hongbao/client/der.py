"""DER as far as it is read here: tags, lengths, contents (X.690, sections 8 and 10)."""

from __future__ import annotations

INTEGER = 0x02
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
BMP_STRING = 0x1E
CONSTRUCTED = 0x20

_LONG_LENGTH = 0x80
_LENGTH_OCTETS_MAX = 4  # 4 GiB: nothing here is longer


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
