"""Fund-flow bills: every row to the fen, every strange line kept."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.beijing import BEIJING
from hongbao.wire.bill.body import BillBody
from hongbao.wire.bill.columns import COLUMNS, BillColumn, Direction
from hongbao.wire.bill.reader import BLOCK_BYTES, MalformedBill, read_bill
from hongbao.wire.bill.rows import (
    BadLine,
    BadLineReason,
    BillEnd,
    BillRow,
    BillRows,
    BillTotals,
)
from hongbao.wire.bill.writer import BillLayout, totals_of, write_bill

if TYPE_CHECKING:
    from collections.abc import Iterator

_BILLS = Path(__file__).parent / "bills"
_NOON = datetime(2026, 11, 29, 12, tzinfo=BEIJING)
_HEADER = ",".join(COLUMNS)
_ROW = (
    "`2026-11-29 12:00:00,`10000417012026112900000000000001,`7001,`现金红包,`现金红包,`支出,"
    "`1.50,`998.50,`1999000001API,`autumn, first draw,`A1"
)
_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def _read(data: bytes, size: int = 0) -> tuple[list[BillRow], list[BadLine], BillEnd]:
    """All rows, all bad lines, the end; the bytes in pieces of a size."""
    size = size or len(data) or 1
    rows: list[BillRow] = []
    bad: list[BadLine] = []
    ends: list[BillEnd] = []
    for part in read_bill([data[at : at + size] for at in range(0, len(data), size)]):
        match part:
            case BillRows():
                assert not ends
                rows += part
            case BadLine():
                assert not ends
                bad.append(part)
            case BillEnd():
                ends.append(part)
    (end,) = ends
    assert end.bad_lines == len(bad)
    return rows, bad, end


def _bill(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in (_HEADER, *lines)).encode()


_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x01`"), max_size=20
)
_FEN = st.integers(0, 10**13)


def _row(line: int, amount: int, **other: object) -> BillRow:
    values = {
        "line": line,
        "booked_at": _NOON + timedelta(seconds=line),
        "business_number": f"1000041701202611290000{line:09d}",
        "flow_number": f"{line}",
        "name": "现金红包",
        "kind": "现金红包",
        "direction": Direction.OUT,
        "amount": amount,
        "balance": 10**9,
        "applicant": "1999000001API",
        "remark": "",
        "voucher": f"A{line}",
    }
    return BillRow(**(values | other))  # type: ignore[arg-type]  # of the right types, by name


@st.composite
def _rows(draw: st.DrawFn) -> list[BillRow]:
    count = draw(st.integers(0, 12))
    return [
        _row(
            line,
            draw(_FEN),
            booked_at=draw(
                st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1))  # noqa: DTZ001  # as Hypothesis wants it
            ).replace(microsecond=0, tzinfo=BEIJING)
            if draw(st.booleans())
            else _NOON,
            name=draw(_TEXT),
            direction=draw(st.sampled_from(Direction)),
            balance=draw(st.one_of(_FEN, st.integers(-(10**13), 0))),
            remark=draw(_TEXT),
            voucher=draw(_TEXT),
        )
        for line in range(2, 2 + count)
    ]


_LAYOUTS = st.builds(
    BillLayout,
    header_ticks=st.booleans(),
    decimal_counts=st.booleans(),
    wide_brackets=st.booleans(),
)


@given(_rows(), _LAYOUTS, st.integers(1, 400), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_what_is_written_is_read_back_however_it_is_cut(
    rows: list[BillRow], layout: BillLayout, size: int, bom: bytes
) -> None:
    data = bom + write_bill(rows, layout)
    found, bad, end = _read(data, size)
    assert (found, bad) == (rows, [])
    assert end == BillEnd(totals_of(rows), totals_of(rows), 0)
    assert end.whole


@given(
    st.lists(st.sampled_from([_ROW, _ROW.replace(",", ""), "`", '"', "", "\r", "`a,`b", "x" * 90]))
    | st.lists(st.text('`,"\r\x00é0123456789.:- 支出收入', max_size=60)),
    st.integers(1, 50),
    st.sampled_from(["\n", "\r\n"]),
)
def test_strange_lines_read_alike_however_they_are_cut_and_wherever_they_stand(
    lines: list[str], size: int, end: str
) -> None:
    """So the short cut for whole blocks reads what is read line by line."""
    data = _bill(*lines, end=end)
    whole = _read(data)
    assert whole == _read(data, size)
    # A line that cannot be a row has the whole block read line by line.
    mixed, bad, totals = _read(data + b"`strange\n")
    assert (mixed, bad[:-1], totals.counted) == (whole[0], whole[1], whole[2].counted)


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=30))
def test_amounts_are_whole_fen_to_the_last_one(amounts: list[int]) -> None:
    rows = [_row(line, amount) for line, amount in enumerate(amounts, 2)]
    found, _, end = _read(write_bill(rows))
    assert [row.amount for row in found] == amounts
    assert end.counted.amount_out == sum(amounts)


def test_a_row_is_what_stands_in_the_bill() -> None:
    (row,), _, _ = _read(_bill(_ROW))
    assert row == BillRow(
        line=2,
        booked_at=_NOON,
        business_number="10000417012026112900000000000001",
        flow_number="7001",
        name="现金红包",
        kind="现金红包",
        direction=Direction.OUT,
        amount=150,
        balance=99850,
        applicant="1999000001API",
        remark="autumn, first draw",
        voucher="A1",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_ROW.replace(",`A1", ""), BadLineReason.COLUMNS),
        (_ROW + ",`more", BadLineReason.COLUMNS),
        (_ROW.removeprefix("`"), BadLineReason.COLUMNS),
        (_ROW.replace(",`", ","), BadLineReason.COLUMNS),
        (_ROW.replace("12:00:00", "24:00:00"), BadLineReason.TIME),
        (_ROW.replace("12:00:00", "12:60:00"), BadLineReason.TIME),
        (_ROW.replace("12:00:00", "12:00:60"), BadLineReason.TIME),
        (_ROW.replace("11-29", "02-30"), BadLineReason.TIME),
        (_ROW.replace("2026-11-29", "2026/11/29"), BadLineReason.TIME),
        (_ROW.replace("支出", "冻结"), BadLineReason.DIRECTION),
        (_ROW.replace("1.50", "1.505"), BadLineReason.AMOUNT),
        (_ROW.replace("1.50", "-1.50"), BadLineReason.AMOUNT),
        (_ROW.replace("`1.50", "`1.5E2"), BadLineReason.AMOUNT),
        (_ROW.replace("`1.50", "`1,500.00"), BadLineReason.AMOUNT),
        (_ROW.replace("`1.50", "`"), BadLineReason.AMOUNT),
        (_ROW.replace("`1.50", "`１.50"), BadLineReason.AMOUNT),
        (_ROW.replace("998.50", "--998.50"), BadLineReason.BALANCE),
        (_ROW.replace("autumn", "autumn" * BLOCK_BYTES), BadLineReason.TOO_LONG),
    ],
)
def test_a_bad_line_is_kept_with_its_reason_and_the_rest_is_read(
    line: str, reason: BadLineReason
) -> None:
    rows, bad, end = _read(_bill(_ROW, line, _ROW, _TOTALS, "`2,`0,`0.00,`2,`3.00"))
    assert [row.line for row in rows] == [2, 4]
    assert [(one.line, one.reason) for one in bad] == [(3, reason)]
    assert line.encode().startswith(bad[0].raw)
    assert len(bad[0].raw) <= BLOCK_BYTES + 1
    assert end.stated == end.counted
    assert not end.whole


def test_two_directions_in_one_row_are_not_those_of_two_rows() -> None:
    _, bad, end = _read(_bill(_ROW.replace("支出", "支出收入"), _ROW.replace("支出", "")))
    assert [it.reason for it in bad] == [BadLineReason.DIRECTION] * 2
    assert end.counted.rows == 0


@pytest.mark.parametrize(
    ("said", "fen"), [("7", 700), ("7.1", 710), ("0.01", 1), ("007.10", 710), (" 7.10 ", 710)]
)
def test_yuan_with_fewer_decimals_are_amounts_too(said: str, fen: int) -> None:
    rows, bad, _ = _read(_bill(_ROW.replace("`1.50", f"`{said}")))
    assert ([row.amount for row in rows], bad) == ([fen], [])


def test_broken_letters_in_a_remark_do_not_cost_the_row() -> None:
    data = _bill(_ROW).replace(b"autumn", b"\xe7\xba")
    for more in (b"", b"`strange\r\n"):  # by blocks, and line by line
        (row,), _, _ = _read(data + more)
        assert (row.amount, row.remark) == (150, r"\xe7\xba, first draw")


@pytest.mark.parametrize(
    "values", ["`2.0,`0.0,`0.00,`2.0,`3.00", "`2,`0,`0.00,`2,`3.00", '"`2","`0","`0","`2","`3.0"']
)
def test_totals_are_read_in_every_shape_that_was_seen(values: str) -> None:
    _, bad, end = _read(_bill(_ROW, _ROW, _TOTALS, values))
    assert (bad, end.stated, end.whole) == ([], BillTotals(2, 0, 0, 2, 300), True)


@pytest.mark.parametrize(
    "values", ["`2,`0,`0.00,`2,`3.01", "`3,`0,`0.00,`3,`3.00", "`2,`1,`1.50,`1,`1.50"]
)
def test_totals_that_differ_from_the_rows_show(values: str) -> None:
    _, bad, end = _read(_bill(_ROW, _ROW, _TOTALS, values))
    assert bad == []
    assert end.stated is not None
    assert not end.whole


@pytest.mark.parametrize(
    "lines", [[], [_TOTALS], [_TOTALS, "`x,`0,`0.00,`2,`3.00"], [_TOTALS, "`2.5,`0,`0,`2,`3"]]
)
def test_a_bill_without_readable_totals_is_not_whole(lines: list[str]) -> None:
    _, _, end = _read(_bill(_ROW, _ROW, *lines))
    assert end.stated is None
    assert not end.whole


def test_what_stands_behind_the_totals_is_no_row() -> None:
    rows, bad, _ = _read(_bill(_ROW, _TOTALS, "`1,`0,`0.00,`1,`1.50", _ROW))
    assert (len(rows), [one.reason for one in bad]) == (1, [BadLineReason.SUMMARY])


def test_columns_are_found_by_name_and_others_are_passed_over() -> None:
    names, cells = _HEADER.split(","), _ROW.removeprefix("`").split(",`")
    for order in ([*names[::-1], "新列"], [*names, "新列"]):
        row = ",".join("`" + dict(zip(names, cells, strict=True)).get(name, "9") for name in order)
        (found,), _, _ = _read(",".join(order).encode() + f"\r\n{row}\r\n".encode())
        assert found == _read(_bill(_ROW))[0][0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf",
        b"<xml><return_code>FAIL</return_code></xml>",
        "交易时间,公众账号ID,商户号\r\n".encode(),
        _HEADER.encode("gb18030"),
        _HEADER.replace("备注", "账户结余(元)").encode(),
        _HEADER.replace(",", "x" * BLOCK_BYTES, 1).encode(),
        b"\r\n" + _HEADER.encode(),
    ],
)
def test_what_has_no_header_of_a_fund_flow_bill_is_none(data: bytes) -> None:
    with pytest.raises(MalformedBill):
        _read(data)


@pytest.mark.parametrize("path", sorted(_BILLS.glob("*.csv")), ids=lambda path: path.stem)
def test_the_shapes_that_were_seen_in_public_say_the_same(path: Path) -> None:
    rows, bad, end = _read(path.read_bytes())
    assert (bad, end.whole) == ([], True)
    assert [(row.voucher, row.direction.value, row.amount, row.balance) for row in rows] == [
        ("A1", "支出", 1, 99999),
        ('A"2', "支出", 20000, 79999),
        ("A1", "收入", 1, 80000),
    ]


def test_memory_does_not_grow_with_the_bill() -> None:
    def bill(rows: int) -> Iterator[bytes]:
        yield _bill()
        for _ in range(rows // 100):
            yield f"{_ROW}\r\n".encode() * 100

    def peak(rows: int) -> int:
        tracemalloc.start()
        for _ in read_bill(bill(rows)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < peak(2_000) + BLOCK_BYTES


def test_texts_are_had_a_column_at_a_time() -> None:
    rows = next(iter(read_bill([write_bill([_row(2, 1), _row(3, 1)])])))
    assert isinstance(rows, BillRows)
    assert rows.texts(BillColumn.VOUCHER) == ["A2", "A3"]


_SAVED = "`2026-11-29 12:00:00,`4,`7,`红包,`红包,`支出,`1.50,`998.50,`API,{},`A1"


@pytest.mark.parametrize("remark", ['"`autumn, first draw"', '"`say ""hi"", then go"'])
def test_a_row_of_which_a_spreadsheet_has_quoted_what_has_commas_is_read(remark: str) -> None:
    padded = "`1.0,`0.0,`0.00,`1.0,`1.50,,,,,,"
    rows, bad, end = _read(_bill(_SAVED.format(remark), f"{_TOTALS},,,,,,", padded))
    assert bad == []
    assert [it.remark for it in rows] == [
        remark.strip('"').replace('""', '"').removeprefix("`"),
    ]  # fmt: skip
    assert end.whole


_WHOLE = _bill(_ROW, _TOTALS, "`1.0,`0.0,`0.00,`1.0,`1.50").decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_WHOLE.encode("gbk"), "GBK"),
        (_WHOLE.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04" + bytes(80), "workbook"),
        (_WHOLE.replace(",`", ";`").replace(",", ";").encode(), "not separated by commas"),
        (_WHOLE.replace(",", "\t").encode(), "not separated by commas"),
        (_WHOLE.replace("\r\n", "\r").encode(), "carriage return alone"),
    ],
)
def test_what_people_take_for_a_bill_is_named(data: bytes, words: str) -> None:
    body = BillBody()
    with pytest.raises(MalformedBill, match=words):
        _read(b"".join([*body.take(data), *body.end()]))
