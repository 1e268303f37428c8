"""docs/lists.md tells every column, name and kind, and what it shows works as it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hongbao.business_key import KEY_MAX, KeyMaker
from hongbao.campaign.notes import KEPT_MAX
from hongbao.campaign.report.columns import COLUMNS
from hongbao.campaign.rows.columns import FIELDS, recognise
from hongbao.rails.known import RAILS
from hongbao.rails.transfer.rules import transfer_rules
from list_maker import a_payer, check, problems_in, warned

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8")


def table(part: str) -> list[list[str]]:
    """The cells of the first table of a part, without its head."""
    text = TEXT.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def names(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_column_is_reported_with_its_names() -> None:
    rows = table("Columns")
    assert [names(row[0])[0] for row in rows] == list(FIELDS)
    for field, _, known in rows:
        for name in names(known):
            column = recognise(name)
            assert column is not None
            assert column.field == names(field)[0]


def test_no_name_of_a_column_is_left_untold() -> None:
    from hongbao.campaign.rows.columns import _NAMES

    told_names = {name for row in table("Columns") for name in names(row[2])}
    assert told_names == {name for known in _NAMES.values() for name in known}


def test_every_kind_is_reported_with_its_names_and_what_it_takes() -> None:
    rows, kinds = table("Kinds"), {it.name: it for it in RAILS.kinds}
    assert [names(row[0])[0] for row in rows] == list(kinds)
    payers = [a_payer(), replace(a_payer(), rules=transfer_rules())]
    for kind, also, takes in rows:
        found = kinds[names(kind)[0]]
        payer = next(it for it in payers if found.name in it.rules)
        rules = [payer.rules_named(name) for name in names(also)]
        assert all(it is not None and it.kind is found for it in rules)
        taken = set(re.split(", | or ", takes))
        assert taken - {"people"} == set(found.texts)
        assert ("people" in taken) is found.shared


def test_every_column_of_a_report_is_reported() -> None:
    assert [name for row in table("Reports") for name in names(row[0])] == list(COLUMNS)


def test_the_shown_list_and_program_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = re.findall(r"^```csv\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "list.csv").write_text(shown[0], encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
    exec(compile(program, "docs/lists.md", "exec"), {})  # its asserts are the test
    assert (tmp_path / "spring.xlsx").stat().st_size > 1000


def test_the_figures_are_those_of_the_program() -> None:
    assert f"The first {KEPT_MAX:,} are shown" in TEXT
    assert f"at most {KEY_MAX} characters" in TEXT
    assert re.fullmatch(r"spring/[0-9a-f]{20}-001", KeyMaker("spring").key("oUser"))


def test_the_example_has_300_rows_of_three_kinds_without_a_problem() -> None:
    found = check(ROOT / "examples" / "campaign.csv")
    assert problems_in(found) == []
    assert {kind: it.rows for kind, it in found.kinds.items()} == {
        "normal": 288,
        "mini_program": 8,
        "group": 4,
    }
    assert len(warned(found)) == 1
