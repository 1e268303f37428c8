"""What is noted while a list is checked: its problems, what it warns of, and sums of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import joined
from hongbao.sentences import say, say_many

if TYPE_CHECKING:
    from hongbao.money import Fen

KEPT_MAX = 1_000
"""So many problems and warnings are kept each; all are counted."""
ROWS_SHOWN = 5


class Problem(NamedTuple):
    """Why a list cannot be stored.

    Attributes:
        row: where, as the list's reader counts; 0 for the list as a whole.
        column: as the list names it; empty for the row as a whole.
        what: what is wrong, without any receiver in full.
    """

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        where = say("row {number}", number=self.row) if self.row else say("the list")
        if not self.column:
            return say("{where}: {what}", where=where, what=self.what)
        return say("{where}, {column}: {what}", where=where, column=self.column, what=self.what)


class Caution(NamedTuple):
    """What a person should know before approving. It does not stand in the way.

    Attributes:
        what: what was seen.
        rows: how many rows it is about; 0 for the list as a whole.
        first: the first of them.
        note: whether it is but to be known, and nothing to think over.
    """

    what: str
    rows: int = 0
    first: tuple[int, ...] = ()
    note: bool = False

    def __str__(self) -> str:
        if not self.rows:
            return self.what
        more = ["..."] if self.rows > len(self.first) else []
        return say_many(
            "{what} (row {rows})", "{what} ({count} rows: {rows})",
            self.rows, what=self.what, rows=joined([*map(str, self.first), *more]),
        )  # fmt: skip


class Sum(NamedTuple):
    """Rows taken together.

    Attributes:
        rows: how many.
        amount: fen.
    """

    rows: int = 0
    amount: Fen = 0

    def plus(self, rows: int, amount: Fen) -> Sum:
        """With more rows."""
        return Sum(self.rows + rows, self.amount + amount)


class Notebook:
    """Gathers problems and cautions while a list is checked."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.problem_count = 0
        self._cautions: dict[str, Caution] = {}

    def problem(self, row: int, column: str, what: str) -> None:
        """Note what stands in the way."""
        self.problem_count += 1
        if len(self.problems) < KEPT_MAX:
            self.problems.append(Problem(row, column, what))

    def caution(self, what: str, row: int | None = None) -> None:
        """Note what should be known; the same about several rows is noted once."""
        seen = self._cautions.get(what)
        if seen is None and len(self._cautions) >= KEPT_MAX:
            return
        rows, first = (seen.rows, seen.first) if seen else (0, ())
        if row is not None:
            rows, first = rows + 1, first if len(first) >= ROWS_SHOWN else (*first, row)
        self._cautions[what] = Caution(what, rows, first)

    def add(self, caution: Caution) -> None:
        """Note what should be known, counted already."""
        self._cautions[caution.what] = caution

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """All that should be known, in the order of its discovery."""
        return tuple(self._cautions.values())
