"""The summary of a report: figures that add up, taken from the very lines that it summarizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import PAID, State
from hongbao.ledger.model.standing import NOTHING, Total
from hongbao.money import format_yuan
from hongbao.state_words import (
    CLAIMED,
    PAID_PART,
    PHASES,
    PLANNED,
    REFUNDED,
    UNCLAIMED,
    Words,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.standing import Standing


class Figure(NamedTuple):
    """One line of a summary.

    Attributes:
        name: of what.
        payouts: how many; empty where that says nothing.
        yuan: how much; empty where that says nothing.
        text: what else there is to say.
    """

    name: Words
    payouts: str = ""
    yuan: str = ""
    text: str = ""


class Count:
    """Counts payouts while they pass.

    Args:
        now: the books' time.
    """

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._on_the_way = NOTHING
        self._totals = dict.fromkeys(State, (0, 0, 0, 0))

    def watch(self, payouts: Iterable[Payout]) -> Iterator[Payout]:
        """The same payouts, counted."""
        totals = self._totals
        for payout in payouts:
            count, amount, claimed, refunded = totals[payout.state]
            totals[payout.state] = (
                count + 1,
                amount + payout.amount,
                claimed + payout.claimed,
                refunded + payout.refunded,
            )
            if payout.state is State.IN_DOUBT and payout.on_its_way(self._now):
                count, amount, *_ = self._on_the_way
                self._on_the_way = Total(count + 1, amount + payout.amount, 0, 0)
            yield payout

    def standing(self, standing: Standing) -> Standing:
        """A campaign's standing as the counted payouts have it."""
        totals = {state: Total(*total) for state, total in self._totals.items() if total[0]}
        return replace(standing, totals=totals, on_the_way=self._on_the_way)


def figures(standing: Standing) -> list[Figure]:
    """The figures of a campaign: planned and paid, each with its parts."""
    campaign, phase = standing.campaign, PHASES[standing.phase]
    adds_up = "yes 是" if standing.adds_up else "NO 否"
    return [
        Figure(Words("campaign", "活动"), text=campaign.name),
        Figure(Words("merchant", "商户号"), text=standing.merchant),
        Figure(Words("state", "状态"), text=f"{phase.en} {phase.zh}"),
        Figure(Words("list", "名单"), text=campaign.source),
        Figure(
            Words("SHA-256 of the file", "名单文件的 SHA-256"), text=campaign.source_digest.hex()
        ),
        Figure(
            Words("SHA-256 of what is approved", "所审批内容的 SHA-256"), text=campaign.digest.hex()
        ),
        Figure(Words("approved by", "批准人"), text=campaign.approved_by or ""),
        *(_supplement(it) for it in standing.supplements),
        _figure(PLANNED, standing.rows, standing.planned),
        *(
            _figure(_with("=" if words is PAID_PART else "+", words), it.payouts, it.amount)
            for words, it in parts_of(standing)
        ),
        _figure(PAID_PART, standing.total(*PAID).payouts, standing.paid),
        Figure(_with("=", CLAIMED), yuan=format_yuan(standing.claimed)),
        Figure(_with("+", REFUNDED), yuan=format_yuan(standing.refunded)),
        Figure(_with("+", UNCLAIMED), yuan=format_yuan(standing.unclaimed)),
        Figure(Words("adds up", "是否相符"), text=adds_up),
    ]


def _supplement(standing: Standing) -> Figure:
    campaign, phase = standing.campaign, PHASES[standing.phase]
    by = f", {campaign.approved_by}" if campaign.approved_by else ""
    return Figure(
        Words(f"supplement {campaign.name}", f"追加名单 {campaign.name}"),
        str(campaign.rows),
        format_yuan(campaign.planned),
        f"{phase.en} {phase.zh}, {campaign.digest.hex()}{by}",
    )


def _with(sign: str, words: Words) -> Words:
    return Words(f"{sign} {words.en}", f"{sign} {words.zh}")


def _figure(words: Words, payouts: int, fen: int) -> Figure:
    return Figure(words, str(payouts), format_yuan(fen))
