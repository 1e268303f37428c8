"""A channel's limits: calls per second, money per day, packets per user and day, and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

MINUTES = 24 * 60

PUT_OFF = marked("put off to tomorrow: a limit of the day is reached")
"""The reason of a payout that waits for the next Beijing day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerLimits:
    """The limits of one channel of a merchant. Days are Beijing days.

    Attributes:
        rate: calls per second; None for any number.
        burst: how many calls a second may have beyond the rate, after a pause.
        day_amount_max: fen per day in all; None for any amount.
        user_day_count_max: payouts per user and day; None for any number.
        user_day_amount_max: fen per user and day; None for any amount.
        opens: the minute of the day from which on payouts are sent.
        closes: the minute of the day from which on no more are sent.
    """

    rate: float | None = None
    burst: int = 1
    day_amount_max: Fen | None = None
    user_day_count_max: int | None = None
    user_day_amount_max: Fen | None = None
    opens: int = 0
    closes: int = MINUTES

    @property
    def interval(self) -> int:
        """Microseconds from call to call, 0 for any number of calls."""
        # Rounded up: rather a little less often than agreed.
        return 0 if self.rate is None else -int(-SECOND // self.rate)

    @classmethod
    def of_columns(cls, columns: Mapping[str, int | None]) -> PayerLimits:
        """The limits of a channel's row; ``columns`` is the way back."""
        rest: dict[str, Any] = dict(columns)
        interval = rest.pop("interval")
        return cls(rate=SECOND / interval if interval else None, **rest)

    def columns(self) -> dict[str, int | None]:
        """The limits as a channel's row holds them, by column."""
        return {
            "interval": self.interval,
            "burst": self.burst,
            "day_amount_max": self.day_amount_max,
            "user_day_count_max": self.user_day_count_max,
            "user_day_amount_max": self.user_day_amount_max,
            "opens": self.opens,
            "closes": self.closes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsRequest:
    """What somebody asks for, until another person accepts or declines it.

    Attributes:
        number: of its event in the channel's history; whoever decides names it.
        by: who asks.
        at: since when.
        limits: the limits that are to hold, by column.
        reason: why.
    """

    number: int
    by: str
    at: Instant
    limits: Mapping[str, int | None]
    reason: str
