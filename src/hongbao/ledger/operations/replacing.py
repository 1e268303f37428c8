"""Replaces a campaign of which nothing was ever sent by another list of the same name.

The old campaign is cancelled, so that its keys are free, and keeps its history under another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from hongbao.english import counted
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import GROWING, CampaignState, DecisionKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import too_late_to_replace
from hongbao.ledger.operations import scheduling
from hongbao.ledger.operations.campaigns import begin_import
from hongbao.ledger.store.decisions import advance, campaign_named, decide, locked, starts_at
from hongbao.ledger.store.phases import phase_of
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign, Plan
    from hongbao.ledger.model.payout import Instant


def begin(connection: Connection, name: str, *, by: str, reason: str, now: Instant) -> Campaign:
    """Decide it, so that the old list is never sent.

    Raises:
        LedgerError: if there is no such campaign, it is approved, or a call was made for it.
    """
    check_reason(reason)
    campaign = locked(connection, name)
    if campaign.state not in GROWING | {CampaignState.CANCELLED}:
        raise too_late_to_replace(name, _is(connection, campaign))
    if campaign.mandate is not None:
        raise too_late_to_replace(name, say("is a standing campaign"))
    _check_never_called(connection, campaign)
    if campaign.state is CampaignState.CANCELLED:
        return campaign
    return advance(
        connection, campaign, CampaignState.CANCELLED, DecisionKind.CANCELLED, by=by, now=now,
        why={"reason": reason},
    )  # fmt: skip


def replace(connection: Connection, plan: Plan, *, by: str, now: Instant) -> Campaign:
    """Free the name of a campaign that was cancelled for this; its time is the new one's.

    Raises:
        LedgerError: if it is not cancelled yet, or a call was made for it.
    """
    old = locked(connection, plan.name)
    if old.state is not CampaignState.CANCELLED:
        raise too_late_to_replace(plan.name, _is(connection, old))
    _check_never_called(connection, old, waiting=False)
    name = _free_name(connection, plan.name)
    decide(
        connection, old, DecisionKind.REPLACED, actor=by, now=now, changes={"name": name},
        why={"name_before": plan.name, "by": plan.source},
    )  # fmt: skip
    new = begin_import(connection, plan, by=by, now=now)
    at = starts_at(connection, old.id)
    if at is None or at <= now:
        return new
    scheduling.remember(connection, new, at, by=by, now=now)
    return campaign_named(connection, plan.name)


def _check_never_called(
    connection: Connection, campaign: Campaign, *, waiting: bool = True
) -> None:
    allowed = {str(State.CANCELLED), *([str(State.WAITING)] if waiting else [])}
    own = STANDING.c.campaign_id == campaign.id
    called: int = connection.execute(
        select(func.count()).where(
            own,
            or_(STANDING.c.calls > 0, STANDING.c.attempt > 1, STANDING.c.state.not_in(allowed)),
        )
    ).scalar_one()
    if waiting:
        open_ones = func.coalesce(func.sum(CALL_RANGE.c.open), 0)
        called += connection.scalars(
            select(open_ones).where(CALL_RANGE.c.campaign_id == campaign.id)
        ).one()
    else:
        called += campaign.rows - connection.scalars(select(func.count()).where(own)).one()
    if called:
        raise too_late_to_replace(
            campaign.name,
            say("has {payouts} that were sent or may be sent", payouts=counted(called, "payout")),
        )
    if connection.scalar(select(CAMPAIGN.c.id).where(CAMPAIGN.c.parent_id == campaign.id)):
        raise too_late_to_replace(campaign.name, say("has supplements"))


def _free_name(connection: Connection, name: str) -> str:
    """``spring~1`` or a higher number. No list can be given such a name."""
    taken = connection.scalars(
        select(CAMPAIGN.c.name).where(CAMPAIGN.c.name.startswith(f"{name}~", autoescape=True))
    ).all()
    return f"{name}~{len(taken) + 1}"


def _is(connection: Connection, campaign: Campaign) -> str:
    return say("is {state}", state=phase_of(connection, campaign).in_words)
