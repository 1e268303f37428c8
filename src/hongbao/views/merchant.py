"""Who pays, how fast, why one does not, which limits are asked for: in words and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.english import SEMICOLON, joined, sentence
from hongbao.ledger.model.payout import SECOND
from hongbao.money import format_yuan
from hongbao.sentences import marked, said
from hongbao.views.campaign import stop_document
from hongbao.views.columns import in_columns
from hongbao.views.kept import kept, stop_words

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.configuration.profile import Profile
    from hongbao.ledger.model.limits import LimitsRequest, PayerLimits
    from hongbao.ledger.read.channel_standings import ChannelStanding

UNLIMITED = "unlimited"

_SETTINGS = {
    "interval": "rate", "burst": "burst", "day_amount_max": "day_yuan_max",
    "user_day_count_max": "user_day_count_max", "user_day_amount_max": "user_day_yuan_max",
    "opens": "hours", "closes": "hours",
}  # fmt: skip
"""By the books' column: the setting."""


_HEAD = (
    marked("merchant"),
    marked("number"),
    marked("rail"),
    marked("calls a second"),
    marked("state"),
)


class AskedLimit(NamedTuple):
    """One limit that somebody asks for, as the settings write it.

    Attributes:
        setting: its name.
        now: what the books hold.
        wanted: what they are to hold.
    """

    setting: str
    now: str
    wanted: str


class MerchantView(NamedTuple):
    """A merchant of the settings, of the books, or of both, as far as it pays by one rail.

    Attributes:
        name: in the settings; None if they do not have it.
        number: WeChat's own.
        rail: the name of the rail.
        rate: calls a second by the settings; None without a limit.
        standing: in the books; None if they do not have it yet.
        limits: its limits by the settings; None if they do not have it.
        request: other limits that somebody asks for; None if nobody does.
    """

    name: str | None
    number: str
    rail: str
    rate: float | None
    standing: ChannelStanding | None
    limits: PayerLimits | None = None
    request: LimitsRequest | None = None

    @property
    def asked(self) -> list[AskedLimit]:
        """What somebody asks for, setting by setting, where it differs from the books."""
        if self.request is None or self.standing is None:
            return []
        now, wanted = shown(self.standing.limits), shown(self.request.limits)
        return [AskedLimit(it, now[it], wanted[it]) for it in now if now[it] != wanted[it]]

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


def merchant_views(
    profiles: Mapping[str, Profile],
    channels: Iterable[ChannelStanding],
    requests: Mapping[int, LimitsRequest],
) -> list[MerchantView]:
    """All merchants of the settings, then those that only the books have.

    Args:
        profiles: of the settings.
        channels: of the books.
        requests: other limits that somebody asks for, by the numbers of channels.
    """
    standings = {(it.number, it.rail): it for it in channels}
    known = {(it.mch_id, it.rail) for it in profiles.values()}

    def view(name: str | None, place: tuple[str, str], limits: PayerLimits | None) -> MerchantView:
        standing = standings.get(place)
        rate = limits.rate if limits is not None else standing.rate if standing else None
        request = requests.get(standing.id) if standing else None
        return MerchantView(name, *place, rate, standing, limits, request)

    found = [view(it.name, (it.mch_id, it.rail), it.limits) for it in profiles.values()]
    return found + [view(None, place, None) for place in standings if place not in known]


def differing(views: Iterable[MerchantView], names: Collection[str]) -> Iterator[str]:
    """For each of some merchants of which the books hold other limits than the settings: a line."""
    for it in views:
        if it.name in names and it.differs:
            yield said(
                "{merchant}: the books hold another {settings} than these settings, and the books "
                "count; correct the settings, or ask for other limits: hongbao merchant ask "
                "{merchant}",
                merchant=it.name or "", settings=", ".join(it.differs),
            )  # fmt: skip


def shown(columns: Mapping[str, int | None]) -> dict[str, str]:
    """Limits as the settings write them, by setting; ``unlimited`` where there is none.

    Args:
        columns: as the books have them.
    """
    interval, closes = columns["interval"], columns["closes"]
    found = {
        "rate": UNLIMITED if not interval else f"{SECOND / interval:.4g}",
        "burst": str(columns["burst"]),
        "hours": f"{_hour(columns['opens'])}-{_hour(closes)}",
    }
    for name in ("day_amount_max", "user_day_amount_max"):
        fen = columns[name]
        found[_SETTINGS[name]] = UNLIMITED if fen is None else format_yuan(fen)
    count = columns["user_day_count_max"]
    found["user_day_count_max"] = UNLIMITED if count is None else str(count)
    return found


def _hour(minute: int | None) -> str:
    return "{:02}:{:02}".format(*divmod(minute or 0, 60))


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
        "asked": None if payer.request is None else _asked(payer, payer.request),
    }


def _asked(payer: MerchantView, request: LimitsRequest) -> dict[str, object]:
    return {
        "request": request.number, "by": request.by, "at": beijing.iso(request.at),
        "reason": request.reason, "limits": {it.setting: it.wanted for it in payer.asked},
    }  # fmt: skip


def text(payers: Sequence[MerchantView]) -> str:
    """A line a merchant, or for each rail of one. Where all pay by the same, nobody needs it."""
    lines: list[tuple[str, ...]] = [
        tuple(map(said, _HEAD)),
        *map(_cells, payers),
    ]
    if len({payer.rail for payer in payers}) <= 1:
        lines = [(*line[:2], *line[3:]) for line in lines]
    return in_columns(lines)


def _cells(payer: MerchantView) -> tuple[str, ...]:
    rate = said("unlimited") if payer.rate_now is None else f"{payer.rate_now:.4g}"
    stop = None if payer.standing is None else payer.standing.stop
    state = (
        ""
        if stop is None
        else said(
            "stopped: {why} {advice}", why=sentence(stop_words(stop)), advice=kept(stop.advice)
        )
    )
    if payer.differs:
        differing = said(
            "the settings have another {names} than the books", names=joined(payer.differs)
        )
        state = said(joined((state, differing), SEMICOLON)) if state else differing
    if payer.request is not None:
        wanted = joined(f"{it.setting} {it.wanted}" for it in payer.asked)
        asked = (
            said(
                "request {number}: {name} asks for {wanted}",
                number=payer.request.number, name=payer.request.by, wanted=wanted,
            )
            if wanted
            else said(
                "request {number}: {name} asks for what holds already",
                number=payer.request.number, name=payer.request.by,
            )
        )  # fmt: skip
        state = said(joined((state, asked), SEMICOLON)) if state else asked
    name = payer.name or said("(not in the settings)")
    return (
        name,
        payer.number,
        payer.rail,
        said("{rate} (slowed)", rate=rate) if payer.slowed else rate,
        state,
    )
