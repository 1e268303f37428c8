"""The parts of an XLSX file: a zip of small XML documents and large ones, read as a stream.

Read with the parser of the standard library. Two libraries were weighed, and again in November 2026
when lists came to mean what their sheets show (100,000 rows of four columns, seconds of CPU on one
slow core, memory over what imports take): this reader 4.4 s and 2 MB; python-calamine 0.9 0.5 s and
40 MB; openpyxl 3.1 6.8 s and 32 MB.

calamine gives values and merged cells. It says nothing of number formats, formulas, hidden rows and
columns or the program that saved a file: a formula without a result is an empty cell to it, and the
0 of a library an ordinary one. Those are the cells on which a wrong payment begins, and its memory
grows with the rows. openpyxl has the formats, but formulas and their results only in two passes,
merged cells and hidden columns only when it loads all; it keeps every shared string in memory,
fills gaps between row numbers with as many empty rows as the file claims, and fails in a dozen ways
on a file that is none.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol
from xml.parsers import expat

from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

PART_BYTES_MAX = 1024**3
"""A full sheet of a million rows unfolds to 300 MB."""
_SMALL_BYTES = 16 * 1024**2  # unfold from whatever they like
_RATIO_MAX = 200
"""Sheets unfold 10-fold to 30-fold. So the time that a file takes is in proportion to its size."""
_TOKEN_BYTES_MAX = 4 * 1024**2
_CHUNK = 64 * 1024
_TEXT_MAX = 256 * 1024  # a cell holds 32,767 characters
_PIECES_MANY = 4
_NAMES_MAX = 10_000  # of elements and attributes; a workbook has some hundred
_NAMES_CHARS_MAX = 1024**2
_DEPTH_MAX = 100  # of elements in each other; a sheet has some six

# What zipfile raises on bytes that are no zip, or only nearly: it has no error of its own for all.
_NOT_A_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    OverflowError,
)
_TOO_LONG = say("one of its texts is longer than a cell can hold")
_UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class MalformedPartError(Exception):
    """A part of the workbook is missing or is not what it should be."""


class LongText:
    """A text that comes in pieces, all together no longer than a cell can hold."""

    __slots__ = ("_pieces", "_room")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._room = _TEXT_MAX

    def add(self, piece: str) -> None:
        """The next piece.

        Raises:
            MalformedPartError: if it becomes too long.
        """
        self._room -= len(piece)
        if self._room < 0:
            raise MalformedPartError(_TOO_LONG)
        if piece:
            self._pieces.append(piece)

    def take(self) -> str:
        """The whole; the next text begins."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._room = _TEXT_MAX
        return text


class Handler(Protocol):
    """Takes the elements of a part, by their local names."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, name: str, text: str) -> None:
        """An element ends; ``text`` is what stood since the last tag."""
        ...


class Parts:
    """The parts of one workbook.

    Args:
        stream: the file.

    Raises:
        MalformedPartError: if it is no zip.
    """

    def __init__(self, stream: BinaryIO) -> None:
        with _as_malformed(say("it is not a zip file")):
            self._zip = zipfile.ZipFile(stream)
            self._bytes_max = max(_SMALL_BYTES, _RATIO_MAX * stream.seek(0, os.SEEK_END))
            self._entries = _by_name(self._zip.infolist())

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._entries

    def read(self, name: str, handler: Handler, *, bytes_max: int | None = None) -> Iterator[None]:
        """Parse a part. Whoever iterates takes what the handler has gathered, piece by piece.

        Args:
            name: of the part.
            handler: takes its elements.
            bytes_max: how long it may be; ``PART_BYTES_MAX`` if left out.

        Raises:
            MalformedPartError: if it is not there, cannot be unpacked, or is no plain XML.
        """
        # Here the parser keeps the names of elements and attributes, each for ever.
        names: dict[str, str] = {}
        parser, text = _parser(handler, names)
        size = names_seen = 0
        try:
            for piece in self._pieces(name, bytes_max):
                parser.Parse(piece, False)
                size += len(piece)
                if _long(text) or size - parser.CurrentByteIndex > _TOKEN_BYTES_MAX:
                    raise MalformedPartError(_TOO_LONG)
                if len(names) != names_seen:
                    names_seen = len(names)
                    _check_names(names)
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            # An unknown encoding is a LookupError, one of several bytes a ValueError.
            raise MalformedPartError(
                say("its part {name} is not plain XML", name=name[:64])
            ) from error
        yield

    def _pieces(self, name: str, bytes_max: int | None) -> Iterator[bytes]:
        entry = self._entries.get(_plain(name))
        if entry is None:
            raise MalformedPartError(say("it has no part {name}", name=name[:64]))
        with _as_malformed(say("its part {name} cannot be unpacked", name=name[:64])):
            # A part never unfolds to more than its entry says.
            most = min(self._bytes_max, PART_BYTES_MAX if bytes_max is None else bytes_max)
            if entry.file_size > most or entry.compress_type not in _UNPACKED:
                raise MalformedPartError(
                    say("its part {name} is packed as no workbook is", name=name[:64])
                )
            with self._zip.open(entry) as part:
                while piece := part.read(_CHUNK):
                    yield piece


def _plain(name: str) -> str:
    """A part's name as it is compared: without case (ECMA-376, part 2), a backslash as a slash."""
    return name.replace("\\", "/").lstrip("/").lower()


def _by_name(entries: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = _plain(entry.filename)
        if name in found:
            raise MalformedPartError(say("it has two parts {name}", name=name[:64]))
        found[name] = entry
    return found


def _parser(handler: Handler, names: dict[str, str]) -> tuple[expat.XMLParserType, list[str]]:
    """A parser, and where it gathers the text since the last tag."""
    local: dict[str, str] = {}
    text: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        text.clear()
        if name not in local:
            local[name] = name.rpartition(":")[2]
        if depth > _DEPTH_MAX:
            raise MalformedPartError(say("its elements stand in each other as in no workbook"))
        handler.start(local[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(local[name], "".join(text))
        text.clear()

    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser, text


def _check_names(names: Collection[str]) -> None:
    if len(names) > _NAMES_MAX or sum(map(len, names)) > _NAMES_CHARS_MAX:
        raise MalformedPartError(say("it has elements or attributes that no workbook has"))


def _long(pieces: list[str]) -> bool:
    return len(pieces) >= _PIECES_MANY and sum(map(len, pieces)) > _TEXT_MAX


def _refuse_doctype(*_: object) -> None:
    # No workbook has one, and entities, by which XML is abused, can only be declared inside.
    raise MalformedPartError(say("it has a document type"))


@contextmanager
def _as_malformed(what: str) -> Iterator[None]:
    try:
        yield
    except _NOT_A_ZIP as error:
        raise MalformedPartError(what) from error
