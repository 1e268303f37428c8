"""The proof at the end of the demo of a campaign: the books beside WeChat's own journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import PAID, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.standing import Standing
    from hongbao.money import Fen
    from hongbao.testing.control_client import Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the two sides say.

    Attributes:
        paid_twice: numbers for which WeChat took money more than once, and people who have money
            under two numbers.
        lost: payouts that are neither paid nor refused, and those that the books call paid and
            WeChat never took money for.
        unasked: payouts that WeChat took money for, and the books do not call paid.
        books: debited, claimed, refunded and in flight, in fen, by the books.
        wechat: the same by WeChat.
        findings: what ``hongbao audit`` and WeChat's own audit found.
    """

    paid_twice: int
    lost: int
    unasked: int
    books: tuple[Fen, Fen, Fen, Fen]
    wechat: tuple[Fen, Fen, Fen, Fen]
    findings: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nobody was paid twice, nobody was lost, and every fen is in both books."""
        return (
            not (self.paid_twice or self.lost or self.unasked or self.findings)
            and self.books == self.wechat
        )


def prove(
    payouts: Iterable[Payout],
    standing: Standing,
    *,
    payments: Mapping[str, int],
    totals: Totals,
    findings: tuple[str, ...],
) -> Proof:
    """Compare.

    Args:
        payouts: all of the campaign.
        standing: the campaign's sums.
        payments: how often WeChat took money for each number.
        totals: WeChat's accounts.
        findings: of both audits.
    """
    lost = unasked = 0
    known = set()
    for payout in payouts:
        known.add(payout.billno)
        taken = payments.get(payout.billno, 0) > 0
        settled = payout.state in PAID or payout.state is State.REFUSED
        lost += not settled or (payout.state in PAID and not taken)
        unasked += taken and payout.state not in PAID
    strangers = sum(1 for billno, times in payments.items() if times and billno not in known)
    return Proof(
        paid_twice=sum(1 for times in payments.values() if times > 1) + strangers,
        lost=lost,
        unasked=unasked,
        books=(standing.paid, standing.claimed, standing.refunded, standing.unclaimed),
        wechat=(totals.debited, totals.claimed, totals.refunded, totals.in_flight),
        findings=findings,
    )
