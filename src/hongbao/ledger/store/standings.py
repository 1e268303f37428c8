"""Gives payouts a row of their own that says where they stand, as ``rows`` has said it until then.

Who makes such a row has locked the channel's row, so that nobody begins a call of that payout
meanwhile; or, for the result of a payout in an open range, the row of the range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, case, or_, select, update

from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store import bulk, first_events
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, CHANNEL, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

T = TypeVar("T")

COLUMNS = tuple(column.name for column in STANDING.c)
"""The columns of the rows that are made here, in their order."""

_AT_ONCE = 2_000
_WAITING, _SEND = State.WAITING.value, int(Task.SEND)
_IN_DOUBT, _QUERY = State.IN_DOUBT.value, int(Task.QUERY)

# The receiver, where it is needed for what a user gets in a day.
_PAYEE = case(
    (
        or_(CHANNEL.c.user_day_count_max.is_not(None), CHANNEL.c.user_day_amount_max.is_not(None)),
        PAYOUT.c.payee,
    )
)
_WITHOUT = (
    select(PAYOUT.c.id, PAYOUT.c.campaign_id, PAYOUT.c.row, PAYOUT.c.amount, _PAYEE)
    .join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id)
    .join(CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id)
    .outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id)
    .where(STANDING.c.payout_id.is_(None))
)
_THESE = _WITHOUT.where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
_IN_RANGES = (
    _WITHOUT.add_columns(CALL_RANGE.c.lease, CALL_RANGE.c.due_at, CALL_RANGE.c.at, CALL_RANGE.c.day)
    .join(
        CALL_RANGE,
        (CALL_RANGE.c.campaign_id == PAYOUT.c.campaign_id)
        & (PAYOUT.c.row >= CALL_RANGE.c.first)
        & (PAYOUT.c.row <= CALL_RANGE.c.last),
    )
    .where(CALL_RANGE.c.id.in_(bindparam("ranges", expanding=True)))
)
_OPEN = (
    select(CALL_RANGE.c.id)
    .where(
        CALL_RANGE.c.campaign_id.in_(bindparam("campaigns", expanding=True)),
        CALL_RANGE.c.due_at <= bindparam("until"),
    )
    .order_by(CALL_RANGE.c.id)
    .with_for_update()
)
_CLOSE = (
    update(CALL_RANGE)
    .where(CALL_RANGE.c.id.in_(bindparam("ranges", expanding=True)))
    .values(lease=None, due_at=None, open=0, open_amount=0)
)
_EVER = 2**62


def waiting(
    payout: tuple[int, int, int, Fen, str | None], due_at: Instant, last: bytes,
    reason: str | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """The standing of a payout that waits for its first call.

    Args:
        payout: its id, campaign, row and amount; and its receiver, if its channel limits what a
            user gets in a day.
        due_at: when it is to be sent.
        last: the hash of its first event.
        reason: why it was put off.
    """
    return (
        *payout, _WAITING, _SEND, due_at, None, 1, None, 0, 0, None, None, None, 0, None, reason,
        None, None, None, None, 0, 0, None, 1, last,
    )  # fmt: skip


def called(  # noqa: PLR0917  # parts of a stored row, in its order
    payout: tuple[int, int, int, Fen, str | None],
    due_at: Instant,
    lease: int,
    at: Instant,
    day: int,
    last: bytes,
) -> tuple[Any, ...]:
    """The standing of a payout whose first call is under way.

    Args:
        payout: see ``waiting``.
        due_at: when the lease ends.
        lease: its token.
        at: when the call began.
        day: the Beijing day that it counts for.
        last: the hash of its second event.
    """
    return (
        *payout, _IN_DOUBT, _QUERY, due_at, lease, 1, None, 1, 0, None, at, None, 0, None, None,
        None, None, None, None, 0, 0, day, 2, last,
    )  # fmt: skip


def materialise(connection: Connection, ids: Collection[int]) -> None:
    """Give payouts of which no call was begun a standing, unless they have one.

    Args:
        connection: in the transaction that has locked their channels' rows.
        ids: payouts in no range of first calls.
    """
    for some in _some(list(ids)):
        found = connection.execute(_THESE, {"ids": some}).all()
        said = first_events.beginnings(connection, [payout[0] for payout in found])
        begun = {one.id: one for one in said}
        make = first_events.FirstEvents(connection)
        make.know({one.terms_id for one in begun.values()})
        rows = [
            waiting(tuple(payout), one.at, make.submitted(one))
            for payout in found
            for one in [begun[payout[0]]]
        ]
        bulk.insert(connection, STANDING, COLUMNS, rows)


def dissolve(connection: Connection, campaigns: Collection[int], *, until: Instant = _EVER) -> None:
    """Give the payouts of open ranges standings that say the same, and close the ranges.

    The worker that has their lease keeps it.

    Args:
        connection: in the transaction that has locked the channels' rows.
        campaigns: those whose ranges are meant.
        until: only ranges whose lease has ended by then.
    """
    ranges = connection.scalars(_OPEN, {"campaigns": sorted(campaigns), "until": until}).all()
    for some in _some(ranges):
        rows = connection.execute(_IN_RANGES, {"ranges": some}).all()
        for part in _some(rows):
            _stand(connection, part)
        connection.execute(_CLOSE, {"ranges": some})


def _stand(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    hashes = first_events.last_hashes(connection, [row[0] for row in rows])
    made = [
        called(tuple(row[:5]), row.due_at, row.lease, row.at, row.day, hashes[row[0]])
        for row in rows
    ]
    bulk.insert(connection, STANDING, COLUMNS, made)


def _some(of: Sequence[T]) -> Iterator[Sequence[T]]:
    return (of[begun : begun + _AT_ONCE] for begun in range(0, len(of), _AT_ONCE))
