"""Cancels campaigns: nothing is sent any more, and payouts that may be paid are queried.

There are two kinds of transactions: one decides, then as many as are needed withdraw the payouts,
some at a time. If that is interrupted, calling again goes on with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from hongbao.errors import IllegalTransition, LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import CampaignState, DecisionKind
from hongbao.ledger.model.event import EventKind, body_of
from hongbao.ledger.model.payout import TAKING_BACK, UNSETTLED, State, Task
from hongbao.ledger.store import channels, standings
from hongbao.ledger.store.changes import Changes, Shape
from hongbao.ledger.store.decisions import advance, campaign_named, locked, locked_family
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT, STANDING, TALLY
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant

_AT_ONCE = 2_000
_WITH_CAMPAIGN = marked("its campaign is cancelled")
_TAKEN = Shape(("state", "task", "due_at", "seq", "hash"), ("payout_id", "seq"))
_WAITING = (
    select(PAYOUT.c.id)
    .select_from(BOOKED)
    .where(
        PAYOUT.c.campaign_id == bindparam("campaign_id"),
        PAYOUT.c.row > bindparam("after"),
        or_(
            str(State.WAITING) == COLUMNS[PLACES["state"]].element,
            (STANDING.c.state == str(State.AWAITING_USER))
            & (func.coalesce(STANDING.c.task, int(Task.LOOK)) != int(Task.CANCEL))
            & (func.coalesce(STANDING.c.code, "") != TAKING_BACK),
        ),
    )
    .order_by(PAYOUT.c.row)
    .limit(_AT_ONCE)
)
_STANDING = (
    select(*COLUMNS, STANDING.c.hash.label("last"))
    .select_from(BOOKED)
    .where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(PAYOUT.c.row)
)


def begin(
    connection: Connection, name: str, *, by: str, reason: str, now: Instant
) -> list[Campaign]:
    """Decide it: after the commit nothing is sent. It cannot be undone.

    Returns:
        The cancelled ones of the campaign and its supplements; complete ones stay complete.

    Raises:
        LedgerError: if there is no such campaign, no reason is given, or it is complete.
    """
    check_reason(reason)
    parts = locked_family(connection, name)
    left = [part for part in parts if part.state is not CampaignState.CANCELLED]
    unfinished = [part for part in left if not _is_complete(connection, part)]
    if left and not unfinished:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is complete: nothing of it is left to cancel", name=name),
            remedy=say(
                "Nothing was changed. What is paid cannot be taken back; the report says "
                "who was paid."
            ),
        )
    for part in unfinished:
        advance(
            connection, part, CampaignState.CANCELLED, DecisionKind.CANCELLED, by=by, now=now,
            why={"reason": reason}, stop_code=None, stop_reason=None, stop_advice=None,
        )  # fmt: skip
    # What was to be sent again, once what stopped it was lifted, is asked about instead, and now.
    if unfinished:
        channels.wake(connection, unfinished[0].channel_id, now=now)
    found = [campaign_named(connection, part.name) for part in parts]
    return [part for part in found if part.state is CampaignState.CANCELLED]


def _is_complete(connection: Connection, campaign: Campaign) -> bool:
    """Whether all of its payouts are paid, refused or withdrawn.

    If such a campaign were cancelled, it would look as if that had kept somebody from being paid.
    """
    if campaign.takes_payouts:
        return False
    open_states = sorted(map(str, UNSETTLED))
    left = connection.scalar(
        select(func.sum(TALLY.c.payouts)).where(
            TALLY.c.campaign_id == campaign.id, TALLY.c.state.in_(open_states)
        )
    )
    return bool(campaign.rows) and not left


def take_back(connection: Connection, name: str, *, after: int, by: str, now: Instant) -> int:
    """Withdraw the next waiting payouts; let those that may be paid be queried or taken back.

    Args:
        connection: the transaction.
        name: the campaign.
        after: rows up to this one are done.
        by: who cancels.
        now: when.

    Returns:
        The last row that is done now; 0 if there are no more.

    Raises:
        IllegalTransition: if it is not cancelled.
        Again: if another transaction changed one of them meanwhile.
    """
    campaign = locked(connection, name)
    if campaign.state is not CampaignState.CANCELLED:
        raise IllegalTransition(billno=name, earlier=campaign.state, later=CampaignState.CANCELLED)
    wanted = {"campaign_id": campaign.id, "after": after}
    ids = connection.scalars(_WAITING, wanted).all()
    standings.materialise(connection, ids)
    rows = connection.execute(_STANDING, {"ids": ids}).all()
    # None is left up to there of which nothing has happened.
    last = int(rows[-1].row) if rows else campaign.rows
    connection.execute(
        update(CAMPAIGN)
        .where(CAMPAIGN.c.id == campaign.id, CAMPAIGN.c.begun < last)
        .values(begun=last)
    )
    if not rows:
        return 0
    _write(connection, campaign, rows, by=by, now=now)
    return last


def _write(
    connection: Connection, campaign: Campaign, rows: Sequence[Any], *, by: str, now: Instant
) -> None:
    changes = Changes(by, now)
    # A worker that is asking about one of them comes too late with its answer, and asks again.
    taken = changes.rows(_TAKEN, alike={"lease": None, "tries": 0})
    channel_update = changes.of_channel(campaign.channel_id)
    for row in rows:
        payout, seq = payout_of(row), row.seq + 1
        # A refusal is the word of a send alone, also one after which it may be sent again.
        dead = payout.never_ordered and payout.doubt is None
        state = State.CANCELLED if dead else State.IN_DOUBT
        task, due_at = (None, None) if dead else (int(Task.QUERY), now)
        if payout.state is State.AWAITING_USER:
            state, task = payout.state, int(Task.CANCEL)
        kind = EventKind.CANCELLED if dead else EventKind.REQUESTED
        body = body_of({"state": state, "reason": _WITH_CAMPAIGN})
        last = changes.event(row.last, payout.id, seq, kind.value, body)
        taken.append((str(state), task, due_at, seq, last, payout.id, payout.seq))
        changes.totals.move(campaign.id, payout.state, state, payout.amount)
        if dead and payout.day is not None:
            channel_update.release(payout.day, payout.amount)
        elif not dead:
            channel_update.due(now)
            changes.open(campaign.id)
    changes.write(connection)
