"""One payout in a person's hands: locked with its campaign and channel, changed, and let go.

Nothing here touches a payout that a worker has leased. Each change leaves an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.english import span
from hongbao.errors import Disposition, LedgerCode, LedgerError
from hongbao.ledger.model.event import body_of
from hongbao.ledger.model.payout import SECOND, State, Task, check_step
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Changes, Shape
from hongbao.ledger.store.decisions import campaign_with
from hongbao.ledger.store.histories import payout_history
from hongbao.ledger.store.rows import BOOKED, COLUMNS, REPLAYED, payout_of
from hongbao.ledger.store.schema import ATTEMPT, CAMPAIGN, CHANNEL, MERCHANT, PAYOUT, STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.event import Event, EventKind
    from hongbao.ledger.model.payout import Instant, Payout

_ATTEMPT = tuple(column.name for column in ATTEMPT.c)
_IN_HISTORY = frozenset({*REPLAYED, "voucher"})  # which can only be forgotten here
_GIVEN_UP = frozenset({State.REFUSED, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPayout:
    """A payout that a person acts on; its row, its campaign's and its channel's are locked."""

    payout: Payout
    campaign: Campaign
    merchant: str
    events: list[Event]


def hold(connection: Connection, payout_id: int, now: Instant) -> HeldPayout:
    """Lock a payout for a person, with its campaign and its channel.

    Raises:
        LedgerError: if there is none with this id, or a worker has it.
    """
    payer = connection.execute(
        select(MERCHANT.c.number, PAYOUT.c.campaign_id)
        .select_from(PAYOUT)
        .join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id)
        .join(CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id)
        .join(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
        .where(PAYOUT.c.id == payout_id)
        .with_for_update(of=CHANNEL, key_share=True)
    ).one_or_none()
    if payer is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("the books have no payout with the id {payout_id}", payout_id=payout_id),
            remedy=say("Look for it by its key or number."),
        )
    campaign = campaign_with(connection, payer.campaign_id)
    # From here on it changes no more: a worker records results of leases that hold, and this does
    # not touch those.
    standings.dissolve(connection, [campaign.id], until=now)
    connection.execute(
        select(STANDING.c.payout_id)
        .where(STANDING.c.payout_id == payout_id)
        .with_for_update(key_share=True)
    )
    payout = _found(connection, payout_id)
    if payout.lease is not None and payout.due_at is not None and payout.due_at > now:
        left = span((payout.due_at - now) / SECOND, at_least=True)
        raise denied(
            payout, say("is in a worker's hands for {left} more", left=left),
            say("Wait for what it finds out."), LedgerCode.LEASED,
        )  # fmt: skip
    standings.materialise(connection, [payout_id])
    return HeldPayout(
        payout=payout, campaign=campaign, merchant=payer.number,
        events=payout_history(connection, payout_id),
    )  # fmt: skip


def _found(connection: Connection, payout_id: int) -> Payout:
    found = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id == payout_id)
    return payout_of(connection.execute(found).one())


def change(
    connection: Connection,
    held: HeldPayout,
    kind: EventKind,
    *,
    by: str,
    now: Instant,
    to: Mapping[str, Any],
    why: Mapping[str, object],
) -> Payout:
    """Change a payout that is held, and append the event; gives it as it stands then.

    Args:
        connection: the transaction that holds it.
        held: the payout.
        kind: what happened.
        by: who did it.
        now: when.
        to: columns of its standing and their new values.
        why: more facts for the event.

    Raises:
        IllegalTransition: if it must not take such a step.
    """
    changes = Changes(by, now)
    channel, last = held.campaign.channel_id, held.events[-1].hash
    note_change(changes, channel, held.payout, last, kind, to=to, why=why)
    changes.write(connection)
    return _found(connection, held.payout.id)


def note_change(
    changes: Changes,
    channel_id: int,
    payout: Payout,
    last: bytes,
    kind: EventKind,
    *,
    to: Mapping[str, Any],
    why: Mapping[str, object],
) -> None:
    """Note a change of a payout and its event among others; see ``change``.

    Args:
        changes: what is written together.
        channel_id: the channel that pays it.
        payout: as it stands.
        last: the hash of its last event.
        kind: what happened.
        to: columns of its standing and their new values.
        why: more facts for the event.

    Raises:
        IllegalTransition: if it must not take such a step.
    """
    seq = payout.seq + 1
    state: State = to.get("state", payout.state)
    check_step(payout.state, state, billno=payout.billno)
    facts = {
        name: value
        for name, value in to.items()
        if name in _IN_HISTORY and value != getattr(payout, name)
    }
    body = body_of({**facts, **why})
    last = changes.event(last, payout.id, seq, kind.value, body)
    row = (*map(_stored, to.values()), seq, last, payout.id, payout.seq)
    changes.rows(Shape((*to, "seq", "hash"), ("payout_id", "seq"))).append(row)
    if "attempt" in to:
        attempt = (payout.id, to["attempt"], payout.merchant_id, to["billno"])
        changes.add(ATTEMPT, _ATTEMPT, [attempt])
    changes.totals.move(payout.campaign_id, payout.state, state, payout.amount)
    channel_update = changes.of_channel(channel_id)
    if to.get("due_at") is not None:
        channel_update.due(to["due_at"])
        changes.open(payout.campaign_id)
    if state in _GIVEN_UP and payout.state is not state and payout.day is not None:
        channel_update.release(payout.day, payout.amount)


def _stored(value: object) -> object:
    if isinstance(value, Task):
        return int(value)
    return str(value) if isinstance(value, State | Disposition) else value


def denied(
    payout: Payout, problem: str, remedy: str, code: LedgerCode = LedgerCode.WRONG_STATE
) -> LedgerError:
    """Says why something cannot be done with a payout."""
    return LedgerError(
        code=code,
        problem=say("payout {billno} {problem}", billno=payout.billno, problem=problem),
        remedy=remedy,
    )
