"""Records that receivers were shown in full: who saw whose, and when, is a decision of a campaign.

It is written before anything is shown. No receiver stands in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.store.decisions import campaign_with, decide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant


def disclose(
    connection: Connection, counts: Mapping[int, int], *, what: str, by: str, now: Instant
) -> None:
    """Record that somebody is shown receivers in full.

    Args:
        connection: the transaction.
        counts: how many payouts of which campaign, by the campaign's id.
        what: where they are shown, for the history.
        by: to whom.
        now: when.

    Raises:
        LedgerError: if there is no such campaign.
    """
    for campaign_id in sorted(counts):
        campaign = campaign_with(connection, campaign_id)
        decide(
            connection, campaign, DecisionKind.DISCLOSED, actor=by, now=now, changes={},
            why={"shown": counts[campaign_id], "what": what},
        )  # fmt: skip
