"""How channels stand: what they allow now, and why nothing is sent for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.model import rate_limit
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.step import Scope, Stop
from hongbao.ledger.store import clock
from hongbao.ledger.store.decisions import STOP_COLUMNS
from hongbao.ledger.store.limits_request import agreed_channels
from hongbao.ledger.store.schema import CHANNEL, MERCHANT, NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant


_LIMITS = tuple(PayerLimits().columns())


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """How a channel stands.

    Attributes:
        id: the books' own number.
        merchant_id: the books' number of the merchant that pays.
        number: the payer's own number of that merchant.
        rail: the way in which it pays.
        stop: why nothing is sent for any of its campaigns; None while it is.
        rate: calls a second that it has now; None for any number.
        slowed: whether that is less than agreed, after too many calls.
        ready_at: when there may be something to do for it; None if there is nothing.
        clock_behind: by how much the clock is behind the books, in microseconds; 0 if it is not.
        limits: the limits that the books hold it to, by column.
        agreed: whether two people have agreed on limits, so that no settings change them.
    """

    id: int
    merchant_id: int
    number: str
    rail: str
    stop: Stop | None
    rate: float | None
    slowed: bool
    ready_at: Instant | None
    clock_behind: Instant
    limits: Mapping[str, int | None]
    agreed: bool

    def differs_from(self, limits: PayerLimits) -> list[str]:
        """The limits that somebody's settings have otherwise, by column."""
        return [name for name, it in limits.columns().items() if self.limits[name] != it]


def standings(connection: Connection, *, now: Instant) -> list[ChannelStanding]:
    """How all channels stand, by the numbers of their merchants."""
    rows = connection.execute(
        select(CHANNEL, MERCHANT.c.number)
        .join(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
        .order_by(MERCHANT.c.number, CHANNEL.c.rail)
    )
    agreed = agreed_channels(connection)
    return [_standing(row, now, agreed=row.id in agreed) for row in rows]


def stop_of(row: Row[Any]) -> Stop | None:
    """Why nothing is sent for a channel; None while it is."""
    code, reason, advice = (getattr(row, name) for name in STOP_COLUMNS)
    if code is None:
        return None
    return Stop(scope=Scope.MERCHANT, code=code, reason=reason, advice=advice)


def _standing(row: Row[Any], now: Instant, *, agreed: bool) -> ChannelStanding:
    interval = rate_limit.interval_now(row.interval, row.slowed_interval, row.slowed_at, now)
    return ChannelStanding(
        id=row.id,
        merchant_id=row.merchant_id,
        number=row.number,
        rail=row.rail,
        stop=stop_of(row),
        rate=SECOND / interval if interval else None,
        slowed=interval > row.interval,
        ready_at=None if row.ready_at == NEVER else row.ready_at,
        clock_behind=clock.ahead(row.seen_at, now),
        limits={name: getattr(row, name) for name in _LIMITS},
        agreed=agreed,
    )
