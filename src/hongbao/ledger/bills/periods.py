"""Closes days of a merchant, and opens them again: the one writer of ``bill_period``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, insert, select, update

from hongbao import beijing
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.bills.bill_history import BillHistory
from hongbao.ledger.bills.bill_storing import bills
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.bill import BillEventKind, current
from hongbao.ledger.model.payout import PAID
from hongbao.ledger.model.period import Period, facts_of
from hongbao.ledger.store.bill_schema import BILL_PERIOD, MOVEMENT
from hongbao.ledger.store.schema import STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.period import PeriodFacts
    from hongbao.money import Fen
    from hongbao.sentences import Sentence


def close_period(
    connection: Connection, merchant_id: int, facts: PeriodFacts, *, by: str, now: Instant
) -> Period:
    """Close some days.

    Args:
        connection: in a transaction that writes.
        merchant_id: whose.
        facts: what is recorded of them.
        by: who closes them.
        now: when.

    Raises:
        LedgerError: if one of them is closed already, or a bill of them came in the meantime.
    """
    history = BillHistory(connection, merchant_id, by=by, now=now)
    first, last = facts.first_day, facts.last_day
    for other in periods(connection, merchant_id):
        if other.stands and other.facts.first_day <= last and first <= other.facts.last_day:
            first_day, last_day = map(beijing.date, other.facts[:2])
            raise _wrong(
                say("{first} to {last} is closed already, as period {period}",
                    first=first_day, last=last_day, period=other.id),
                say("Close other days, or open that period again first."),
            )  # fmt: skip
    there = current(bills(connection, merchant_id))
    if [it.id for it in there if first <= it.key.day <= last] != list(facts.bills):
        raise _wrong(say("a bill of these days has just come"), say("Run it again."))
    said = {"merchant_id": merchant_id, "first_day": first, "last_day": last, "body": facts.body}
    made = connection.execute(
        insert(BILL_PERIOD).values(**said, closed_at=now, closed_by=by).returning(BILL_PERIOD.c.id)
    )
    number: int = made.scalar_one()
    del said["merchant_id"]
    more = {"closed_at": now, "closed_by": by, **_STANDS}
    history.add(BillEventKind.PERIOD_CLOSED, {"period": number, **said, **more})
    history.write()
    return Period(number, merchant_id, facts, now, by, None, None, None)


_LOOK = say("Look: hongbao reconcile period list")
_STANDS: dict[str, Any] = {"reopened_at": None, "reopened_by": None, "reason": None}


def reopen_period(
    connection: Connection, period_id: int, *, by: str, reason: str, now: Instant
) -> Period:
    """Open a closed period again.

    Raises:
        LedgerError: if there is none, or it is open.
    """
    check_reason(reason)
    history = BillHistory(connection, period_of(connection, period_id).merchant_id, by=by, now=now)
    one = period_of(connection, period_id)  # as it stands now that nobody else can change it
    if not one.stands:
        raise _wrong(say("period {period} is open already", period=one.id), _LOOK)
    to = {"reopened_at": now, "reopened_by": by, "reason": reason}
    connection.execute(update(BILL_PERIOD).where(BILL_PERIOD.c.id == period_id).values(to))
    days = {"first_day": one.facts.first_day, "last_day": one.facts.last_day}
    history.add(BillEventKind.PERIOD_REOPENED, {"period": period_id, **days, **to})
    history.write()
    return period_of(connection, period_id)


def periods(connection: Connection, merchant_id: int | None = None) -> list[Period]:
    """All periods of a merchant, or of all, in the order in which they were closed."""
    query = select(BILL_PERIOD).order_by(BILL_PERIOD.c.id)
    if merchant_id is not None:
        query = query.where(BILL_PERIOD.c.merchant_id == merchant_id)
    return [_period(row) for row in connection.execute(query)]


def period_of(connection: Connection, period_id: int) -> Period:
    """A period by its number.

    Raises:
        LedgerError: if there is none.
    """
    of = BILL_PERIOD.c.id == period_id
    row = connection.execute(select(BILL_PERIOD).where(of)).one_or_none()
    if row is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no period {period}", period=period_id),
            remedy=_LOOK,
        )
    return _period(row)


def booked(connection: Connection, bill_ids: Sequence[int]) -> tuple[Fen, Fen]:
    """What the books say of the debits in some bills.

    Returns:
        What these payouts are, each once; and the debits whose numbers are not paid.
    """
    moved = (
        select(MOVEMENT.c.payout_id, MOVEMENT.c.attempt, func.sum(MOVEMENT.c.amount).label("went"))
        .where(MOVEMENT.c.bill_id.in_(bill_ids), MOVEMENT.c.outgoing)
        .group_by(MOVEMENT.c.payout_id, MOVEMENT.c.attempt)
        .subquery()
    )
    is_paid = and_(
        STANDING.c.attempt == moved.c.attempt, STANDING.c.state.in_(sorted(map(str, PAID)))
    )
    paid, unpaid = connection.execute(
        select(
            func.coalesce(func.sum(case((is_paid, STANDING.c.amount), else_=0)), 0),
            func.coalesce(func.sum(case((is_paid, 0), else_=moved.c.went)), 0),
        )
        .select_from(moved)
        .outerjoin(STANDING, STANDING.c.payout_id == moved.c.payout_id)
    ).one()
    return int(paid), int(unpaid)


def _period(row: Any) -> Period:  # noqa: ANN401  # a row of ``BILL_PERIOD``
    return Period(
        row.id, row.merchant_id, facts_of(row.first_day, row.last_day, row.body), row.closed_at,
        row.closed_by, row.reopened_at, row.reopened_by, row.reason,
    )  # fmt: skip


def _wrong(problem: Sentence, remedy: Sentence) -> LedgerError:
    return LedgerError(code=LedgerCode.WRONG_STATE, problem=problem, remedy=remedy)
