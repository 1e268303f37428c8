"""Where the books stand before a list is stored: which campaign it goes to, and which others are.

A list becomes a new campaign, or goes on with a draft; it extends a campaign; or it replaces one of
which nothing was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import GROWING, CampaignState
from hongbao.ledger.model.payout import SECOND, UNSETTLED
from hongbao.ledger.model.standing import too_late_to_replace, with_supplements
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import CampaignLedger
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Phase, Standing
    from hongbao.money import Fen

_DAY = 24 * 60 * 60 * SECOND


class Purpose(StrEnum):
    """What a list is stored for."""

    NEW = "new"
    """It becomes a campaign, or the draft of its name goes on with the same file."""
    EXTEND = "extend"
    """What a campaign does not have of it is added."""
    REPLACE = "replace"
    """It takes the name of a campaign of which nothing was ever sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """Where the books stand.

    Attributes:
        name: of the campaign under which the rows are stored.
        merchant_id: None if they do not know the merchant.
        channel_id: None if they do not know the channel by which it pays this list.
        campaign: the one of that name.
        named: the one that is extended or replaced: another one if the rows become a supplement.
        family: the ids of the one that is named and of its supplements.
        standings: how all campaigns of the merchant stand, by id.
        budget_left: fen that the rows may come to by the budget of what is extended.
    """

    name: str
    merchant_id: int | None = None
    channel_id: int | None = None
    campaign: Campaign | None = None
    named: Campaign | None = None
    family: frozenset[int] = frozenset()
    standings: Mapping[int, Standing] = field(default_factory=lambda: MappingProxyType({}))
    budget_left: Fen | None = None

    @property
    def history(self) -> bool:
        """Whether the books have any payout of the merchant."""
        return any(it.campaign.rows for it in self.standings.values())

    @property
    def parent(self) -> str | None:
        """The campaign of which the rows become a supplement."""
        return None if self.named is None or self.named.name == self.name else self.named.name

    def others(self, since: Instant) -> list[Standing]:
        """The other campaigns that were begun or approved since then, or are not finished."""
        return [
            it
            for it in self.standings.values()
            if it.campaign.id not in self.family
            and it.campaign.rows
            and (_is_unfinished(it) or _last(it.campaign) >= since)
        ]

    def stored_since(self, standings: Iterable[Standing], own: Campaign) -> list[Standing]:
        """The other campaigns of a campaign's merchant that have grown since this was noted.

        Args:
            standings: of all campaigns, as they are now.
            own: under which the rows are stored.
        """
        return [
            it
            for it in standings
            if it.campaign.merchant_id == own.merchant_id
            and it.campaign.id not in self.family | {own.id}
            and it.campaign.rows > self._rows(it.campaign.id)
        ]

    def _rows(self, number: int) -> int:
        return self.standings[number].campaign.rows if number in self.standings else 0


def _is_unfinished(standing: Standing) -> bool:
    left = standing.total(*UNSETTLED).payouts
    return standing.campaign.state in GROWING or bool(left)


def _phase(campaign: Campaign, everything: Iterable[Standing]) -> Phase:
    """What people call it: with its supplements, and a list that is all paid is complete."""
    family = [it for it in everything if campaign.id in {it.campaign.id, it.campaign.parent_id}]
    own, *others = sorted(family, key=lambda it: it.campaign.id != campaign.id)
    return with_supplements(own, others).phase


def _last(campaign: Campaign) -> Instant:
    """When it was last decided what it pays; a standing one has that decided by programs."""
    times = [campaign.created_at, campaign.approved_at or 0]
    if campaign.added is not None:
        times.append(beijing.day_begins(campaign.added.day + 1))
    return max(times)


def since(days: int, now: Instant) -> Instant:
    """So many days ago."""
    return now - days * _DAY


def look_up(books: CampaignLedger, payer: Payer, name: str, purpose: Purpose) -> Bookmark:
    """Where the books stand.

    Raises:
        LedgerError: if what is to be extended or replaced is not there, or cannot be.
    """
    # Campaigns first: whoever stores this list at the same moment makes its merchant before it.
    everything = books.campaigns()
    channels = [it for it in books.channels() if it.number == payer.number]
    merchant_id = next((it.merchant_id for it in channels), None)
    channel_id = next((it.id for it in channels if it.rail == payer.rail), None)
    named = next((it.campaign for it in everything if it.campaign.name == name), None)
    standings = {it.campaign.id: it for it in everything if it.campaign.merchant_id == merchant_id}
    if purpose is Purpose.NEW:
        family = frozenset() if named is None else frozenset({named.id})
        return Bookmark(
            name=name, merchant_id=merchant_id, channel_id=channel_id, campaign=named,
            family=family, standings=standings,
        )  # fmt: skip
    campaign = _checked(named, name, channel_id, payer, purpose, everything)
    parts = [it.campaign for it in everything if it.campaign.parent_id == campaign.id]
    growing = [it for it in [campaign, *parts] if it.state in GROWING]
    target = growing[0] if growing else None
    new_name = f"{name}+{len(parts) + 1}"
    if purpose is Purpose.REPLACE:
        target, new_name = campaign, name
    live = [it for it in [campaign, *parts] if it.state is not CampaignState.CANCELLED]
    planned = sum(it.planned for it in live if target is None or it.id != target.id)
    return Bookmark(
        name=new_name if target is None else target.name,
        merchant_id=merchant_id,
        channel_id=channel_id,
        campaign=target,
        named=campaign,
        family=frozenset(it.id for it in [campaign, *parts]),
        standings=standings,
        budget_left=None if campaign.budget is None else max(campaign.budget - planned, 0),
    )


def no_campaign(name: str) -> LedgerError:
    """Says that there is nothing to extend or to replace."""
    return LedgerError(
        code=LedgerCode.NOT_FOUND,
        problem=say("the books have no campaign {name!r}", name=name),
        remedy=say("Run: hongbao campaign list"),
    )


def _checked(  # noqa: PLR0917  # what look_up has
    campaign: Campaign | None,
    name: str,
    channel_id: int | None,
    payer: Payer,
    purpose: Purpose,
    everything: Iterable[Standing],
) -> Campaign:
    if campaign is None:
        raise no_campaign(name)
    if (campaign.channel_id, campaign.profile) != (channel_id, payer.profile):
        raise LedgerError(
            code=LedgerCode.OTHER_PAYER,
            problem=say(
                "campaign {name} is paid by {profile}", name=name, profile=campaign.profile
            ),
            remedy=say("Name that merchant."),
        )
    if campaign.mandate is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "{name} is a standing campaign: no list is added to it, and none replaces it",
                name=name,
            ),
            remedy=say("Make a campaign of its own of the list."),
        )
    if campaign.parent_id is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("{name} is a supplement", name=name),
            remedy=say("Extend its campaign; a wrong supplement is cancelled, then extend again."),
        )
    allowed = GROWING | {CampaignState.CANCELLED}
    if purpose is Purpose.REPLACE and campaign.state not in allowed:
        phase = _phase(campaign, everything)
        raise too_late_to_replace(name, say("is {state}", state=phase.in_words))
    if purpose is Purpose.EXTEND and campaign.state is CampaignState.CANCELLED:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is cancelled: it is not extended", name=name),
            remedy=say("Give the list another name; what was never sent of that campaign is free."),
        )
    return campaign
