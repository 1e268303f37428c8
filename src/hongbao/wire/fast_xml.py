"""Reads documents of the plain form at a third of a parser's cost.

Nearly all documents of WeChat and of SDKs are plain: flat, without attributes, and without markup
inside a value. Documents of one sender have the same elements in the same order, and only the
values differ. So the first one is split by a regular expression, and the markup around its values
is kept as a layout. The next one is cut at the same places. If the layout filled with the pieces
equals that document byte by byte, only the pieces are left to check.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# WeChat's documents are about 1 KiB of 15 elements. Within these bounds layouts fill no memory.
_BYTES_MAX = 4096
_ELEMENTS_MAX = 40
BLANKS = b" \t\r\n"  # XML's, and no others

_XML, _XML_END = b"<xml>", b"</xml>"
_CDATA = b"<![CDATA["
_INSIDE_CDATA = slice(len(_CDATA) - 1, -len(b"]]>"))  # a piece begins behind its "<"
_ELEMENT = re.compile(rb"<([a-z_]+)>(<!\[CDATA\[)?([^<>&\]]*)((?(2)\]\]>)</\1>[ \t\r\n]*)")
# What a value must not hold to be what it looks like. XML forbids the control characters, and turns
# CR into LF; the rest is markup.
_NOT_PLAIN = bytes({*range(0x20), *b">&]"} - {*b"\t\n"})
_FORBIDDEN_LEAD = b"\xef\xbf"  # of U+FFFE and U+FFFF, which XML forbids


class _DocumentLayout(NamedTuple):
    """The markup of a document, without its values.

    Attributes:
        markup: with a gap for each value.
        names: of the elements.
        places: which piece holds the value of each, and where in it.
    """

    markup: bytes
    names: tuple[str, ...]
    places: tuple[tuple[int, slice], ...]


_layouts: dict[int, _DocumentLayout] = {}
"""The last for each number of pieces, since a refusal has fewer elements than a success."""


def read(body: bytes) -> dict[str, str] | None:
    """The fields of a plain document; None for any other."""
    if len(body) > _BYTES_MAX:
        return None
    pieces = body.split(b"<")
    layout = _layouts.get(len(pieces))
    if layout is not None:
        fields = _read_by(layout, body, pieces)
        if fields is not None:
            return fields
    layout = _learn(body)
    if layout is None:
        return None
    _layouts[len(pieces)] = layout
    return _read_by(layout, body, pieces)


def _read_by(layout: _DocumentLayout, body: bytes, pieces: list[bytes]) -> dict[str, str] | None:
    values = [pieces[place][inside] for place, inside in layout.places]
    if layout.markup % tuple(values) != body:
        return None
    joined = b"<".join(values)  # no value has one, being what stood between two
    if len(joined.translate(None, _NOT_PLAIN)) != len(joined) or _FORBIDDEN_LEAD in joined:
        return None
    try:
        return dict(zip(layout.names, joined.decode().split("<"), strict=True))
    except UnicodeDecodeError:
        return None


def _learn(body: bytes) -> _DocumentLayout | None:
    """The layout of a document; None if it is not plain, as far as the markup shows."""
    if not (body.startswith(_XML) and body.endswith(_XML_END)):
        return None
    inside = body[len(_XML) : -len(_XML_END)]
    elements = inside.lstrip(BLANKS)
    found = _ELEMENT.findall(elements)
    names = tuple([name.decode() for name, _, _, _ in found])
    whole = b"".join([b"<%b>%b%b%b" % element for element in found])
    if (
        not names
        or whole != elements
        or len(set(names)) != len(names)
        or len(names) > _ELEMENTS_MAX
    ):
        return None
    gaps = [b"<%b>%b%%b%b" % (name, opener, end) for name, opener, _, end in found]
    blanks = inside[: len(inside) - len(elements)]
    places: list[tuple[int, slice]] = []
    place = 2  # nothing stands before the first "<", and "xml>" behind it
    for name, opener, _, _ in found:
        if opener:
            places.append((place + 1, _INSIDE_CDATA))
            place += 3
        else:
            places.append((place, slice(len(name) + len(b">"), None)))
            place += 2
    return _DocumentLayout(b"".join([_XML, blanks, *gaps, _XML_END]), names, tuple(places))
