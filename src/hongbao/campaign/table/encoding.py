"""Which encoding a text file is in: found by reading all of it, never by a guess at its beginning.

UTF-8 if all of it is UTF-8, else GB18030 (as Chinese Excel writes it) if all of it is that. Neither
passes by accident where the other was meant, but for a text that was UTF-8 and got damaged: that is
told as such.
"""

from __future__ import annotations

import codecs
import itertools
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hongbao.campaign.table.row import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.errors import ConfigurationError

_CHUNK = 256 * 1024
_DAMAGED_SHARE = 4
"""So many good characters a bad one, where the first bad one is: damaged UTF-8, not GB18030."""


class Encoding(StrEnum):
    """How text is written as bytes, in Python's names."""

    UTF_8 = "utf-8"
    UTF_8_WITH_BOM = "utf-8-sig"
    GB18030 = "gb18030"

    @property
    def words(self) -> str:
        """As people say it."""
        return _WORDS[self]


_WORDS = {
    Encoding.UTF_8: "UTF-8",
    Encoding.UTF_8_WITH_BOM: "UTF-8 with a byte order mark",
    Encoding.GB18030: "GB18030",
}

_SAVE = "Save it as CSV in UTF-8 (in Excel: CSV UTF-8), or as XLSX."


class Text(NamedTuple):
    """What is known of a file of text.

    Attributes:
        encoding: of all of it.
        digest: the SHA-256 of its bytes.
    """

    encoding: Encoding
    digest: bytes


def scan(stream: BinaryIO, path: Path, said: Encoding | None = None) -> Text:
    """Read a whole file of text once, and leave it at its beginning.

    Args:
        stream: the file, at its beginning.
        path: for errors.
        said: its encoding, if the caller knows it.

    Raises:
        ConfigurationError: if it is empty, is no text, or is in none of these encodings; naming the
            byte and the row.
    """
    digest = _look_through(stream, path)
    bom = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    utf_8 = Encoding.UTF_8_WITH_BOM if bom else Encoding.UTF_8
    if said is not None or bom:
        encoding = Encoding.GB18030 if said is Encoding.GB18030 else utf_8
        bad = _first_bad(stream, said or Encoding.UTF_8)
        if bad is not None:
            raise _wrong(stream, path, bad, f"is not {encoding.words}")
    else:
        encoding = _detect(stream, path)
    stream.seek(0)
    return Text(encoding, digest)


def _look_through(stream: BinaryIO, path: Path) -> bytes:
    """The SHA-256 of the bytes, if they can be text at all; left at the beginning."""
    digest = sha256()
    size = 0
    for chunk in _chunks(stream):
        if not size and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise unreadable(path, "is in UTF-16", _SAVE)
        if (place := chunk.find(0)) >= 0:
            raise _wrong(stream, path, size + place, "is a NUL: this is no text")
        if len(chunk) == _CHUNK and b"\n" not in chunk and b"\r" not in chunk:
            raise _wrong(stream, path, size, "begins a line of more than 256 KiB: this is no list")
        digest.update(chunk)
        size += len(chunk)
    if not size:
        raise unreadable(path, "is empty", "Give a list with a header and one row a payout.")
    stream.seek(0)
    return digest.digest()


def _detect(stream: BinaryIO, path: Path) -> Encoding:
    bad = _first_bad(stream, Encoding.UTF_8)
    if bad is None:
        return Encoding.UTF_8
    if _looks_like_utf_8(stream, bad):
        raise _wrong(stream, path, bad, "is not UTF-8, though what stands around it is")
    worse = _first_bad(stream, Encoding.GB18030)
    if worse is None:
        return Encoding.GB18030
    raise _wrong(stream, path, bad, f"is not UTF-8, and byte {worse + 1} is not GB18030")


def _first_bad(stream: BinaryIO, encoding: Encoding) -> int | None:
    """The offset of the first byte that is not in an encoding."""
    stream.seek(0)
    # The one of UTF-8 with a byte order mark would count from behind the mark.
    name = Encoding.GB18030 if encoding is Encoding.GB18030 else Encoding.UTF_8
    decoder = codecs.getincrementaldecoder(name)()
    size = 0
    for chunk in itertools.chain(_chunks(stream), [b""]):
        kept = len(decoder.getstate()[0])  # of the chunk before: a character cut in two
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return size - kept + error.start
        size += len(chunk)
    return None


def _looks_like_utf_8(stream: BinaryIO, bad: int) -> bool:
    stream.seek(max(0, bad - _CHUNK))
    text = stream.read(2 * _CHUNK).decode(errors="replace")
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return right > _DAMAGED_SHARE * wrong


def _wrong(stream: BinaryIO, path: Path, offset: int, what: str) -> ConfigurationError:
    stream.seek(0)
    feeds = returns = read = 0
    while read < offset:
        chunk = stream.read(min(_CHUNK, offset - read))
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        read += len(chunk)
    row = 1 + (feeds or returns)  # old Macs end lines with CR alone
    return unreadable(path, f"byte {offset + 1} (row {row}) {what}", _SAVE)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk
