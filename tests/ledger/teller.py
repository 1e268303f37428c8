"""Who makes bills for tests of the ledger, takes them in and holds them against it."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from desk import accepted
from hongbao import beijing
from hongbao.ledger.model.bill import BreakKind
from hongbao.reconcile.bill_intake import take_in, take_in_nothing
from hongbao.reconcile.reconciling import reconcile
from hongbao.wire.bill.columns import Direction
from hongbao.wire.bill.rows import BillRow
from hongbao.wire.bill.writer import write_bill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desk import Desk
    from hongbao.ledger.model.payout import Payout
    from hongbao.reconcile.bill_intake import TakenIn
    from hongbao.reconcile.reconciling import Reconciled

MERCHANT, BASIC, OPERATION = 1, "Basic", "Operation"


class Teller:
    """Makes bills and takes them in, from the desk's day on."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.day = beijing.day_of(desk.clock.now)
        self.path = folder / "bill.csv"
        self._flow = count(1)

    def row(self, number: str, amount: int = 100, *, out: bool = True, balance: int = 0) -> BillRow:
        """A movement at nine on the bill's day."""
        return BillRow(
            line=0, booked_at=None, business_number="4", flow_number=f"7{next(self._flow)}",  # type: ignore[arg-type]  # of the bill
            name="现金红包", kind="现金红包", direction=Direction.OUT if out else Direction.IN,
            amount=amount, balance=balance, applicant="", remark="", voucher=number,
        )  # fmt: skip

    def take(self, rows: Sequence[BillRow], later: int = 0, account: str = BASIC) -> TakenIn:
        """Store a bill of these rows, so many days later; the balances follow."""
        begins = beijing.text(beijing.day_begins(self.day + later))
        moment = beijing.moment(begins) + timedelta(hours=9)
        balance, dated = 100_000, []
        for row in rows:
            balance += row.amount if row.direction is Direction.IN else -row.amount
            dated.append(row._replace(booked_at=moment, balance=balance))
        self.path.write_bytes(write_bill(dated))
        return take_in(
            self.desk.book.bills, self.path, merchant_id=MERCHANT, account=account,
            day=self.day + later, source="bill.csv", by="clerk",
        )  # fmt: skip

    def nothing(self, later: int, account: str = BASIC) -> None:
        """Store that nothing moved."""
        take_in_nothing(
            self.desk.book.bills, merchant_id=MERCHANT, account=account, day=self.day + later,
            source="NO_BILL_EXIST", by="clerk",
        )  # fmt: skip

    def reconcile(self, *, stops: bool = True) -> Reconciled:
        """Hold all of it against the books."""
        return reconcile(self.desk.book, MERCHANT, by="clerk", stops=stops)

    def kinds(self) -> list[tuple[BreakKind, str]]:
        """What is open, but for the balances, which these bills do not care for."""
        found = [it.difference for it in self.desk.book.bills.breaks(MERCHANT)]
        return [(it.kind, it.subject) for it in found if it.kind is not BreakKind.BALANCE_GAP]


def paid(teller: Teller, many: int = 1) -> list[Payout]:
    """Payouts that were sent just now."""
    teller.desk.campaign(many)
    jobs = teller.desk.jobs()
    teller.desk.record(*((job, accepted(job)) for job in jobs))
    return [teller.desk.payout(job) for job in jobs]
