"""The progress of a campaign: its payouts by state, its money, and a name for its phase."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from hongbao.beijing import MINUTE
from hongbao.english import span
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import (
    GROWING,
    SENDING,
    CampaignState,
)
from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.step import SCHEDULED
from hongbao.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Stop
    from hongbao.money import Fen


class Phase(StrEnum):
    """The phase of a campaign, from the decisions about it and the progress of its payouts."""

    IMPORTING = "importing"
    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETE = "complete"
    """Everybody on the list is paid."""
    COMPLETE_WITH_REFUSALS = "complete with refusals"
    """Everybody on the list is paid, except payouts that were refused or cancelled."""
    IN_DOUBT = "in doubt"
    """Nothing is left to send, but a payout may or may not be paid."""
    AWAITING_USERS = "awaiting users"
    """Nothing is left to send; some receivers have yet to confirm, and their money is locked."""

    @property
    def in_words(self) -> Sentence:
        """As people write it."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Phase.IMPORTING: say("importing"),
    Phase.DRAFT: say("draft"),
    Phase.APPROVED: say("approved"),
    Phase.RUNNING: say("running"),
    Phase.PAUSED: say("paused"),
    Phase.CANCELLED: say("cancelled"),
    Phase.COMPLETE: say("complete"),
    Phase.COMPLETE_WITH_REFUSALS: say("complete with refusals"),
    Phase.IN_DOUBT: say("in doubt"),
    Phase.AWAITING_USERS: say("awaiting users"),
}


class Total(NamedTuple):
    """The sums of the payouts in one state.

    Attributes:
        payouts: how many there are.
        amount: their sum in fen.
        claimed: the fen that were claimed.
        refunded: the fen that came back.
    """

    payouts: int
    amount: Fen
    claimed: Fen
    refunded: Fen


