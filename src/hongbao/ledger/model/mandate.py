"""What programs may add to a standing campaign once a person has approved it. Pure.

An ordinary campaign is a list, and its approver has seen every row. A standing one has no rows when
it is approved: its approver binds a mandate instead, and every payout is held against that.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao.errors import BudgetExceeded, LedgerCode, LedgerError

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
                problem=f"a mandate of {', '.join(map(repr, limits))} makes no sense",
                remedy="Each must be a whole number, an int: fen, not yuan, and payouts.",
            )
        fits = self.total <= _FEN_MAX and self.day_count <= _COUNT_MAX
        if not (0 < self.largest <= self.day_amount <= self.total and self.day_count > 0 and fits):
            raise LedgerError(
                code=LedgerCode.INVALID,
                problem=f"a mandate of {self.total} fen in all, {self.day_amount} fen and "
                f"{self.day_count} payouts a day and {self.largest} fen at once makes no sense",
                remedy="Each must be positive, and: largest <= a day <= in all; at most "
                f"{_FEN_MAX} fen in all and {_COUNT_MAX} payouts a day.",
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
    for limit, found, most, unit in (
        ("largest", amount, mandate.largest, "fen for a single payout"),
        ("total", planned, mandate.total, "fen in all"),
        ("day_amount", today.amount, mandate.day_amount, "fen a day"),
        ("day_count", today.payouts, mandate.day_count, "payouts a day"),
    ):
        if found > most:
            raise BudgetExceeded(campaign=name, limit=limit, most=most, found=found, unit=unit)
