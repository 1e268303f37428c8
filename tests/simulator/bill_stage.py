"""How tests ask the simulator for bills, and read them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW, BillAccount, FundFlow, encode
from hongbao.wire.bill.rows import BadLine, BillEnd, BillRow, BillRows
from stage import PAYER, Payer, Stage, reply_of

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Answer

TODAY = date(2026, 11, 23)
BASIC, OPERATION, FEES = BillAccount


def ask(
    stage: Stage,
    day: date = TODAY,
    account: BillAccount = BASIC,
    *,
    compressed: bool = False,
    payer: Payer = PAYER,
) -> Answer:
    asked = FundFlow(bill_date=day, account=account, compressed=compressed)
    return stage.post(DOWNLOADFUNDFLOW.path, encode(asked, payer, nonce="n0nce"))


def code(answer: Answer) -> str:
    return reply_of(answer)["err_code"]


def rows_of(answer: Answer) -> tuple[list[BillRow], BillEnd]:
    parts = list(read_bill([answer.body]))
    assert not [part for part in parts if isinstance(part, BadLine)]
    rows = [row for part in parts if isinstance(part, BillRows) for row in part]
    assert isinstance(parts[-1], BillEnd)
    return rows, parts[-1]


def bill_rows(stage: Stage, day: date = TODAY, account: BillAccount = BASIC) -> list[BillRow]:
    """The rows of a bill that is whole and whose balances follow from one another."""
    rows, end = rows_of(ask(stage, day, account))
    assert end.whole
    assert follows(rows)
    return rows


def follows(rows: list[BillRow]) -> bool:
    moved = [row.amount * (1 if row.direction.name == "IN" else -1) for row in rows]
    return all(
        later.balance == earlier.balance + by
        for earlier, later, by in zip(rows, rows[1:], moved[1:], strict=False)
    )


def short(rows: list[BillRow]) -> list[tuple[str, str, int, int]]:
    return [(row.voucher, row.direction.name, row.amount, row.balance) for row in rows]
