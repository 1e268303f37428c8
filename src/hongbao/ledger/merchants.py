"""Merchants in the books: their limits, their rates, why they are stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hongbao.ledger import clock, pace
from hongbao.ledger.database import is_postgresql
from hongbao.ledger.decisions import STOP_COLUMNS
from hongbao.ledger.merchant_history import MerchantEventKind, change
from hongbao.ledger.payout import SECOND
from hongbao.ledger.schema import CAMPAIGN, MERCHANT, NEVER
from hongbao.ledger.step import Scope, Stop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection, Row

    from hongbao.ledger.limits import Limits
    from hongbao.ledger.payout import Instant
    from hongbao.money import Fen

_TELL = (
    update(MERCHANT)
    .where(MERCHANT.c.id == bindparam("of"))
    .values(
        ready_at=case(
            (MERCHANT.c.ready_at > bindparam("due"), bindparam("due")), else_=MERCHANT.c.ready_at
        ),
        # Never below nothing: a clock that was wrong for days has made it forget what it began.
        day_amount=case(
            (MERCHANT.c.day != bindparam("on"), MERCHANT.c.day_amount),
            (MERCHANT.c.day_amount < bindparam("released"), 0),
            else_=MERCHANT.c.day_amount - bindparam("released"),
        ),
        seen_at=case(
            (MERCHANT.c.seen_at < bindparam("now"), bindparam("now")), else_=MERCHANT.c.seen_at
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantStanding:
    """How a merchant stands.

    Attributes:
        id: the books' own number.
        number: the payer's own number of it.
        stop: why nothing is sent for any of its campaigns; None while it is.
        rate: calls a second that it has now; None for any number.
        slowed: whether that is less than agreed, after too many calls.
        ready_at: when there may be something to do for it; None if there is nothing.
        clock_behind: by how much the clock is behind the books, in microseconds; 0 if it is not.
    """

    id: int
    number: str
    stop: Stop | None
    rate: float | None
    slowed: bool
    ready_at: Instant | None
    clock_behind: Instant


@dataclass(slots=True)
class News:
    """What results say to a merchant's row.

    Attributes:
        id: the row.
        due_at: when the first of them is due again.
        day: the latest Beijing day of those that give money back.
        released: fen of that day that were not paid after all.
    """

    id: int
    due_at: Instant = NEVER
    day: int = -1
    released: Fen = 0

    def due(self, at: Instant) -> None:
        """A payout is due again."""
        self.due_at = min(self.due_at, at)

    def release(self, day: int, amount: Fen) -> None:
        """A payout that was begun on a day was refused; below nothing, if it was not after all."""
        # The row counts one day, and it is no earlier than any of these.
        if day > self.day:
            self.day, self.released = day, 0
        if day == self.day:
            self.released += amount


def tell(connection: Connection, news: Iterable[News], *, now: Instant) -> None:
    """Bring results to the rows of their merchants.

    Also a row that seems to be ready early enough is written: a claim that is under way may be
    about to put it off, without having seen these results. This waits for it.
    """
    told = sorted(news, key=lambda one: one.id)
    if not told:
        return
    ids = [one.id for one in told]
    # Everybody locks them in this order.
    connection.execute(
        select(MERCHANT.c.id)
        .where(MERCHANT.c.id.in_(ids))
        .order_by(MERCHANT.c.id)
        .with_for_update(key_share=True)
    )
    connection.execute(
        _TELL,
        [
            {
                "of": one.id,
                "due": one.due_at,
                "on": one.day,
                "released": one.released,
                "now": now,
            }
            for one in told
        ],
    )


def wake(connection: Connection, merchant_id: int, *, now: Instant) -> None:
    """Have workers look at a merchant: a person decided what may be done for it."""
    tell(connection, [News(merchant_id, due_at=now)], now=now)


def set_merchant(
    connection: Connection, number: str, limits: Limits, *, by: str, now: Instant
) -> int:
    """Give a merchant its limits; a new one if the books have none of this number.

    Returns:
        The books' own number of it.
    """
    values = limit_columns(limits)
    insert = postgresql.insert if is_postgresql(connection) else sqlite.insert
    connection.execute(
        insert(MERCHANT)
        .values(number=number, arrival=0, turn=0, ready_at=NEVER, day=0, day_amount=0, **values)
        .on_conflict_do_nothing(index_elements=["number"])
    )
    row = connection.execute(
        select(MERCHANT).where(MERCHANT.c.number == number).with_for_update(key_share=True)
    ).one()
    changed = any(getattr(row, name) != value for name, value in values.items())
    # What a limit held back may go on now; and what was put off by a clock that was ahead, which
    # whoever begins to work looks at again.
    if changed or now < row.ready_at < NEVER:
        connection.execute(update(MERCHANT).where(MERCHANT.c.id == row.id).values(ready_at=now))
    if changed or not row.seq:
        change(connection, row, MerchantEventKind.LIMITS, by=by, now=now, **values)
    if row.seen_at < now:
        connection.execute(update(MERCHANT).where(MERCHANT.c.id == row.id).values(seen_at=now))
    return int(row.id)


def limit_columns(limits: Limits) -> dict[str, int | None]:
    """What a merchant's row holds of its limits."""
    return {
        "interval": limits.interval,
        "burst": limits.burst,
        "day_amount_max": limits.day_amount_max,
        "user_day_count_max": limits.user_day_count_max,
        "user_day_amount_max": limits.user_day_amount_max,
        "opens": limits.opens,
        "closes": limits.closes,
    }


