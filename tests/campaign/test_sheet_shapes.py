"""The shape of a sheet and of its file: merged cells, hidden columns, names of parts."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from list_maker import check, payee, problems_in, refusal, warned
from sheet_maker import number, package, sheet_of, styles_of, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = ["amount", "key", "wishing"]
ROWS = [[number("2"), text(f"K{place}"), text("hi")] for place in range(3)]


def _merged(*ranges: str) -> str:
    cells = "".join(f'<mergeCell ref="{name}"/>' for name in ranges)
    return sheet_of(HEADER, *ROWS, behind=f"<mergeCells>{cells}</mergeCells>")


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("D2:D4", "row 2, wishing"),
        ("B3:B4", "row 3, amount"),
        ("B2:C2", "row 2, amount"),
        ("C4:D1048576", "row 4, key"),
        ("C1:C2", "row 2, key"),
        ("A1:XFD1048576", "row 2, openid"),
    ],
)
def test_merged_cells_that_hold_data_are_refused_by_name(
    tmp_path: Path, name: str, where: str
) -> None:
    (line,) = problems_in(check(package(tmp_path, _merged(name))))
    assert line.startswith(f"{where}: {name} are merged")
    assert line.endswith("unmerge them and fill in each")


@pytest.mark.parametrize("name", ["A1:D1", "E2:E4", "D2:F2", "A5:D9", "D4:D9"])
def test_merged_cells_that_hide_no_value_pass(tmp_path: Path, name: str) -> None:
    found = check(package(tmp_path, _merged(name)))
    assert found.ok, problems_in(found)


def test_merged_cells_of_a_column_that_nobody_reads_pass(tmp_path: Path) -> None:
    assert check(package(tmp_path, _merged("D2:D4")), columns={"wishing": "-"}).ok


def test_merged_cells_without_end_or_place_end_the_sheet(tmp_path: Path) -> None:
    assert (
        "more than 20000" in problems_in(check(package(tmp_path, _merged(*["E2:E3"] * 20_001))))[0]
    )
    assert "stands nowhere" in problems_in(check(package(tmp_path, _merged("E2:3"))))[0]


@pytest.mark.parametrize(
    ("columns", "warnings"),
    [
        ('<col min="4" max="4" hidden="1"/>', ["column D (wishing) is hidden, and is part"]),
        ('<col min="2" max="2" width="0"/>', ["column B (amount) is hidden, and is part"]),
        (
            '<col min="3" max="16384" hidden="true"/>',
            ["column C (key) is hidden, and is part", "column D (wishing) is hidden, and is part"],
        ),
        ('<col min="5" max="9" hidden="1"/>', []),
        ('<col min="1" max="4" hidden="0" width="9"/>', []),
    ],
)
def test_hidden_columns_of_a_list_are_reported(
    tmp_path: Path, columns: str, warnings: list[str]
) -> None:
    sheet = sheet_of(HEADER, *ROWS, before=f"<cols>{columns}</cols>")
    found = check(package(tmp_path, sheet))
    assert found.ok, problems_in(found)
    assert [line.removesuffix(" of the list") for line in warned(found)] == warnings


@pytest.mark.parametrize(
    "rename", [str.upper, str.lower, str.title, lambda name: name.replace("/", "\\"), "/{}".format]
)
def test_names_of_parts_are_compared_without_case_and_with_either_slash(
    tmp_path: Path, rename: Callable[[str], str]
) -> None:
    shared = f"<sst><si><t>{payee(1)}</t></si></sst>"
    sheet = sheet_of(["amount"]).replace(
        "</sheetData>", '<row><c t="s"><v>0</v></c><c s="1"><v>1.5</v></c></row></sheetData>'
    )
    path = package(tmp_path, sheet, shared, styles=styles_of("0%"), rename=rename)
    assert "stored 1.5, shown 150%" in problems_in(check(path))[0]


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/shared.xml"])
def test_a_part_that_is_named_and_missing_is_refused(tmp_path: Path, part: str) -> None:
    sheet = sheet_of(["amount"], [number("2")])
    path = package(tmp_path, sheet, "<sst/>", styles=styles_of("0"), without=part)
    assert re.search(f"it has no part {part}", refusal(path))


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = package(tmp_path, sheet_of(["amount"], [number("2")]), styles=styles_of("0"))
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("xl/Styles.xml", styles_of("0%"))
    assert re.search("it has two parts xl/styles", refusal(path))


def test_a_row_without_height_is_a_hidden_one(tmp_path: Path) -> None:
    sheet = sheet_of(HEADER, *ROWS).replace("</row><row>", '</row><row ht="0">', 1)
    found = check(package(tmp_path, sheet))
    assert warned(found) == ["1 hidden row is part of the list, and is paid (row 2)"]
