"""A client reads the bill of a day alike on either side of each setting of the simulated bills."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from hongbao import Bill, BillAccount, RedPack
from hongbao.simulator.settings import BillDigest, BillNumber, Settings
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BillEnd, BillRows
from lines import normal

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.testing.wechat import SimulatedWeChat

TODAY = date(2026, 11, 23)
OTHER: dict[str, object] = {
    "bill_ready_seconds": 3600.0,
    "bill_days": 30,
    "bill_sent_name": "红包支出",
    "bill_sent_kind": "交易",
    "bill_returned_name": "红包退回",
    "bill_returned_kind": "退款",
    "bill_business_number": BillNumber.SEND_LISTID,
    "bill_digest": BillDigest.COMPRESSED,
    "bill_decimal_counts": False,
    "bill_header_ticks": True,
    "bill_wide_brackets": True,
}
"""The other side of each."""


@pytest.mark.parametrize("setting", OTHER)
def test_a_bill_is_read_on_either_side_of_a_setting(
    wechat_in_memory: SimulatedWeChat, setting: str, tmp_path: Path
) -> None:
    wechat = wechat_in_memory
    wechat.set(**{setting: OTHER[setting]})
    with RedPack(wechat.merchant(), transport=wechat.transport()) as red_pack:
        red_pack.call(normal("N1"))
        wechat.advance(25 * 3600)
        bill = red_pack.download_fund_flow(TODAY, BillAccount.BASIC, to=tmp_path / "bill.csv")
    assert isinstance(bill, Bill)
    *parts, end = read_bill([bill.path.read_bytes()])
    rows = [row for part in parts if isinstance(part, BillRows) for row in part]
    assert [(row.voucher, row.amount) for row in rows] == [("N1", 100)]
    assert isinstance(end, BillEnd)
    assert end.whole


def test_each_setting_of_bills_has_another_side() -> None:
    assert {name for name in Settings.__dataclass_fields__ if name.startswith("bill_")} == set(
        OTHER
    )
