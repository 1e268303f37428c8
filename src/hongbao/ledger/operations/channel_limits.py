"""Stores a channel's limits in the books, as its settings give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from hongbao import beijing
from hongbao.ledger.model.step import ALL_STOPPED
from hongbao.ledger.store import channels, limits_request, standings
from hongbao.ledger.store.channel_history import ChannelEventKind, change, record_change
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.decisions import STOP_COLUMNS
from hongbao.ledger.store.merchants import store_merchant
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, NEVER, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant

_THERE = select(CHANNEL.c.id).where(
    CHANNEL.c.merchant_id == bindparam("merchant"), CHANNEL.c.rail == bindparam("rail")
)
_FIRST_STOP = select(*(CHANNEL.c[name] for name in STOP_COLUMNS)).order_by(CHANNEL.c.id).limit(1)


def set_channel(
    connection: Connection,
    number: str,
    rail: str,
    limits: PayerLimits,
    *,
    by: str,
    now: Instant,
    keep: bool = False,
) -> int:
    """Set a channel's limits; a merchant or channel that is new to the books is added.

    While all are stopped, a new one is, too. Gives its number in the books.

    Args:
        connection: the transaction.
        number: the merchant's number.
        rail: the name of the way in which it pays.
        limits: its limits by the settings.
        by: who sets them.
        now: when.
        keep: whether a channel that is there keeps its limits, as it does once two people agreed.
    """
    values = limits.columns()
    merchant_id = store_merchant(connection, number)
    if connection.scalar(_THERE, {"merchant": merchant_id, "rail": rail}) is None:
        # Of who stops all and who adds one, the second sees what the first has done.
        channels.lock_first(connection)
    created = connection.scalar(
        insert_into(connection, CHANNEL)
        .values(
            merchant_id=merchant_id, rail=rail, arrival=0, turn=0, ready_at=NEVER, day=0,
            day_amount=0, **values,
        )
        .on_conflict_do_nothing(index_elements=["merchant_id", "rail"])
        .returning(CHANNEL.c.id)
    )  # fmt: skip
    row = connection.execute(
        select(CHANNEL)
        .where(CHANNEL.c.merchant_id == merchant_id, CHANNEL.c.rail == rail)
        .with_for_update(key_share=True)
    ).one()
    if created is None and row.seq and (keep or limits_request.are_agreed(connection, row.id)):
        values = {name: getattr(row, name) for name in values}
    change_limits(connection, row, values, ChannelEventKind.LIMITS, by=by, now=now)
    if created is not None:
        _stop_with_all(connection, row.id, by=by, now=now)
    return int(row.id)


def change_limits(
    connection: Connection,
    row: Row[Any],
    values: Mapping[str, int | None],
    kind: ChannelEventKind,
    *,
    by: str,
    now: Instant,
    why: Mapping[str, object] | None = None,
) -> None:
    """Give a channel, whose row is locked, these limits; without an event if it has them.

    Args:
        connection: the transaction.
        row: the channel's.
        values: the limits, by column.
        kind: of the event.
        by: who sets them.
        now: when.
        why: what the event says beside them; then there is one in any case.
    """
    changed = any(getattr(row, name) != value for name, value in values.items())
    # What a limit held back may go on now; and what was put off by a clock that was ahead, which
    # whoever begins to work looks at again.
    if changed or now < row.ready_at < NEVER:
        connection.execute(update(CHANNEL).where(CHANNEL.c.id == row.id).values(ready_at=now))
    if changed or not row.seq or why is not None:
        record_change(connection, row, kind, by=by, now=now, changes=values, why=why or {})
    by_user = values["user_day_count_max"], values["user_day_amount_max"]
    if changed and by_user != (None, None):
        _note_users(connection, row.id, now)
    if row.seen_at < now:
        connection.execute(update(CHANNEL).where(CHANNEL.c.id == row.id).values(seen_at=now))


def _stop_with_all(connection: Connection, channel_id: int, *, by: str, now: Instant) -> None:
    """Stop a new channel if all are stopped: then the first one is."""
    first = connection.execute(_FIRST_STOP).one()
    if first.stop_code == ALL_STOPPED:
        row = connection.execute(select(CHANNEL).where(CHANNEL.c.id == channel_id)).one()
        stop = dict(zip(STOP_COLUMNS, first, strict=True))
        change(connection, row, ChannelEventKind.STOPPED, by=by, now=now, **stop)


def _note_users(connection: Connection, channel_id: int, now: Instant) -> None:
    """Write down who got what, so that it counts: nobody needed it without a limit by user."""
    campaigns = connection.scalars(
        select(CAMPAIGN.c.id).where(CAMPAIGN.c.channel_id == channel_id)
    ).all()
    standings.dissolve(connection, campaigns)
    payee = select(PAYOUT.c.payee).where(PAYOUT.c.id == STANDING.c.payout_id).scalar_subquery()
    connection.execute(
        update(STANDING)
        .where(
            STANDING.c.campaign_id.in_(campaigns),
            STANDING.c.payee.is_(None),
            STANDING.c.day >= beijing.day_of(now) - 1,
        )
        .values(payee=payee)
    )
