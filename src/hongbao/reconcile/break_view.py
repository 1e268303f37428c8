"""A break with what people want to see beside it: the line of the bill, and the payout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.reconcile.bill_pages import shown_line
from hongbao.views.bill_break import BreakView

if TYPE_CHECKING:
    from hongbao.configuration.file import Configuration
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.bill import Break


def break_view(book: Book, configuration: Configuration, it: Break) -> BreakView:
    """All there is to see of a break; the bill is read up to the line that it is about."""
    difference = it.difference
    numbers = {standing.merchant_id: standing.number for standing in book.channels()}
    number = numbers.get(it.merchant_id, "?")
    names = [name for name, of in configuration.profiles.items() if of.mch_id == number]
    name = names[0] if names else number
    bill = None if difference.bill_id is None else book.bills.bill(difference.bill_id)
    raw = payout = None
    if bill is not None and difference.line is not None:
        line = shown_line(book.bills, bill, difference.line)
        raw = None if line is None else line.text
    if difference.payout_id is not None:
        billno = difference.subject.partition("/")[0]
        payout = next((it for it in book.find(billno) if it.id == difference.payout_id), None)
    return BreakView(
        it, name, book.now(),
        account=None if bill is None else bill.key.account, raw=raw, payout=payout,
    )  # fmt: skip
