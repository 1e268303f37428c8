"""Daily limits: how much may still be sent today, by channel and by user.

The channel's row is locked meanwhile, so nobody else sends for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, text, union_all, update

from hongbao import beijing
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import driver_rows, is_postgresql
from hongbao.ledger.store.laws import OPEN
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, CHANNEL, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Row, Select

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

    Given = Mapping[str, tuple[int, Fen]]

_PAYEE, _AMOUNT, _STATE, _DAY = (PLACES[name] for name in ("payee", "amount", "state", "day"))

_GIVEN_BACK = sorted(map(str, (State.REFUSED, State.CANCELLED)))
_MIDNIGHT = 60 * beijing.MINUTE
COUNTING = sorted(map(str, PAID | {State.IN_DOUBT, State.AWAITING_USER}))
"""A payout in one of these states counts towards its user's limits: it is or may be paid."""

_OF_CHANNEL = select(CAMPAIGN.c.id).where(CAMPAIGN.c.channel_id == bindparam("channel_id"))
_STANDING_SUM = select(func.coalesce(func.sum(STANDING.c.amount), 0)).where(
    STANDING.c.campaign_id.in_(_OF_CHANNEL),
    STANDING.c.day == bindparam("on"),
    STANDING.c.state.not_in(_GIVEN_BACK),
)
_OPEN_SUM = select(func.coalesce(func.sum(CALL_RANGE.c.open_amount), 0)).where(
    CALL_RANGE.c.campaign_id.in_(_OF_CHANNEL),
    CALL_RANGE.c.due_at.is_not(None),
    CALL_RANGE.c.day == bindparam("on"),
)
# One statement, so that a payout that leaves its range meanwhile is counted once.
_COUNT_AGAIN = (
    update(CHANNEL)
    .where(CHANNEL.c.id == bindparam("channel_id"))
    .values(
        day=bindparam("on"),
        day_amount=_STANDING_SUM.scalar_subquery() + _OPEN_SUM.scalar_subquery(),
    )
)
_DAY_OF, _STATE_OF = (COLUMNS[PLACES[name]].element for name in ("day", "state"))
# A single parameter, however many there are, so that a statement is compiled once.
_AMONG_POSTGRESQL = "{} = ANY(CAST({} AS {}[]))"
_AMONG_SQLITE = "{} IN (SELECT value FROM json_each({}))"


def _given_by(among: str) -> Select[Any]:
    """What users got of channels that limit it, whose standings say the receivers."""
    # By their receivers alone, which few channels share: no other way to find them is as short.
    stands = (
        select(CAMPAIGN.c.channel_id, STANDING.c.payee, STANDING.c.amount)
        .join(CAMPAIGN, CAMPAIGN.c.id == STANDING.c.campaign_id)
        .where(
            text(among.format("standing.payee", ":payees", "text")),
            STANDING.c.day == bindparam("day"),
            STANDING.c.state.in_(COUNTING),
        )
    )
    # All that is under way is not much, and to compare each with each receiver would be.
    in_ranges = (
        select(CAMPAIGN.c.channel_id, PAYOUT.c.payee, PAYOUT.c.amount)
        .select_from(CAMPAIGN)
        .join(CALL_RANGE, CALL_RANGE.c.campaign_id == CAMPAIGN.c.id)
        .join(
            PAYOUT,
            (PAYOUT.c.campaign_id == CALL_RANGE.c.campaign_id)
            & PAYOUT.c.row.between(CALL_RANGE.c.first, CALL_RANGE.c.last),
        )
        .outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id)
        .where(
            text(among.format("campaign.channel_id", ":channels", "bigint")),
            text(OPEN),
            CALL_RANGE.c.due_at.is_not(None),
            CALL_RANGE.c.day == bindparam("day"),
            STANDING.c.payout_id.is_(None),
        )
    )
    # One statement, so that a payout that leaves its range meanwhile is counted once.
    both = union_all(stands, in_ranges).subquery()
    return select(both.c.channel_id, both.c.payee, func.count(), func.sum(both.c.amount)).group_by(
        both.c.channel_id, both.c.payee
    )


def _given_without_limits(among: str) -> Select[Any]:
    """The same of one that does not, by all its payouts."""
    return (
        select(PAYOUT.c.payee, func.count(), func.sum(PAYOUT.c.amount))
        .select_from(BOOKED)
        .where(
            PAYOUT.c.campaign_id.in_(_OF_CHANNEL),
            text(among.format("payout.payee", ":payees", "text")),
            bindparam("day") == _DAY_OF,
            _STATE_OF.in_(COUNTING),
        )
        .group_by(PAYOUT.c.payee)
    )


# Made once: a statement with literal values keeps them in memory until the garbage collector runs.
_GIVEN = {True: _given_by(_AMONG_POSTGRESQL), False: _given_by(_AMONG_SQLITE)}
_GIVEN_WITHOUT_LIMITS = {
    True: _given_without_limits(_AMONG_POSTGRESQL),
    False: _given_without_limits(_AMONG_SQLITE),
}


@dataclass(slots=True)
class Sorted:
    """Payouts that are due to be sent, sorted by what the limits allow.

    Attributes:
        sendable: they may be sent now.
        put_off: they must not be sent today.
        spent: whether what the channel may still pay today is not enough for the rest.
    """

    sendable: list[Sequence[Any]] = field(default_factory=list)
    put_off: list[Sequence[Any]] = field(default_factory=list)
    spent: bool = False


