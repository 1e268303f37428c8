"""Bills for tests of the ledger: stored, matched and held against it by hand."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hongbao.ledger.bills.bill_storing import compressed
from hongbao.ledger.bills.movements import digested
from hongbao.ledger.model.bill import (
    BillFacts,
    BillKey,
    BillMatch,
    BookedMovement,
    BreakKind,
    Difference,
    ForeignGroup,
    StoredBill,
)

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

FACTS = BillFacts(2, 1, 20, 100, False, 1, 4, 1000, 920, 1, 3)  # a row
BY = "clerk"


def stored(
    book: Book, merchant_id: int, body: bytes = b"a bill", *, day: int = 20_780
) -> StoredBill:
    """A bill of these bytes, whatever they are: the ledger does not read them."""
    return book.bills.store(
        BillKey(merchant_id, "Basic", day), FACTS, compressed([body]),
        sha256=sha256(body).digest(), plain_bytes=len(body), source="bill.csv", by=BY,
    )  # fmt: skip


def movement(bill: StoredBill, line: int, payout_id: int, *, amount: int = 100) -> BookedMovement:
    """A row that has the first number of a payout."""
    return BookedMovement(bill.id, line, payout_id, 1, True, amount, 1, f"7{line}")  # the same


def matched(book: Book, bill: StoredBill, *rows: BookedMovement) -> BillMatch:
    """That these are the rows of a bill that are ours, beside some others."""
    book.bills.add_movements(bill, rows)
    match = BillMatch(
        movements=len(rows),
        amount_in=0,
        amount_out=sum(row.amount for row in rows),
        digest=sha256(digested(rows)).digest(),
        own=["现金红包/现金红包/out"],
        foreign=[ForeignGroup("交易", "交易", False, 1, 20, 2, [("FOREIG", 1)])],  # the same
    )
    book.bills.matched(bill, match, by=BY)
    return match


def difference(
    kind: BreakKind = BreakKind.AMOUNT, subject: str = "A1", *, payout_id: int | None = 1,
    bill_id: int | None = 1, found: int | None = 101,
) -> Difference:  # fmt: skip
    """One that is found."""
    return Difference(kind, subject, payout_id, bill_id, 2, 20_780, 100, found, '{"a":1}')
