"""Lists as XLSX, as Excel, WPS and libraries write them: numbers, dates, formulas, hidden rows."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.table.sheet import UnreadableCellError, decimal_text
from hongbao.campaign.table.table import Reading
from list_maker import check, csv_file, payee, problems_in, refusal, rows, warned, xlsx_file
from sheet_maker import package

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ("openid", "金额", "祝福语")


def test_a_workbook_and_a_csv_of_the_same_rows_are_the_same_campaign(tmp_path: Path) -> None:
    book = xlsx_file(tmp_path, [HEADER, (payee(1), 1.88, "恭喜"), (payee(2), 2, "新年")])
    text = f"openid,金额,祝福语\n{payee(1)},1.88,恭喜\n{payee(2)},2,新年\n"
    found, same = check(book), check(csv_file(tmp_path, text))
    assert found.ok, problems_in(found)
    assert found.read_as == "XLSX, sheet 'Sheet'"
    assert (found.total, found.digest) == (same.total, same.digest)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("8.8800000000000008", "8.88"),
        ("0.10000000000000001", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("100", "100"),
        ("1E-2", "0.01"),
        ("1.0000000000000000E+2", "100"),
        ("123456789012345", "123456789012345"),
        ("1.234", "1.234"),
        ("-1.5", "-1.5"),
    ],
)
def test_a_stored_number_becomes_what_its_reader_sees(stored: str, text: str) -> None:
    assert decimal_text(stored) == text


@pytest.mark.parametrize(
    "stored", ["1234567890123456", "1E+15", "1E+999", "1E-999", "NaN", "1,5", "0x10", "9" * 70, "١"]
)
def test_a_number_that_the_spreadsheet_has_spoilt_is_refused(stored: str) -> None:
    with pytest.raises(UnreadableCellError):
        decimal_text(stored)


def test_every_amount_survives_the_float_that_a_workbook_makes_of_it(tmp_path: Path) -> None:
    fen = [100, 101, 110, 188, 199, 333, 888, 1999, 2010, 19_999, 20_000]
    lines = [(payee(number), number / 100) for number in fen]
    found = check(xlsx_file(tmp_path, [("openid", "amount"), *lines]))
    assert found.ok, problems_in(found)
    assert found.total.amount == sum(fen)


def test_cells_that_are_no_text_or_number_are_reported(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        [
            ("openid", "amount", "key", "remark"),
            (payee(1), datetime(2026, 1, 2), "a", ""),  # noqa: DTZ001 - as a sheet has it
            (payee(2), "=1+1", "b", ""),
            (payee(3), 1, Decimal(12345678901234567890), ""),
            (payee(4), 1, "d", datetime(2026, 1, 2)),  # noqa: DTZ001
            (payee(5), True, "e", "x"),
        ],
    )
    problems = problems_in(check(path))
    assert len(problems) == 5
    assert "row 2, amount: is a date" in problems[0]
    assert "row 3, amount: is a formula without a stored result" in problems[1]
    assert "row 4, key: is a number of more than 15 digits" in problems[2]
    assert "row 5, remark: is a date" in problems[3]
    assert "row 6, amount: must be yuan with at most two decimals" in problems[4]


def test_rows_are_numbered_as_the_sheet_shows_them(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [(), ("openid", "amount"), (), (), (payee(1), "x")])
    assert problems_in(check(path))[0].startswith("row 5, amount")


def test_empty_cells_at_the_end_of_a_row_are_none(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        [("openid", "amount", "remark"), (payee(1), 1), (payee(2), 1, "x", "y"), (payee(3), 1, "")],
    )
    assert problems_in(check(path)) == ["row 3: has 4 cells, and the header has 3"]


def test_a_stray_cell_far_to_the_right_is_reported(tmp_path: Path) -> None:
    header = ("openid", "amount", *[""] * 300, "x")
    (problem,) = problems_in(check(xlsx_file(tmp_path, [header, (payee(1), 1)])))
    assert problem.startswith("row 1: has 303 columns, more than 256: is there a stray cell")


def test_hidden_rows_are_paid_and_told(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(("openid", "amount"))
    for number in range(5):
        sheet.append((payee(number), 1))
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[4].hidden = True
    workbook.save(tmp_path / "list.xlsx")
    found = check(tmp_path / "list.xlsx")
    assert found.total.rows == 5
    assert warned(found) == ["2 hidden rows are part of the list, and are paid (rows 3, 4)"]


def test_the_first_sheet_that_is_shown_is_read_unless_another_is_named(tmp_path: Path) -> None:
    workbook = Workbook()
    hidden, first, second = (workbook.worksheets[0], *map(workbook.create_sheet, "ab"))
    hidden.sheet_state = "hidden"
    for sheet, amount in ((hidden, 1), (first, 2), (second, 3)):
        sheet.append(("openid", "amount"))
        sheet.append((payee(1), amount))
    path = tmp_path / "list.xlsx"
    workbook.save(path)
    found = check(path)
    assert found.total.amount == 200
    assert warned(found) == ["only the first sheet is read; not 'b'"]
    assert check(path, reading=Reading(sheet="b")).total.amount == 300
    assert check(path, reading=Reading(sheet="Sheet")).total.amount == 100
    assert re.search(
        r"has no sheet 'c'.*'Sheet', 'a', 'b'", refusal(path, reading=Reading(sheet="c"))
    )


def _row(number: int, amount: str) -> str:
    first = f'<c t="inlineStr"><is><t>{payee(number)}</t></is></c>'
    return f'<row r="{number}">{first}<c><v>{amount}</v></c></row>'


_HEAD = '<row r="1"><c t="str"><v>openid</v></c><c t="str"><v>amount</v></c></row>'


def test_shared_rich_and_spoken_texts_are_read_as_shown(tmp_path: Path) -> None:
    shared = (
        "<sst><si><t>openid</t></si><si><t>amount</t></si><si><t>remark</t></si>"
        f"<si><r><t>{payee(1)[:9]}</t></r><r><rPr/><t>{payee(1)[9:]}</t></r></si>"
        "<si><t>中</t><rPh><t>zhong</t></rPh></si></sst>"
    )
    cells = "".join(f'<c r="{place}1" t="s"><v>{i}</v></c>' for i, place in enumerate("ABC"))
    sheet = (
        f'<s><sheetData><row r="1">{cells}</row><row r="2"><c r="A2" t="s"><v>3</v></c>'
        '<c r="B2"><v>1.5</v></c><c r="C2" t="s"><v>4</v></c></row></sheetData></s>'
    )
    found = check(package(tmp_path, sheet, shared))
    assert found.ok, problems_in(found)
    text = f"openid,amount,remark\n{payee(1)},1.50,中\n"
    assert found.digest == check(csv_file(tmp_path, text)).digest


@pytest.mark.parametrize(
    ("rows_written", "problem"),
    [
        (_row(2, "1") + _row(2, "1"), "row 3: its rows are not in order"),
        (_row(2, "1") + '<row r="999999999"/>', "row 3: its rows are not in order"),
        (_row(2, "1") + '<row r="1048577"/>', "row 3: its rows are not in order"),
        (_row(2, "1") + '<row r="3"><c r="B3"/><c r="A3"/></row>', "cells are not in order"),
        (_row(2, "1") + '<row r="3"><c r="!3"/></row>', "stands nowhere"),
        (_row(2, "1") + '<row r="3"><c r="ZZZ3"/></row>', "cells are not in order"),
        (_row(2, "1") + "<row>", "not plain XML"),
        (_row(2, "1") + '<row r="3"><c t="s"><v>7</v></c></row>', "a text that the workbook does"),
        (_row(2, "1") + '<row r="3"><c t="e"><v>#N/A</v></c></row>', "shows the error #N/A"),
        (_row(2, "1") + f"<row><c><v>{'9' * 5_000_000}</v></c></row>", "longer than a cell"),
    ],
)
def test_a_damaged_sheet_ends_in_a_problem_at_its_row(
    tmp_path: Path, rows_written: str, problem: str
) -> None:
    path = package(tmp_path, f"<s>{_HEAD}{rows_written}</s>")
    assert problem in "\n".join(problems_in(check(path)))


def test_entities_and_endless_tags_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE s [<!ENTITY a "aaaa">]>' + f"<s>{_HEAD}{_row(2, '&a;')}</s>"
    assert re.search("has a document type", refusal(package(tmp_path, bomb)))
    tag = f"<s><row {'x' * 6_000_000}='1'/></s>"
    assert re.search("longer than a cell can hold", refusal(package(tmp_path, tag)))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 and nothing", "is not an XLSX that can be read: it is not a zip file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an XLS of before 2007, or is locked by a password"),
    ],
)
def test_other_files_are_told_from_workbooks(tmp_path: Path, content: bytes, problem: str) -> None:
    assert re.search(problem, refusal(csv_file(tmp_path, content, "list.xlsx")))


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.txt", "x")
    assert re.search(r"it has no part _rels/\.rels", refusal(path))


def test_a_csv_that_is_called_xlsx_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert check(csv_file(tmp_path, rows(3), "list.xlsx")).total.rows == 3


def test_an_openid_that_looks_like_an_escape_stays_as_it_is(tmp_path: Path) -> None:
    lines = [("openid", "amount"), ("oTEST_x0041_0000000000000001", 100), ("oTEST_x000D_A", 100)]
    problems = problems_in(check(xlsx_file(tmp_path, lines), unit=Unit.FEN))
    assert len(problems) == 1
    assert "row 3, openid" in problems[0]
    assert "U+000D at 5" in problems[0]
