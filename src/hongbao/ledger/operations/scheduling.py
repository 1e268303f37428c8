"""Campaigns that begin, or go on, at a time that a person has said: they are paused until then.

The time stands in the decision about it. Whoever works looks now and then whether it has come, and
decides then that the campaign goes on; ``campaigns.resume`` lets it go on before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao import beijing
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import (
    SENDING,
    CampaignState,
    DecisionKind,
)
from hongbao.ledger.model.step import SCHEDULED
from hongbao.ledger.store import channels
from hongbao.ledger.store.decisions import (
    STARTS_AT,
    STOP_COLUMNS,
    advance,
    campaign_named,
    campaign_with,
    decide,
    locked_family,
    say_started,
    starts_at,
)
from hongbao.ledger.store.phases import DONE, phase_of
from hongbao.ledger.store.schema import CAMPAIGN
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant

_NO_STOP: dict[str, Any] = dict.fromkeys(STOP_COLUMNS)


def schedule(connection: Connection, name: str, *, at: Instant, by: str, now: Instant) -> Campaign:
    """Send nothing of a campaign and its supplements before a time; then it goes on by itself.

    A draft still needs its approval. Said again, it is another time.

    Raises:
        LedgerError: if the time has passed; if it is cancelled or complete, or paused for another
            reason.
    """
    if at <= now:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("{at} has passed", at=beijing.text(at)),
            remedy=say("Say a time to come, in Beijing's time."),
        )
    parts = [
        it for it in locked_family(connection, name) if it.state is not CampaignState.CANCELLED
    ]
    if not parts:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is cancelled", name=name),
            remedy=say("Nothing of it is sent any more."),
        )
    if phase_of(connection, parts[0]) in DONE:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is complete: nothing of it is left to send", name=name),
            remedy=say("Nothing was changed. hongbao campaign extend adds late recipients."),
        )
    for part in parts:
        if part.stop is not None and part.stop.code != SCHEDULED:
            raise LedgerError(
                code=LedgerCode.WRONG_STATE,
                problem=say(
                    "campaign {name} is paused already: {reason}",
                    name=part.name,
                    reason=part.stop.reason,
                ),
                remedy=say("Resume it first, when what was reported is fixed."),
            )
        if part.state in SENDING or part.stop is not None:
            hold_until(connection, part, at, by=by, now=now)
        else:
            remember(connection, part, at, by=by, now=now)
    return campaign_named(connection, name)


def remember(
    connection: Connection, campaign: Campaign, at: Instant, *, by: str, now: Instant
) -> None:
    """Decide when a campaign, which this transaction has locked, begins once it is approved."""
    decide(
        connection, campaign, DecisionKind.SCHEDULED, actor=by, now=now, changes={},
        why={STARTS_AT: at},
    )  # fmt: skip


def hold_until(
    connection: Connection, campaign: Campaign, at: Instant, *, by: str, now: Instant
) -> Campaign:
    """Pause a campaign, which this transaction has locked, until a time."""
    stop: dict[str, Any] = {
        "stop_code": SCHEDULED,
        "stop_reason": say("{by}: not before {at}", by=by, at=beijing.text(at)),
        "stop_advice": marked("Nothing: a worker lets it go on then. To send it now, resume it."),
    }
    if campaign.state is CampaignState.PAUSED:  # until another time
        return advance(
            connection, campaign, CampaignState.PAUSED, DecisionKind.SCHEDULED, by=by, now=now,
            why={STARTS_AT: at}, **stop,
        )  # fmt: skip
    remember(connection, campaign, at, by=by, now=now)
    # A decision of its own, for programs hear of pauses.
    campaign = campaign_with(connection, campaign.id)
    return advance(
        connection, campaign, CampaignState.PAUSED, DecisionKind.PAUSED, by=by, now=now, **stop
    )


def due(connection: Connection, *, now: Instant) -> list[int]:
    """The campaigns whose time has come."""
    waiting = connection.scalars(
        select(CAMPAIGN.c.id)
        .where(CAMPAIGN.c.state == CampaignState.PAUSED.value, CAMPAIGN.c.stop_code == SCHEDULED)
        .order_by(CAMPAIGN.c.id)
    ).all()
    return [it for it in waiting if (starts_at(connection, it) or 0) <= now]


def go_on(connection: Connection, campaign_id: int, *, by: str, now: Instant) -> None:
    """Let a campaign go on whose time has come, unless somebody has decided otherwise."""
    channel_id = connection.scalar(
        select(CAMPAIGN.c.channel_id).where(CAMPAIGN.c.id == campaign_id)
    )
    channels.lock(connection, [channel_id] if channel_id is not None else [])
    campaign = campaign_with(connection, campaign_id)
    if campaign.stop is None or campaign.stop.code != SCHEDULED:
        return
    begins = starts_at(connection, campaign_id) or 0
    if begins > now:
        return
    campaign = say_started(connection, campaign, by=by, now=now)
    advance(
        connection, campaign, CampaignState.RUNNING, DecisionKind.RESUMED, by=by, now=now,
        why={STARTS_AT: begins}, open=True, **_NO_STOP,
    )  # fmt: skip
    channels.wake(connection, campaign.channel_id, now=now)
