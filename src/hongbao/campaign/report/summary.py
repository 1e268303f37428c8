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
    """Counts payouts.

    Args:
        now: the books' time.
    """

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._on_the_way = NOTHING
        self._totals = dict.fromkeys(State, (0, 0, 0, 0))

    def see(self, payout: Payout) -> None:
        """Count a payout."""
        total = (1, payout.amount, payout.claimed, payout.refunded)
        self._totals[payout.state] = _sum(self._totals[payout.state], total)
        if payout.state is State.IN_DOUBT and payout.on_its_way(self._now):
            self._on_the_way = Total(*_sum(self._on_the_way, (1, payout.amount, 0, 0)))

    def add(self, other: Count) -> None:
        """Count what another one has counted."""
        for state, total in other._totals.items():
            self._totals[state] = _sum(self._totals[state], total)
        self._on_the_way = Total(*_sum(self._on_the_way, other._on_the_way))

    def standing(self, standing: Standing) -> Standing:
        """A campaign's standing as the counted payouts have it."""
        totals = {state: Total(*total) for state, total in self._totals.items() if total[0]}
        return replace(standing, totals=totals, on_the_way=self._on_the_way)


def _sum(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


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
