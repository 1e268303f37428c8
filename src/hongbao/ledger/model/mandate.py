"""What programs may add to a standing campaign once a person has approved it. Pure.

An ordinary campaign is a list, and its approver has seen every row. A standing one has no rows when
it is approved: its approver binds a mandate instead, and every payout is held against that.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import joined
from hongbao.errors import BudgetExceeded, LedgerCode, LedgerError
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from hongbao.money import Fen


_FEN_MAX: Fen = 10**15
_COUNT_MAX = 10**9
"""What the books can hold of a campaign, with room to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """How much programs may add. Days are Beijing's.

    Attributes:
        total: fen in all, for as long as the campaign stands.
        day_amount: fen a day.
        day_count: payouts a day.
        largest: fen of a single payout.
    """

    total: Fen
    day_amount: Fen
    day_count: int
    largest: Fen

    def check(self) -> None:
        """See whether it makes sense.

        Raises:
            LedgerError: if one of them is no whole number, not positive, or larger than anybody
                means, or if a smaller one is above a larger one.
        """
        limits = (self.total, self.day_amount, self.day_count, self.largest)
        if any(type(limit) is not int for limit in limits):
            raise LedgerError(
                code=LedgerCode.INVALID,
                problem=say(
                    "a mandate of {limits} makes no sense", limits=joined(map(repr, limits))
                ),
                remedy=say("Each must be a whole number, an int: fen, not yuan, and payouts."),
            )
        fits = self.total <= _FEN_MAX and self.day_count <= _COUNT_MAX
        if not (0 < self.largest <= self.day_amount <= self.total and self.day_count > 0 and fits):
            raise LedgerError(
                code=LedgerCode.INVALID,
                problem=say(
                    "a mandate of {total} fen in all, {day_amount} fen and {day_count} payouts "
                    "a day and {largest} fen at once makes no sense",
                    total=self.total,
                    day_amount=self.day_amount,
                    day_count=self.day_count,
                    largest=self.largest,
                ),
                remedy=say(
                    "Each must be positive, and: largest <= a day <= in all; at most {most} "
                    "fen in all and {count} payouts a day.",
                    most=_FEN_MAX,
                    count=_COUNT_MAX,
                ),
            )

    @property
    def digest(self) -> bytes:
        """What an approver binds: the digest of the campaign's rows begins with it."""
        said = f"{self.total};{self.day_amount};{self.day_count};{self.largest}"
        return sha256(f"hongbao/mandate/1;{said}".encode()).digest()


class DaySum(NamedTuple):
    """What was added to a standing campaign on one day.

    Attributes:
        day: Beijing's, as days since the epoch.
        amount: fen.
        payouts: how many.
    """

    day: int
    amount: Fen
    payouts: int

    def plus(self, amount: Fen) -> DaySum:
        """With one payout more."""
        return DaySum(self.day, self.amount + amount, self.payouts + 1)


def check_mandate(name: str, mandate: Mandate, *, amount: Fen, planned: Fen, today: DaySum) -> None:
    """Let a payout be added.

    Args:
        name: of the campaign.
        mandate: its own.
        amount: of the payout.
        planned: fen of all payouts, with this one.
        today: what was added today, with this one.

    Raises:
        BudgetExceeded: if it would be too much.
    """
    for limit, found, most, problem in (
        (
            "largest",
            amount,
            mandate.largest,
            marked(
                "campaign {name} may have {most} fen for a single payout, and this payout makes "
                "{found}"
            ),
        ),
        (
            "total",
            planned,
            mandate.total,
            marked("campaign {name} may have {most} fen in all, and this payout makes {found}"),
        ),
        (
            "day_amount",
            today.amount,
            mandate.day_amount,
            marked("campaign {name} may have {most} fen a day, and this payout makes {found}"),
        ),
        (
            "day_count",
            today.payouts,
            mandate.day_count,
            marked("campaign {name} may have {most} payouts a day, and this payout makes {found}"),
        ),
    ):
        if found > most:
            raise BudgetExceeded(
                campaign=name, limit=limit, most=most, found=found,
                problem=say(problem, name=name, most=most, found=found),
            )  # fmt: skip
