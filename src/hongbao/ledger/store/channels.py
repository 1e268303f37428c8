"""Changes a channel's row: after results of its payouts, when it is stopped, or slowed down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, select, update

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model import rate_limit
from hongbao.ledger.model.step import ALL_STOPPED
from hongbao.ledger.store.channel_history import ChannelEventKind, change
from hongbao.ledger.store.decisions import STOP_COLUMNS
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, NEVER
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Stop
    from hongbao.money import Fen

_APPLY = (
    update(CHANNEL)
    .where(CHANNEL.c.id == bindparam("of"))
    .values(
        ready_at=case(
            (CHANNEL.c.ready_at > bindparam("due"), bindparam("due")), else_=CHANNEL.c.ready_at
        ),
        # Never below zero: a clock that was wrong for days made it forget what it had begun.
        day_amount=case(
            (CHANNEL.c.day != bindparam("on"), CHANNEL.c.day_amount),
            (CHANNEL.c.day_amount < bindparam("released"), 0),
            else_=CHANNEL.c.day_amount - bindparam("released"),
        ),
        seen_at=case(
            (CHANNEL.c.seen_at < bindparam("now"), bindparam("now")), else_=CHANNEL.c.seen_at
        ),
    )
)


@dataclass(slots=True)
class ChannelUpdate:
    """The pending changes to one channel's row that follow from results of its payouts.

    Attributes:
        id: the row's id.
        due_at: when the first of these payouts is due again.
        day: the latest Beijing day of the payouts that were not paid after all.
        released: the fen of that day that were not paid after all.
    """

    id: int
    due_at: Instant = NEVER
    day: int = -1
    released: Fen = 0

    def due(self, at: Instant) -> None:
        """Note that a payout is due again."""
        self.due_at = min(self.due_at, at)

    def release(self, day: int, amount: Fen) -> None:
        """Note that a payout was refused on its day; a negative amount takes that back."""
        # The row counts one day, and it is no earlier than any of these.
        if day > self.day:
            self.day, self.released = day, 0
        if day == self.day:
            self.released += amount


def check_channel(connection: Connection, channel_id: int) -> None:
    """Accept a channel that the books have.

    Raises:
        LedgerError: if they have none of this number.
    """
    if connection.scalar(select(CHANNEL.c.id).where(CHANNEL.c.id == channel_id)) is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say(
                "the books have no channel with the id {channel_id}", channel_id=channel_id
            ),
            remedy=say("Set the channel first."),
        )


def apply(connection: Connection, updates: Iterable[ChannelUpdate], *, now: Instant) -> None:
    """Apply pending changes to the rows of their channels.

    A row that is already ready early enough is written, too: a claim in progress may be about to
    postpone it without having seen these results. This waits for that claim.
    """
    ordered = sorted(updates, key=lambda one: one.id)
    if not ordered:
        return
    lock(connection, [one.id for one in ordered])
    connection.execute(
        _APPLY,
        [
            {
                "of": one.id,
                "due": one.due_at,
                "on": one.day,
                "released": one.released,
                "now": now,
            }
            for one in ordered
        ],
    )


def lock(connection: Connection, ids: Collection[int]) -> None:
    """Lock the rows of channels, in the order in which all transactions do."""
    connection.execute(
        select(CHANNEL.c.id)
        .where(CHANNEL.c.id.in_(sorted(ids)))
        .order_by(CHANNEL.c.id)
        .with_for_update(key_share=True)
    )


def lock_first(connection: Connection) -> None:
    """Lock the first channel's row: whoever stops all and whoever adds one do it one by one."""
    first = select(func.min(CHANNEL.c.id)).scalar_subquery()
    connection.execute(
        select(CHANNEL.c.id).where(CHANNEL.c.id == first).with_for_update(key_share=True)
    )


def wake(connection: Connection, channel_id: int, *, now: Instant) -> None:
    """Let workers look at a channel now, after a person's decision."""
    apply(connection, [ChannelUpdate(channel_id, due_at=now)], now=now)


def stop(connection: Connection, campaign_id: int, why: Stop, *, by: str, now: Instant) -> bool:
    """Stop sending for a campaign's channel. The first reason counts until it is lifted.

    Returns:
        Whether this is the first reason.
    """
    of_campaign = select(CAMPAIGN.c.channel_id).where(CAMPAIGN.c.id == campaign_id)
    channel = connection.execute(
        select(CHANNEL)
        .where(CHANNEL.c.id == of_campaign.scalar_subquery(), CHANNEL.c.stop_code.is_(None))
        .with_for_update(key_share=True)
    ).one_or_none()
    if channel is not None:
        change(
            connection, channel, ChannelEventKind.STOPPED, by=by, now=now,
            stop_code=why.code, stop_reason=why.reason, stop_advice=why.advice,
        )  # fmt: skip
    return channel is not None


def lift(connection: Connection, channel_id: int, *, by: str, now: Instant) -> str | None:
    """Let calls be made again for a channel, whose row this transaction has locked.

    Returns:
        The code of what had stopped it; None if nothing had.

    Raises:
        LedgerError: if a person has stopped all merchants.
    """
    channel = connection.execute(select(CHANNEL).where(CHANNEL.c.id == channel_id)).one()
    code: str | None = channel.stop_code
    if code == ALL_STOPPED:
        name, _, reason = channel.stop_reason.partition(": ")
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("all merchants are stopped, by {name}: {reason}", name=name, reason=reason),
            remedy=say("Nothing is resumed by itself before: hongbao resume-all"),
        )
    if code is not None:
        nothing: dict[str, object] = dict.fromkeys(STOP_COLUMNS)
        change(connection, channel, ChannelEventKind.LIFTED, by=by, now=now, **nothing)
    return code


def slow(connection: Connection, channel_ids: Collection[int], *, by: str, now: Instant) -> None:
    """Halve the rates of channels that were called too often."""
    rows = connection.execute(
        select(CHANNEL)
        .where(CHANNEL.c.id.in_(sorted(channel_ids)))
        .order_by(CHANNEL.c.id)
        .with_for_update(key_share=True)
    ).all()
    for row in rows:
        slowed = rate_limit.slower(row.interval, row.slowed_interval, row.slowed_at, now)
        if slowed is not None:
            change(
                connection, row, ChannelEventKind.SLOWED, by=by, now=now,
                slowed_interval=slowed, slowed_at=now,
            )  # fmt: skip
