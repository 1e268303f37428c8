"""The summary of a report: figures that add up, taken from the very lines that it summarizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.report.words import PHASES, Words
from hongbao.ledger.payout import PAID, State
from hongbao.ledger.standing import Total
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hongbao.ledger.payout import Payout
    from hongbao.ledger.standing import Standing


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
    """Counts payouts while they pass."""

    def __init__(self) -> None:
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
            yield payout

    def standing(self, standing: Standing) -> Standing:
        """A campaign's standing as the counted payouts have it."""
        totals = {state: Total(*total) for state, total in self._totals.items() if total[0]}
        return replace(standing, totals=totals)


def figures(standing: Standing) -> list[Figure]:
    """The figures of a campaign: planned and paid, each with its parts."""
    campaign, phase = standing.campaign, PHASES[standing.phase]
    adds_up = "yes 是" if standing.adds_up else "NO 否"
    return [
        Figure(Words("campaign", "活动"), text=campaign.name),
        Figure(Words("merchant", "商户号"), text=standing.merchant),
        Figure(Words("state", "状态"), text=f"{phase.en} {phase.zh}"),
        Figure(Words("list", "名单"), text=campaign.source),
        Figure(Words("SHA-256 of the list", "名单的 SHA-256"), text=campaign.source_digest.hex()),
        Figure(Words("digest of the rows", "名单内容摘要"), text=campaign.digest.hex()),
        Figure(Words("approved by", "批准人"), text=campaign.approved_by or ""),
        _figure("planned", "计划", campaign.rows, campaign.planned),
        _part(standing, "= paid", "= 已付款", *PAID),
        _part(standing, "+ in doubt", "+ 结果未知", State.IN_DOUBT),
        _part(standing, "+ refused", "+ 被拒绝", State.REFUSED),
        _part(standing, "+ cancelled", "+ 已取消", State.CANCELLED),
        _part(standing, "+ waiting", "+ 待发送", State.WAITING),
        _part(standing, "paid", "已付款", *PAID),
        Figure(Words("= claimed", "= 已领取"), yuan=format_yuan(standing.claimed)),
        Figure(Words("+ refunded", "+ 已退回"), yuan=format_yuan(standing.refunded)),
        Figure(Words("+ unclaimed", "+ 待领取"), yuan=format_yuan(standing.unclaimed)),
        Figure(Words("adds up", "是否相符"), text=adds_up),
    ]


def _part(standing: Standing, en: str, zh: str, *states: State) -> Figure:
    total = standing.total(*states)
    return _figure(en, zh, total.payouts, total.amount)


def _figure(en: str, zh: str, payouts: int, fen: int) -> Figure:
    return Figure(Words(en, zh), str(payouts), format_yuan(fen))
