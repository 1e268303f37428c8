"""Whether an approval has expired: nobody began to pay within a day of it.

Of what was scheduled the day begins with its time. An approval does not expire of what has begun,
of what a person has resumed since, of a standing campaign, and where nothing is left to pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, text

from hongbao.ledger.model.approval import APPROVED_FOR
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import UNSETTLED
from hongbao.ledger.model.step import SCHEDULED
from hongbao.ledger.store.decisions import CAMPAIGNS, campaign_of, said_of_its_start
from hongbao.ledger.store.laws import OPEN
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, STANDING, TALLY

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant

_CALLED = exists().where(CALL_RANGE.c.campaign_id == CAMPAIGN.c.id)
_MAY_HAVE = CAMPAIGN.c.amount_max.is_(None) & (
    (CAMPAIGN.c.state == CampaignState.APPROVED.value)
    | (CAMPAIGN.c.stop_code == SCHEDULED)
    | ((CAMPAIGN.c.state == CampaignState.RUNNING.value) & ~_CALLED)
)

_UNSETTLED = sorted(map(str, UNSETTLED))


def expired(connection: Connection, *, now: Instant) -> list[Campaign]:
    """The campaigns that were approved too long ago, or were to begin then, and have not begun."""
    old = connection.execute(
        CAMPAIGNS.where(CAMPAIGN.c.approved_at <= now - APPROVED_FOR, _MAY_HAVE, text(OPEN))
    ).all()
    return [it for it in map(campaign_of, old) if is_expired(connection, it, now)]


def is_expired(connection: Connection, campaign: Campaign, now: Instant) -> bool:
    """Whether a campaign was approved, or was to begin, too long ago, and has not begun."""
    if campaign.mandate is not None or campaign.approved_at is None:
        return False
    _, begins = said_of_its_start(connection, campaign.id)
    scheduled = campaign.stop is not None and campaign.stop.code == SCHEDULED
    if campaign.state is CampaignState.RUNNING:
        # A worker says so once the time has come; whether one has begun is another matter.
        scheduled = begins is not None
    if campaign.state is not CampaignState.APPROVED and not scheduled:
        return False
    since: Instant = max(campaign.approved_at, begins or 0)
    return (
        since <= now - APPROVED_FOR
        and not is_begun(connection, campaign.id)
        and _is_left(connection, campaign.id)
    )


def is_begun(connection: Connection, campaign_id: int) -> bool:
    """Whether a call was begun for any of a campaign's payouts."""
    called = select(STANDING.c.payout_id).where(
        STANDING.c.campaign_id == campaign_id, (STANDING.c.calls > 0) | (STANDING.c.attempt > 1)
    )
    ranges = select(CALL_RANGE.c.id).where(CALL_RANGE.c.campaign_id == campaign_id)
    return any(connection.scalar(query.limit(1)) is not None for query in (called, ranges))


def _is_left(connection: Connection, campaign_id: int) -> bool:
    """Whether anything of it is to be paid still: people may have taken everybody out."""
    left = select(func.coalesce(func.sum(TALLY.c.payouts), 0)).where(
        TALLY.c.campaign_id == campaign_id, TALLY.c.state.in_(_UNSETTLED)
    )
    return bool(connection.execute(left).scalar_one())
