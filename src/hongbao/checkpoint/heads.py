"""The heads of all histories, which are the leaves of a checkpoint's tree.

A leaf is a record of a byte for its subject (``p``, ``c``, ``m``, ``b``), the subject's number in
the books (8 bytes), the number of its events (4 bytes), both big-endian, and the hash of the last
event (32 bytes). Payouts come first, then campaigns, then merchants, then the bills of merchants,
each in the order of their numbers.
"""

from __future__ import annotations

from struct import Struct
from typing import IO, TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.event import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

_SUBJECTS = {subject.value[0].encode(): subject for subject in Subject}
_ORDER = {subject: place for place, subject in enumerate(Subject)}
_RECORD = Struct(">cQI32s")
_AT_ONCE = 1_000


class Head(NamedTuple):
    """The end of a history.

    Attributes:
        of: the kind of subject.
        number: the subject's number in the books.
        seq: how many events it had.
        hash: the hash of the last event.
    """

    of: Subject
    number: int
    seq: int
    hash: bytes

    def record(self) -> bytes:
        """Pack it as a leaf."""
        return _RECORD.pack(self.of.value[0].encode(), *self[1:])

    @classmethod
    def read(cls, record: bytes) -> Self:
        """Unpack a leaf."""
        letter, *rest = _RECORD.unpack(record)
        return cls(_SUBJECTS[letter], *rest)

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the order of all heads."""
        return place(self.of, self.number)


def place(of: Subject, number: int) -> tuple[int, int]:
    """The place of a history's head in the order of all heads."""
    return _ORDER[of], number


class HeadsFile:
    """The records of a file, which is read in parts.

    Args:
        file: an open file that does not change.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def size(self) -> int:
        """How many records it has; a partial one counts."""
        return -(-self._file.seek(0, 2) // _RECORD.size)

    def records(self, first: int, end: int) -> Iterator[bytes]:
        """The leaves from one index up to another."""
        while first < end:
            count = min(_AT_ONCE, end - first)
            self._file.seek(first * _RECORD.size)
            data = self._file.read(count * _RECORD.size)
            yield from (
                data[start : start + _RECORD.size] for start in range(0, len(data), _RECORD.size)
            )
            first += count

    def heads(self) -> Iterator[Head]:
        """All heads in their order; the file must hold whole records."""
        return (Head.read(record) for record in self.records(0, self.size()))

    def find(self, of: Subject, number: int) -> tuple[int, Head] | None:
        """The index and the head of a history; None if there is none."""
        first, end = 0, self.size()
        wanted = place(of, number)
        while first < end:
            middle = (first + end) // 2
            [record] = self.records(middle, middle + 1)
            head = Head.read(record)
            if head.place == wanted:
                return middle, head
            first, end = (middle + 1, end) if head.place < wanted else (first, middle)
        return None
