"""Formulas: their stored results count where a program that calculates has left them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from list_maker import check, csv_file, payee, problems_in
from sheet_maker import EXCEL, filling, formula, number, package, sheet_of, text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "program",
    [
        EXCEL,
        "Microsoft Macintosh Excel",
        "Microsoft Excel Online",
        "LibreOffice/7.4.7.2$Linux_X86_64 LibreOffice_project/40$Build-2",
        "WPS Office_11.1.0.8597_F1E327BC-269C-435d-A152-05C5408002CA",
        "ONLYOFFICE/8.0.1.31",
    ],
)
def test_results_of_a_program_that_calculates_count(tmp_path: Path, program: str) -> None:
    cells = [
        formula("94*2/100", "1.88"),
        formula('"SO-"&1', "SO-1", "str"),
        formula("x", "", "str"),
    ]
    sheet = sheet_of(["amount", "key", "wishing"], cells)
    found = check(package(tmp_path, sheet, application=program, calculation='<calcPr calcId="1"/>'))
    assert found.ok, problems_in(found)
    same = csv_file(tmp_path, f"openid,amount,key,wishing\n{payee(1)},1.88,SO-1,\n")
    assert found.digest == check(same).digest


@pytest.mark.parametrize(
    ("program", "calculation", "why"),
    [
        ("Apache POI", "", "'Apache POI' saved it, which is not known to calculate"),
        ("Go Excelize", "", "'Go Excelize' saved it"),
        ("SheetJS", "", "'SheetJS' saved it"),
        ("Microsoft Excel Compatible / Openpyxl 3.1.5", "", "Openpyxl 3.1.5' saved it"),
        ("", "", "the file does not say that a program that calculates saved it"),
        (EXCEL, '<calcPr fullCalcOnLoad="1"/>', "the file asks to be calculated when it is opened"),
        (EXCEL, '<calcPr fullCalcOnLoad="true"/>', "the file asks to be calculated"),
        (EXCEL, '<calcPr calcCompleted="0"/>', "the file was saved before it was calculated"),
    ],
)
@pytest.mark.parametrize("column", ["amount", "key", "wishing"])
def test_results_that_nobody_calculated_are_refused_in_every_column(
    tmp_path: Path, program: str, calculation: str, why: str, column: str
) -> None:
    results = {"amount": "5", "key": "4", "wishing": "4"}
    cells = [
        formula("B1*2", result, "n") if name == column else number("2")
        for name, result in results.items()
    ]
    path = package(
        tmp_path, sheet_of(list(results), cells), application=program, calculation=calculation
    )
    (line,) = problems_in(check(path))
    assert line.startswith(f"row 2, {column}: is a formula without a stored result (=B1*2; ")
    assert why in line
    assert line.endswith("save it once, or paste the values")


@pytest.mark.parametrize(
    ("result", "kind"),
    [(None, "n"), ("", "n"), (None, "str"), ("0", "n"), ("0.0", "n")],
)
def test_a_placeholder_is_no_result_whoever_saved_the_file(
    tmp_path: Path, result: str | None, kind: str
) -> None:
    sheet = sheet_of(["amount", "key"], [number("2"), formula('"SO-"&1', result, kind)])
    (line,) = problems_in(check(package(tmp_path, sheet, application=EXCEL)))
    assert line.startswith('row 2, key: is a formula without a stored result (="SO-"&1')


def test_what_excelize_leaves_of_the_text_before_is_no_result(tmp_path: Path) -> None:
    sheet = sheet_of(["amount", "key"], [number("2"), formula('"SO-"&1', "4", "str")])
    assert not check(package(tmp_path, sheet, application="Go Excelize")).ok


def test_a_formula_is_reported_without_a_receiver_and_cut(tmp_path: Path) -> None:
    said = f'"{payee(9)}"&' + "+".join(["1"] * 100)
    sheet = sheet_of(["amount"], [formula(said, None)])
    (line,) = problems_in(check(package(tmp_path, sheet)))
    assert payee(9) not in line
    assert '(="…"&1+1' in line
    assert len(line) < 250


def test_a_formula_in_a_column_that_nobody_reads_stands_in_no_way(tmp_path: Path) -> None:
    sheet = sheet_of(["amount", "note"], [number("2"), formula("1+1", None)])
    assert check(package(tmp_path, sheet), columns={"note": "-"}).ok


@pytest.mark.parametrize("of", ["array", "dataTable"])
@pytest.mark.parametrize("further", [number("0"), number("7"), text("SO-2"), "<c/>", ""])
def test_what_a_formula_fills_is_no_result_in_its_further_cells_either(
    tmp_path: Path, of: str, further: str
) -> None:
    rows = [number("2"), filling("C2:C3", "0", of=of)], [number("2"), further]
    sheet = sheet_of(["amount", "key"], *rows)
    first, second = problems_in(check(package(tmp_path, sheet, application="XlsxWriter")))
    for row, line in ((2, first), (3, second)):
        assert line.startswith(f"row {row}, key: is a formula without a stored result (=A1&B1; ")


def test_what_a_program_that_calculates_has_filled_counts_and_its_zeros_do_not(
    tmp_path: Path,
) -> None:
    header = ["amount", "key", "wishing"]
    first = [number("2"), filling("C2:D3", "SO-1", "str"), text("hi")]
    second = [number("2"), text("SO-2"), ""]
    sheet = sheet_of(header, first, second, [number("2"), number("0"), text("hi")])
    assert check(package(tmp_path, sheet, application=EXCEL)).ok
    sheet = sheet_of(header, first, [number("2"), number("0"), text("hi")])
    (line,) = problems_in(check(package(tmp_path, sheet, application=EXCEL)))
    assert line.startswith("row 3, key: is a formula without a stored result (=A1&B1; 0 stands")


@pytest.mark.parametrize("reference", ["C2", "C2:C2", "", "C:C", "no range"])
def test_a_formula_that_fills_nothing_more_says_nothing_of_other_cells(
    tmp_path: Path, reference: str
) -> None:
    rows = [number("2"), filling(reference, "5")], [number("2"), number("7")]
    (line,) = problems_in(check(package(tmp_path, sheet_of(["amount", "key"], *rows))))
    assert line.startswith("row 2, key: ")
