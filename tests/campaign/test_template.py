"""The template is a list: with its example it is refused, filled in it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from hongbao.campaign.rows.columns import FIELDS, recognise
from hongbao.campaign.template import TEMPLATE, write_template
from hongbao.rails.known import RAILS
from list_maker import check, payee

if TYPE_CHECKING:
    from pathlib import Path


def test_every_column_is_known_in_both_languages() -> None:
    for field, (name, _) in TEMPLATE.items():
        for said in name:
            found = recognise(said)
            assert found is not None, said
            assert found.field == field
    assert TEMPLATE.keys() <= set(FIELDS)


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
def test_with_its_example_it_is_refused_by_that_row_alone(
    tmp_path: Path, name: str, *, chinese: bool
) -> None:
    write_template(tmp_path / name, chinese=chinese)
    found = check(tmp_path / name)
    assert {problem.row for problem in found.problems} == {2}


@pytest.mark.parametrize("chinese", [False, True])
def test_filled_in_it_is_right_and_every_kind_is_offered(tmp_path: Path, *, chinese: bool) -> None:
    path = tmp_path / "list.xlsx"
    write_template(path, chinese=chinese)
    book = load_workbook(path)
    sheet = book["list"]
    [rule] = sheet.data_validations.dataValidation
    assert str(rule.sqref).startswith("D2:D")
    kinds = rule.formula1.strip('"').split(",")
    assert len(kinds) == len(RAILS.of("normal").kinds) > 3
    sheet["B2"] = payee(1)
    book.save(path)
    found = check(path)
    assert found.ok, found.problems
    assert found.total == (1, 100)
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["B"].width > 10
    assert sheet.auto_filter.ref == "A1:I2"


def test_the_offered_kinds_are_names_that_a_list_may_have() -> None:
    for kind in RAILS.kinds:
        for name in (kind.option, kind.chinese):
            assert name.replace("-", "") in kind.spellings
