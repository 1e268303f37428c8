"""The heads of all histories, one record each: what the tree of a checkpoint is made of.

A record is a leaf: a byte that says what it is of (``p``, ``c``, ``m``), the books' number of it
(8 bytes), how many events it has (4 bytes), both big-endian, and the hash of the last one (32
bytes). Payouts come first, then campaigns, then merchants, each in the order of their numbers.
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
    """Where a history ended.

    Attributes:
        of: whose.
        number: the books' own number of it.
        seq: how many events it had.
        hash: of the last one.
    """

    of: Subject
    number: int
    seq: int
    hash: bytes

    def record(self) -> bytes:
        """The leaf."""
        return _RECORD.pack(self.of.value[0].encode(), *self[1:])

    @classmethod
    def read(cls, record: bytes) -> Self:
        """What a leaf says."""
        letter, *rest = _RECORD.unpack(record)
        return cls(_SUBJECTS[letter], *rest)

    @property
    def place(self) -> tuple[int, int]:
        """Its place among all: they stand in this order."""
        return place(self.of, self.number)


def place(of: Subject, number: int) -> tuple[int, int]:
    """Where the head of a history stands among all."""
    return _ORDER[of], number


class HeadsFile:
    """The records of a file, read some at a time.

    Args:
        file: open, and not changed meanwhile.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def size(self) -> int:
        """How many whole records it has, and one more if there is a part of one."""
        return -(-self._file.seek(0, 2) // _RECORD.size)

    def records(self, first: int, end: int) -> Iterator[bytes]:
        """Leaves from one index up to another."""
        while first < end:
            count = min(_AT_ONCE, end - first)
            self._file.seek(first * _RECORD.size)
            data = self._file.read(count * _RECORD.size)
            yield from (
                data[start : start + _RECORD.size] for start in range(0, len(data), _RECORD.size)
            )
            first += count

    def heads(self) -> Iterator[Head]:
        """All, in their order, of a file that holds whole records."""
        return (Head.read(record) for record in self.records(0, self.size()))

    def find(self, of: Subject, number: int) -> tuple[int, Head] | None:
        """The index of a history, and where it ended; None if there is none."""
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
