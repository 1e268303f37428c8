"""Who pays, how fast, and why one does not: in words, and as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hongbao.english import sentence
from hongbao.views.campaign import stop_document
from hongbao.views.columns import in_columns

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.read.channel_standings import ChannelStanding


_SETTINGS = {
    "interval": "rate", "burst": "burst", "day_amount_max": "day_yuan_max",
    "user_day_count_max": "user_day_count_max", "user_day_amount_max": "user_day_yuan_max",
    "opens": "hours", "closes": "hours",
}  # fmt: skip
"""By the books' column: the setting."""


class MerchantView(NamedTuple):
    """A merchant of the settings, of the books, or of both, as far as it pays by one rail.

    Attributes:
        name: in the settings; None if they do not have it.
        number: WeChat's own.
        rail: the name of the rail.
        rate: calls a second by the settings; None without a limit.
        standing: in the books; None if they do not have it yet.
        limits: its limits by the settings; None if they do not have it.
    """

    name: str | None
    number: str
    rail: str
    rate: float | None
    standing: ChannelStanding | None
    limits: PayerLimits | None = None

    @property
    def differs(self) -> list[str]:
        """The settings that the books have otherwise: see ``hongbao merchant set``."""
        if self.limits is None or self.standing is None:
            return []
        return list(dict.fromkeys(_SETTINGS[it] for it in self.standing.differs_from(self.limits)))

    @property
    def rate_now(self) -> float | None:
        """Calls a second; None without a limit."""
        return self.rate if self.standing is None else self.standing.rate

    @property
    def slowed(self) -> bool:
        """Whether WeChat has it go slower than its settings."""
        return self.standing is not None and self.standing.slowed


def document(payer: MerchantView) -> dict[str, object]:
    """A merchant for a program."""
    standing, rate = payer.standing, payer.rate_now
    return {
        "name": payer.name,
        "mch_id": payer.number,
        "rail": payer.rail,
        "rate": None if rate is None else round(rate, 3),
        "slowed": payer.slowed,
        "stop": stop_document(None if standing is None else standing.stop),
        "in_books": standing is not None,
        "differs": payer.differs,
    }


def text(payers: Sequence[MerchantView]) -> str:
    """A line a merchant, or for each rail of one. Where all pay by the same, nobody needs it."""
    lines: list[tuple[str, ...]] = [
        ("merchant", "number", "rail", "calls a second", "state"),
        *map(_cells, payers),
    ]
    if len({payer.rail for payer in payers}) <= 1:
        lines = [(*line[:2], *line[3:]) for line in lines]
    return in_columns(lines)


def _cells(payer: MerchantView) -> tuple[str, ...]:
    rate = "unlimited" if payer.rate_now is None else f"{payer.rate_now:.4g}"
    stop = None if payer.standing is None else payer.standing.stop
    state = "" if stop is None else f"stopped: {stop.code}: {sentence(stop.reason)} {stop.advice}"
    if payer.differs:
        differing = f"the settings have another {', '.join(payer.differs)} than the books"
        state = f"{state} {differing}".strip()
    name = payer.name or "(not in the settings)"
    return (name, payer.number, payer.rail, rate + " (slowed)" * payer.slowed, state)
