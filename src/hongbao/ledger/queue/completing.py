"""Decides that campaigns are complete: nothing of them waits, and nothing is in doubt.

The running totals say so, and those of a transaction that is not committed yet are not seen. So a
worker looks now and then, and not whenever it records something. It is decided once, and once more
after each decision to retry what was refused, or to approve it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from hongbao.ledger.model.campaign import SENDING, CampaignState, DecisionKind
from hongbao.ledger.model.payout import PAID, UNSETTLED
from hongbao.ledger.store.decisions import decide_of_many
from hongbao.ledger.store.schema import CAMPAIGN, DECISION, TALLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

AT_ONCE = 1_000
"""Campaigns of which that is decided in one transaction: of small ones hundreds may end at once."""

_PAID = sorted(map(str, PAID))
_OPEN = sorted(map(str, UNSETTLED))
# One of which each person was taken out before a first call stays approved.
_STATES = sorted(map(str, (*SENDING, CampaignState.PAUSED)))
# What somebody was taken out of may be withdrawn, extended and approved again.
_SAID = sorted(map(str, (DecisionKind.APPROVED, DecisionKind.COMPLETED, DecisionKind.RETRIED)))
_LEFT = (
    select(func.coalesce(func.sum(TALLY.c.payouts), 0))
    .where(TALLY.c.campaign_id == CAMPAIGN.c.id, TALLY.c.state.in_(_OPEN))
    .correlate(CAMPAIGN)
    .scalar_subquery()
)
_LAST_SAID = (
    select(DECISION.c.kind)
    .where(
        DECISION.c.campaign_id == CAMPAIGN.c.id,
        DECISION.c.kind.in_(_SAID),
    )
    .order_by(DECISION.c.seq.desc())
    .limit(1)
    .correlate(CAMPAIGN)
    .scalar_subquery()
)
_DONE = (
    select(CAMPAIGN.c.id)
    .where(
        CAMPAIGN.c.state.in_(_STATES),
        CAMPAIGN.c.amount_max.is_(None) | CAMPAIGN.c.ended_at.is_not(None),
        _LEFT == 0,
        func.coalesce(_LAST_SAID, "") != str(DecisionKind.COMPLETED),
    )
    .order_by(CAMPAIGN.c.id)
)

_THESE = CAMPAIGN.c.id.in_(bindparam("ids", expanding=True))
_LOCK = select(CAMPAIGN.c.id).where(_THESE).order_by(CAMPAIGN.c.id).with_for_update(key_share=True)
_PAID_FEN = (
    select(func.sum(TALLY.c.amount))
    .where(TALLY.c.campaign_id == CAMPAIGN.c.id, TALLY.c.state.in_(_PAID))
    .correlate(CAMPAIGN)
    .scalar_subquery()
)
_STILL_DONE = (
    _DONE.add_columns(CAMPAIGN.c.seq, DECISION.c.hash, _PAID_FEN)
    .join(DECISION, (DECISION.c.campaign_id == CAMPAIGN.c.id) & (DECISION.c.seq == CAMPAIGN.c.seq))
    .where(_THESE)
)


def done(connection: Connection) -> list[int]:
    """The campaigns that are complete, and of which no decision says so yet."""
    return list(connection.scalars(_DONE))


def complete(connection: Connection, campaign_ids: Sequence[int], *, by: str, now: Instant) -> None:
    """Decide that campaigns are complete, but for those that are not, or of which that is said."""
    ids = {"ids": campaign_ids}
    connection.execute(_LOCK, ids)
    found = [
        (number, seq, last, {"paid_fen": int(paid or 0)})
        for number, seq, last, paid in connection.execute(_STILL_DONE, ids)
    ]
    decide_of_many(connection, found, DecisionKind.COMPLETED, actor=by, now=now, changes={})
