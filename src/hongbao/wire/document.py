"""The flat ``<xml>`` document of WeChat's V2 calls, and nothing about what it says.

One level of elements under ``<xml>``; a query's reply nests one list (``hblist``) of rows
(``hbinfo``). Document types and entities are refused, since no genuine document has them and they
are how XML is abused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from hongbao.sentences import say
from hongbao.wire import fast_xml

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENT_BYTES_MAX = 1024 * 1024
"""WeChat's documents are about 1 KiB; a thousand times that is not one of them."""

CDATA_END = "]]>"

_ROOT = "xml"
_FIELD_DEPTH = 2  # <xml><field>
_ROW_DEPTH = 3  # <xml><hblist><hbinfo>
_CELL_DEPTH = 4  # <xml><hblist><hbinfo><openid>
_BOM = b"\xef\xbb\xbf"


class MalformedDocument(ValueError):
    """These bytes are no document of this protocol."""


class OtherRoot(MalformedDocument):
    """These bytes would be one, if their root were ``<xml>``."""


class Document(NamedTuple):
    """What a document says, in no order.

    Attributes:
        fields: the flat elements by name. An empty element is an empty string.
        lists: the nested ones: the rows of each, in order.
    """

    fields: dict[str, str]
    lists: dict[str, list[dict[str, str]]]


def encode(fields: Iterable[tuple[str, str]], *, bare: frozenset[str] = frozenset()) -> bytes:
    """Write a flat document as UTF-8, text in CDATA.

    Args:
        fields: names and values. Values must hold no character that XML 1.0 forbids.
        bare: the names whose values stand without CDATA: numbers.
    """
    elements = [element(name, value if name in bare else cdata(value)) for name, value in fields]
    return element("xml", "".join(elements)).encode()


def element(name: str, content: str) -> str:
    """One element around content that is markup already."""
    return f"<{name}>{content}</{name}>"


def cdata(text: str) -> str:
    """Text as CDATA.

    A ``]]>`` inside is split over two sections, so that it cannot end the first one early.
    """
    if CDATA_END in text:
        text = text.replace(CDATA_END, "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"


def decode(body: bytes) -> Document:
    """Read a document.

    A UTF-8 byte order mark and surrounding white space are tolerated; the encoding is UTF-8
    whatever the document declares; attributes are ignored.

    Raises:
        MalformedDocument: for anything else than one ``<xml>`` of at most ``DOCUMENT_BYTES_MAX``
            bytes, for a document type or entity, for a name that stands twice, for markup deeper
            than a list's cells.
    """
    if len(body) > DOCUMENT_BYTES_MAX:
        raise MalformedDocument(
            say(
                "{count} bytes, at most {most} are read",
                count=len(body),
                most=DOCUMENT_BYTES_MAX,
            )
        )
    body = body.removeprefix(_BOM).strip(fast_xml.BLANKS)
    fields = fast_xml.read(body)
    return _parse(body) if fields is None else Document(fields, {})


def _parse(body: bytes) -> Document:
    """Read any document, with the parser."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True  # one call a text, as far as it goes
    parser.ordered_attributes = True  # a list is cheaper than a dictionary, and nobody reads it
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.pieces.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedDocument(say("not well-formed XML: {error}", error=error)) from None
    if reader.root != _ROOT:
        raise OtherRoot(say("the root is not <xml>"))
    return Document(reader.fields, reader.lists)


def _refuse_doctype(*_: object) -> None:
    # Entities can only be declared inside a document type, so refusing it refuses them too.
    raise MalformedDocument(say("it has a document type"))


class _Reader:
    """Gathers one document from the parser's events."""

    __slots__ = ("_depth", "_field", "_row", "_rows", "fields", "lists", "pieces", "root")

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.lists: dict[str, list[dict[str, str]]] = {}
        self.root = ""
        # The text since the last tag; in pieces where a value holds several CDATA sections.
        self.pieces: list[str] = []
        self._depth = 0
        self._field = ""
        self._rows: list[dict[str, str]] | None = None
        self._row: dict[str, str] | None = None

    def start(self, name: str, _attributes: list[str]) -> None:
        self._depth = depth = self._depth + 1
        self.pieces.clear()
        if depth == _FIELD_DEPTH:
            self._field = name
            if name in self.fields or name in self.lists:
                raise MalformedDocument(say("<{value}> stands twice", value=name[:32]))
        elif depth == _ROW_DEPTH:
            if self._rows is None:
                self._rows = self.lists[self._field] = []
        elif depth == _CELL_DEPTH:
            if self._row is None:
                self._row = {}
            if name in self._row:
                raise MalformedDocument(say("<{value}> stands twice in a row", value=name[:32]))
        elif depth > _CELL_DEPTH:
            raise MalformedDocument(say("nested too deep"))
        else:
            self.root = name

    def end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        text = "".join(self.pieces)
        self.pieces.clear()
        if depth == _FIELD_DEPTH:
            if self._rows is None:
                self.fields[name] = text
            self._rows = None
        elif depth == _CELL_DEPTH and self._row is not None:
            self._row[name] = text
        elif depth == _ROW_DEPTH and self._rows is not None:
            # A row without cells is one value; it is kept under its own name.
            self._rows.append({name: text} if self._row is None else self._row)
            self._row = None
