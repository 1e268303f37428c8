"""What a plan of faults does to a bill. The same plan gives the same bill, however often.

A rule counts the rows whose 业务凭证号 is its ``mch_billno``, as it counts requests elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.faults import ANY, FaultKind
from hongbao.wire.bill.columns import Direction
from hongbao.wire.bill.rows import BillTotals
from hongbao.wire.bill.writer import totals_of

if TYPE_CHECKING:
    from hongbao.simulator.faults import FaultPlan, FaultRule
    from hongbao.wire.bill.rows import BillRow

FOREIGN_AMOUNT = 100
_FOREIGN_ROWS = ((Direction.IN, "交易", FOREIGN_AMOUNT), (Direction.OUT, "退款", 0))


def late_seconds(plan: FaultPlan) -> float:
    """How much later than usual bills are ready."""
    late = [rule.fault for rule in plan.rules if rule.fault.kind is FaultKind.BILL_LATE]
    return sum(fault.seconds for fault in late)


def with_faults(rows: list[BillRow], plan: FaultPlan) -> list[BillRow]:
    """The rows as they are given out, in the order of the plan's rules."""
    for rule in plan.rules:
        match rule.fault.kind:
            case FaultKind.BILL_FOREIGN_ROWS:
                rows = [*_foreign(rows, rule), *rows]
            case FaultKind.BILL_MISSING_ROW | FaultKind.BILL_DOUBLED_ROW:
                times = 0 if rule.fault.kind is FaultKind.BILL_MISSING_ROW else 2
                hit = _hit(rows, rule)
                repeated = [
                    [row] * (times if place in hit else 1) for place, row in enumerate(rows)
                ]
                rows = [row for some in repeated for row in some]
            case FaultKind.BILL_WRONG_AMOUNT:
                hit = _hit(rows, rule)
                rows = [
                    row._replace(amount=row.amount + 1) if place in hit else row
                    for place, row in enumerate(rows)
                ]
            case _:
                pass
    return rows


def stated_totals(rows: list[BillRow], plan: FaultPlan) -> BillTotals:
    """The totals that the bill has in its last line."""
    totals = totals_of(rows)
    if any(rule.fault.kind is FaultKind.BILL_BROKEN_SUMMARY for rule in plan.rules):
        return totals._replace(
            rows=totals.rows + 1, rows_out=totals.rows_out + 1, amount_out=totals.amount_out + 1
        )
    return totals


def _hit(rows: list[BillRow], rule: FaultRule) -> set[int]:
    """The places of the rows that a rule applies to."""
    found = [place for place, row in enumerate(rows) if rule.mch_billno in (ANY, row.voucher)]
    start = rule.nth - 1
    return set(found[start:] if rule.times is None else found[start : start + rule.times])


def _foreign(rows: list[BillRow], rule: FaultRule) -> list[BillRow]:
    """Money that another system of the merchant took and gave back, before all else on that day.

    So the balances still follow from one another.
    """
    if not rows:
        return []
    first = rows[0]
    before = first.balance + first.amount * (-1 if first.direction is Direction.IN else 1)
    return [
        first._replace(
            booked_at=first.booked_at.replace(hour=0, minute=0, second=0),
            business_number=f"42000{number:023d}",
            flow_number=f"8{first.booked_at:%Y%m%d}{number:012d}{direction.name}",
            name=name,
            kind=name,
            direction=direction,
            amount=FOREIGN_AMOUNT,
            balance=before + left,
            applicant="system",
            remark="",
            voucher=f"FOREIGN{number}",
        )
        for number in range(1, (rule.times or 1) + 1)
        for direction, name, left in _FOREIGN_ROWS
    ]
