"""Any bytes as a list end in findings or in our own error; never in anything else."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from list_maker import check, csv_file, payee, refusal

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judged(folder: Path, content: bytes) -> bool:
    """Whether a file with this content ends in findings that make sense."""
    found = check(csv_file(folder, content, "any"))
    return found.ok is (found.digest is not None) is (found.problems == ())


def _workbook() -> bytes:
    book = Workbook()
    for row in (("openid", "金额", "备注"), (payee(1), 1.88, "a"), (payee(2), 2, "b")):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WORKBOOK = _workbook()
_CELLS = st.text(alphabet='aZ019.-_,;"\t 元金\x00\r\n\ud7ff', max_size=12)
_LINES = st.lists(st.lists(_CELLS, max_size=5), max_size=6)


@_SETTINGS
@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
@example(b'"')
@example(b"openid,amount\n\x81")
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    assert judged(tmp_path, content)


@_SETTINGS
@given(
    st.sampled_from(["openid,amount\n", "openid;金额（元）;备注\n", '"openid"\tamount\tkey\n']),
    _LINES,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_any_cells_under_a_header(
    tmp_path: Path, header: str, lines: list[list[str]], delimiter: str, encoding: str
) -> None:
    text = header + "\n".join(delimiter.join(cells) for cells in lines)
    assert judged(tmp_path, text.encode(encoding))


@_SETTINGS
@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=6), st.booleans())
def test_a_workbook_with_damaged_bytes(
    tmp_path: Path,
    place: int,
    damage: bytes,
    cut: bool,  # noqa: FBT001 - drawn
) -> None:
    content = WORKBOOK[:place] + damage + (b"" if cut else WORKBOOK[place + len(damage) :])
    assert judged(tmp_path, content)


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as package:
        return {name: package.read(name) for name in package.namelist()}


PARTS = _parts()
_READ = [name for name in PARTS if name.startswith(("_rels", "xl")) and "theme" not in name]


@_SETTINGS
@given(
    st.sampled_from(_READ),
    st.floats(0, 1),
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"<row r='7'>", b"</c>", b'r="A1"', b"<c t='s'><v>9</v></c>", b"<v>1e9</v>", b"&#0;"]
        ),
    ),
    st.integers(0, 30),
)
def test_a_workbook_with_damaged_parts(
    tmp_path: Path, name: str, where: float, put: bytes, gone: int
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in PARTS.items():
            place = int(where * len(content))
            changed = content[:place] + put + content[place + gone :]
            package.writestr(part, changed if part == name else content)
    assert judged(tmp_path, stream.getvalue())


def test_a_part_that_unfolds_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongbao.campaign.table.parts.PART_BYTES_MAX", 1_000_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in PARTS.items():
            blown = b" " * 1_000_001 if part.endswith("sheet1.xml") else b""
            package.writestr(part, content + blown)
    assert re.search(
        "packed as no workbook is", refusal(csv_file(tmp_path, stream.getvalue(), "any"))
    )
