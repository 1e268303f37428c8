"""The body of a reply to ``downloadfundflow``, as it comes: a bill, one in gzip, or a document.

Nothing but the bytes says which it is: errors are plain XML even where gzip was asked for.
"""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from enum import StrEnum
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao.sentences import say
from hongbao.wire.bill.columns import BOM, COLUMNS
from hongbao.wire.bill.reader import MalformedBill
from hongbao.wire.document import DOCUMENT_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN_BYTES_MAX = 4 * 1024**3
"""Of a bill when it is unpacked: some 18 million rows. Gzip can promise more than a disk holds."""

_HEAD_BYTES = 64  # BOM, quote, backtick and the longest name of a column are shorter
_PIECE_BYTES = 256 * 1024
_GZIP, _GZIP_WINDOW = b"\x1f\x8b", 31  # zlib's sign for gzip's frame with the largest window
_STARTS = tuple(column.encode() for column in COLUMNS)
_BEGINNINGS = (
    ((b"\xff\xfe", b"\xfe\xff"), say("it is text in UTF-16, not in UTF-8")),
    ((b"PK\x03\x04",), say("it is a workbook or a ZIP, not text")),
    ((COLUMNS[0].encode("gbk"),), say("it is text in GBK, not in UTF-8")),
)
"""What else people take for a bill: saved again, or packed."""
_DIGEST = re.compile(r"SHA(?:-?1)?=([0-9A-Za-z+/]{27}=|[0-9A-Fa-f]{40})", re.IGNORECASE)


class DigestOf(StrEnum):
    """Of which bytes WeChat's digest was. No page says; seen are both."""

    PLAIN = "plain"
    COMPRESSED = "compressed"


class BodyFacts(NamedTuple):
    """What is known of a bill's bytes.

    Attributes:
        plain_bytes: how many, unpacked.
        sha256: of these, in hex.
        compressed: whether they came as gzip.
        digest_of: what WeChat's SHA-1 agreed with; None if it gave none.
    """

    plain_bytes: int
    sha256: str
    compressed: bool
    digest_of: DigestOf | None


class BillBody:
    """One body on its way in.

    Attributes:
        document: what came instead of a bill, whole; empty while it may be one.
    """

    def __init__(self, *, plain_bytes_max: int = PLAIN_BYTES_MAX) -> None:
        self._plain_bytes_max = plain_bytes_max
        self._gzip: zlib._Decompress | None = None
        self._sniffed = self._begun = False
        self._head = b""  # what came while it was too little to tell what it is
        self._plain_bytes = 0
        self._came, self._plain, self._plain_256 = sha1(), sha1(), sha256()
        self.document = b""

    def take(self, piece: bytes) -> Iterator[bytes]:
        """Take a piece as it came, and give what of the bill is in it, unpacked.

        Raises:
            MalformedBill: it is neither a bill nor a document, or one is too long.
        """
        self._came.update(piece)
        if not self._sniffed:
            piece, self._head = self._head + piece, b""
            if len(piece) < len(_GZIP):
                self._head = piece
                return
            self._sniffed = True
            if piece.startswith(_GZIP):
                self._gzip = zlib.decompressobj(_GZIP_WINDOW)
        for plain in self._unpacked(piece) if self._gzip else (piece,):
            yield from self._keep(plain)

    def end(self) -> Iterator[bytes]:
        """Nothing more comes: give the rest of the bill.

        Raises:
            MalformedBill: as ``take``, and if it was cut.
        """
        yield from self._keep(b"", last=True)
        if self._gzip is not None and not self._gzip.eof:
            raise MalformedBill(say("its gzip is cut"))

    def facts(self, digest: str | None) -> BodyFacts:
        """What is known of a bill that has come.

        Args:
            digest: WeChat's header of that name.

        Raises:
            MalformedBill: the digest is another.
        """
        found = self._agrees(digest) if digest else None
        return BodyFacts(
            self._plain_bytes, self._plain_256.hexdigest(), self._gzip is not None, found
        )

    def _agrees(self, digest: str) -> DigestOf:
        said = _DIGEST.search(digest)
        if said is None:
            raise MalformedBill(say("its digest is of a kind that is not known"))
        text = said[1]
        wanted = bytes.fromhex(text) if len(text) == 2 * sha1().digest_size else b64decode(text)
        if wanted == self._plain.digest():
            return DigestOf.PLAIN
        if wanted == self._came.digest():
            return DigestOf.COMPRESSED
        raise MalformedBill(say("its SHA-1 is another than WeChat's digest"))

    def _unpacked(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._gzip is None or self._gzip.eof:  # gzip may have several members
                self._gzip = zlib.decompressobj(_GZIP_WINDOW)
            try:
                yield self._gzip.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                raise MalformedBill(say("its gzip is damaged: {error}", error=error)) from None
            piece = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail

    def _keep(self, plain: bytes, *, last: bool = False) -> Iterator[bytes]:
        if self.document:
            self._keep_document(plain)
            return
        if not self._begun:
            plain, self._head = self._head + plain, b""
            if len(plain) < _HEAD_BYTES and not last:
                self._head = plain
                return
            begins = plain.removeprefix(BOM).lstrip(b'"` \r\n\t')
            if begins.startswith(b"<"):
                self._keep_document(plain)
                return
            if not begins.startswith(_STARTS):
                raise MalformedBill(_what_it_is(plain))
            self._begun = True
        self._plain_bytes += len(plain)
        if self._plain_bytes > self._plain_bytes_max:
            raise MalformedBill(
                say(
                    "it is longer than {most} bytes",
                    most=self._plain_bytes_max,
                )
            )
        self._plain.update(plain)
        self._plain_256.update(plain)
        if plain:
            yield plain

    def _keep_document(self, plain: bytes) -> None:
        self.document += plain
        if len(self.document) > DOCUMENT_BYTES_MAX:
            raise MalformedBill(
                say(
                    "a document of more than {most} bytes came",
                    most=DOCUMENT_BYTES_MAX,
                )
            )


def _what_it_is(head: bytes) -> str:
    begins = head.lstrip(b'"` ')
    for beginnings, words in _BEGINNINGS:
        if begins.startswith(beginnings):
            return words
    return say("it begins neither as a bill nor as a document")
