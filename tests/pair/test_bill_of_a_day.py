"""A client and the simulated WeChat agree on the bill of a day, over real TLS and in memory."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

from hongbao import AsyncRedPack, Bill, BillAccount, NoBill, NoBillReason, RedPack
from hongbao.wire.bill.body import DigestOf
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BillEnd, BillRows
from lines import AsyncLine, normal

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.client.fund_flow import FundFlowAnswer
    from lines import BlockingLine

TODAY = date(2026, 11, 23)
DAY = 24 * 3600


def _fetch(line: AsyncLine | BlockingLine, to: Path, *, compressed: bool = False) -> FundFlowAnswer:
    wechat, in_memory = line.wechat, line._in_memory
    merchant = wechat.merchant()
    if not isinstance(line, AsyncLine):
        transport = wechat.transport() if in_memory else None
        with RedPack(merchant, transport=transport) as red_pack:
            return red_pack.download_fund_flow(
                TODAY, BillAccount.BASIC, to=to, compressed=compressed
            )

    async def run() -> FundFlowAnswer:
        transport = wechat.async_transport() if in_memory else None
        async with AsyncRedPack(merchant, transport=transport) as red_pack:
            return await red_pack.download_fund_flow(
                TODAY, BillAccount.BASIC, to=to, compressed=compressed
            )

    return asyncio.run(run())


def test_what_was_paid_stands_in_the_bill_of_its_day(
    line: AsyncLine | BlockingLine, tmp_path: Path
) -> None:
    for number in ("N1", "N2", "N3"):
        line.wechat.advance(1)
        line.call(normal(number))
    line.wechat.advance(12 * 3600)
    found = _fetch(line, tmp_path / "bill.csv")
    assert found == NoBill(
        bill_date=TODAY, account=BillAccount.BASIC, why=NoBillReason.BILL_CREATING
    )
    line.wechat.advance(DAY)
    for compressed in (False, True):
        bill = _fetch(line, tmp_path / "bill.csv", compressed=compressed)
        assert isinstance(bill, Bill)
        assert (bill.compressed, bill.digest_of) == (compressed, DigestOf.PLAIN)
        *parts, end = read_bill([bill.path.read_bytes()])
        rows = [row for part in parts if isinstance(part, BillRows) for row in part]
        assert [(row.voucher, row.amount) for row in rows] == [
            (it, 100) for it in ("N1", "N2", "N3")
        ]
        assert isinstance(end, BillEnd)
        assert end.whole
    assert line.wechat.totals().debited == 300


def test_a_day_without_movements_has_no_bill(
    line: AsyncLine | BlockingLine, tmp_path: Path
) -> None:
    line.wechat.advance(2 * DAY)
    found = _fetch(line, tmp_path / "bill.csv")
    assert isinstance(found, NoBill)
    assert found.why is NoBillReason.NO_BILL_EXIST
    assert not (tmp_path / "bill.csv").exists()
