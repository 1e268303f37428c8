"""Books with something on every page of the console, and all of it as long as it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billed_books import bill_all
from hongbao import beijing
from hongbao.billno import derive_billno
from hongbao.console.auditing import AuditRun
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.bill import NO_ROWS, BillKey, BreakKind, Difference
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.reconcile.merchant_bills import merchants_of

if TYPE_CHECKING:
    from pathlib import Path

    from console_stage import ConsoleStage

LONG = "long" * 16
"""A campaign and an account of as many letters as a name may have, and no blank."""
REASON = "因" * 250 + "x" * 250
"""As much as a form takes."""
BILLNO = derive_billno("1900012345", f"{LONG}/0")
PLACES = {
    "name": LONG, "user": LONG, "billno": BILLNO, "endpoint": "crm", "number": "1",
    "merchant": "demo",
}  # fmt: skip
"""What stands in the braces of addresses."""


def fill(stage: ConsoleStage, folder: Path) -> None:
    """Have everything happen once."""
    book = stage.book
    stage.account("root", Role.ADMIN)
    stage.account(LONG, Role.MAKER)
    stage.campaign(LONG, 8)
    stage.pay(4, claimed=2)
    bill_all(book, folder)
    (bills,) = merchants_of(book, stage.site.configuration, None)
    day = beijing.day_of(book.now())
    bills.close_period(day, day, leave_open=False, by=LONG)
    _differ(stage, day - 1)
    stage.pay(0, doubtful=2)
    book.note(next(iter(book.find(BILLNO))).id, by=LONG, text=REASON)
    book.pause(LONG, by="bo", reason=REASON)
    stage.campaign("autumn", approved=False)
    stage.campaign("winter", approved=False)
    book.reject("winter", by="bo", reason=REASON)
    book.ask_limits("1900012345", "redpack", PayerLimits(rate=2), by=LONG, reason=REASON)
    book.through(WebhookBook).add("crm", f"https://crm.example/{LONG}", by="anna")
    book.beat(f"worker@{LONG}")
    # One that runs for as long as pages are looked at.
    stage.site.audits.run = AuditRun(by=LONG, begun_at=stage.wall(), done=2, total=5)


def _differ(stage: ConsoleStage, day: int) -> None:
    (payout,) = stage.book.find(BILLNO)
    stage.book.bills.store(
        BillKey(payout.merchant_id, "Operation", day), NO_ROWS, [b""], sha256=bytes(32),
        plain_bytes=0, source=f"{LONG}.csv", by=LONG,
    )  # fmt: skip
    missing = Difference(
        kind=BreakKind.MISSING_IN_BILL, subject=BILLNO, payout_id=payout.id, bill_id=None,
        line=None, day=day, expected=100, found=0,
    )  # fmt: skip
    stage.book.bills.compare(payout.merchant_id, [missing], payouts=[payout.id], by="reconcile")
