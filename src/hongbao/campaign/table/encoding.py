"""Which encoding a text file is in: found by reading all of it, never by a guess at its beginning.

UTF-16 if it has that one's byte order mark, UTF-8 if all of it is UTF-8, else GB18030 (as Chinese
Excel writes it) if all of it is that and its characters are those of Chinese texts: nearly any
bytes can be read as GB18030. A text that was UTF-8 and got damaged is reported as such.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hongbao.campaign.table.row import unreadable
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hongbao.campaign.table.row import UnreadableFileError

_CHUNK = 256 * 1024
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GIVE_A_LIST = say("Give a list with a header and one row a payout.")
_DAMAGED_SHARE = 4
"""So many good characters a bad one, where the first bad one is: damaged UTF-8, not GB18030."""


class Encoding(StrEnum):
    """How text is written as bytes."""

    UTF_8 = "utf-8"
    UTF_8_WITH_BOM = "utf-8-sig"
    UTF_16 = "utf-16"
    GB18030 = "gb18030"
    BIG5 = "big5"

    @property
    def codec(self) -> str:
        """In Python's name. Big5 is Windows', which has more characters than the standard."""
        return "cp950" if self is Encoding.BIG5 else str(self)

    @property
    def words(self) -> str:
        """As people say it."""
        return _WORDS[self]


_WORDS = {
    Encoding.UTF_8: "UTF-8",
    Encoding.UTF_8_WITH_BOM: say("UTF-8 with a byte order mark"),
    Encoding.UTF_16: "UTF-16",
    Encoding.GB18030: "GB18030",
    Encoding.BIG5: "Big5",
}

_SAVE = say("Save it as CSV in UTF-8 (in Excel: CSV UTF-8), or as XLSX.")
SAY_ENCODING = say(
    "Say --encoding big5, or gb18030 if that is right. Else: save it as CSV in UTF-8 (in Excel: "
    "CSV UTF-8), or as XLSX."
)


class Text(NamedTuple):
    """What is known of a file of text.

    Attributes:
        encoding: of all of it.
        digest: the SHA-256 of its bytes.
        doubt: why it may be in another encoding that was not looked for; empty if it hardly is.
    """

    encoding: Encoding
    digest: bytes
    doubt: str = ""


def scan(stream: BinaryIO, path: Path, said: Encoding | None = None) -> Text:
    """Read a whole file of text once, and leave it at its beginning.

    Args:
        stream: the file, at its beginning.
        path: for errors.
        said: its encoding, if the caller knows it.

    Raises:
        UnreadableFileError: if it is empty, is no text, or is in none of these encodings; naming
            the byte and the row.
    """
    first = stream.read(len(codecs.BOM_UTF8))
    stream.seek(0)
    marked = first.startswith(_UTF_16_MARKS)
    if said is Encoding.UTF_16 and first and not marked:
        raise unreadable(
            path,
            say("has no byte order mark, as UTF-16 has"),
            say("Is it that? {save}", save=_SAVE),
        )
    if said is Encoding.UTF_16 or (said is None and marked):
        return _scan_utf_16(stream, path)
    if marked:
        raise unreadable(path, say("is in UTF-16"), say("Say --encoding utf-16, or leave it out."))
    digest = _look_through(stream, path)
    bom = first == codecs.BOM_UTF8
    utf_8 = Encoding.UTF_8_WITH_BOM if bom else Encoding.UTF_8
    doubt = ""
    if said is not None or bom:
        encoding = utf_8 if said in {None, Encoding.UTF_8} else said or utf_8
        bad = _first_bad(stream, said or Encoding.UTF_8)
        if bad is not None:
            raise _wrong(stream, path, bad, say("is not {encoding}", encoding=encoding.words))
    else:
        encoding, doubt = _detect(stream, path)
    stream.seek(0)
    return Text(encoding, digest, doubt)


def _scan_utf_16(stream: BinaryIO, path: Path) -> Text:
    """As Excel's "Unicode text" is written. Its lines are looked for in the text, not in bytes."""
    digest, decoder = sha256(), codecs.getincrementaldecoder(Encoding.UTF_16)()
    size = feeds = returns = 0
    last = ""
    for chunk in itertools.chain(_chunks(stream), [b""]):
        digest.update(chunk)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            good = error.start - len(decoder.getstate()[0])  # without what the chunk before left
            text = decoder.decode(chunk[: max(good, 0)])
            row = _row(feeds + text.count("\n"), returns + text.count("\r"))
            what = say("byte {number} (row {row}) is not UTF-16", number=size + good + 1, row=row)
            raise unreadable(path, what, _SAVE) from None
        if "\0" in text:
            raise unreadable(path, say("has a NUL: this is not text in UTF-16"), _SAVE)
        if len(chunk) == _CHUNK and "\n" not in text and "\r" not in text:
            raise unreadable(path, say("has a line of more than 128 Ki characters"), _SAVE)
        size, last = size + len(chunk), text[-1:] or last
        feeds, returns = feeds + text.count("\n"), returns + text.count("\r")
    if not last.strip("\ufeff"):
        raise unreadable(path, say("is empty"), _GIVE_A_LIST)
    stream.seek(0)
    return Text(Encoding.UTF_16, digest.digest())


