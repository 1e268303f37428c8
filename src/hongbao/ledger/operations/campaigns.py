"""Begins, approves, pauses and resumes campaigns. Every decision is a row of a chained history.

Each function is a part of one transaction, which ``Book`` holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import (
    GROWING,
    SENDING,
    CampaignState,
    DecisionKind,
    check_budget,
    check_campaign_step,
    extend,
)
from hongbao.ledger.model.step import PAUSED_BY_PERSON, SCHEDULED
from hongbao.ledger.store import channels
from hongbao.ledger.store.database import insert_into
from hongbao.ledger.store.decisions import (
    STOP_COLUMNS,
    advance,
    campaign_named,
    decide,
    locked,
    locked_family,
    mandate_columns,
    policy_columns,
    say_started,
)
from hongbao.ledger.store.phases import phase_of
from hongbao.ledger.store.schema import CAMPAIGN, CAUSE, DECISION, PAYOUT, TERMS
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign, Plan
    from hongbao.ledger.model.payout import Instant

_NO_STOP: dict[str, object] = dict.fromkeys(STOP_COLUMNS)
_ROWS_AT_ONCE = 5_000


def begin_import(connection: Connection, plan: Plan, *, by: str, now: Instant) -> Campaign:
    """Begin a campaign that takes rows, or go on with an unapproved one of this name.

    Raises:
        LedgerError: if it is past its draft, belongs to another channel or other settings, or
            already has rows above the budget.
    """
    parent = None if plan.parent is None else _open_parent(connection, plan, plan.parent)
    _create(connection, plan, parent, by=by, now=now)
    campaign = campaign_named(connection, plan.name, lock=True)
    _check_same(connection, campaign, plan)
    check_budget(plan.name, campaign.planned, plan.budget)
    wanted: dict[str, object] = {
        "state": CampaignState.IMPORTING,
        "budget": plan.budget,
        "source": plan.source,
        "source_digest": plan.source_digest,
    }
    changes = {name: new for name, new in wanted.items() if getattr(campaign, name) != new}
    policy = campaign.policy.stricter(plan.policy)
    if policy != campaign.policy:
        changes |= policy_columns(policy)
    if plan.mandate != campaign.mandate:
        changes |= {"digest": plan.first_digest, **mandate_columns(plan.mandate)}
    # Whoever goes on with an import may leave out others than before, or have another reason.
    if changes or _said(connection, campaign) != plan.why:
        decide(
            connection, campaign, DecisionKind.BEGUN, actor=by, now=now, changes=changes,
            why=plan.why,
        )  # fmt: skip
    return campaign_named(connection, plan.name)


_NO_MORE_ROWS = marked("campaign {name} is {state} by now: it takes no more rows")
_NO_OTHER_MANDATE = marked("campaign {name} is {state} by now: its mandate does not change")


def _check_same(connection: Connection, campaign: Campaign, plan: Plan) -> None:
    """Let rows into no campaign but the one that is meant."""
    if (campaign.mandate is None) != (plan.mandate is None):
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is a list", name=plan.name)
            if campaign.mandate is None
            else say("campaign {name} is a standing campaign", name=plan.name),
            remedy=say("Take another name."),
        )
    if campaign.state not in GROWING:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                _NO_MORE_ROWS if plan.mandate is None else _NO_OTHER_MANDATE,
                name=plan.name,
                state=phase_of(connection, campaign).in_words,
            ),
            remedy=say("Run the same again: it says what the books have, and what to do.")
            if plan.mandate is None
            else say("Begin another standing campaign, under another name."),
        )
    if (campaign.channel_id, campaign.profile) != (plan.channel_id, plan.profile):
        raise LedgerError(
            code=LedgerCode.OTHER_PAYER,
            problem=say(
                "campaign {name} is paid by {profile!r} with {rail}, and the list by {other!r}",
                name=plan.name,
                profile=campaign.profile,
                rail=campaign.rail,
                other=plan.profile,
            ),
            remedy=say("Give the list another name."),
        )
    if campaign.rows and not plan.adds and campaign.source_digest != plan.source_digest:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "somebody stored rows of another list ({source}) as campaign {name} "
                "meanwhile; nothing of this list was stored",
                source=campaign.source,
                name=plan.name,
            ),
            remedy=say("Give this list another name, or extend that campaign with it."),
        )


def _said(connection: Connection, campaign: Campaign) -> dict[str, object]:
    """The further facts in the last decision to begin the import of a campaign."""
    begun = connection.scalar(
        select(DECISION.c.body)
        .where(DECISION.c.campaign_id == campaign.id, DECISION.c.kind == str(DecisionKind.BEGUN))
        .order_by(DECISION.c.seq.desc())
        .limit(1)
    )
    facts: dict[str, object] = json.loads(begun) if begun else {}
    return {name: fact for name, fact in facts.items() if name not in CAMPAIGN.c}


def _open_parent(connection: Connection, plan: Plan, name: str) -> Campaign:
    """The campaign that a supplement belongs to, locked. One channel pays all of a campaign.

    Raises:
        LedgerError: if it cannot have one.
    """
    parent = campaign_named(connection, name, lock=True)
    if (
        parent.parent_id is not None
        or parent.mandate is not None
        or parent.state is CampaignState.CANCELLED
    ):
        what = say("cancelled") if parent.parent_id is None else say("a supplement itself")
        what = what if parent.mandate is None else say("a standing campaign")
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is {what}: it takes no supplement", name=name, what=what),
            remedy=say("Make a campaign of its own of the list."),
        )
    if parent.channel_id != plan.channel_id:
        raise LedgerError(
            code=LedgerCode.OTHER_PAYER,
            problem=say(
                "campaign {name} is paid by {profile!r} with {rail}, and its supplement is not",
                name=name,
                profile=parent.profile,
                rail=parent.rail,
            ),
            remedy=say("Make a campaign of its own of the list."),
        )
    return parent


def _create(
    connection: Connection, plan: Plan, parent: Campaign | None, *, by: str, now: Instant
) -> None:
    channels.check_channel(connection, plan.channel_id)
    first: dict[str, Any] = {
        "channel_id": plan.channel_id,
        "profile": plan.profile,
        "state": CampaignState.IMPORTING,
        "budget": plan.budget,
        "rows": 0,
        "planned": 0,
        "digest": plan.first_digest,
        "source": plan.source,
        "source_digest": plan.source_digest,
        **({} if parent is None else {"parent_id": parent.id}),
        **mandate_columns(plan.mandate),
        **policy_columns(plan.policy),
    }
    created = connection.scalar(
        insert_into(connection, CAMPAIGN)
        .values(
            name=plan.name, open=False, created_at=now, created_by=by, seq=0,
            **first,
        )
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(CAMPAIGN.c.id)
    )  # fmt: skip
    if created is not None:
        campaign = campaign_named(connection, plan.name, lock=True)
        decide(
            connection, campaign, DecisionKind.BEGUN, actor=by, now=now, changes=first,
            why={"name": plan.name, **plan.why},
        )  # fmt: skip


def finish_import(connection: Connection, name: str, *, by: str, now: Instant) -> Campaign:
    """End an import: all rows are stored. A campaign past its import stays as it is."""
    campaign = campaign_named(connection, name, lock=True)
    if campaign.state is not CampaignState.IMPORTING:
        return campaign
    return advance(connection, campaign, CampaignState.DRAFT, DecisionKind.IMPORTED, by=by, now=now)


def stand(connection: Connection, plan: Plan, *, by: str, now: Instant) -> Campaign:
    """Draft a standing campaign: a new one, or the one of this name with another mandate.

    Raises:
        LedgerError: if its mandate makes no sense; and see ``begin_import``.
    """
    if plan.mandate is not None:
        plan.mandate.check()
    begin_import(connection, plan, by=by, now=now)
    return finish_import(connection, plan.name, by=by, now=now)


def end(connection: Connection, name: str, *, by: str, reason: str, now: Instant) -> Campaign:
    """End a standing campaign: it takes no more payouts; those that it has are paid.

    Raises:
        LedgerError: if it is no standing campaign, is not approved, or is cancelled.
    """
    check_reason(reason)
    campaign = locked(connection, name)
    if campaign.mandate is None or campaign.state in GROWING | {CampaignState.CANCELLED}:
        what = say("a list") if campaign.mandate is None else campaign.state.in_words
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} is {what}: it takes no payouts from programs", name=name, what=what
            ),
            remedy=say("Cancel it if nothing of it is to be sent."),
        )
    if campaign.ended_at is None:
        decide(
            connection, campaign, DecisionKind.ENDED, actor=by, now=now,
            changes={"ended_at": now}, why={"reason": reason},
        )  # fmt: skip
    return campaign_named(connection, name)


def stored_digest(connection: Connection, name: str) -> bytes:
    """The digest of a campaign, computed again from its rows. A million rows take seconds.

    Raises:
        LedgerError: if there is no such campaign.
    """
    return digest_of_rows(connection, campaign_named(connection, name))


def digest_of_rows(connection: Connection, campaign: Campaign) -> bytes:
    """The digest of a campaign, computed again from its rows, which are read in parts."""
    content = (
        select(
            PAYOUT.c.row,
            PAYOUT.c.key,
            PAYOUT.c.kind,
            PAYOUT.c.payee,
            PAYOUT.c.amount,
            PAYOUT.c.people,
            TERMS.c.digest,
        )
        .join(TERMS, TERMS.c.id == PAYOUT.c.terms_id)
        .where(PAYOUT.c.campaign_id == campaign.id)
        .order_by(PAYOUT.c.row)
        .limit(_ROWS_AT_ONCE)
    )
    digest, last = campaign.first_digest, 0
    while rows := connection.execute(content.where(PAYOUT.c.row > last)).all():
        digest = extend(digest, (tuple(row)[1:] for row in rows))
        last = rows[-1].row
    return digest


def pause(connection: Connection, name: str, *, by: str, reason: str, now: Instant) -> Campaign:
    """Stop sending it and its supplements until somebody resumes it. Queries go on.

    What was scheduled does not go on by itself any more.

    Raises:
        IllegalTransition: if nothing of it is approved or running.
        LedgerError: if no reason is given.
    """
    check_reason(reason)
    parts = locked_family(connection, name)
    sending = [part for part in parts if part.state in SENDING or _is_scheduled(part)]
    if not sending and any(part.state is CampaignState.PAUSED for part in parts):
        return parts[0]
    for part in sending or parts[:1]:
        advance(
            connection, part, CampaignState.PAUSED, DecisionKind.PAUSED, by=by, now=now,
            stop_code=PAUSED_BY_PERSON, stop_reason=f"{by}: {reason}",
            stop_advice=marked("Resume it when it may go on."),
        )  # fmt: skip
    return campaign_named(connection, name)


def _is_scheduled(campaign: Campaign) -> bool:
    return campaign.stop is not None and campaign.stop.code == SCHEDULED


def resume(connection: Connection, name: str, *, by: str, now: Instant) -> Campaign:
    """Send again, with the same numbers: lift the stops of the campaign and of its channel.

    Its paused supplements are resumed with it. The counts of the breaker start from zero.

    Raises:
        IllegalTransition: if it is not approved, or is cancelled.
    """
    parts = locked_family(connection, name)
    campaign = parts[0]
    paused = [part for part in parts if part.state is CampaignState.PAUSED]
    if not paused and campaign.state not in SENDING:
        check_campaign_step(name, campaign.state, CampaignState.RUNNING)
    lifted = channels.lift(connection, campaign.channel_id, by=by, now=now)
    if not paused and lifted is None:
        return campaign
    connection.execute(delete(CAUSE).where(CAUSE.c.campaign_id.in_([it.id for it in parts])))
    for part in paused or [campaign]:
        state, going = part.state, part
        if state not in SENDING:
            state, going = CampaignState.RUNNING, say_started(connection, part, by=by, now=now)
        advance(
            connection, going, state, DecisionKind.RESUMED, by=by, now=now,
            why={"lifted": lifted} if lifted else None, open=True, **_NO_STOP,
        )  # fmt: skip
    channels.wake(connection, campaign.channel_id, now=now)
    return campaign_named(connection, name)
