"""Pages of a stored bill: every line once, in its order, wherever one begins, without remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from hongbao.errors import InvalidRequest
from hongbao.ledger.bills.bill_storing import PIECE_BYTES
from hongbao.ledger.model.bill import NO_ROWS, BillKey, StoredBill
from hongbao.reconcile.bill_pages import (
    LinePlace,
    all_lines,
    bad_lines,
    bill_page,
    place_of,
    shown_line,
)
from hongbao.wire.bill.columns import COLUMNS, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hongbao.ledger.bills.bills import Bills
    from hongbao.reconcile.bill_pages import ShownLine

_TOTALS = ",".join(SUMMARY) + "\r\n`9,`0,`0.00,`9,`9.00\r\n"


class StoredBytes:
    """Bills that hold one: what the pages ask of them."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body[at : at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)]
        self.asked = 0

    def raw(self, _bill_id: int, *, first: int = 0) -> Iterator[bytes]:
        """Its pieces, counted."""
        for piece in self._pieces[first:]:
            self.asked += 1
            yield piece

    def numbers_of(self, _merchant_id: int, billnos: Sequence[str]) -> dict[str, tuple[int, int]]:
        """One in ten is ours."""
        return {billno: (1, 1) for billno in billnos if billno.endswith("0")}


def made(rows: int, *, bad: int | None = None, remark: str = "secret") -> tuple[Bills, StoredBill]:
    lines = [",".join(COLUMNS) + "\r\n"]
    lines += [
        f"`2026-11-29 12:00:00,`1000{row},`7{row},`现金红包,`现金红包,`支出,`1.00,`9.00,"
        f"`asker,`{remark},`H{row}\r\n"
        for row in range(rows)
    ]
    if bad is not None:
        lines[bad - 1] = "`torn\r\n"
    body = "".join([*lines, _TOTALS]).encode()
    facts = NO_ROWS._replace(rows=rows, bad_lines=int(bad is not None))
    bill = StoredBill(1, BillKey(1, "Basic", 1), b"", len(body), facts, "", 0, "", None)
    return cast("Bills", StoredBytes(body)), bill


def walked(bills: Bills, bill: StoredBill, limit: int) -> list[ShownLine]:
    found, at = [], None
    while True:
        page = bill_page(bills, bill, at=at, limit=limit)
        assert len(page.lines) <= limit + 2
        found += page.lines
        if page.next is None:
            return found
        at = LinePlace.read(page.next.text)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_have_every_line_once_and_no_totals(limit: int) -> None:
    bills, bill = made(12, bad=5)
    found = walked(bills, bill, limit)
    assert [it.line for it in found] == list(range(2, 14))
    assert [it._replace(ours=False) for it in found] == list(all_lines(bills, bill))
    assert [it.voucher for it in found if it.ours] == ["H0", "H10"]
    assert [(it.line, it.why) for it in bad_lines(bills, bill, limit=9)] == [(5, "columns")]
    assert bad_lines(bills, bill, after=5, limit=9) == []


def test_a_page_far_behind_reads_only_its_own_piece() -> None:
    bills, bill = made(20_000, remark="x" * 100)
    place = place_of(bills, bill, 19_999)
    assert place is not None
    cast("StoredBytes", bills).asked = 0
    page = bill_page(bills, bill, at=place, limit=2)
    assert [it.line for it in page.lines] == [19_999, 20_000]
    assert cast("StoredBytes", bills).asked <= 3
    for line in (2, 5_000, 20_001):
        shown = shown_line(bills, bill, line)
        assert shown is not None
        assert shown.voucher == f"H{line - 2}"


def test_neither_remarks_nor_who_asked_are_shown() -> None:
    bills, bill = made(3)
    assert not [it for it in all_lines(bills, bill) if {"secret", "asker"} & set(it.cells)]


@pytest.mark.parametrize(
    "text", ["", "1", "1.2.3", "x.2", "-5.2", "3.2", "99999.2", "10.1", "1" * 30 + ".2"]
)
def test_a_place_that_is_none_is_refused(text: str) -> None:
    bills, bill = made(3)
    with pytest.raises(InvalidRequest):
        bill_page(bills, bill, at=LinePlace.read(text), limit=5)


def test_lines_that_are_not_there_have_no_place() -> None:
    bills, bill = made(3)
    assert place_of(bills, bill, 100) is None
    assert shown_line(bills, bill, 1) is None
    assert bill_page(bills, bill._replace(plain_bytes=0), limit=5) == ([], None)
