"""Decisions about a campaign: each changes its row and is appended to a chained history.

Each function is a part of one transaction, which ``Book`` holds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from heapq import merge
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.ledger.model.campaign import (
    SENDING,
    Campaign,
    CampaignState,
    DecisionKind,
    check_campaign_step,
)
from hongbao.ledger.model.event import chain
from hongbao.ledger.model.mandate import DaySum, Mandate
from hongbao.ledger.model.outgoing import PUBLISHED, About
from hongbao.ledger.model.step import Scope, Stop
from hongbao.ledger.store import bulk, outbox
from hongbao.ledger.store.histories import append, history
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, DECISION
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

STOP_COLUMNS = ("stop_code", "stop_reason", "stop_advice")
DECIDED = (
    "channel_id", "profile", "state", "budget", "rows", "planned", "digest", "source",
    "source_digest", "approved_at", "approved_by", "approved_digest", "parent_id", "amount_max",
    "day_amount_max", "day_count_max", "day", "day_amount", "day_count", "ended_at", *STOP_COLUMNS,
    "approvers", "two_from", "apart", "signed",
)  # fmt: skip
"""The columns that every decision repeats if it changed them, so that the decisions alone say where
a campaign stands."""

_POLICY = ("approvers", "two_from", "apart", "signed")
CAMPAIGNS = select(CAMPAIGN, CHANNEL.c.merchant_id, CHANNEL.c.rail).join(
    CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id
)
"""The rows that ``campaign_of`` reads."""

STARTS_AT = "starts_at"
"""The fact of a decision that says when a campaign begins."""
_ON_ITS_START = sorted(map(str, (DecisionKind.SCHEDULED, DecisionKind.RESUMED)))
_DECISION = tuple(column.name for column in DECISION.c)
_APPROVED = (
    select(CAMPAIGN.c.id, CAMPAIGN.c.seq, DECISION.c.hash)
    .join(DECISION, (DECISION.c.campaign_id == CAMPAIGN.c.id) & (DECISION.c.seq == CAMPAIGN.c.seq))
    .where(
        CAMPAIGN.c.id.in_(bindparam("ids", expanding=True)),
        CAMPAIGN.c.state == CampaignState.APPROVED.value,
    )
    .order_by(CAMPAIGN.c.id)
    .with_for_update(of=CAMPAIGN, key_share=True)
)


def starts_at(connection: Connection, campaign_id: int) -> Instant | None:
    """The time that was said last; None if none was, or somebody has resumed it since."""
    kind, said = said_of_its_start(connection, campaign_id)
    return said if kind == DecisionKind.SCHEDULED else None


def said_of_its_start(
    connection: Connection, campaign_id: int
) -> tuple[str | None, Instant | None]:
    """The kind of the last decision about when a campaign begins or goes on, and its time.

    A worker that lets it go on says the time, too; a person who resumes it says none.
    """
    last = connection.execute(
        select(DECISION.c.kind, DECISION.c.body)
        .where(DECISION.c.campaign_id == campaign_id, DECISION.c.kind.in_(_ON_ITS_START))
        .order_by(DECISION.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return (None, None) if last is None else (last.kind, json.loads(last.body).get(STARTS_AT))


def start(connection: Connection, campaign_ids: Iterable[int], *, by: str, now: Instant) -> None:
    """Let approved campaigns run, since a worker claims payouts of them; others do not change."""
    rows = connection.execute(_APPROVED, {"ids": sorted(campaign_ids)}).all()
    running = {"state": CampaignState.RUNNING}
    of_each = [(row.id, row.seq, row.hash, running) for row in rows]
    decide_of_many(connection, of_each, DecisionKind.STARTED, actor=by, now=now, changes=running)


def say_started(connection: Connection, campaign: Campaign, *, by: str, now: Instant) -> Campaign:
    """Say of a paused campaign that goes on, and is locked, that it starts, unless it did before.

    What is resumed before anything of it was claimed is running at once: no claim says it.
    """
    started = select(DECISION.c.seq).where(
        DECISION.c.campaign_id == campaign.id, DECISION.c.kind == str(DecisionKind.STARTED)
    )
    if connection.scalar(started.limit(1)) is not None:
        return campaign
    decide(connection, campaign, DecisionKind.STARTED, actor=by, now=now, changes={})
    return campaign_with(connection, campaign.id)


def decide_of_many(
    connection: Connection,
    campaigns: Sequence[tuple[int, int, bytes, Mapping[str, object]]],
    kind: DecisionKind,
    *,
    actor: str,
    now: Instant,
    changes: Mapping[str, object],
) -> None:
    """Append the same decision about many campaigns at once, so that none waits for the others.

    Args:
        connection: the transaction, which has locked the campaigns' rows.
        campaigns: of each its id, the seq and the hash of its last decision, and the facts.
        kind: what is decided; one that is published.
        actor: by whom.
        now: when.
        changes: columns and their new values, the same for all.
    """
    decisions = [
        chain(last, payout_id=number, seq=seq + 1, at=now, kind=kind, actor=actor, facts=facts)
        for number, seq, last, facts in campaigns
    ]
    bulk.insert(connection, DECISION, _DECISION, decisions)
    bulk.update(
        connection, CAMPAIGN, ("seq",), ("id",), [(seq + 1, it) for it, seq, *_ in campaigns],
        alike={name: plain(value) for name, value in changes.items()},
    )  # fmt: skip
    by_kind = defaultdict(list)
    for number, seq, *_ in campaigns:
        by_kind[_outbox_kind(kind), seq + 1].append(number)
    outbox.put(connection, by_kind, now=now)


def stop(connection: Connection, campaign_id: int, why: Stop, *, by: str, now: Instant) -> bool:
    """Stop a campaign for a worker's reason. The first reason counts until a person has looked.

    Returns:
        Whether this is the first reason.
    """
    campaign = _found(connection, CAMPAIGN.c.id == campaign_id, lock=True)
    if campaign is None or campaign.state not in SENDING:
        return False
    advance(
        connection, campaign, CampaignState.PAUSED, DecisionKind.STOPPED, by=by, now=now,
        stop_code=why.code, stop_reason=why.reason, stop_advice=why.advice,
    )  # fmt: skip
    return True


def campaign_named(connection: Connection, name: str, *, lock: bool = False) -> Campaign:
    """The campaign of this name.

    Raises:
        LedgerError: if there is none.
    """
    found = _found(connection, CAMPAIGN.c.name == name, lock=lock)
    if found is None:
        raise no_campaign(name)
    return found


def locked(connection: Connection, name: str) -> Campaign:
    """The campaign of this name; its channel's row and its own are locked.

    A claim holds its channel's row from beginning to end: none is under way any more that has seen
    the campaign as it was, and none begins before this transaction ends.

    Raises:
        LedgerError: if there is none.
    """
    connection.execute(
        select(CHANNEL.c.id)
        .join(CAMPAIGN, CAMPAIGN.c.channel_id == CHANNEL.c.id)
        .where(CAMPAIGN.c.name == name)
        .with_for_update(of=CHANNEL, key_share=True)
    )
    return campaign_named(connection, name, lock=True)


def locked_family(connection: Connection, name: str) -> list[Campaign]:
    """The campaign of this name and its supplements; see ``locked``.

    Raises:
        LedgerError: if there is none.
    """
    campaign = locked(connection, name)
    rows = connection.execute(
        CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id)
        .order_by(CAMPAIGN.c.id)
        .with_for_update(of=CAMPAIGN, key_share=True)
    )
    return [campaign, *map(campaign_of, rows)]


def decisions(connection: Connection, name: str) -> list[Event]:
    """All decisions about a campaign, in order.

    Raises:
        LedgerError: if there is none.
    """
    return history(connection, DECISION, campaign_named(connection, name).id)


def latest_decisions(connection: Connection, name: str, *, limit: int) -> list[tuple[str, Event]]:
    """The latest decisions about a campaign and its supplements; see ``Reader``.

    Raises:
        LedgerError: if there is none.
    """
    own = campaign_named(connection, name).id
    family = select(CAMPAIGN.c.id, CAMPAIGN.c.name).where(
        (CAMPAIGN.c.id == own) | (CAMPAIGN.c.parent_id == own)
    )
    # Of each along its own history: a standing campaign may have a million of them.
    parts = [
        [(part, event) for event in history(connection, DECISION, number, latest=limit)]
        for number, part in connection.execute(family.order_by(CAMPAIGN.c.id)).all()
    ]
    return list(merge(*parts, key=lambda it: it[1].at))[-limit:]


def campaign_with(connection: Connection, campaign_id: int, *, lock: bool = True) -> Campaign:
    """The campaign with this id, locked until the transaction ends.

    Raises:
        LedgerError: if there is none.
    """
    found = _found(connection, CAMPAIGN.c.id == campaign_id, lock=lock)
    if found is None:
        raise no_campaign(campaign_id)
    return found


def no_campaign(which: int | str) -> LedgerError:
    """Says that there is no such campaign."""
    return LedgerError(
        code=LedgerCode.NOT_FOUND,
        problem=say("the books have no campaign {name!r}", name=which),
        remedy=say("Run: hongbao campaign list"),
    )


def _found(connection: Connection, which: ColumnElement[bool], *, lock: bool) -> Campaign | None:
    query = CAMPAIGNS.where(which)
    if lock:
        query = query.with_for_update(of=CAMPAIGN, key_share=True)
    row = connection.execute(query).one_or_none()
    return None if row is None else campaign_of(row)


def campaign_of(row: Row[Any]) -> Campaign:
    """A row of ``CAMPAIGNS`` as a value."""
    facts: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    code, reason, advice = (facts.pop(name) for name in STOP_COLUMNS)
    facts["state"] = CampaignState(facts["state"])
    why = code and Stop(scope=Scope.CAMPAIGN, code=code, reason=reason, advice=advice)
    mandate = mandate_of(row)
    for name in ("amount_max", "day_amount_max", "day_count_max", "begun"):
        del facts[name]
    day, amount, count = (facts.pop(name) for name in ("day", "day_amount", "day_count"))
    added = None if day is None else DaySum(day, amount, count)
    policy = ApprovalPolicy(**{name: facts.pop(name) for name in _POLICY})
    return Campaign(stop=why or None, mandate=mandate, added=added, policy=policy, **facts)


def mandate_of(row: Row[Any]) -> Mandate | None:
    """The mandate of a row; None if it is that of a list."""
    if row.amount_max is None:
        return None
    return Mandate(
        total=row.budget,
        day_amount=row.day_amount_max,
        day_count=row.day_count_max,
        largest=row.amount_max,
    )


def policy_columns(policy: ApprovalPolicy) -> dict[str, object]:
    """How a campaign is approved, as columns."""
    return {name: getattr(policy, name) for name in _POLICY}


def mandate_columns(mandate: Mandate | None) -> dict[str, object]:
    """A mandate as columns, without the budget."""
    if mandate is None:
        return {}
    return {
        "amount_max": mandate.largest,
        "day_amount_max": mandate.day_amount,
        "day_count_max": mandate.day_count,
    }


def advance(
    connection: Connection,
    campaign: Campaign,
    state: CampaignState,
    kind: DecisionKind,
    *,
    by: str,
    now: Instant,
    why: Mapping[str, object] | None = None,
    **changes: object,
) -> Campaign:
    """Let a campaign take a step, by a decision. This transaction must have locked it.

    Raises:
        IllegalTransition: if its table of states does not have the step.
    """
    check_campaign_step(campaign.name, campaign.state, state)
    decide(
        connection, campaign, kind, actor=by, now=now,
        changes={"state": state, **changes}, why=why,
    )  # fmt: skip
    return campaign_named(connection, campaign.name)


def decide(
    connection: Connection,
    campaign: Campaign,
    kind: DecisionKind,
    *,
    actor: str,
    now: Instant,
    changes: Mapping[str, object],
    why: Mapping[str, object] | None = None,
) -> None:
    """Change a campaign's row, which this transaction must have locked, and append the decision.

    Args:
        connection: the transaction.
        campaign: as it is stored.
        kind: what was decided.
        actor: the person or worker who decided it.
        now: when.
        changes: columns and their new values; the decision records them all, so that the campaign
            can be replayed.
        why: more facts for the decision.
    """
    facts = {name: plain(value) for name, value in changes.items() if name != "open"}
    append(
        connection, DECISION, CAMPAIGN, of=campaign.id, seq=campaign.seq, kind=kind, actor=actor,
        now=now, facts={**facts, **(why or {})}, changes=changes,
    )  # fmt: skip
    if kind in PUBLISHED:
        outbox.put(connection, {(_outbox_kind(kind), campaign.seq + 1): [campaign.id]}, now=now)


def _outbox_kind(kind: DecisionKind) -> str:
    """A decision as the outbox names it."""
    return f"{About.CAMPAIGN}.{kind}"


def plain(value: object) -> object:
    """A column's value as JSON can hold it: bytes as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else value
