"""Reads documents of the plain form at a third of a parser's cost.

Nearly all documents of WeChat and of SDKs are plain: flat, without attributes, and without markup
inside a value. Documents of one sender have the same elements in the same order, and only the
values differ. So of one that is plain an expression is made that matches all that differ from it in
values alone. It can match in one way only, and never goes back.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# WeChat's documents are about 1 KiB of 15 elements. Within these bounds layouts fill no memory.
_BYTES_MAX = 4096
_ELEMENTS_MAX = 40
BLANKS = b" \t\r\n"  # XML's, and no others
MISSES_A_LAYOUT = 16
"""Of so many documents that no layout fits, the first is learnt. That takes as long as to parse
fifty, and a sender may give each document another form.
"""

_DOCUMENT = re.compile(r"<xml>([ \t\r\n]*)(.*)</xml>", re.DOTALL)
_ELEMENT = re.compile(r"<([a-z_]+)>(<!\[CDATA\[)?[^<>&\]]*((?(2)\]\]>)</\1>[ \t\r\n]*)")
# What a value may hold to be what it looks like. XML forbids the control characters and the last
# two, and turns CR into LF; the rest is markup.
_VALUE = "([^\x00-\x08\x0b-\x1f<>&\\]\ufffe\uffff]*+)"


class DocumentLayout(NamedTuple):
    """What documents with the same markup have in common.

    Attributes:
        names: of the elements.
        match: matches a whole document, with a group for each value.
    """

    names: tuple[str, ...]
    match: Callable[[str], re.Match[str] | None]

    def read(self, text: str) -> dict[str, str] | None:
        """The fields of a document; None for one of another layout, or that is not plain."""
        found = self.match(text)
        return None if found is None else dict(zip(self.names, found.groups(), strict=True))


_layouts: dict[int, DocumentLayout] = {}
"""The last for each number of tags, since a refusal has fewer elements than a success."""
_misses = count()


def read(body: bytes) -> dict[str, str] | None:
    """The fields of a document whose layout is known; None for any other."""
    if len(body) > _BYTES_MAX:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    tags = text.count("<")
    layout = _layouts.get(tags)
    fields = layout.read(text) if layout else None
    if fields is None and next(_misses) % MISSES_A_LAYOUT == 0:
        layout = learn(text)
        if layout is not None:
            _layouts[tags] = layout
            return layout.read(text)
    return fields


def learn(text: str) -> DocumentLayout | None:
    """The layout of a document; None if it is not plain, as far as the markup shows."""
    document = _DOCUMENT.fullmatch(text)
    if document is None:
        return None
    blanks, elements = document.groups()
    names: list[str] = []
    between, end = [f"<xml>{blanks}"], 0
    for element in _ELEMENT.finditer(elements):
        if element.start() != end:
            return None
        end = element.end()
        name, opener, closing = element.groups("")
        names.append(name)
        between[-1] += f"<{name}>{opener}"
        between.append(closing)
    if not names or end != len(elements) or len(set(names)) != len(names):
        return None
    if len(names) > _ELEMENTS_MAX:
        return None
    between[-1] += "</xml>"
    return DocumentLayout(tuple(names), re.compile(_VALUE.join(map(re.escape, between))).fullmatch)
