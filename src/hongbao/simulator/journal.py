"""Records each request and its verdict in one short entry, and drops the oldest entries first.

It never holds a key, an openid or a body.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENTRIES_MAX = 200_000
"""About 30 MB. A test looks at hundreds; a load test that needs more reads the totals."""


class RecordedRequest(NamedTuple):
    """One request.

    Attributes:
        moment: when it came, in seconds since the epoch.
        call: the name of the call; empty if the path belongs to none.
        mch_id: as in the request.
        mch_billno: as in the request.
        verdict: the err_code of the reply, even of one that was lost, or such as ``HTTP 400``;
            empty if the request was lost.
        fault: the fault that was applied; empty if none was.
        paid: whether this very request took money.
    """

    moment: float
    call: str
    mch_id: str
    mch_billno: str
    verdict: str
    fault: str
    paid: bool


class Journal:
    """The requests in the order in which they came.

    Args:
        entries_max: how many are kept.
    """

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        # Bare tuples, since the garbage collector soon stops looking at those.
        self._rows: deque[tuple[float, str, str, str, str, str, bool]] = deque(maxlen=entries_max)
        self._written = 0

    @property
    def written(self) -> int:
        """How many entries were ever written."""
        return self._written

    @property
    def dropped(self) -> int:
        """How many of the oldest entries were dropped."""
        return self._written - len(self._rows)

    @property
    def last(self) -> RecordedRequest:
        """The latest entry.

        Raises:
            IndexError: if there is none.
        """
        return RecordedRequest._make(self._rows[-1])

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return map(RecordedRequest._make, self._rows)

    def write(self, entry: tuple[float, str, str, str, str, str, bool]) -> None:
        """Append an entry with the fields of ``RecordedRequest``, in their order."""
        self._rows.append(entry)
        self._written += 1

    def recall(
        self, rows: Iterable[tuple[float, str, str, str, str, str, bool]], last: int
    ) -> None:
        """Restore the entries of an earlier run, whose last one had the number ``last``, from 1."""
        self._rows.extend(rows)
        self._written = last

    def since(self, number: int) -> list[RecordedRequest]:
        """The kept entries after the first ``number`` that were ever written."""
        new = islice(reversed(self._rows), max(0, self._written - number))
        return [RecordedRequest._make(row) for row in reversed(list(new))]

    def of(self, mch_id: str, mch_billno: str) -> list[RecordedRequest]:
        """The kept entries about one order number."""
        wanted = (mch_id, mch_billno)
        return [RecordedRequest._make(row) for row in self._rows if row[2:4] == wanted]

    def payments(self, mch_id: str, mch_billno: str) -> int:
        """How many of the kept entries about one order number took money."""
        return sum(entry.paid for entry in self.of(mch_id, mch_billno))

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._written = 0
