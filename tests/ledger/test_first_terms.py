"""What the requests of a campaign have in common, read in the order of its rows, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import NO_ROWS, Entry, Plan

if TYPE_CHECKING:
    from desk import Desk


def test_the_first_contents_come_in_the_order_of_the_rows_each_once(desk: Desk) -> None:
    plan = Plan(
        name="spring", channel_id=desk.channel(), profile="demo", budget=None,
        source="list.csv", source_digest=NO_ROWS,
    )  # fmt: skip
    campaign = desk.book.begin_import(plan, by="anna")
    ids = desk.book.terms([{"wishing": text} for text in ("恭喜", "发财", "大吉")])
    order = [ids[2], ids[0], ids[2], ids[0], ids[1]]
    rows = [Entry(f"k{row}", "normal", f"oU{row}", 100, 1, it) for row, it in enumerate(order)]
    desk.book.submit(campaign.id, [rows], by="anna")
    found = desk.book.first_terms("spring", 5)
    assert [it["wishing"] for it in found] == ["大吉", "恭喜", "发财"]
    assert desk.book.first_terms("spring", 1) == found[:1]
    with pytest.raises(LedgerError, match="no campaign 'summer'"):
        desk.book.first_terms("summer", 1)
