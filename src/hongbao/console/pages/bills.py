"""One bill of WeChat's, line by line: what is ours leads to its payout, what is no row says why."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.campaign.report.delimited import guarded
from hongbao.console.pages.downloads import streamed_csv
from hongbao.console.pages.reconciliation import merchant_name, number_in
from hongbao.digits import whole_number
from hongbao.errors import InvalidRequest, LedgerCode, LedgerError
from hongbao.reconcile.bill_pages import (
    SHOWN,
    LinePlace,
    all_lines,
    bad_lines,
    bill_page,
    place_of,
)
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.bill import StoredBill
    from hongbao.reconcile.bill_pages import ShownLine

LINES_SHOWN = 100
_ROWS_AT_ONCE = 5_000
_LINE_DIGITS_MAX = 9


def show(visit: Visit) -> Response:
    """Its lines: ``?at=1048576.4711``, ``?line=4711``, or ``?only=bad&after=17``."""
    bill = _bill(visit)
    bills, only_bad = visit.book.bills, visit.query.get("only") == "bad"
    asked = _whole(visit, "line")
    following: dict[str, str] = {}
    lines: list[ShownLine]
    if only_bad:
        lines = bad_lines(bills, bill, after=_whole(visit, "after") or 0, limit=LINES_SHOWN)
        if len(lines) == LINES_SHOWN:
            following = {"only": "bad", "after": str(lines[-1].line)}
    else:
        at = place_of(bills, bill, max(asked, 2)) if asked is not None else _place(visit)
        page = bill_page(bills, bill, at=at, limit=LINES_SHOWN)
        lines = page.lines
        following = {} if page.next is None else {"at": page.next.text}
    return visit.render(
        "bill.html", bill=bill, day=beijing.date(bill.key.day), columns=SHOWN, lines=lines,
        merchant=merchant_name(visit, bill.key.merchant_id), only_bad=only_bad, asked=asked,
        following=following,
    )  # fmt: skip


def as_csv(visit: Visit) -> Response:
    """All its rows as CSV, without remarks and who asked for them."""
    bill = _bill(visit)
    name = f"bill-{bill.key.account}-{beijing.date(bill.key.day)}.csv"
    return streamed_csv(name, _csv(all_lines(visit.book.bills, bill)))


def _csv(lines: Iterator[ShownLine]) -> Iterator[str]:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("line", *SHOWN, "no_row"))
    for place, it in enumerate(lines, 1):
        cells = [guarded(cell) for cell in it.cells] or [""] * len(SHOWN)
        writer.writerow((it.line, *cells, it.why))
        if place % _ROWS_AT_ONCE == 0:
            yield stream.getvalue()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue()


def _bill(visit: Visit) -> StoredBill:
    found = visit.book.bills.bill(number_in(visit))
    if found is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=say("there is no such bill"),
            remedy=say("Look at the list."),
        )
    return found


def _place(visit: Visit) -> LinePlace | None:
    said = visit.query.get("at")
    return LinePlace.read(said) if said else None


def _whole(visit: Visit, name: str) -> int | None:
    said = visit.query.get(name, "").strip()
    if not said:
        return None
    line = whole_number(said, digits=_LINE_DIGITS_MAX)
    if line is None:
        raise InvalidRequest(field=name, rule=say("the number of a line"), found=repr(said[:20]))
    return line