def _look_through(stream: BinaryIO, path: Path) -> bytes:
    """The SHA-256 of the bytes, if they can be text."""
    digest = sha256()
    size = 0
    for chunk in _chunks(stream):
        if (place := chunk.find(0)) >= 0:
            raise _wrong(stream, path, size + place, say("is a NUL: this is not text"))
        if len(chunk) == _CHUNK and b"\n" not in chunk and b"\r" not in chunk:
            raise _wrong(
                stream, path, size, say("begins a line of more than 256 KiB: this is not a list")
            )
        digest.update(chunk)
        size += len(chunk)
    if not size:
        raise unreadable(path, say("is empty"), _GIVE_A_LIST)
    stream.seek(0)
    return digest.digest()


def _detect(stream: BinaryIO, path: Path) -> tuple[Encoding, str]:
    """The encoding, and why it may be another one."""
    bad = _first_bad(stream, Encoding.UTF_8)
    if bad is None:
        return Encoding.UTF_8, ""
    if _looks_like_utf_8(stream, bad):
        raise _wrong(stream, path, bad, say("is not UTF-8, though what stands around it is"))
    plausibility = Plausibility()
    worse = _first_bad(stream, Encoding.GB18030, plausibility.look_at)
    if worse is None:
        return Encoding.GB18030, plausibility.doubt
    raise _wrong(
        stream, path, bad, say("is not UTF-8, and byte {number} is not GB18030", number=worse + 1)
    )


def _first_bad(
    stream: BinaryIO, encoding: Encoding, look_at: Callable[[str], None] = lambda _: None
) -> int | None:
    """The offset of the first byte that is not in an encoding; the text is shown to ``look_at``."""
    stream.seek(0)
    # The one of UTF-8 with a byte order mark would count from behind the mark.
    known = Encoding.UTF_8 if encoding is Encoding.UTF_8_WITH_BOM else encoding
    decoder = codecs.getincrementaldecoder(known.codec)()
    size = 0
    for chunk in itertools.chain(_chunks(stream), [b""]):
        kept = len(decoder.getstate()[0])  # of the chunk before: a character cut in two
        try:
            look_at(decoder.decode(chunk, final=not chunk))
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


def _wrong(stream: BinaryIO, path: Path, offset: int, what: str) -> UnreadableFileError:
    stream.seek(0)
    feeds = returns = read = 0
    while read < offset:
        chunk = stream.read(min(_CHUNK, offset - read))
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        read += len(chunk)
    return unreadable(
        path,
        say(
            "byte {number} (row {row}) {what}",
            number=offset + 1,
            row=_row(feeds, returns),
            what=what,
        ),
        _SAVE,
    )


