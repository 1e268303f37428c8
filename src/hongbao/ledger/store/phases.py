"""The phase of a campaign, for those who refuse what it is too late for.

What people decided about a campaign does not say how far it is: a complete one still runs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase, Standing, Total, with_supplements
from hongbao.ledger.store.decisions import CAMPAIGNS, campaign_of
from hongbao.ledger.store.schema import CAMPAIGN, TALLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign

DONE = frozenset({Phase.COMPLETE, Phase.COMPLETE_WITH_REFUSALS})
"""In these nothing is left to pay, to ask about or to take back."""
_TOTALS = (
    select(
        TALLY.c.campaign_id, TALLY.c.state, func.sum(TALLY.c.payouts), func.sum(TALLY.c.amount)
    )
    .group_by(TALLY.c.campaign_id, TALLY.c.state)
)  # fmt: skip


def phase_of(connection: Connection, campaign: Campaign) -> Phase:
    """Its phase, with its supplements; a payout that is being sent counts as in doubt."""
    rows = connection.execute(CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id)).all()
    own, *others = _standings(connection, [campaign, *map(campaign_of, rows)])
    return with_supplements(own, others).phase


def _standings(connection: Connection, parts: Sequence[Campaign]) -> list[Standing]:
    totals: dict[int, dict[State, Total]] = defaultdict(dict)
    ids = [it.id for it in parts]
    for part, state, payouts, amount in connection.execute(
        _TOTALS.where(TALLY.c.campaign_id.in_(ids))
    ):
        totals[part][State(state)] = Total(int(payouts), int(amount), 0, 0)
    return [
        Standing(campaign=it, merchant="", merchant_stop=None, totals=totals[it.id]) for it in parts
    ]
