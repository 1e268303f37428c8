"""Reads what the books expect of bills, beside what the bills say: a page of payouts at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, and_, case, false, func, not_, or_, select, text

from hongbao.ledger.model.bill import BookedMovement, Expected
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.store import bulk
from hongbao.ledger.store.bill_schema import BILL, BILL_BREAK, MOVEMENT
from hongbao.ledger.store.database import driver_rows, is_postgresql
from hongbao.ledger.store.laws import LISTED, one_of
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES
from hongbao.ledger.store.schema import ATTEMPT, CAMPAIGN, CHANNEL, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Select

    from hongbao.ledger.model.payout import Instant

PAGE = 5_000
"""How many payouts are held against bills at once."""

_READ = (
    "id", "campaign_id", "amount", "people", "attempt", "billno", "state", "task",
    "first_call_at", "sent_at", "settled_at", "refunded", "kind", "code",
)  # fmt: skip
_EXPECTED = [COLUMNS[PLACES[name]] for name in _READ]
_STATES = {str(state): state for state in State}
_MOVEMENTS = [MOVEMENT.c[name] for name in BookedMovement._fields]
_IN_POSTGRESQL = "= ANY(CAST(:ids AS bigint[]))"
_IN_SQLITE = "IN (SELECT value FROM json_each(:ids))"


class ExpectedPage(NamedTuple):
    """Some payouts and what all bills say of them.

    Attributes:
        expected: what the books expect.
        movements: what bills say, by payout; also bills that do not count any more.
        numbers: the earlier numbers of payouts that had several, by attempt.
    """

    expected: list[Expected]
    movements: dict[int, list[BookedMovement]]
    numbers: dict[int, dict[int, str]]


def page_of(connection: Connection, ids: Sequence[int]) -> ExpectedPage:
    """Some payouts.

    Args:
        connection: in a transaction.
        ids: which; each once.
    """
    # Several thousand at once, without as many parameters.
    within = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    said = {"ids": bulk.array(ids, BigInteger())}
    if not is_postgresql(connection):
        said = {"ids": f"[{','.join(map(str, ids))}]"}
    booked = select(*_EXPECTED).select_from(BOOKED).where(text(f"payout.id {within}"))
    expected = [_expected(row) for row in driver_rows(connection, booked, said)]
    movements: dict[int, list[BookedMovement]] = {}
    rows = select(*_MOVEMENTS).where(text(f"movement.payout_id {within}"))
    for row in driver_rows(connection, rows, said):
        movements.setdefault(row[2], []).append(BookedMovement._make(row))
    numbers: dict[int, dict[int, str]] = {}
    several = [it.payout_id for it in expected if it.attempt > 1]
    if several:
        numbers = _earlier(connection, several)
    return ExpectedPage(expected, movements, numbers)


def _expected(row: Sequence[object]) -> Expected:
    draft: list[object] = list(row)
    draft[6], draft[7] = _STATES[str(draft[6])], draft[7] is not None
    made: Expected = Expected._make(draft)
    return made


def _earlier(connection: Connection, ids: Sequence[int]) -> dict[int, dict[int, str]]:
    numbers: dict[int, dict[int, str]] = {}
    first = select(PAYOUT.c.id, PAYOUT.c.billno).where(PAYOUT.c.id.in_(ids))
    later = select(ATTEMPT.c.payout_id, ATTEMPT.c.number, ATTEMPT.c.billno)
    for payout, billno in connection.execute(first):
        numbers[payout] = {1: billno}
    for payout, number, billno in connection.execute(later.where(ATTEMPT.c.payout_id.in_(ids))):
        numbers[payout][number] = billno
    return numbers


_OTHER = MOVEMENT.alias("other")
# As nearly all are: one debit of a paid payout, to the fen, and nothing that came back.
_PLAIN = and_(
    MOVEMENT.c.outgoing,
    MOVEMENT.c.attempt == STANDING.c.attempt,
    MOVEMENT.c.amount == STANDING.c.amount,
    STANDING.c.refunded == 0,
    STANDING.c.state.in_(sorted(map(str, PAID))),
    ~(
        select(_OTHER.c.line)
        .where(
            _OTHER.c.payout_id == MOVEMENT.c.payout_id,
            or_(_OTHER.c.bill_id != MOVEMENT.c.bill_id, _OTHER.c.line != MOVEMENT.c.line),
        )
        .correlate(MOVEMENT)
        .exists()
    ),
)


def touched(connection: Connection, bill_id: int, *, counts: bool) -> Iterator[list[int]]:
    """The payouts that a bill has rows of and that need a look, a page at a time, in its order.

    Args:
        connection: in a transaction.
        bill_id: the bill.
        counts: whether it is the last one of its account and day. Then those are left out of which
            bills have one debit, as the books have it; of one that was corrected all need a look.
    """
    of_bill = select(MOVEMENT.c.payout_id).where(MOVEMENT.c.bill_id == bill_id)
    if counts:
        standing = STANDING.c.payout_id == MOVEMENT.c.payout_id
        of_bill = of_bill.outerjoin(STANDING, standing).where(
            func.coalesce(_PLAIN, false()).is_(false())
        )
    for page in _pages(connection, of_bill.order_by(MOVEMENT.c.line)):
        yield list(dict.fromkeys(page))


_BACK = (
    select(func.coalesce(func.sum(MOVEMENT.c.amount), 0))
    .where(MOVEMENT.c.payout_id == STANDING.c.payout_id, not_(MOVEMENT.c.outgoing))
    .correlate(STANDING)
    .scalar_subquery()
)
_NO_DEBIT = ~(
    select(MOVEMENT.c.line)
    .where(MOVEMENT.c.payout_id == STANDING.c.payout_id, MOVEMENT.c.outgoing)
    .correlate(STANDING)
    .exists()
)


def absent(connection: Connection, campaign_id: int, *, since: Instant) -> Iterator[list[int]]:
    """Payouts that were paid or came back since then, and of which bills have less than that."""
    own = select(STANDING.c.payout_id).where(STANDING.c.campaign_id == campaign_id)
    for state in sorted(PAID):
        # Each state by itself, and what is listed: so the index of both is taken.
        paid = own.where(text(one_of("state", [str(state)])), text(f"({LISTED})"))
        yield from _pages(connection, paid.where(STANDING.c.sent_at >= since, _NO_DEBIT))
    settled = own.where(STANDING.c.settled_at.is_not(None), STANDING.c.settled_at >= since)
    yield from _pages(
        connection, settled.where(STANDING.c.refunded > 0, STANDING.c.refunded > _BACK)
    )


def unsettled(connection: Connection, merchant_id: int, *, since_day: int) -> Iterator[list[int]]:
    """Paid payouts of which a bill since that day says more came back than the books."""
    query = (
        select(STANDING.c.payout_id)
        .distinct()
        .join(MOVEMENT, MOVEMENT.c.payout_id == STANDING.c.payout_id)
        .join(BILL, BILL.c.id == MOVEMENT.c.bill_id)
        .where(
            BILL.c.merchant_id == merchant_id,
            BILL.c.day >= since_day,
            not_(MOVEMENT.c.outgoing),
            STANDING.c.refunded < MOVEMENT.c.amount,
            STANDING.c.state != str(State.REFUSED),
        )
    )
    yield from _pages(connection, query)


_NET = (
    select(func.sum(case((MOVEMENT.c.outgoing, MOVEMENT.c.amount), else_=-MOVEMENT.c.amount)))
    .where(MOVEMENT.c.payout_id == STANDING.c.payout_id)
    .correlate(STANDING)
    .scalar_subquery()
)


def unreturned(connection: Connection, merchant_id: int, *, since_day: int) -> Iterator[list[int]]:
    """Payouts that are not paid, and whose money a bill since that day has as gone, not as back."""
    query = (
        select(STANDING.c.payout_id)
        .distinct()
        .join(MOVEMENT, MOVEMENT.c.payout_id == STANDING.c.payout_id)
        .join(BILL, BILL.c.id == MOVEMENT.c.bill_id)
        .where(
            BILL.c.merchant_id == merchant_id,
            BILL.c.day >= since_day,
            MOVEMENT.c.outgoing,
            STANDING.c.state == str(State.REFUSED),
            _NET != 0,
        )
    )
    yield from _pages(connection, query)


def with_open_breaks(connection: Connection, merchant_id: int) -> Iterator[list[int]]:
    """Payouts with a break that is open."""
    query = (
        select(BILL_BREAK.c.payout_id)
        .distinct()
        .where(
            BILL_BREAK.c.merchant_id == merchant_id,
            BILL_BREAK.c.open,
            BILL_BREAK.c.payout_id.is_not(None),
        )
    )
    yield from _pages(connection, query)


def campaigns_of(connection: Connection, merchant_id: int) -> list[int]:
    """The campaigns that a merchant pays."""
    query = select(CAMPAIGN.c.id).join(CHANNEL).where(CHANNEL.c.merchant_id == merchant_id)
    return list(connection.scalars(query.order_by(CAMPAIGN.c.id)))


def began_on(connection: Connection, merchant_id: int) -> Instant | None:
    """When the first campaign of a merchant was approved: nothing was paid before it."""
    first = select(func.min(CAMPAIGN.c.approved_at)).select_from(CAMPAIGN.join(CHANNEL))
    found: Instant | None = connection.scalar(first.where(CHANNEL.c.merchant_id == merchant_id))
    return found


def _pages(connection: Connection, query: Select[Any]) -> Iterator[list[int]]:
    """Numbers, as they come: there may be a million."""
    with connection.execute(query.execution_options(yield_per=PAGE)) as rows:
        for page in rows.scalars().partitions():
            yield list(page)