NOTHING = Total(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The progress of a campaign, from the books' running totals.

    ``planned = paid + on_the_way + in_doubt + awaiting + refused + cancelled + waiting`` and
    ``paid = claimed + refunded + unclaimed``, in fen; ``adds_up`` says whether this holds.

    Attributes:
        campaign: the campaign with the decisions about it.
        merchant: its merchant's number at WeChat.
        merchant_stop: why nothing is sent for any campaign of its channel.
        totals: for each state that has payouts.
        handed_over: how many payouts wait for a person and have no next task.
        on_the_way: the payouts that workers are sending right now, see ``Payout.on_its_way``. The
            totals count them as in doubt; ``in_doubt`` and ``doubtful`` leave them out.
        clock_behind: by how much the clock is behind the books, in microseconds; 0 if it is not. A
            worker corrects times that were stored by a clock that was ahead.
        supplements: the progress of each supplement, which the figures above include.
    """

    campaign: Campaign
    merchant: str
    merchant_stop: Stop | None
    totals: Mapping[State, Total] = field(repr=False)
    handed_over: int = 0
    on_the_way: Total = NOTHING
    clock_behind: Instant = 0
    supplements: tuple[Standing, ...] = ()

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """The campaign and its supplements."""
        return (self.campaign, *(it.campaign for it in self.supplements))

    @property
    def rows(self) -> int:
        """How many payouts it has."""
        return sum(it.rows for it in self.campaigns)

    @property
    def planned(self) -> Fen:
        """The sum of the planned payouts."""
        return sum(it.planned for it in self.campaigns)

    @property
    def sends(self) -> bool:
        """Whether people have allowed its payouts to be sent."""
        return any(it.state in SENDING for it in self.campaigns)

    @property
    def needs_attention(self) -> bool:
        """Whether it does not go on without a person, or not all of it does."""
        sending = any(it.state in SENDING for it in self.to_send)
        held = any(it.code != SCHEDULED for it in self.stops) or (
            sending and self.merchant_stop is not None
        )
        return held or self.phase is Phase.IN_DOUBT or self.handed_over > 0

    @property
    def stops(self) -> list[Stop]:
        """Why nothing is sent for it or for a supplement; each reason once."""
        return list(dict.fromkeys(it.stop for it in self.campaigns if it.stop is not None))

    def total(self, *states: State) -> Total:
        """The sums of the payouts in these states."""
        chosen = [self.totals.get(state, NOTHING) for state in states]
        return Total(*map(sum, zip(*chosen, strict=True)))

    @property
    def phase(self) -> Phase:
        """Its phase. While a payout is in doubt it is never complete.

        A supplement counts from its approval on.
        """
        decided = self.campaign.state
        if decided in GROWING or self.campaign.takes_payouts:
            return Phase(decided)
        waiting = {campaign.state for campaign in self.to_send}
        for state in (CampaignState.RUNNING, CampaignState.APPROVED, CampaignState.PAUSED):
            if state in waiting:
                return Phase(state)
        if self.doubtful.payouts:
            return Phase.IN_DOUBT
        if all(it.state in GROWING | {CampaignState.CANCELLED} for it in self.campaigns):
            return Phase.CANCELLED
        if self.on_the_way.payouts:
            return Phase(decided)
        return self._phase_when_sent

    @property
    def _phase_when_sent(self) -> Phase:
        if self.total(State.AWAITING_USER).payouts:
            return Phase.AWAITING_USERS
        refused = self.total(State.REFUSED, State.CANCELLED).payouts
        return Phase.COMPLETE_WITH_REFUSALS if refused else Phase.COMPLETE

    @property
    def to_send(self) -> list[Campaign]:
        """The parts, itself and supplements, that still have payouts to send."""
        parts = [(it.campaign, it.total(State.WAITING).payouts) for it in self.supplements]
        own = self.total(State.WAITING).payouts - sum(count for _, count in parts)
        return [campaign for campaign, count in [(self.campaign, own), *parts] if count > 0]

    @property
    def waiting(self) -> Fen:
        """The fen that are not sent yet, or to be sent again."""
        return self.total(State.WAITING).amount

    @property
    def doubtful(self) -> Total:
        """The payouts that may or may not be paid, without those that are being sent right now."""
        in_doubt, on_the_way = self.total(State.IN_DOUBT), self.on_the_way
        return in_doubt._replace(
            payouts=in_doubt.payouts - on_the_way.payouts,
            amount=in_doubt.amount - on_the_way.amount,
        )

    @property
    def in_doubt(self) -> Fen:
        """The fen that may or may not be paid."""
        return self.doubtful.amount

    @property
    def awaiting(self) -> Fen:
        """The fen that are locked until receivers confirm: neither paid nor free."""
        return self.total(State.AWAITING_USER).amount

    @property
    def refused(self) -> Fen:
        """The fen that are not paid and that no open attempt can pay."""
        return self.total(State.REFUSED).amount

    @property
    def cancelled(self) -> Fen:
        """The fen that were withdrawn before they could be paid."""
        return self.total(State.CANCELLED).amount

    @property
    def paid(self) -> Fen:
        """The fen that left the merchant's account, including those that came back."""
        return self.total(*PAID).amount

    @property
    def claimed(self) -> Fen:
        """The fen that receivers have claimed."""
        return self.total(*PAID).claimed

    @property
    def refunded(self) -> Fen:
        """The fen that were paid and came back to the merchant."""
        return self.total(*PAID).refunded

    @property
    def unclaimed(self) -> Fen:
        """The fen that are paid and neither claimed nor returned."""
        paid = self.total(*PAID)
        return paid.amount - paid.claimed - paid.refunded

    @property
    def adds_up(self) -> bool:
        """Whether the running totals equal the plan, to the fen and to the payout."""
        everything = self.total(*State)
        return (
            everything.payouts == self.rows
            and everything.amount == self.planned
            and (everything.claimed, everything.refunded) == (self.claimed, self.refunded)
            and self.unclaimed >= 0
        )


def shown_behind(clock_behind: Instant) -> str:
    """By how much the clock is behind the books, in words: ``26 hours``."""
    return span(60 * round(clock_behind / MINUTE))


def with_supplements(own: Standing, supplements: Sequence[Standing]) -> Standing:
    """The progress of a campaign together with its supplements."""
    parts = (own, *supplements)
    totals = {state: total for state in State if (total := _sum(parts, state)).payouts}
    return replace(
        own,
        totals=totals,
        handed_over=sum(part.handed_over for part in parts),
        on_the_way=Total(*map(sum, zip(*(part.on_the_way for part in parts), strict=True))),
        supplements=tuple(supplements),
    )


def _sum(parts: Sequence[Standing], state: State) -> Total:
    return Total(*map(sum, zip(*(part.total(state) for part in parts), strict=True)))


def too_late_to_replace(name: str, problem: str) -> LedgerError:
    """The refusal of another list in a campaign's place; the problem is like "is complete"."""
    return LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=say(
            "campaign {name} {problem}: its list is not replaced", name=name, problem=problem
        ),
        remedy=say(
            "Add rows to it with `hongbao campaign extend {name} FILE`, or give the list another "
            "name; cancel {name} if the rest of it is not to be sent.",
            name=name,
        ),
    )
