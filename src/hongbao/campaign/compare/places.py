"""Where else rows of a list stand, and what that means for them: reported group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import counted
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.standing import Phase
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.campaign.notes import Sum
    from hongbao.ledger.model.standing import Standing


class RowsElsewhere(NamedTuple):
    """Rows that stand in another campaign.

    Attributes:
        campaign: its name.
        where: that and how it stands, such as ``in spring (draft)``.
        sum: the rows.
    """

    campaign: str
    where: str
    sum: Sum

    def __str__(self) -> str:
        return f"{self.where}: {rows_and_yuan(self.sum)}"


def rows_and_yuan(found: Sum) -> str:
    """``200 rows, 376.00 yuan``."""
    return f"{counted(found.rows, 'row')}, {format_yuan(found.amount)} yuan"


def where(standing: Standing) -> str:
    """``in spring (draft)``; of an import that broke off, how it is finished."""
    campaign = standing.campaign
    if campaign.state is CampaignState.IMPORTING:
        return f"in {campaign.name} (import interrupted: run `{finishing(standing)}` to finish it)"
    if standing.phase is Phase.CANCELLED and not (
        standing.total(*PAID, State.IN_DOUBT, State.AWAITING_USER, State.REFUSED).payouts
    ):
        return f"in {campaign.name} (cancelled, never sent)"
    return f"in {campaign.name} ({standing.phase})"


def finishing(standing: Standing) -> str:
    """The command that goes on with an import that broke off."""
    campaign = standing.campaign
    if campaign.parent_id is not None:
        name = campaign.name.rpartition("+")[0]
        return f"hongbao campaign extend {name} {campaign.source} ..."
    merchant = f"--merchant {campaign.profile}"
    return f"hongbao campaign new {campaign.source} {merchant} --name {campaign.name} ..."


def known_elsewhere(standing: Standing, state: State, found: Sum) -> str:
    """Of rows whose keys another campaign has: who pays them, or why nobody does."""
    name, rows = standing.campaign.name, rows_and_yuan(found)
    if state in PAID:
        return f"paid in {name}, and not paid again: {rows}"
    if state in {State.IN_DOUBT, State.AWAITING_USER}:
        told = f"{state.in_words} in {name}, and not paid here: {rows}"
        return f"{told}; a query will say what became of it"
    if state is State.REFUSED and standing.campaign.state is CampaignState.CANCELLED:
        return (
            f"refused in {name}, which is cancelled, and not paid here: {rows}; "
            "only rows with other keys would be (`hongbao payout reopen` says when they may)"
        )
    if state is State.REFUSED:
        return (
            f"refused in {name}, and not paid here: {rows}; `hongbao payout reopen` pays them there"
        )
    if state is State.CANCELLED:
        gone = standing.campaign.state is CampaignState.CANCELLED
        how = "cancelled in {} after a call" if gone else "taken out of {} by a person"
        return f"{how.format(name)}, and not paid here: {rows}; only rows with other keys would be"
    return f"{where(standing)}, which pays them, and not paid here: {rows}"


def taken_over(standings: Mapping[int, Standing], found: Mapping[int, Sum]) -> list[str]:
    """Of rows that were cancelled elsewhere before anything was sent: where from they come."""
    return [
        f"taken over from {standings[number].campaign.name}, where they were never sent: "
        f"{rows_and_yuan(it)}"
        for number, it in found.items()
    ]
