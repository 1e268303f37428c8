"""Breaks as they stand, and each change of one as an event: the one writer of ``bill_break``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, insert, select, tuple_, update

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.bills.bill_history import BillHistory
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.bill import (
    BY_ITSELF,
    OF_PAYOUTS,
    BillEventKind,
    Break,
    BreakKind,
    Difference,
    Learned,
)
from hongbao.ledger.store.bill_schema import BILL_BREAK
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection, Select

    from hongbao.ledger.model.payout import Instant

_GONE = marked("it does not show any more")
_CLOSED: dict[str, Any] = {"closed_at": None, "closed_by": None, "reason": None, "learned": None}
_AT_ONCE = 400


class Compared(NamedTuple):
    """What a comparison of differences with the breaks that stand has changed.

    Attributes:
        opened: breaks that are new, or show again.
        closed: how many show no more.
    """

    opened: list[Break]
    closed: int


def compare(
    connection: Connection,
    merchant_id: int,
    differences: Sequence[Difference],
    *,
    payouts: Collection[int] | None,
    by: str,
    now: Instant,
) -> Compared:
    """Open what is found and does not stand, and close what stands and is not found.

    A break that a person has closed stays closed, unless it shows with other amounts.

    Args:
        connection: in a transaction that writes.
        merchant_id: whose.
        differences: all that was found of these payouts; or of bills.
        payouts: the payouts that were looked at; None if bills were, all of them.
        by: who looked.
        now: when.
    """
    if not differences and not _standing(connection, merchant_id, differences, payouts):
        return Compared([], 0)
    history = BillHistory(connection, merchant_id, by=by, now=now)
    # As they stand now that nobody else can change them.
    stand = _standing(connection, merchant_id, differences, payouts)
    opened: list[Break] = []
    found = {(it.kind, it.subject): it for it in differences}
    for name, difference in found.items():
        before = stand.get(name)
        if _opens(before, difference):
            opened.append(_open(connection, history, difference, before))
        elif before is not None and before.open and before.difference != difference:
            _rewrite(connection, history, BillEventKind.CHANGED, before, difference._asdict())
    gone = [it for name, it in stand.items() if it.open and name not in found]
    for one in gone:
        closed = {"open": False, "closed_at": now, "closed_by": BY_ITSELF, "reason": _GONE}
        _rewrite(connection, history, BillEventKind.CLOSED, one, closed)
    history.write()
    return Compared(opened, len(gone))


def unseen(
    connection: Connection, merchant_id: int, differences: Sequence[Difference]
) -> list[Difference]:
    """Those that ``compare`` would open: new ones, and those that show again."""
    stand = {
        (it.difference.kind, it.difference.subject): it
        for it in _named(connection, merchant_id, differences)
    }
    return [it for it in differences if _opens(stand.get((it.kind, it.subject)), it)]


def close(
    connection: Connection,
    break_id: int,
    *,
    by: str,
    reason: str,
    learned: Learned | None,
    now: Instant,
) -> Break:
    """Close a break on a person's word.

    Raises:
        LedgerError: if there is none, or it is closed; if it is of an unknown kind and nobody says
            whose that is, or the other way round.
    """
    check_reason(reason)
    one = break_of(connection, break_id)
    history = BillHistory(connection, one.merchant_id, by=by, now=now)
    one = break_of(connection, break_id)  # as it stands now that nobody else can change it
    if not one.open:
        raise _no(
            one,
            say("is closed already, by {person}", person=one.closed_by),
            say("Look: hongbao reconcile breaks"),
        )
    unknown = one.difference.kind is BreakKind.UNKNOWN_KIND
    if unknown and learned is None:
        raise _no(
            one,
            say("is of a kind that nobody has classed"),
            say("Add --as own or --as others."),
        )
    if learned is not None and not unknown:
        raise _no(one, say("is of no unknown kind"), say("Leave --as out."))
    to = {"open": False, "closed_at": now, "closed_by": by, "reason": reason, "learned": learned}
    _rewrite(connection, history, BillEventKind.CLOSED, one, to)
    history.write()
    return break_of(connection, break_id)


def break_of(connection: Connection, break_id: int) -> Break:
    """A break by its number.

    Raises:
        LedgerError: if there is none.
    """
    row = connection.execute(select(BILL_BREAK).where(BILL_BREAK.c.id == break_id)).one_or_none()
    if row is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no break {number}", number=break_id),
            remedy=say("Run: hongbao reconcile breaks --all"),
        )
    return _break(row)


def breaks(
    connection: Connection,
    *,
    merchant_id: int | None = None,
    only_open: bool = True,
    after: int = 0,
    limit: int = 1_000,
) -> list[Break]:
    """Breaks in the order in which they were first found.

    Args:
        connection: in a transaction.
        merchant_id: only of this merchant.
        only_open: leave out those that are closed.
        after: the last one's number of the page before.
        limit: how many at most.
    """
    query = select(BILL_BREAK).where(BILL_BREAK.c.id > after)
    if merchant_id is not None:
        query = query.where(BILL_BREAK.c.merchant_id == merchant_id)
    if only_open:
        query = query.where(BILL_BREAK.c.open)
    return _all(connection, query.order_by(BILL_BREAK.c.id).limit(limit))


def open_kinds(connection: Connection, merchant_id: int) -> Counter[BreakKind]:
    """How many breaks of each kind are open."""
    query = (
        select(BILL_BREAK.c.kind, func.count())
        .where(BILL_BREAK.c.merchant_id == merchant_id, BILL_BREAK.c.open)
        .group_by(BILL_BREAK.c.kind)
    )
    return Counter({BreakKind(kind): count for kind, count in connection.execute(query)})


class OpenBreaks(NamedTuple):
    """What is open, of all merchants.

    Attributes:
        kinds: how many of each kind.
        older: how many of them are about the day that was asked about, or an earlier one.
    """

    kinds: Counter[BreakKind]
    older: int


def all_open(connection: Connection, *, older_than: int) -> OpenBreaks:
    """How many breaks are open, and how many of these are about that day or an earlier one."""
    old = func.sum(case((BILL_BREAK.c.day <= older_than, 1), else_=0))
    found = connection.execute(
        select(BILL_BREAK.c.kind, func.count(), old)
        .where(BILL_BREAK.c.open)
        .group_by(BILL_BREAK.c.kind)
    ).all()
    kinds = Counter({BreakKind(kind): count for kind, count, _ in found})
    return OpenBreaks(kinds, sum(int(older) for *_, older in found))


def learned_kinds(connection: Connection, merchant_id: int) -> dict[str, Learned]:
    """Whose the kinds are that bills name, as far as people have said it."""
    query = select(BILL_BREAK.c.subject, BILL_BREAK.c.learned).where(
        BILL_BREAK.c.merchant_id == merchant_id,
        BILL_BREAK.c.kind == str(BreakKind.UNKNOWN_KIND),
        BILL_BREAK.c.learned.is_not(None),
    )
    return {subject: Learned(learned) for subject, learned in connection.execute(query)}


def _standing(
    connection: Connection,
    merchant_id: int,
    differences: Sequence[Difference],
    payouts: Collection[int] | None,
) -> dict[tuple[BreakKind, str], Break]:
    """The open breaks of payouts or of bills, and all that have the name of a difference."""
    found = [*_of(connection, merchant_id, payouts), *_named(connection, merchant_id, differences)]
    return {(it.difference.kind, it.difference.subject): it for it in found}


def _of(
    connection: Connection, merchant_id: int, payouts: Collection[int] | None
) -> Iterable[Break]:
    """The open breaks of payouts, or of bills."""
    query = select(BILL_BREAK).where(BILL_BREAK.c.merchant_id == merchant_id, BILL_BREAK.c.open)
    if payouts is None:
        kinds = [str(kind) for kind in BreakKind if kind not in OF_PAYOUTS]
        return _all(connection, query.where(BILL_BREAK.c.kind.in_(kinds)))
    some = sorted(payouts)
    found: list[Break] = []
    for start in range(0, len(some), _AT_ONCE):
        these = some[start : start + _AT_ONCE]
        found += _all(connection, query.where(BILL_BREAK.c.payout_id.in_(these)))
    return found


def _named(
    connection: Connection, merchant_id: int, differences: Sequence[Difference]
) -> Iterable[Break]:
    """The breaks of these names, open or not."""
    names = [(str(it.kind), it.subject) for it in differences]
    found: list[Break] = []
    for start in range(0, len(names), _AT_ONCE):
        these = names[start : start + _AT_ONCE]
        query = select(BILL_BREAK).where(
            BILL_BREAK.c.merchant_id == merchant_id,
            tuple_(BILL_BREAK.c.kind, BILL_BREAK.c.subject).in_(these),
        )
        found += _all(connection, query)
    return found


def _opens(before: Break | None, difference: Difference) -> bool:
    """Whether a difference opens a break, given the one that has its name."""
    if before is None:
        return True
    if before.open or before.closed_by == BY_ITSELF:
        return not before.open
    said = before.difference
    return before.learned is None and (said.expected, said.found) != (
        difference.expected,
        difference.found,
    )


def _open(
    connection: Connection,
    history: BillHistory,
    difference: Difference,
    before: Break | None,
) -> Break:
    merchant_id, now = history.merchant_id, history.now
    standing = {**difference._asdict(), **_CLOSED, "open": True, "opened_at": now}
    if before is None:
        values = {**standing, "kind": str(difference.kind), "merchant_id": merchant_id}
        made = connection.execute(insert(BILL_BREAK).values(values).returning(BILL_BREAK.c.id))
        break_id: int = made.scalar_one()
    else:
        break_id = before.id
        of = BILL_BREAK.c.id == break_id
        connection.execute(
            update(BILL_BREAK).where(of).values({**standing, "kind": str(difference.kind)})
        )
    history.add(BillEventKind.OPENED, {"break": break_id, **standing, "kind": str(difference.kind)})
    return Break(break_id, merchant_id, difference, True, now, None, None, None, None)


def _rewrite(
    connection: Connection,
    history: BillHistory,
    kind: BillEventKind,
    one: Break,
    to: dict[str, Any],
) -> None:
    stored = {
        name: str(it) if isinstance(it, BreakKind | Learned) else it for name, it in to.items()
    }
    connection.execute(update(BILL_BREAK).where(BILL_BREAK.c.id == one.id).values(stored))
    history.add(kind, {"break": one.id, **stored})


def _all(connection: Connection, query: Select[Any]) -> list[Break]:
    return [_break(row) for row in connection.execute(query)]


def _break(row: Any) -> Break:  # noqa: ANN401  # a row of ``BILL_BREAK``
    difference = Difference(
        BreakKind(row.kind), row.subject, row.payout_id, row.bill_id, row.line, row.day,
        row.expected, row.found, row.detail,
    )  # fmt: skip
    learned = None if row.learned is None else Learned(row.learned)
    return Break(
        row.id, row.merchant_id, difference, row.open, row.opened_at, row.closed_at, row.closed_by,
        row.reason, learned,
    )  # fmt: skip


def _no(one: Break, problem: str, remedy: str) -> LedgerError:
    return LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=say("break {number} {problem}", number=one.id, problem=problem),
        remedy=remedy,
    )
