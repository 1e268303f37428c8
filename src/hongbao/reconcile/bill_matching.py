"""Goes through the rows of a stored bill: those with our numbers are kept, the others counted."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.ledger.bills.movements import digested
from hongbao.ledger.model.bill import BillMatch, BookedMovement, ForeignGroup, kind_label
from hongbao.wire.bill.columns import BillColumn, Direction
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BillRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hongbao.ledger.bills.bills import Bills
    from hongbao.ledger.model.bill import StoredBill
    from hongbao.money import Fen

ROWS_AT_ONCE = 5_000
"""How many numbers are looked up together, and stored in one transaction."""
GROUPS_MAX = 64
"""Of so many kinds other rows are counted apart; WeChat's own list has a dozen."""
PREFIX_CHARS, _PREFIXES_MAX, _PREFIXES_SHOWN = 6, 1_000, 5
_TEXT_MAX = 64
_OTHERS = "…"
_NUMBER = re.compile("[0-9A-Za-z]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class _LookedUpRow(NamedTuple):
    """What is looked at of a row."""

    line: int
    voucher: str
    outgoing: bool
    amount: Fen
    booked_at: str
    flow: str
    name: str
    kind: str


def match_bill(
    bills: Bills, bill: StoredBill, *, progress: Callable[[int], None] = lambda _: None
) -> BillMatch:
    """Look up all numbers of a bill, and store the rows that are ours, unless they are there.

    Args:
        bills: where it is stored, and its rows that are ours.
        bill: which.
        progress: called with how many rows were looked up; what it raises ends the matching.
    """
    counting = _MatchCount()
    for rows in _chunks(bills.raw(bill.id) if bill.plain_bytes else ()):
        wanted = {row.voucher for row in rows if _NUMBER.fullmatch(row.voucher)}
        known = bills.numbers_of(bill.key.merchant_id, sorted(wanted)) if wanted else {}
        ours = counting.ours(bill.id, rows, known)
        if ours:
            bills.add_movements(bill, ours)
        progress(rows[-1].line - 1)
    return counting.match()


def _chunks(pieces: Iterable[bytes]) -> Iterator[list[_LookedUpRow]]:
    waiting: list[_LookedUpRow] = []
    for part in read_bill(pieces) if pieces else ():
        if isinstance(part, BillRows):
            waiting += _rows_of(part)
        if len(waiting) >= ROWS_AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _rows_of(part: BillRows) -> Iterator[_LookedUpRow]:
    directions = [it == Direction.OUT for it in part.texts(BillColumn.DIRECTION)]
    columns = (
        BillColumn.BOOKED_AT, BillColumn.FLOW_NUMBER, BillColumn.NAME, BillColumn.KIND,
    )  # fmt: skip
    rest = [part.texts(column) for column in columns]
    vouchers = part.texts(BillColumn.VOUCHER)
    return map(
        _LookedUpRow._make, zip(part.lines, vouchers, directions, part.amounts, *rest, strict=True)
    )


class _MatchCount:
    """The figures of one bill on their way."""

    def __init__(self) -> None:
        self._digest = sha256()
        self._movements = self._in = self._out = 0
        self._own: dict[tuple[str, str, bool], str] = {}
        self._foreign: dict[tuple[str, str, bool], _ForeignRows] = {}
        self._moments: dict[str, int] = {}

    def ours(
        self, bill_id: int, rows: Iterable[_LookedUpRow], known: dict[str, tuple[int, int]]
    ) -> list[BookedMovement]:
        """The rows that have our numbers; the others are counted."""
        found = []
        for row in rows:
            payout = known.get(row.voucher)
            if payout is None:
                self._group(row).add(row)
                continue
            called = row.name, row.kind, row.outgoing
            if called not in self._own and len(self._own) < GROUPS_MAX:
                self._own[called] = _label(*called)
            found.append(
                BookedMovement(
                    bill_id, row.line, payout[0], payout[1], row.outgoing, row.amount,
                    self._moment(row.booked_at), _plain(row.flow),
                )
            )  # fmt: skip
        self._movements += len(found)
        for it in found:
            if it.outgoing:
                self._out += it.amount
            else:
                self._in += it.amount
        self._digest.update(digested(found))
        return found

    def match(self) -> BillMatch:
        """What came of it."""
        foreign = sorted((it.summary() for it in self._foreign.values()), key=lambda it: it.line)
        return BillMatch(
            movements=self._movements,
            amount_in=self._in,
            amount_out=self._out,
            digest=self._digest.digest(),
            own=sorted(set(self._own.values())),
            foreign=foreign,
        )

    def _group(self, row: _LookedUpRow) -> _ForeignRows:
        name = row.name, row.kind, row.outgoing
        group = self._foreign.get(name)
        if group is None:
            if len(self._foreign) >= GROUPS_MAX:
                name = _OTHERS, _OTHERS, row.outgoing
            group = self._foreign.setdefault(name, _ForeignRows(*name, row.line))
        return group

    def _moment(self, text: str) -> int:
        found = self._moments.get(text)
        if found is None:
            found = self._moments[text] = beijing.instant(text)
        return found


class _ForeignRows:
    """Rows that are alike and not ours."""

    def __init__(self, name: str, kind: str, outgoing: bool, line: int) -> None:  # noqa: FBT001  # a row's fields
        self._name, self._kind, self._outgoing, self._line = name, kind, outgoing, line
        self._rows = self._amount = 0
        self._prefixes: Counter[str] = Counter()

    def add(self, row: _LookedUpRow) -> None:
        """Count a row."""
        self._rows += 1
        self._amount += row.amount
        prefix = _plain(row.voucher[:PREFIX_CHARS])
        if prefix in self._prefixes or len(self._prefixes) < _PREFIXES_MAX:
            self._prefixes[prefix] += 1

    def summary(self) -> ForeignGroup:
        """What they come to."""
        most = sorted(self._prefixes.items(), key=lambda it: (-it[1], it[0]))[:_PREFIXES_SHOWN]
        return ForeignGroup(
            _plain(self._name), _plain(self._kind), self._outgoing, self._rows, self._amount,
            self._line, most,
        )  # fmt: skip


def _label(name: str, kind: str, outgoing: bool) -> str:  # noqa: FBT001  # a row's fields
    return kind_label(_plain(name), _plain(kind), outgoing=outgoing)


def _plain(text: str) -> str:
    """A text of a bill as the books keep it: no control characters, and not without end."""
    return _CONTROL.sub("?", text[:_TEXT_MAX])
