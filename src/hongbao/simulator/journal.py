"""What came in and what was said to it: one short entry a request, the oldest dropped first.

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
        call: which one; empty for a path that is none.
        mch_id: as the request says.
        mch_billno: as the request says.
        verdict: the err_code that was told, or ``HTTP 400`` and the like; what would have been told
            if the reply was lost; nothing if the request was.
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
    """The requests in their order.

    Args:
        entries_max: how many are kept.
    """

    def __init__(self, entries_max: int = ENTRIES_MAX) -> None:
        # Bare tuples, since the garbage collector soon stops looking at those.
        self._rows: deque[tuple[float, str, str, str, str, str, bool]] = deque(maxlen=entries_max)
        self._written = 0

    @property
    def written(self) -> int:
        """How many were ever written."""
        return self._written

    @property
    def dropped(self) -> int:
        """How many of the oldest are gone."""
        return self._written - len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return map(RecordedRequest._make, self._rows)

    def write(self, entry: tuple[float, str, str, str, str, str, bool]) -> None:
        """Add one, in the order of ``RecordedRequest``."""
        self._rows.append(entry)
        self._written += 1

    def recall(
        self, rows: Iterable[tuple[float, str, str, str, str, str, bool]], last: int
    ) -> None:
        """Take in the rows of an earlier run, the last of which was number ``last``, from 1."""
        self._rows.extend(rows)
        self._written = last

    def since(self, number: int) -> list[RecordedRequest]:
        """All that are kept but for the first ``number`` ever written: what is new to a reader."""
        new = islice(reversed(self._rows), max(0, self._written - number))
        return [RecordedRequest._make(row) for row in reversed(list(new))]

    def of(self, mch_id: str, mch_billno: str) -> list[RecordedRequest]:
        """What was said of a number, as far as it is kept."""
        wanted = (mch_id, mch_billno)
        return [RecordedRequest._make(row) for row in self._rows if row[2:4] == wanted]

    def payments(self, mch_id: str, mch_billno: str) -> int:
        """How many requests took money for a number, as far as they are kept."""
        return sum(entry.paid for entry in self.of(mch_id, mch_billno))

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._written = 0
