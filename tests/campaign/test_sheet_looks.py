"""Cells that show something else than they hold: refused with both, unless it is but decoration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.rows.amounts import Unit
from list_maker import check, csv_file, payee, problems_in, warned
from sheet_maker import number, package, sheet_of, styles_of, text

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTING = '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ '


def _amount(folder: Path, stored: str, code: str) -> Path:
    sheet = sheet_of(["amount"], [number(stored, 1)])
    return package(folder, sheet, styles=styles_of(code))


@pytest.mark.parametrize(
    ("stored", "code", "unit", "fen"),
    [
        ("1.88", "0.00", Unit.YUAN, 188),
        ("1.5", "0.00", Unit.YUAN, 150),
        ("2", "#,##0.00", Unit.YUAN, 200),
        ("188", "#,##0.00", Unit.YUAN, 18800),
        ("1.88", ACCOUNTING, Unit.YUAN, 188),
        ("1.88", '"¥"#,##0.00_);[Red]("¥"#,##0.00)', Unit.YUAN, 188),
        ("1.88", "[$¥-804]0.00", Unit.YUAN, 188),
        ("1.88", "[$￥-804]0.00", Unit.YUAN, 188),
        ("1.88", '0.00"元"', Unit.YUAN, 188),
        ("1.88", '0.00" 元"', Unit.YUAN, 188),
        ("1.88", '"RMB "0.00', Unit.YUAN, 188),
        ("1.88", '0.00 "CNY"', Unit.YUAN, 188),
        ("1.88", "[Red]0.00", Unit.YUAN, 188),
        ("1.88", "0.00_ ", Unit.YUAN, 188),
        ("1.88", "* 0.00", Unit.YUAN, 188),
        ("1.88", "0000.000", Unit.YUAN, 188),
        ("1.88", "@", Unit.YUAN, 188),
        ("5", "#.##", Unit.YUAN, 500),
        ("188", "0", Unit.FEN, 188),
        ("1880", "#,##0", Unit.FEN, 1880),
        ("188", '0"分"', Unit.FEN, 188),
        ("188", "0.00", Unit.FEN, 188),
        ("150", "[>100]0.0;0", Unit.YUAN, 15000),
    ],
)
def test_a_format_that_decorates_passes(
    tmp_path: Path, stored: str, code: str, unit: Unit, fen: int
) -> None:
    found = check(_amount(tmp_path, stored, code), unit=unit)
    assert found.ok, problems_in(found)
    assert found.total.amount == fen


@pytest.mark.parametrize(
    ("stored", "code", "unit", "seen"),
    [
        ("188", r"0\.00", Unit.YUAN, "1.88"),
        ("188", '0"分"', Unit.YUAN, "188分"),
        ("1.88", '0.00"万"', Unit.YUAN, "1.88万"),
        ("188000", '0!.0,"万"', Unit.YUAN, "18.8万"),
        ("188", '0"元"', Unit.FEN, "188元"),
        ("188", '"¥"0', Unit.FEN, "¥188"),
        ("1.88", "[$€-407] 0.00", Unit.YUAN, "€ 1.88"),
        ("1.88", "$0.00", Unit.YUAN, "$1.88"),
        ("1.5", "0%", Unit.YUAN, "150%"),
        ("1.88", "0", Unit.YUAN, "2"),
        ("1.88", '"¥"0', Unit.YUAN, "¥2"),
        ("1.88", "0.0", Unit.YUAN, "1.9"),
        ("1.884", "0.00", Unit.YUAN, "1.88"),
        ("188000", "#,##0.00,", Unit.YUAN, "188.00"),
        ("5", ";;;", Unit.YUAN, "nothing"),
        ("5", '"-"0.00', Unit.YUAN, "-5.00"),
        ("5", "(0)", Unit.YUAN, "(5)"),
        ("5", "+0", Unit.YUAN, "+5"),
        ("-5", "0;0", Unit.YUAN, "5"),
        ("1.88", "0.00E+00", Unit.YUAN, "1.88E+00"),
        ("5", "0*0", Unit.YUAN, "50"),
        ("59.69999999", "0.00", Unit.YUAN, "59.70"),
    ],
)
def test_an_amount_that_shows_another_is_refused_with_both(
    tmp_path: Path, stored: str, code: str, unit: Unit, seen: str
) -> None:
    problems = problems_in(check(_amount(tmp_path, stored, code), unit=unit))
    assert len(problems) == 1
    assert problems[0].startswith(f"row 2, amount: stored {stored}, shown {seen} (number format ")
    assert f"enter the {unit} that are meant" in problems[0]


@pytest.mark.parametrize("code", ["# ?/?", "[DBNum2][$-804]General", "##0.0E+0", "G/通用格式"])
def test_a_format_that_nobody_knows_is_refused_with_its_code(tmp_path: Path, code: str) -> None:
    (problem,) = problems_in(check(_amount(tmp_path, "1.5", code)))
    assert f"stored 1.5, and what its number format ({code}) shows of it is not known" in problem


@pytest.mark.parametrize(
    ("place", "refused"), [(1, False), (9, True), (14, True), (44, False), (23, True)]
)
def test_formats_that_are_named_by_number_count_too(
    tmp_path: Path,
    place: int,
    refused: bool,  # noqa: FBT001 - a case
) -> None:
    styles = f'<st><cellXfs><xf/><xf numFmtId="{place}"/></cellXfs></st>'
    sheet = sheet_of(["amount"], [number("2", 1)])
    assert check(package(tmp_path, sheet, styles=styles)).ok is not refused


def test_the_style_that_cells_have_without_saying_so_counts(tmp_path: Path) -> None:
    styles = '<st><cellXfs><xf numFmtId="9"/></cellXfs></st>'
    sheet = sheet_of(["amount"], ["<c><v>1.5</v></c>"])
    assert (
        "stored 1.5, shown 150%" in problems_in(check(package(tmp_path, sheet, styles=styles)))[0]
    )


def test_a_style_that_the_workbook_does_not_have_is_refused(tmp_path: Path) -> None:
    sheet = sheet_of(["amount"], [number("2", 7)])
    problems = problems_in(check(package(tmp_path, sheet, styles=styles_of("0"))))
    assert problems == ["row 2, amount: refers to a style that the workbook does not have"]


def test_a_number_format_of_a_conditional_format_is_none_of_a_cell(tmp_path: Path) -> None:
    styles = (
        '<st><numFmts><numFmt numFmtId="164" formatCode="0.00"/></numFmts><cellXfs><xf/>'
        '<xf numFmtId="164"/></cellXfs><dxfs><dxf/><dxf><numFmt numFmtId="164" '
        'formatCode="yyyy-mm-dd"/></dxf></dxfs></st>'
    )
    rule = '<conditionalFormatting sqref="B2:B9"><cfRule dxfId="{}"/></conditionalFormatting>'
    cells = [number("1.88", 1)]
    plain = sheet_of(["amount"], cells, behind=rule.format(0))
    found = check(package(tmp_path, plain, styles=styles))
    assert found.ok, problems_in(found)
    assert warned(found) == []
    numeric = sheet_of(["amount"], cells, behind=rule.format(1) + rule.format(1))
    found = check(package(tmp_path, numeric, styles=styles))
    assert found.ok, problems_in(found)
    assert warned(found) == [
        "conditional formatting of B2:B9 can show other numbers than the cells hold"
    ]


@pytest.mark.parametrize(
    ("cell", "code", "problem"),
    [
        (number("42", 1), "000000", "stored 42, shown 000042 (number format 000000): format the"),
        (number("1001", 1), '"SO-"0', "stored 1001, shown SO-1001"),
        (number("1001", 1), "0.00", "stored 1001, shown 1001.00"),
        (number("1001", 1), "#,##0", "stored 1001, shown 1,001"),
        (number("20261118000123", 1), "0.00E+00", "shown 2.03E+13"),
        (number("0.333333333333333"), "0", "stored 0.333333333333333, shown 0.333333333"),
        (text("1001", 1), '"SO-"@', "stored 1001, shown SO-1001"),
        (text("1001", 1), ";;;", "stored 1001, shown nothing"),
        (text(payee(9), 1), '@"x"', "stored oTES…0009, shown oTES…009x"),
        (text("1001", 1), "0;0;0;0", "what its number format (0;0;0;0) shows of it is not known"),
    ],
)
def test_a_key_is_what_the_sheet_shows_or_refused(
    tmp_path: Path, cell: str, code: str, problem: str
) -> None:
    sheet = sheet_of(["amount", "key"], [number("2"), cell])
    (line,) = problems_in(check(package(tmp_path, sheet, styles=styles_of(code))))
    assert line.startswith("row 2, key: ")
    assert problem in line


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (number("123456789012345"), "123456789012345"),
        (number("1001", 1), "1001"),
        (text("SO-1", 1), "SO-1"),
        (text("0042", 2), "0042"),
    ],
)
def test_a_key_that_is_shown_as_it_is_passes(tmp_path: Path, cell: str, key: str) -> None:
    sheet = sheet_of(["amount", "key"], [number("2"), cell])
    found = check(package(tmp_path, sheet, styles=styles_of("0_ ", "@")))
    assert found.ok, problems_in(found)
    same = csv_file(tmp_path, f"openid,amount,key\n{payee(1)},2,{key}\n")
    assert found.digest == check(same).digest


def test_other_columns_are_what_they_show_or_refused_too(tmp_path: Path) -> None:
    rows = [[number("2"), number("0.5", 1)], [number("2"), number("7")]]
    sheet = sheet_of(["amount", "wishing"], *rows)
    problems = problems_in(check(package(tmp_path, sheet, styles=styles_of("0%"))))
    assert [line.split(" (")[0] for line in problems] == ["row 2, wishing: stored 0.5, shown 50%"]


def test_a_column_that_nobody_reads_may_show_what_it_likes(tmp_path: Path) -> None:
    sheet = sheet_of(["amount", "note"], [number("2"), number("0.5", 1)])
    path = package(tmp_path, sheet, styles=styles_of("0%"))
    assert check(path, columns={"note": "-"}).ok


def test_a_receiver_is_never_shown_in_full(tmp_path: Path) -> None:
    sheet = sheet_of(["amount"], [number("2")]).replace(
        f'<c t="inlineStr" s="0"><is><t>{payee(1)}', f'<c t="inlineStr" s="1"><is><t>{payee(1)}'
    )
    (line,) = problems_in(check(package(tmp_path, sheet, styles=styles_of('"x"@'))))
    assert "shows another text than the cell holds" in line
    assert payee(1) not in line


@pytest.mark.parametrize(
    ("stored", "unit", "fen"),
    [
        ("59.6999999999999", Unit.YUAN, 5970),  # 19.9*3, as excelize cuts it
        ("59.699999999999996", Unit.YUAN, 5970),
        ("8.39999999999999", Unit.YUAN, 840),
        ("1.0999999999999943", Unit.YUAN, 110),  # 100.3-99.2
        ("1.09999999999999", Unit.YUAN, 110),
        ("1.1000000004", Unit.YUAN, 110),
        ("114.999999999999", Unit.FEN, 115),
        ("188.00000001", Unit.FEN, 188),
    ],
)
def test_what_a_calculation_leaves_behind_an_amount_is_not_its_reader_s_business(
    tmp_path: Path, stored: str, unit: Unit, fen: int
) -> None:
    found = check(package(tmp_path, sheet_of(["amount"], [number(stored)])), unit=unit)
    assert found.ok, problems_in(found)
    assert found.total.amount == fen


@pytest.mark.parametrize(
    ("stored", "unit", "problem"),
    [
        ("1.884", Unit.YUAN, "found '1.884'; round it (in a sheet, with ROUND)"),
        ("1.10000001", Unit.YUAN, "found '1.10000001'; round it (in a sheet, with ROUND)"),
        (
            "33.3333333333333",
            Unit.YUAN,
            "stored 33.3333333333333, shown 33.33333333 (number format",
        ),
        ("114.5", Unit.FEN, "found '114.5'; round it (in a sheet, with ROUND)"),
        ("1.00000001", Unit.FEN, "found '1.00000001'; round it (in a sheet, with ROUND)"),
    ],
)
def test_an_amount_that_is_no_whole_fen_is_reported_by_its_value_with_the_cure(
    tmp_path: Path, stored: str, unit: Unit, problem: str
) -> None:
    (line,) = problems_in(
        check(package(tmp_path, sheet_of(["amount"], [number(stored)])), unit=unit)
    )
    assert problem in line


def test_a_csv_shows_what_it_holds_and_is_reported_its_value_too(tmp_path: Path) -> None:
    (line,) = problems_in(
        check(csv_file(tmp_path, f"openid,amount\n{payee(1)},59.699999999999996\n"))
    )
    assert "found '59.699999999999996'; round it (in a sheet, with ROUND)" in line
