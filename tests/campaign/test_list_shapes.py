"""Lists as people have them: titles, totals, ``sep=``, dropped commas, indexes, reports of ours."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from hongbao.campaign.report.columns import COLUMNS
from hongbao.campaign.report.report import write_report
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.table.table import Reading, open_table
from list_maker import check, csv_file, payee, problems_in, refusal, store_text, warned, xlsx_file

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

ROWS = f"openid,amount,key\n{payee(1)},1.88,1\n{payee(2)},2.00,2\n"
TITLED = f"2026 春节红包名单,,\n,,\n{ROWS}"
CELLS: list[tuple[Any, ...]] = [
    ("openid", "amount", "key"),
    (payee(1), 1.88, "1"),
    (payee(2), 2, "2"),
]


def test_the_row_of_the_header_is_said(tmp_path: Path) -> None:
    path = csv_file(tmp_path, TITLED)
    assert problems_in(check(path))[-1] == "the list: row 3 looks like the header: --header-row 3"
    found = check(path, reading=Reading(header_row=3))
    assert found.ok, problems_in(found)
    assert found.digest == check(csv_file(tmp_path, ROWS)).digest


def test_the_row_of_the_header_is_said_of_a_sheet_too(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [("2026 春节红包名单",), (), *CELLS])
    assert problems_in(check(path))[-1] == "the list: row 3 looks like the header: --header-row 3"
    assert check(path, reading=Reading(header_row=3)).total == (2, 388)


_PAGE = "<table><tr><td>openid</td><td>amount</td></tr></table>"
_XML = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_PAGE.encode(), "is a web page or XML"),
        (b"\xef\xbb\xbf\r\n <HTML>" + _PAGE.encode(), "is a web page or XML"),
        (_PAGE.encode("utf-16"), "is a web page or XML"),
        (_XML.encode(), "is a web page or XML"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "is a web page or XML"),
        (b'[{"openid":"o1","amount":1.88}]', "is JSON"),
        (b'{\n  "openid": {"0": "o1"}}', "is JSON"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an XLS of before 2007"),
    ],
)
def test_what_is_called_a_list_and_is_another_kind_of_file_is_named(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert said in refusal(csv_file(tmp_path, content, "list.xls"))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("mimetype", "is an OpenDocument sheet (ODS)"),
        ("xl/workbook.bin", "is a binary workbook (XLSB)"),
        ("Index/Document.iwa", "is a document of Numbers"),
    ],
)
def test_another_kind_of_workbook_is_named(tmp_path: Path, part: str, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w") as packed:
        packed.writestr(part, "x")
    assert said in refusal(tmp_path / "list.xlsx")


@pytest.mark.parametrize("title", ["<春节> 名单", "[内部] 名单", "{1} list", "<<<"])
def test_a_title_in_brackets_is_no_other_kind_of_file(tmp_path: Path, title: str) -> None:
    path = csv_file(tmp_path, f"{title}\n{ROWS}")
    assert check(path, reading=Reading(header_row=2)).ok


def test_a_title_above_a_list_with_semicolons_does_not_hide_its_delimiter(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"名单, 2026, 春节\n{ROWS.replace(',', ';')}")
    assert "row 2 looks like the header" in problems_in(check(path))[-1]
    assert check(path, reading=Reading(header_row=2)).ok


@pytest.mark.parametrize("number", [2, 9])
def test_a_header_that_is_not_there_is_refused(tmp_path: Path, number: int) -> None:
    assert re.search(
        r"is blank, or not there|has no header",
        refusal(csv_file(tmp_path, TITLED), reading=Reading(header_row=number)),
    )


@pytest.mark.parametrize(
    "total",
    [
        "合计,3.88,",
        "总计：,3.88,",
        "Total,3.88,",
        "total,3.88,",
        "TOTAL,3.88,",
        ",3.88,合 计",
        "sum,3.88,",
    ],
)
def test_a_total_is_left_out_if_that_is_said(tmp_path: Path, total: str) -> None:
    path = csv_file(tmp_path, f"{ROWS},,\n{total}\n")
    assert (
        problems_in(check(path))[-1]
        == "the list: row 5 looks like a total: --skip-last 1 leaves it out"
    )
    found = check(path, reading=Reading(skip_last=1))
    assert found.ok, problems_in(found)
    assert found.total == (2, 388)
    assert warned(found) == ["left out at the end, as it was said (row 5)"]


def test_what_stands_below_a_total_is_counted_with_it(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [*CELLS, ("合计", 3.88), ("制表人：王",)])
    assert "--skip-last 2 leaves it out" in problems_in(check(path))[-1]
    assert check(path, reading=Reading(skip_last=2)).ok


def test_a_receiver_that_is_left_out_is_reported(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, ROWS), reading=Reading(skip_last=1))
    assert found.total.rows == 1
    assert warned(found) == ["left out at the end, as it was said, and names a receiver (row 3)"]


def test_more_rows_than_there_are_leave_the_header(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, ROWS), reading=Reading(skip_last=9))
    assert problems_in(found) == ["the list: has a header and no rows"]


@pytest.mark.parametrize("row", ["sum,3.88,", "openid,3.88,3"])
def test_no_word_of_a_table_is_a_receiver(tmp_path: Path, row: str) -> None:
    text = f"openid,amount,key\n{row}\n{payee(1)},1.88,1\n"
    assert problems_in(check(csv_file(tmp_path, text))) == [
        f"row 2, openid: {row.partition(',')[0]!r} is not a receiver"
    ]


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [("sep=;", ";"), ('"sep=;"', ";"), ("SEP=,", ","), ("sep=\t", "\t"), ("\ufeffsep=;", ";")],
)
def test_the_line_that_tells_excel_the_delimiter_is_understood(
    tmp_path: Path, line: str, delimiter: str
) -> None:
    text = f"{line}\r\n{ROWS.replace(',', delimiter)}{payee(3)}{delimiter}x{delimiter}3\n"
    (problem,) = problems_in(check(csv_file(tmp_path, text)))
    assert problem.startswith("row 5, amount: ")


def test_a_delimiter_that_there_is_not_is_refused_also_if_the_file_says_it(tmp_path: Path) -> None:
    assert re.search(
        r"cannot be separated by '\|'",
        refusal(csv_file(tmp_path, f"sep=|\n{ROWS.replace(',', '|')}")),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_second_byte_order_mark_is_no_part_of_a_name(tmp_path: Path, encoding: str) -> None:
    assert check(csv_file(tmp_path, f"\ufeff{ROWS}".encode(encoding))).ok


def test_commas_that_excel_dropped_stand_for_empty_cells(tmp_path: Path) -> None:
    text = f"openid,amount,key,remark\n{payee(1)},1.88,1\n{payee(2)},2.00\n{payee(3)},1.00,3,x,,\n"
    found = check(csv_file(tmp_path, text))
    assert found.ok, problems_in(found)
    assert found.total.rows == 3


def test_a_row_in_which_the_file_ends_may_miss_more_than_commas(tmp_path: Path) -> None:
    cut = f"openid,amount,key\n{payee(1)},1.88,1\n{payee(2)},1.8"
    assert problems_in(check(csv_file(tmp_path, cut))) == [
        "row 3: has 2 cells, and the header has 3: the file ends in the middle of it"
    ]
    assert check(csv_file(tmp_path, f"{cut},2")).ok


def test_a_column_without_a_name_is_left_out_if_that_is_said(tmp_path: Path) -> None:
    cells = [(None, *CELLS[0]), *((row, *it) for row, it in enumerate(CELLS[1:]))]
    path = xlsx_file(tmp_path, cells)
    assert "leave all such out with --map '=-'" in problems_in(check(path))[0]
    found = check(path, columns={"": "-"})
    assert found.ok, problems_in(found)
    assert found.digest == check(xlsx_file(tmp_path, CELLS)).digest


@pytest.mark.parametrize("amount", ["1.8800", "1.880", "1.88000000"])
def test_zeros_at_the_end_of_an_amount_say_nothing(tmp_path: Path, amount: str) -> None:
    assert check(csv_file(tmp_path, f"openid,amount\n{payee(1)},{amount}\n")).total.amount == 188


@pytest.mark.parametrize("amount", ["1.881", "1.8801", "1.", ".88", "1.88.00", "１.88"])
def test_other_amounts_stay_refused(tmp_path: Path, amount: str) -> None:
    assert not check(csv_file(tmp_path, f"openid,amount\n{payee(1)},{amount}\n")).ok


def test_zeros_do_not_make_whole_fen_of_what_looks_like_yuan(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"openid,amount\n{payee(1)},188.00\n")
    assert not check(path, unit=Unit.FEN).ok


def test_other_sheets_are_named_if_the_first_is_no_list(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(("This file was exported from Numbers",))
    sheet = book.create_sheet("Sheet 1 - 名单")
    for row in CELLS:
        sheet.append(row)
    path = tmp_path / "numbers.xlsx"
    book.save(path)
    assert problems_in(check(path))[-1] == (
        "the list: the workbook has other sheets: 'Sheet 1 - 名单'; --sheet NAME reads one of them"
    )
    assert check(path, reading=Reading(sheet="Sheet 1 - 名单")).ok


def test_an_unknown_column_is_a_problem_of_the_list_with_the_exact_way_out(tmp_path: Path) -> None:
    path = csv_file(tmp_path, ROWS.replace("amount", "amount,姓名", 1).replace(",1.88", ",1.88,王"))
    found = check(path)
    assert found.digest is None
    ways = "--map '姓名=FIELD', keep it for reports with --keep '姓名', or leave it out with --map "
    assert f"{ways}'姓名=-'" in problems_in(found)[0]
    assert problems_in(found)[0].startswith("row 1: '姓名' is not known")


def test_a_name_with_blanks_and_line_breaks_is_mapped_by_what_is_seen(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [("openid", "amount", "姓名\n（必填）"), (payee(1), 1.88, "王")])
    assert "--map '姓名 （必填）=-'" in problems_in(check(path))[0]
    assert check(path, columns={"姓名 （必填）": "-"}).ok


@pytest.mark.parametrize(
    ("unit", "amount", "limits"),
    [
        (Unit.YUAN, "0.50", "1.00 to 200.00 yuan unless a scene_id is given; found 0.50 yuan"),
        (Unit.YUAN, "9999", "0.01 to 4999.00 yuan; found 9999.00 yuan"),
        (Unit.YUAN, "0", "0.01 to 4999.00 yuan; found 0.00 yuan"),
        (Unit.FEN, "50", "100 to 20000 fen unless a scene_id is given; found 50"),
        (Unit.FEN, "999900", "1 to 499900; found 999900"),
    ],
)
def test_limits_are_reported_in_the_unit_of_the_list(
    tmp_path: Path, unit: Unit, amount: str, limits: str
) -> None:
    found = check(csv_file(tmp_path, f"openid,amount\n{payee(1)},{amount}\n"), unit=unit)
    whole = "a whole number " if "999900" in limits else ""
    assert problems_in(found) == [f"row 2, amount: must be {whole}from {limits}"]


def test_the_limits_of_a_group_are_reported_in_yuan(tmp_path: Path) -> None:
    text = f"openid,amount,kind,people\n{payee(1)},2.00,group,3\n{payee(2)},1001,group,5\n"
    assert problems_in(check(csv_file(tmp_path, text))) == [
        (
            "row 2, amount: must be from 3.00 to 600.00 yuan for 3 people unless a scene_id is "
            "given; found 2.00 yuan"
        ),
        "row 3, amount: must be at most 1000.00 yuan; found 1001.00 yuan",
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("in_full", [True, False])
def test_a_report_is_no_list(tmp_path: Path, books: Book, kind: str, *, in_full: bool) -> None:
    store_text(tmp_path, books, f"openid,amount,key\n{payee(1)},1.88,0012345\n")
    path = tmp_path / f"report.{kind}"
    write_report(path, books, "first", in_full=in_full)
    skipped = {
        name: "-" for name in COLUMNS if name not in {"key", "openid", "kind", "amount_yuan"}
    }
    for columns in ({}, skipped):
        found = check(path, name="second", books=books, columns=columns)
        assert found.digest is None
        assert "is a report that hongbao wrote, and no list" in problems_in(found)[0]


def test_a_report_is_known_in_another_order_and_with_fewer_columns(tmp_path: Path) -> None:
    text = f"Amount_Yuan,OPENID,Send_ListID,Key,Billno\n1.88,{payee(1)},x,1,x\n"
    assert "is a report that hongbao wrote" in problems_in(check(csv_file(tmp_path, text)))[0]


@pytest.mark.parametrize("command", ["payout reopen KEY", "campaign extend CAMPAIGN FILE"])
def test_who_gives_a_report_as_a_list_is_told_what_else_is_meant(
    tmp_path: Path, command: str
) -> None:
    text = f"openid,amount_yuan,send_listid,billno\n{payee(1)},1.88,x,x\n"
    assert f"`hongbao {command}`" in problems_in(check(csv_file(tmp_path, text)))[0]


def test_the_openids_of_a_list_without_a_header_are_masked(tmp_path: Path) -> None:
    (problem, *_) = problems_in(check(csv_file(tmp_path, f"{payee(1)},1.88\n{payee(2)},2.00\n")))
    assert "is not a header" in problem
    assert payee(1) not in problem


@pytest.mark.parametrize("header", ["no,key,openid,billno,settled_at", "no,key,openid,a,b"])
def test_the_guards_of_a_report_come_off_where_it_is_read(tmp_path: Path, header: str) -> None:
    path = csv_file(tmp_path, f"{header}\n1,'0012345,'-x,'007,'a\n")
    with open_table(path, Reading(), len) as table:
        cells = [row.cells for row in table.rows][1]
    guarded = ["1", "'0012345", "'-x", "'007", "'a"]
    assert cells == (guarded if "billno" not in header else ["1", "0012345", "-x", "007", "'a"])