def sort(channel: Row[Any], rows: Sequence[Sequence[Any]], users: Given, *, day: int) -> Sorted:
    """Sort payouts by the limits of a day.

    Args:
        channel: its row, locked in this transaction.
        rows: payouts with ``COLUMNS``, or as ``due.Fresh`` has them, in the order in which they
            would be sent.
        users: what their receivers got on that day, if the channel limits that.
        day: the Beijing day.
    """
    if channel.day_amount_max is None and not by_user(channel):
        return Sorted(list(rows))
    users = dict(users)
    left = _left(channel, day)
    found = Sorted()
    for row in rows:
        # A payout that was begun today is already counted in the day's money, and as long as it is
        # in doubt it counts towards its user's limits.
        cost = 0 if _is_of(row, day) else row[_AMOUNT]
        counted = not cost and row[_STATE] == State.IN_DOUBT
        count, amount = users.get(row[_PAYEE], (0, 0))
        after = (count, amount) if counted else (count + 1, amount + row[_AMOUNT])
        if not counted and (
            _over(after[0], channel.user_day_count_max)
            or _over(after[1], channel.user_day_amount_max)
            or _over(cost, channel.day_amount_max)
        ):
            found.put_off.append(row)
        elif cost and (found.spent or _over(cost, left)):
            # A row does not let smaller ones pass, so that none waits for ever.
            found.spent = True
        else:
            found.sendable.append(row)
            users[row[_PAYEE]] = after
            left = left if left is None else left - cost
    return found


def by_user(channel: Row[Any]) -> bool:
    """Whether a channel limits what a user gets in a day."""
    return channel.user_day_count_max is not None or channel.user_day_amount_max is not None


def day_of(channel: Row[Any], now: Instant) -> int:
    """The Beijing day that counts for a channel. Around midnight it does not go back.

    A clock may be set back a little, and a claim's time may be earlier than that of the previous
    claim. A day further in the future comes from a clock that was ahead, and does not count.
    """
    today = beijing.day_of(now)
    stays = today < channel.day <= beijing.day_of(now + _MIDNIGHT)
    return int(channel.day) if stays else today


def with_its_day(
    connection: Connection, channels: Sequence[Row[Any]], now: Instant
) -> Sequence[Row[Any]]:
    """Channels' rows, with the right sum for a day that begins for a second time.

    A row has the sum of a single day. If a corrected clock returns to an earlier day, its sum is
    computed again from the payouts.

    Args:
        connection: in the transaction that has locked the rows.
        channels: the rows.
        now: the books' time.
    """
    again = {it.id: day for it in channels if it.day != (day := day_of(it, now)) <= it.last_day}
    for channel_id, day in again.items():
        connection.execute(_COUNT_AGAIN, {"channel_id": channel_id, "on": day})
    if not again:
        return channels
    ids = [it.id for it in channels]
    rows = {it.id: it for it in connection.execute(select(CHANNEL).where(CHANNEL.c.id.in_(ids)))}
    return [rows[channel_id] for channel_id in ids]


def begun(channel: Row[Any], rows: Sequence[Sequence[Any]], *, day: int) -> Fen:
    """The sum of a day after these payouts are sent."""
    amount: Fen = channel.day_amount if channel.day == day else 0
    for row in rows:
        amount += 0 if _is_of(row, day) else row[_AMOUNT]
    return amount


def _is_of(row: Sequence[Any], day: int) -> bool:
    """Whether a payout was begun on a day; what has no standing never was."""
    return len(row) > _DAY and bool(row[_DAY] == day)


def _left(channel: Row[Any], day: int) -> Fen | None:
    if channel.day_amount_max is None:
        return None
    return int(channel.day_amount_max) - begun(channel, (), day=day)


def _over(value: int, most: int | None) -> bool:
    return most is not None and value > most


def given(
    connection: Connection, channels: Collection[int], payees: Collection[str], *, day: int
) -> dict[int, dict[str, tuple[int, Fen]]]:
    """How many payouts and how much money users have or may have got on a day, channel by channel.

    Args:
        connection: in a transaction.
        channels: those that limit what a user gets in a day.
        payees: the users. Others may be among the found.
        day: the Beijing day.
    """
    found: dict[int, dict[str, tuple[int, Fen]]] = {channel: {} for channel in channels}
    asked = {
        "channels": bulk.numbers(connection, list(channels)),
        "payees": bulk.texts(connection, list(payees)),
        "day": day,
    }
    statement = _GIVEN[is_postgresql(connection)]
    for channel, payee, count, amount in driver_rows(connection, statement, asked):
        if channel in found:
            found[channel][payee] = int(count), int(amount)
    return found


def given_today(
    connection: Connection, channel_id: int, payees: Collection[str], *, day: int
) -> dict[str, tuple[int, Fen]]:
    """The same for any channel. Of one without such limits all payouts are looked through."""
    channel = connection.execute(select(CHANNEL).where(CHANNEL.c.id == channel_id)).one_or_none()
    if channel is None or channel.last_day < day:
        return {}
    if by_user(channel):
        found = given(connection, [channel_id], payees, day=day)[channel_id]
        return {payee: found[payee] for payee in found.keys() & set(payees)}
    asked = {"channel_id": channel_id, "payees": bulk.texts(connection, list(payees)), "day": day}
    statement = _GIVEN_WITHOUT_LIMITS[is_postgresql(connection)]
    return {
        payee: (int(count), int(amount))
        for payee, count, amount in connection.execute(statement, asked)
    }
