"""What a day allows a user and a merchant, held against a list: who must wait for another day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.notes import ROWS_SHOWN, Caution
from hongbao.english import AND, counted, joined
from hongbao.money import format_yuan
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.campaign.staging.lines import UserRow
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.money import Fen


class Given(NamedTuple):
    """What a user has got of a merchant on one day.

    Attributes:
        packets: how many.
        amount: fen.
    """

    packets: int
    amount: Fen


class UserDays:
    """Spreads the packets of one user after the other over days, as the books will.

    Args:
        limits: of the merchant.

    Attributes:
        put_off: how many rows cannot be sent on the first day.
        first: the first of them.
        days: how many days the user with the most needs.
    """

    def __init__(self, limits: PayerLimits) -> None:
        self._count_max = limits.user_day_count_max
        self._amount_max = limits.user_day_amount_max
        self.put_off = 0
        self.first: list[int] = []
        self.days = 1

    def add(self, rows: Iterable[UserRow]) -> None:
        """Spread one user's rows, each of which may be paid on a day by itself."""
        today, later, day = None, Given(0, 0), 1
        for _, number, fen, count_before, amount_before in rows:
            today = today or Given(count_before, amount_before)
            if not self._over(with_row := Given(today.packets + 1, today.amount + fen)):
                today = with_row
                continue
            self.put_off += 1
            if len(self.first) < ROWS_SHOWN:
                self.first.append(number)
            later = Given(later.packets + 1, later.amount + fen)
            if day == 1 or self._over(later):
                day, later = day + 1, Given(1, fen)
        self.days = max(self.days, day)

    def _over(self, given: Given) -> bool:
        return (self._count_max is not None and given.packets > self._count_max) or (
            self._amount_max is not None and given.amount > self._amount_max
        )

    def caution(self) -> Caution:
        """What to report if rows are put off."""
        limits: list[str] = []
        if self._count_max is not None:
            limits.append(counted(self._count_max, "packet"))
        if self._amount_max is not None:
            limits.append(say("{yuan} yuan", yuan=format_yuan(self._amount_max)))
        what = say(
            "more than a user may get a day ({limits}): put off to later days, about {days} days "
            "in all",
            limits=joined(limits, AND),
            days=self.days,
        )
        return Caution(what, self.put_off, tuple(self.first))


def merchant_days(total: Fen, limits: PayerLimits) -> Caution | None:
    """How many days a merchant needs at least, if it is more than one."""
    limit = limits.day_amount_max
    if limit is None or total <= limit:
        return None
    return Caution(
        say(
            "{total} yuan are more than the merchant may pay a day ({limit} yuan): it "
            "takes at least {days} days",
            total=format_yuan(total),
            limit=format_yuan(limit),
            days=-(-total // limit),
        )
    )
