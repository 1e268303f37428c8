"""A bill that has all that books have paid, so that its day can be closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.ledger.model.payout import PAID
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.reconcile.bill_intake import take_in, take_in_nothing
from hongbao.reconcile.reconciling import reconcile
from hongbao.wire.bill.columns import Direction
from hongbao.wire.bill.rows import BillRow
from hongbao.wire.bill.writer import write_bill

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book


def bill_all(book: Book, folder: Path) -> None:
    """Take in the bill of today, with all that was paid, and that of tomorrow, without anything.

    Args:
        book: the books, all of one merchant.
        folder: the bill's file is written there.
    """
    day = beijing.day_of(book.now())
    sent = [it for it in book.payouts(PayoutFilter()).items if it.state in PAID]
    at, balance = beijing.moment(f"{beijing.date(day)} 09:00:00"), 10_000
    rows = []
    for it in sent:
        balance -= it.amount
        rows.append(
            BillRow(
                line=0, booked_at=at, business_number="4", flow_number=f"7{it.id}", name="现金红包",
                kind="现金红包", direction=Direction.OUT, amount=it.amount, balance=balance,
                applicant="", remark="secret", voucher=it.billno,
            )
        )  # fmt: skip
    path = folder / "bill.csv"
    path.write_bytes(write_bill(rows))
    merchant = sent[0].merchant_id
    take_in(
        book.bills, path, merchant_id=merchant, account="Basic", day=day, source="bill.csv",
        by="anna",
    )  # fmt: skip
    take_in_nothing(
        book.bills, merchant_id=merchant, account="Basic", day=day + 1, source="none", by="anna"
    )
    reconcile(book, merchant, by="anna", stops=False)
