"""Money by day, by campaign and by merchant, from the books' own running totals, to the fen."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response

from hongbao import beijing
from hongbao.campaign.report.delimited import guarded
from hongbao.console.charts import Bar
from hongbao.errors import InvalidRequest
from hongbao.ledger.read.figures import Span
from hongbao.money import format_yuan
from hongbao.sentences import marked as _
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.read.figures import Figures
    from hongbao.money import Fen

DAYS_SHOWN = 31
"""So many days are shown if nobody asks for others."""
_BARS_MAX = 366
_LAST_DAY = beijing.day_of(4_102_444_800 * beijing.SECOND)  # 2100
PARTS = {"days": _("By day"), "campaigns": _("By campaign"), "merchants": _("By merchant")}


class MoneyLine(NamedTuple):
    """What payouts come to; amounts are fen.

    Attributes:
        name: whose.
        payouts: how many there are.
        planned: what they come to.
        paid: what of that left the account.
        claimed: what of that was claimed.
        refunded: what came back.
        unclaimed: what is neither yet.
    """

    name: str
    payouts: int
    planned: Fen
    paid: Fen
    claimed: Fen
    refunded: Fen
    unclaimed: Fen


class _Period(NamedTuple):
    """Which days, and of whom; days are counted since the epoch."""

    first: int
    last: int
    campaign: str | None
    merchant: str | None


def show(visit: Visit) -> Response:
    """The page: ``?since=2026-11-01&until=2026-11-30&campaign=spring&merchant=1900012345``."""
    period = _period(visit)
    ever = period._replace(first=0, last=_LAST_DAY)
    paid_before = sum(it.amount for it in _days(visit, ever))
    days, standings = _days(visit, period), _standings(visit, period)
    campaigns = [_line(it.campaign.name, [it]) for it in standings]
    total = _line("", standings)
    paid_ever = sum(it.amount for it in _days(visit, ever))
    return visit.render(
        "finance.html", days=[(beijing.date(beijing.day_of(it.begin)), it) for it in days],
        sums=[sum(part) for part in zip(*(it[1:] for it in days), strict=True)] or [0] * 4,
        campaigns=campaigns, merchants=_by_merchant(standings), total=total,
        ties=paid_before <= total.paid <= paid_ever,  # workers go on while a page is made
        paid_ever=paid_ever, since=beijing.date(period.first), until=beijing.date(period.last),
        campaign=period.campaign or "", merchant=period.merchant or "", parts=PARTS,
        bars=_bars(days, period), query=_query(period),
    )  # fmt: skip


def as_csv(visit: Visit) -> Response:
    """One of its tables as CSV, in yuan: ``?part=days``."""
    period, part = _period(visit), visit.query.get("part", "days")
    header: Sequence[str] = ("day", "payouts", "paid", "claimed", "refunded")
    rows: list[tuple[str | int, ...]]
    if part == "days":
        rows = [
            (beijing.date(beijing.day_of(it.begin)), it.payouts, *map(_signed, it[2:]))
            for it in _days(visit, period)
        ]
    elif part in PARTS:
        header = MoneyLine._fields
        standings = _standings(visit, period)
        lines = (
            [_line(it.campaign.name, [it]) for it in standings]
            if part == "campaigns"
            else _by_merchant(standings)
        )
        rows = [(guarded(it.name), it.payouts, *map(_signed, it[2:])) for it in lines]
    else:
        raise InvalidRequest(
            field="part", rule=say("one of {names}", names=", ".join(PARTS)), found=repr(part[:20])
        )
    return csv_response(f"{part}.csv", header, rows)


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Response:
    """A table as a file that Excel opens, too.

    Args:
        name: of the file.
        header: the names of its columns.
        rows: its rows; texts of others are guarded already.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return Response(
        stream.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def read_day(query: str, said: str) -> int:
    """A Beijing day, as days since the epoch.

    Raises:
        InvalidRequest: if it is none.
    """
    with suppress(ValueError):
        if 0 <= (day := beijing.day_of(beijing.read(said))) <= _LAST_DAY:
            return day
    rule = say("a day, such as 2026-11-29, up to 2100")
    raise InvalidRequest(field=query, rule=rule, found=repr(said[:20]))


def _period(visit: Visit) -> _Period:
    said = {name: it.strip() for name, it in visit.query.items() if it.strip()}
    today = beijing.day_of(visit.book.now())
    last = read_day("until", said["until"]) if "until" in said else today
    since = read_day("since", said["since"]) if "since" in said else last - DAYS_SHOWN + 1
    return _Period(since, last, said.get("campaign"), said.get("merchant"))


def _query(period: _Period) -> dict[str, str]:
    found = {"since": beijing.date(period.first), "until": beijing.date(period.last)}
    if period.campaign is not None:
        found["campaign"] = period.campaign
    if period.merchant is not None:
        found["merchant"] = period.merchant
    return found


def _days(visit: Visit, period: _Period) -> list[Figures]:
    return visit.book.figures(
        Span.DAY, since=beijing.day_begins(period.first),
        until=beijing.day_begins(period.last + 1), campaign=period.campaign,
        merchant=period.merchant,
    )  # fmt: skip


def _standings(visit: Visit, period: _Period) -> list[Standing]:
    """Campaigns, each supplement by itself unless one campaign is asked for."""
    found = (
        visit.book.campaigns()
        if period.campaign is None
        else [visit.book.standing(period.campaign)]
    )
    return [it for it in found if period.merchant in {None, it.merchant}]


def _line(name: str, standings: Sequence[Standing]) -> MoneyLine:
    fields = ("rows", "planned", "paid", "claimed", "refunded", "unclaimed")
    return MoneyLine(name, *(sum(getattr(it, field) for it in standings) for field in fields))


def _by_merchant(standings: Sequence[Standing]) -> list[MoneyLine]:
    numbers = sorted({it.merchant for it in standings})
    return [_line(of, [it for it in standings if it.merchant == of]) for of in numbers]


def _bars(days: Sequence[Figures], period: _Period) -> list[Bar]:
    """One for each day, those without payments too, unless the period is longer than a year."""
    amounts = {beijing.day_of(it.begin): it.amount for it in days}
    shown: Iterable[int] = range(period.first, period.last + 1)
    if period.last - period.first > _BARS_MAX:
        shown = amounts
    found = ((day, amounts.get(day, 0)) for day in shown)
    return [
        Bar(fen, f"{beijing.date(day)}: ¥{format_yuan(fen)}", place=beijing.date(day))
        for day, fen in found
    ]


def _signed(fen: Fen) -> str:
    return f"-{format_yuan(-fen)}" if fen < 0 else format_yuan(fen)