def standings(connection: Connection, *, now: Instant) -> list[MerchantStanding]:
    """How all merchants stand, by number."""
    rows = connection.execute(select(MERCHANT).order_by(MERCHANT.c.number))
    return [_standing(row, now) for row in rows]


def stop_of(row: Row[Any]) -> Stop | None:
    """Why nothing is sent for a merchant; None while it is."""
    code, reason, advice = (getattr(row, name) for name in STOP_COLUMNS)
    if code is None:
        return None
    return Stop(scope=Scope.MERCHANT, code=code, reason=reason, advice=advice)


def _standing(row: Row[Any], now: Instant) -> MerchantStanding:
    interval = pace.interval_now(row.interval, row.slowed_interval, row.slowed_at, now)
    return MerchantStanding(
        id=row.id,
        number=row.number,
        stop=stop_of(row),
        rate=SECOND / interval if interval else None,
        slowed=interval > row.interval,
        ready_at=None if row.ready_at == NEVER else row.ready_at,
        clock_behind=clock.ahead(row.seen_at, now),
    )


def stop(connection: Connection, campaign_id: int, why: Stop, *, by: str, now: Instant) -> None:
    """Let nothing be sent for a campaign's merchant. The first reason stands until it is lifted."""
    of_campaign = select(CAMPAIGN.c.merchant_id).where(CAMPAIGN.c.id == campaign_id)
    merchant = connection.execute(
        select(MERCHANT)
        .where(MERCHANT.c.id == of_campaign.scalar_subquery(), MERCHANT.c.stop_code.is_(None))
        .with_for_update(key_share=True)
    ).one_or_none()
    if merchant is not None:
        change(
            connection, merchant, MerchantEventKind.STOPPED, by=by, now=now,
            stop_code=why.code, stop_reason=why.reason, stop_advice=why.advice,
        )  # fmt: skip


def lift(connection: Connection, merchant_id: int, *, by: str, now: Instant) -> str | None:
    """Let calls be made again for a merchant, whose row this transaction has locked.

    Returns:
        The code of what had stopped it; None if nothing had.
    """
    merchant = connection.execute(select(MERCHANT).where(MERCHANT.c.id == merchant_id)).one()
    code: str | None = merchant.stop_code
    if code is not None:
        nothing: dict[str, object] = dict.fromkeys(STOP_COLUMNS)
        change(connection, merchant, MerchantEventKind.LIFTED, by=by, now=now, **nothing)
    return code


def slow(connection: Connection, merchant_ids: Collection[int], *, by: str, now: Instant) -> None:
    """Halve the rates of merchants that were called too often."""
    rows = connection.execute(
        select(MERCHANT)
        .where(MERCHANT.c.id.in_(sorted(merchant_ids)))
        .order_by(MERCHANT.c.id)
        .with_for_update(key_share=True)
    ).all()
    for row in rows:
        slowed = pace.slower(row.interval, row.slowed_interval, row.slowed_at, now)
        if slowed is not None:
            change(
                connection, row, MerchantEventKind.SLOWED, by=by, now=now,
                slowed_interval=slowed, slowed_at=now,
            )  # fmt: skip
