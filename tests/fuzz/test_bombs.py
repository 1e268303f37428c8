"""Small inputs that would unfold into hours or gigabytes end early, each with a word about why."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.table.encoding import scan
from hongbao.errors import ConfigurationError
from list_maker import check, csv_file, told
from list_targets import zipped

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = '<row><c t="str"><v>openid</v></c><c t="str"><v>amount</v></c></row>'
_MANY = 10_001


def _sheet(rows: str) -> list[bytes]:
    return [f"<s>{_HEADER}{rows}</s>".encode()]


def _numbered(form: str) -> str:
    return "".join(form.format(number) for number in range(_MANY))


_RELATIONS = _numbered("<Relationship Id='{}'/>")


# A row 1,000 cells wide is nothing; a million of them 16,384 wide are a night.
@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ('<row><c r="XFD2"><v>1</v></c></row>', "row 2: has more than 1000 cells"),
        (f"<row><c t='inlineStr'>{'<t>1234567890</t>' * 30_000}</c></row>", "longer than a cell"),
        (_numbered("<a{}/>"), "elements or attributes that no workbook has"),
        (_numbered("<a b{}=''/>"), "elements or attributes that no workbook has"),
        (f"<{'a' * 2_000_000}/>", "elements or attributes that no workbook has"),
        ("<row>" * 101, "stand in each other as in no workbook"),
    ],
    ids=["wide", "text in pieces", "elements", "attributes", "a long name", "deep"],
)
def test_a_sheet_that_swells_ends_where_it_begins_to(
    tmp_path: Path, rows: str, problem: str
) -> None:
    problems = told(check(csv_file(tmp_path, zipped(_sheet(rows)))))
    assert len(problems) == 1
    assert problem in problems[0]
    assert "nothing behind it was read" in problems[0]


@pytest.mark.parametrize(
    ("part", "content", "problem"),
    [
        (1, f"<sst><si>{'<t>1234567890</t>' * 30_000}</si></sst>", "longer than a cell can hold"),
        (3, f"<w>{'<sheet/>' * _MANY}</w>", "more than 10000 sheets"),
        (4, f"<r>{_RELATIONS}</r>", "more than 10000 sheets"),
    ],
    ids=["shared text", "sheets", "relations"],
)
def test_a_workbook_that_swells_is_refused(
    tmp_path: Path, part: int, content: str, problem: str
) -> None:
    parts = [*[b""] * part, content.encode()]
    with pytest.raises(ConfigurationError, match=problem):
        check(csv_file(tmp_path, zipped(parts)))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("," * 1_000, "row 2: has more than 1000 cells"),
        ('"\n",' * 100_000, "row 2: a row of more than 262144 characters"),
    ],
    ids=["wide", "a row of line ends"],
)
def test_a_row_that_never_ends_is_not_gathered(tmp_path: Path, row: str, problem: str) -> None:
    problems = told(check(csv_file(tmp_path, f"openid,amount\n{row}\n")))
    assert problems == [problems[0]]
    assert problem in problems[0]


def test_a_line_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

        def seek(self, offset: int, whence: int = 0) -> int:
            return offset

    endless = Endless()
    with pytest.raises(ConfigurationError, match="a line of more than 256 KiB"):
        scan(endless, tmp_path / "list.csv")  # type: ignore[arg-type]  # all that is asked of it
    assert endless.read_bytes < 1024**2