def _row(feeds: int, returns: int) -> int:
    """The row behind so many line feeds and carriage returns: old Macs end lines with these."""
    return 1 + (feeds or returns)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


_ENOUGH = 50_000
"""Characters beyond ASCII that are looked at."""
_FOREIGN_SHARE_MAX = 0.4
"""Of traditional Chinese in GB18030 about a third is outside of GB2312, of other encodings more."""
_KOREAN_LEAST = 10
"""So many different characters, all of them among the first, no Chinese text has."""
_CHARACTERS_SHOWN = 8

_BEYOND_ASCII = re.compile("[^\\x00-\\x7f\\ufeff\\U00010000-\\U0010ffff]")
_SYMBOLS_END, _FIRST_HANZI, _LAST_OF_KOREAN = 0xA3, 0xB0, 0xC8


class Plausibility:
    """Counts the characters of a text that was read as GB18030."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def look_at(self, text: str) -> None:
        """See some more of the text."""
        if not text.isascii() and self._counts.total() < _ENOUGH:
            self._counts.update(_BEYOND_ASCII.findall(text))

    @property
    def doubt(self) -> str:
        """Why it is hardly GB18030, in words; empty if it may well be."""
        rows = {character: _gb2312_row(character) for character in self._counts}
        foreign = [it for it, row in rows.items() if _SYMBOLS_END < row < _FIRST_HANZI or not row]
        count, total = sum(self._counts[it] for it in foreign), self._counts.total()
        if count > _FOREIGN_SHARE_MAX * total:
            shown = "".join(it for it in foreign if it.isprintable())[:_CHARACTERS_SHOWN]
            what = say(
                "can be read as GB18030, but {count} of {total} characters are not characters "
                "used in Chinese",
                count=count,
                total=total,
            )
            return say("{what}, such as {shown}", what=what, shown=shown) if shown else what
        if len(rows) >= _KOREAN_LEAST and all(
            _FIRST_HANZI <= row <= _LAST_OF_KOREAN for row in rows.values()
        ):
            return say("can be read as GB18030, but looks like Korean in EUC-KR")
        return ""


def _gb2312_row(character: str) -> int:
    """The first byte of a character in GB2312; 0 for those that it does not have."""
    try:
        return character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0


_LOST = "锟斤拷"
"""What GBK makes of two characters that UTF-8 had given up: it has no other use."""
_LAST_OF_LATIN_1 = "\xff"
_EAST_ASIA = "\u2e80"
_CHARACTERS_MIN = 2


def twice_encoded(text: str) -> str:
    """What is wrong with a text that was encoded twice, and what it was; empty if it was not."""
    if text.isascii():
        return ""
    if _LOST in text:
        return say(
            "has {lost}, what is left of text that was read in a wrong encoding: enter it again",
            lost=_LOST,
        )
    meant = _undone(_western(text)) or _undone_chinese(text)
    if not meant:
        return ""
    return say(
        "was encoded twice; {meant!r} was meant: save the file in UTF-8 from where it comes from",
        meant=meant,
    )


def _western(text: str) -> bytes:
    """The bytes that a program took for Windows-1252; none if it has none."""
    found = bytearray()
    for character in text:
        try:
            found += character.encode("cp1252")
        except UnicodeEncodeError:
            if character > _LAST_OF_LATIN_1:
                return b""
            found += character.encode("latin-1")  # of five bytes that have no character there
    return bytes(found)


def _undone(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def _undone_chinese(text: str) -> str:
    """The text that a program took for GB18030, if it is East Asian as a whole.

    Few Chinese texts are UTF-8 by accident, and those would be in other letters.
    """
    try:
        meant = _undone(text.encode("gb18030"))
    except UnicodeEncodeError:
        return ""
    beyond = [character for character in meant if not character.isascii()]
    whole = len(beyond) >= _CHARACTERS_MIN and all(it >= _EAST_ASIA for it in beyond)
    return meant if whole else ""
