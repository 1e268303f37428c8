"""WeChat's bills against the books: what ties, what differs, and breaks closed with a reason."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from starlette.responses import Response

from hongbao import beijing
from hongbao.campaign.report.delimited import guarded
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.console.pages.finance import csv_response, read_day
from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError
from hongbao.ledger.model.bill import BreakKind, Learned
from hongbao.money import format_yuan
from hongbao.reconcile.bill_report import bill_days
from hongbao.reconcile.break_view import break_view
from hongbao.reconcile.merchant_bills import merchants_of
from hongbao.sentences import marked as _
from hongbao.sentences import say
from hongbao.views.bill_break import BREAKS, LEARNED, BreakView, age

if TYPE_CHECKING:
    from hongbao.console.visit import Visit
    from hongbao.ledger.model.bill import Break
    from hongbao.reconcile.bill_report import BillDay
    from hongbao.reconcile.merchant_bills import MerchantBills

BREAKS_SHOWN = 200
GROUPS = {
    "ours": (
        _("Only ours"),
        frozenset({BreakKind.MISSING_IN_BILL, BreakKind.RETURN_MISSING}),
    ),
    "theirs": (
        _("Only theirs"),
        frozenset(
            {
                BreakKind.MISSING_IN_LEDGER, BreakKind.RETURN_UNEXPECTED, BreakKind.FOREIGN,
                BreakKind.UNKNOWN_KIND,
            }
        ),
    ),
    "amount": (
        _("Amount differs"),
        frozenset({BreakKind.AMOUNT, BreakKind.DIRECTION, BreakKind.DUPLICATE}),
    ),
    "bill": (
        _("The bill itself"),
        frozenset({BreakKind.BALANCE_GAP, BreakKind.SUMMARY, BreakKind.PERIOD_CHANGED}),
    ),
}  # fmt: skip
"""The sorts of breaks as the page has them; every kind is in one."""
_ALL = frozenset(BreakKind)
DAY_HEAD = (
    "merchant", "day", "account", "opening", "own_out", "own_in", "others_out", "others_in",
    "closing", "ties", "breaks", "sha256",
)  # fmt: skip
_BREAK_HEAD = (
    "break", "merchant", "kind", "what", "day", "books_yuan", "bill_yuan", "state", "closed_by",
    "reason",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(visit: Visit) -> Response:
    """Days, bills and breaks: ``?group=theirs&closed=on&since=2026-11-01``."""
    merchants = _merchants(visit)
    first, last = _days_asked(visit)
    group = visit.query.get("group", "")
    closed = "closed" in visit.query
    breaks = _breaks(visit, merchants, BREAKS_SHOWN + 1)
    return visit.render(
        "reconciliation.html", groups=GROUPS, group=group if group in GROUPS else "",
        closed=closed, words=BREAKS, breaks=breaks[:BREAKS_SHOWN],
        more=len(breaks) > BREAKS_SHOWN, age=age, date=beijing.date,
        since=visit.query.get("since", ""), until=visit.query.get("until", ""),
        merchants=[
            (it.name, it.standing(), _bill_days(visit, it, first, last)) for it in merchants
        ],
    )  # fmt: skip


def show_break(visit: Visit) -> Response:
    """One break, with the line of the bill and the payout."""
    it = visit.book.bills.break_of(number_in(visit))
    view = break_view(visit.book, visit.site.configuration, it)
    return visit.render(
        "break.html", view=view, words=BREAKS[it.difference.kind], state=age(it, view.now),
        day=beijing.date(it.difference.day), learned=LEARNED,
        is_unknown=it.difference.kind is BreakKind.UNKNOWN_KIND,
    )  # fmt: skip


def close_break(visit: Visit) -> Response:
    """Close it, with a reason."""
    number, said = number_in(visit), visit.form.get("as", "")
    if said and said not in set(Learned):
        raise InvalidRequest(
            field="as", rule=say("one of {names}", names=", ".join(Learned)), found=repr(said[:20])
        )
    visit.book.bills.close(
        number, by=visit.by, reason=visit.form.get("reason", ""),
        learned=Learned(said) if said else None,
    )  # fmt: skip
    return visit.redirect(f"/reconciliation/breaks/{number}", done="break-closed")


def as_csv(visit: Visit) -> Response:
    """The breaks, or with ``?part=days`` the totals of the days, as CSV in yuan."""
    merchants = _merchants(visit)
    if visit.query.get("part") == "days":
        return csv_response(
            "bill-days.csv", DAY_HEAD, day_rows(visit, merchants, *_days_asked(visit))
        )
    return csv_response("breaks.csv", _BREAK_HEAD, _break_rows(visit, merchants))


def as_xlsx(visit: Visit) -> Response:
    """Both as a workbook."""
    merchants = _merchants(visit)
    days = day_rows(visit, merchants, *_days_asked(visit))
    sheets = [
        ReportSheet("days", DAY_HEAD, days, numbers=frozenset({"breaks"})),
        ReportSheet("breaks", _BREAK_HEAD, _break_rows(visit, merchants)),
    ]  # fmt: skip
    with TemporaryDirectory(prefix="hongbao-console-") as folder:
        path = Path(folder, "reconciliation.xlsx")
        write_xlsx(path, sheets)
        body = path.read_bytes()
    return Response(
        body, media_type=XLSX,
        headers={"content-disposition": 'attachment; filename="reconciliation.xlsx"'},
    )  # fmt: skip


def _merchants(visit: Visit) -> list[MerchantBills]:
    return merchants_of(visit.book, visit.site.configuration, None)


def _bill_days(
    visit: Visit, it: MerchantBills, first: int | None, last: int | None
) -> list[BillDay]:
    return bill_days(visit.book.bills, it.merchant_id, since=first, until=last)


def _breaks(visit: Visit, merchants: list[MerchantBills], limit: int | None) -> list[BreakView]:
    kinds = GROUPS.get(visit.query.get("group", ""), ("", _ALL))[1]
    first, last = _days_asked(visit)
    now, only_open = visit.book.now(), "closed" not in visit.query

    def is_asked_for(it: Break) -> bool:
        day = it.difference.day
        in_time = (first is None or first <= day) and (last is None or day <= last)
        return it.difference.kind in kinds and in_time

    found: list[BreakView] = []
    for bills in merchants:
        some = visit.book.bills.breaks(bills.merchant_id, only_open=only_open)
        room = None if limit is None else limit - len(found)
        asked = islice((it for it in some if is_asked_for(it)), room)
        found += [BreakView(it, bills.name, now) for it in asked]
    return found


def _days_asked(visit: Visit) -> tuple[int | None, int | None]:
    first, last = (visit.query.get(name, "").strip() for name in ("since", "until"))
    return (
        read_day("since", first) if first else None,
        read_day("until", last) if last else None,
    )


def day_rows(
    visit: Visit, merchants: list[MerchantBills], first: int | None, last: int | None
) -> list[tuple[str, ...]]:
    """The totals of days, as rows below ``DAY_HEAD``."""
    return [
        (
            guarded(bills.name), beijing.date(it.day), guarded(it.account), signed(it.opening),
            signed(it.own_out), signed(it.own_in), signed(it.others_out), signed(it.others_in),
            signed(it.closing), "yes" if it.ties else "no", str(it.breaks), it.sha256,
        )
        for bills in merchants
        for it in _bill_days(visit, bills, first, last)
    ]  # fmt: skip


def _break_rows(visit: Visit, merchants: list[MerchantBills]) -> list[tuple[str, ...]]:
    return [
        (
            str(view.it.id), guarded(view.merchant), str(view.it.difference.kind),
            guarded(view.it.difference.subject), beijing.date(view.it.difference.day),
            signed(view.it.difference.expected), signed(view.it.difference.found),
            age(view.it, view.now), guarded(view.it.closed_by or ""), guarded(view.it.reason or ""),
        )
        for view in _breaks(visit, merchants, None)
    ]  # fmt: skip


def merchant_name(visit: Visit, merchant_id: int) -> str:
    """The name in the settings of a merchant of the books, or else its number."""
    numbers = {it.merchant_id: it.number for it in visit.book.channels()}
    number = numbers.get(merchant_id, "?")
    profiles = visit.site.configuration.profiles.items()
    return next((name for name, of in profiles if of.mch_id == number), number)


def signed(fen: int | None) -> str:
    """Fen as yuan for a table; nothing of None."""
    if fen is None:
        return ""
    return f"-{format_yuan(-fen)}" if fen < 0 else format_yuan(fen)


def number_in(visit: Visit) -> int:
    """The number in the address.

    Raises:
        LedgerError: if it is none.
    """
    number = whole_number(visit.places["number"], digits=KEPT_DIGITS_MAX)
    if number is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("there is no such number"),
            remedy=say("Look at the list."),
        )
    return number
