"""Days that finance closes: their totals, to the fen, and what is in the way."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.responses import Response

from hongbao import beijing
from hongbao.campaign.report.delimited import guarded
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.console.pages.finance import csv_response, read_day
from hongbao.console.pages.reconciliation import (
    DAY_HEAD,
    XLSX,
    day_rows,
    merchant_name,
    number_in,
    signed,
)
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.bill import BreakKind
from hongbao.reconcile.merchant_bills import merchants_of
from hongbao.reconcile.period_view import SUMMED
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.period import Period
    from hongbao.reconcile.merchant_bills import MerchantBills

_HEAD = ("account", "opening", *SUMMED, "closing", "ties")
_PERIOD_HEAD = ("period", "merchant", "first_day", "last_day", "state", "closed_by", *_HEAD)


def show(visit: Visit) -> Response:
    """Closed days; with ``?merchant=shop&since=2026-11-01&until=2026-11-30`` what those come to."""
    merchants = merchants_of(visit.book, visit.site.configuration, None)
    look = bills = None
    asked = {name: visit.query.get(name, "").strip() for name in ("merchant", "since", "until")}
    if all(asked.values()):
        bills = _merchant(merchants, asked["merchant"])
        look = bills.look_at_period(*_days(asked["since"], asked["until"]))
    changed = {
        it.difference.subject.rpartition("/")[2]
        for it in visit.book.bills.breaks()
        if it.difference.kind is BreakKind.PERIOD_CHANGED
    }
    return visit.render(
        "periods.html", merchants=[it.name for it in merchants], asked=asked, look=look,
        bills=bills, date=beijing.date, changed=changed, summed=SUMMED,
        periods=[(bills.name, it) for bills in merchants for it in reversed(bills.periods())],
    )  # fmt: skip


def close(visit: Visit) -> Response:
    """Close days."""
    form = visit.form
    merchants = merchants_of(visit.book, visit.site.configuration, None)
    bills = _merchant(merchants, form.get("merchant", ""))
    days = _days(form.get("since", ""), form.get("until", ""))
    period = bills.close_period(*days, leave_open="leave_open" in form, by=visit.by)
    return visit.redirect(f"/reconciliation/periods/{period.id}", done="period-closed")


def show_one(visit: Visit) -> Response:
    """One period that was closed."""
    period = _period(visit)
    return visit.render(
        "period.html", period=period, merchant=merchant_name(visit, period.merchant_id),
        date=beijing.date, summed=SUMMED,
    )  # fmt: skip


def reopen(visit: Visit) -> Response:
    """Open it again, with a reason."""
    number = number_in(visit)
    visit.book.bills.reopen_period(number, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/reconciliation/periods/{number}", done="period-reopened")


def as_csv(visit: Visit) -> Response:
    """The totals that were recorded, as CSV in yuan."""
    period = _period(visit)
    return csv_response(f"period-{period.id}.csv", _PERIOD_HEAD, _totals(visit, period))


def as_xlsx(visit: Visit) -> Response:
    """The totals that were recorded, and the days as the bills have them now, as a workbook."""
    period = _period(visit)
    bills = merchants_of(visit.book, visit.site.configuration, None)
    own = [it for it in bills if it.merchant_id == period.merchant_id]
    days = day_rows(visit, own, period.facts.first_day, period.facts.last_day)
    sheets = [
        ReportSheet("totals", _PERIOD_HEAD, _totals(visit, period)),
        ReportSheet("days", DAY_HEAD, days, numbers=frozenset({"breaks"})),
    ]
    with TemporaryDirectory(prefix="hongbao-console-") as folder:
        path = Path(folder, "period.xlsx")
        write_xlsx(path, sheets)
        body = path.read_bytes()
    name = f'attachment; filename="period-{period.id}.xlsx"'
    return Response(body, media_type=XLSX, headers={"content-disposition": name})


def _totals(visit: Visit, period: Period) -> list[tuple[str, ...]]:
    name = merchant_name(visit, period.merchant_id)
    days = (beijing.date(period.facts.first_day), beijing.date(period.facts.last_day))
    state = "closed" if period.stands else "opened again"
    return [
        (
            str(period.id), guarded(name), *days, state, guarded(period.closed_by),
            guarded(it.account), signed(it.opening), *(signed(getattr(it, one)) for one in SUMMED),
            signed(it.closing), "yes" if it.ties else "no",
        )
        for it in period.facts.accounts
    ]  # fmt: skip


def _period(visit: Visit) -> Period:
    return visit.book.bills.period(number_in(visit))


def _merchant(merchants: list[MerchantBills], name: str) -> MerchantBills:
    for it in merchants:
        if it.name == name:
            return it
    rule = say("a merchant of the settings that has paid")
    raise InvalidRequest(field="merchant", rule=rule, found=repr(name[:40]))


def _days(since: str, until: str) -> tuple[int, int]:
    return read_day("since", since), read_day("until", until)
