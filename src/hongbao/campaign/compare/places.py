"""Where else rows of a list stand, and what that means for them: reported group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import counted
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.standing import Phase
from hongbao.money import format_yuan
from hongbao.sentences import marked, say

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
        return say("{where}: {sum}", where=self.where, sum=rows_and_yuan(self.sum))


def rows_and_yuan(found: Sum) -> str:
    """``200 rows, 376.00 yuan``."""
    return say(
        "{rows}, {amount} yuan", rows=counted(found.rows, "row"), amount=format_yuan(found.amount)
    )


def where(standing: Standing) -> str:
    """``in spring (draft)``; of an import that broke off, how it is finished."""
    campaign = standing.campaign
    if campaign.state is CampaignState.IMPORTING:
        return say(
            "in {name} (import interrupted: run `{command}` to finish it)",
            name=campaign.name,
            command=finishing(standing),
        )
    if standing.phase is Phase.CANCELLED and not (
        standing.total(*PAID, State.IN_DOUBT, State.AWAITING_USER, State.REFUSED).payouts
    ):
        return say("in {name} (cancelled, never sent)", name=campaign.name)
    return say("in {name} ({phase})", name=campaign.name, phase=standing.phase.in_words)


def finishing(standing: Standing) -> str:
    """The command that goes on with an import that broke off."""
    campaign = standing.campaign
    if campaign.parent_id is not None:
        name = campaign.name.rpartition("+")[0]
        return f"hongbao campaign extend {name} {campaign.source} ..."
    merchant = f"--merchant {campaign.profile}"
    return f"hongbao campaign new {campaign.source} {merchant} --name {campaign.name} ..."


_PAID = marked("paid in {name}, and not paid again: {rows}")
_PAYS = marked("{where}, which pays them, and not paid here: {rows}")
_UNKNOWN = marked(
    "{state} in {name}, and not paid here: {rows}; a query will say what became of it"
)
_REFUSED = marked(
    "refused in {name}, and not paid here: {rows}; `hongbao payout reopen` pays them there"
)
_REFUSED_THEN_CANCELLED = marked(
    "refused in {name}, which is cancelled, and not paid here: {rows}; only rows with other keys "
    "would be (`hongbao payout reopen` says when they may)"
)
_CANCELLED = marked(
    "cancelled in {name} after a call, and not paid here: {rows}; only rows with other keys would "
    "be"
)
_TAKEN_OUT = marked(
    "taken out of {name} by a person, and not paid here: {rows}; only rows with other keys would be"
)


def known_elsewhere(standing: Standing, state: State, found: Sum) -> str:
    """Of rows whose keys another campaign has: who pays them, or why nobody does."""
    values = {"name": standing.campaign.name, "rows": rows_and_yuan(found)}
    if state in PAID:
        return say(_PAID, **values)
    if state in {State.IN_DOUBT, State.AWAITING_USER}:
        return say(_UNKNOWN, state=state.in_words, **values)
    cancelled = standing.campaign.state is CampaignState.CANCELLED
    if state is State.REFUSED:
        return say(_REFUSED_THEN_CANCELLED if cancelled else _REFUSED, **values)
    if state is State.CANCELLED:
        return say(_CANCELLED if cancelled else _TAKEN_OUT, **values)
    return say(_PAYS, where=where(standing), **values)


def taken_over(standings: Mapping[int, Standing], found: Mapping[int, Sum]) -> list[str]:
    """Of rows that were cancelled elsewhere before anything was sent: where from they come."""
    return [
        say(
            "taken over from {name}, where they were never sent: {rows}",
            name=standings[number].campaign.name,
            rows=rows_and_yuan(it),
        )
        for number, it in found.items()
    ]
