"""What a run must find in bills, worked out from WeChat's own rows and from what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao import BillAccount, MerchantTransfer, RedPack, beijing
from hongbao.ledger.model.bill import BreakKind
from hongbao.reconcile.bill_fetching import FetchEnd, asked_for, fetch
from hongbao.simulator.bill_rows import rows_of_day
from hongbao.wire.bill.columns import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hongbao.reconcile.bill_fetching import Fetched
    from hongbao.wire.bill.rows import BillRow
    from proof_stage import Stage

ACCOUNTS = (BillAccount.BASIC, BillAccount.OPERATION)


class Planted(NamedTuple):
    """A fault in every bill that has rows of a number.

    Attributes:
        fault: its name at the simulator.
        number: whose row; the first of it in each bill.
    """

    fault: str
    number: str

    @property
    def rule(self) -> dict[str, object]:
        """For the simulator."""
        return {"fault": self.fault, "mch_billno": self.number, "nth": 1, "times": 1}


def days_of(stage: Stage, mch_id: str, account: BillAccount) -> dict[int, list[BillRow]]:
    """All rows, by day: as they are, whatever the bills will say."""
    with stage.wechat.app.lock:
        merchant = stage.wechat.simulated(mch_id)
        last = beijing.day_of(stage.time.instant)
        days = range(last - 80, last)
        found = {day: rows_of_day(stage.wechat.world, merchant, account, day) for day in days}
    return {day: rows for day, rows in found.items() if rows}


def expected(
    days: Mapping[int, Sequence[BillRow]],
    planted: Sequence[Planted],
    *,
    paid: set[str],
    locked: set[str],
) -> Iterator[tuple[BreakKind, str]]:
    """The kinds and subjects of all breaks of one account; names of bills are their days.

    Args:
        days: all rows, by day.
        planted: the faults.
        paid: the numbers that are paid.
        locked: others of the books, whose money was locked and came back.
    """
    for fault in planted:
        if fault.number in locked:
            yield from _of_a_lock(fault.number, days, told_of(days, planted))
    balance: int | None = None
    for day, told in told_of(days, planted).items():
        for fault in planted:
            row = next((it for it in days[day] if it.voucher == fault.number), None)
            if row is not None and fault.number in paid:
                yield _named(fault, row)
        gap = False
        for row in told:
            signed = row.amount if row.direction is Direction.IN else -row.amount
            gap |= balance is not None and balance + signed != row.balance
            balance = row.balance
        if gap:
            yield BreakKind.BALANCE_GAP, beijing.date(day)


def told_of(
    days: Mapping[int, Sequence[BillRow]], planted: Sequence[Planted]
) -> dict[int, list[BillRow]]:
    """The rows that bills have, by day, oldest first."""
    found = {}
    for day in sorted(days):
        told = list(days[day])
        for fault in planted:
            place = next((at for at, it in enumerate(told) if it.voucher == fault.number), None)
            if place is not None:
                told = _with_fault(told, place, fault.fault)
        found[day] = told
    return found


def _with_fault(rows: list[BillRow], place: int, fault: str) -> list[BillRow]:
    row = rows[place]
    instead = {
        "bill_missing_row": [],
        "bill_doubled_row": [row, row],
        "bill_wrong_amount": [row._replace(amount=row.amount + 1)],
    }[fault]
    return [*rows[:place], *instead, *rows[place + 1 :]]


def _named(fault: Planted, row: BillRow) -> tuple[BreakKind, str]:
    out, number = row.direction is Direction.OUT, row.voucher
    match fault.fault:
        case "bill_missing_row":
            return (BreakKind.MISSING_IN_BILL if out else BreakKind.RETURN_MISSING), number
        case "bill_doubled_row":
            return BreakKind.DUPLICATE, number if out else f"{number}/in"
        case _:
            return BreakKind.AMOUNT, number if out else f"{number}/in"


def _of_a_lock(
    number: str,
    days: Mapping[int, Sequence[BillRow]],
    told: Mapping[int, Sequence[BillRow]],
) -> Iterator[tuple[BreakKind, str]]:
    """Of a number that is not paid: its money was locked, and came back."""
    amount = next(row.amount for rows in days.values() for row in rows if row.voucher == number)
    moved = [row for rows in told.values() for row in rows if row.voucher == number]
    out = [row for row in moved if row.direction is Direction.OUT]
    back = [row for row in moved if row.direction is Direction.IN]
    if len(out) > 1:
        yield BreakKind.DUPLICATE, number
    if len(back) > 1:
        yield BreakKind.DUPLICATE, f"{number}/in"
    if back and not out:
        yield BreakKind.RETURN_UNEXPECTED, number
    elif out and not back:
        yield BreakKind.MISSING_IN_LEDGER, number
    elif out and out[0].amount != amount:
        yield BreakKind.AMOUNT, number
    if out and back and back[0].amount != amount:
        yield BreakKind.AMOUNT, f"{number}/in"


def fetch_all(stage: Stage, merchant_id: int, mch_id: str, *, again: bool = False) -> list[Fetched]:
    """Have all bills that can be had; once more, if they may be others now."""
    bills = stage.book.bills
    there = bills.of_merchant(merchant_id)
    began, now = bills.began(merchant_id), stage.book.now()
    wanted = asked_for([] if again else there, ACCOUNTS, began=began, now=now)
    with _client(stage, mch_id) as client:
        fetched = fetch(
            stage.book, client, merchant_id=merchant_id, wanted=wanted, by="clerk",
            pause=stage.time.advance,
        )  # fmt: skip
        found = list(fetched)
    assert not [it for it in found if it.end is FetchEnd.FAILED]
    return found


def _client(stage: Stage, mch_id: str) -> RedPack | MerchantTransfer:
    transport = stage.wechat.transport(mch_id)
    if stage.rail == "transfer":
        credentials = stage.wechat.credentials(mch_id)
        return MerchantTransfer(credentials, transport=transport, clock=stage.time.now)
    return RedPack(stage.wechat.merchant(mch_id), transport=transport)
