"""Rows that are read and judged at once come out as they do one by one."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hongbao.business_key import KeyMaker
from hongbao.campaign.notes import Notebook
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.rows.columns import understand
from hongbao.campaign.rows.validator import RowValidator
from hongbao.campaign.staging.doubles import Doubles
from hongbao.campaign.staging.lines import Lines
from hongbao.campaign.staging.staging import open_staging
from hongbao.campaign.table.delimited import TextRows, text_of
from hongbao.campaign.table.encoding import Encoding
from hongbao.campaign.table.row import BrokenTableError, Columns, Row, columns_of
from list_maker import (
    a_payer,
    check,
    csv_file,
    listed,
    payee,
    problems_in,
    rows,
    store_text,
    xlsx_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.book import Book

_TEXT = st.text(alphabet='a1 ,;"\n\r\t\x0b\x1e\x85\u2028\ufeff金\U0001f600', max_size=60)
_ROW = st.lists(st.sampled_from(["a", "", " b ", '"c"', '"d,e"', '"f\ng"', "金"]), max_size=4)
_ROWS = st.lists(_ROW.map(",".join), max_size=12)
_TEXTS = st.one_of(
    _TEXT,
    st.tuples(
        _ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\n", "\r\n"])
    ).map(lambda it: it[1].join(it[0]) + it[2]),
)


def _read(text: str, width: int | None, skipped: int = 0) -> tuple[list[Row], str]:
    """All rows, those of this width at once where that works, and why they break off."""
    found: list[Row] = []
    stream = io.BytesIO(text.encode())
    with text_of(stream, Encoding.UTF_8) as lines:
        source = TextRows(lines, ",", skipped=skipped)
        try:
            while True:
                columns = None if width is None else source.columns(width)
                found += [next(source)] if columns is None else columns.rows()
        except StopIteration:
            return found, ""
        except BrokenTableError as error:
            return found, str(error)


@settings(max_examples=400)
@given(_TEXTS, st.integers(1, 4), st.integers(0, 2))
@example("a,b\nc\n\nd\n", 2, 0)
@example('a"\u2028b,c\n', 2, 0)
@example('"a"\u2028b,c\n', 2, 0)
@example('"a",b\u2028\nc,d\n', 2, 0)
def test_lines_that_are_read_at_once_are_the_rows_that_they_are_one_by_one(
    text: str, width: int, skipped: int
) -> None:
    assert _read(text, width, skipped) == _read(text, None, skipped)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_list_as_programs_write_it_is_read_at_once(end: str, quote: str) -> None:
    lines = [f"{quote}{number}{quote},{quote} b{quote}" for number in range(3)]
    stream = io.BytesIO("".join(line + end for line in lines).encode())
    with text_of(stream, Encoding.UTF_8) as text:
        source = TextRows(text, ",", skipped=0)
        assert next(source).cells == ["0", "b"]
        assert source.columns(2) == Columns(range(2, 4), [["1", "2"], ["b", "b"]])
        assert source.columns(2) is None
        assert list(source) == []


def test_a_cell_as_long_as_no_cell_may_be_breaks_a_list_off(tmp_path: Path) -> None:
    long = listed(f"{payee(1)},1.88,", f"{payee(2)},1.88,{'x' * 140_000}", header="openid,金额,-")
    found = check(csv_file(tmp_path, long), columns={"-": "-"})
    assert "a cell of more than 131072 characters" in problems_in(found)[0]


_HEADER = ["openid", "amount", "key", "kind", "人数", "remark", ""]
_CELLS = [
    st.sampled_from([*map(payee, range(1, 9)), "total", "openid", "", "o!", "x"]),
    st.sampled_from(["1.88", "1.880", "200", "0.5", "1,5", "", "300", "2.00"]),
    st.sampled_from(["a", "A", "00a", "", "1.0", "订单1", "1e+5", "k" * 129, "ＡＢ"]),
    st.sampled_from(["", "normal", "group", "mini program", "no kind"]),
    st.sampled_from(["", "1", "3", "x"]),
    st.sampled_from(["", "好", "a\nb", "锟斤拷", "é" * 80, "%20"]),
    st.sampled_from(["", "", "", "z"]),
]
_GOOD = [
    st.sampled_from([*map(payee, range(1, 9))]),
    st.sampled_from(["1.88", "1.880", "200", "2.00"]),
    st.sampled_from(["a", "00a", "", "订单1", "ＡＢ"]),
    st.sampled_from(["", "normal", "mini program"]),
    st.sampled_from(["", "1"]),
    st.sampled_from(["", "好", "%20"]),
    st.just(""),
]


@contextmanager
def _a_validator(width: int, notebook: Notebook) -> Iterator[RowValidator]:
    payer = a_payer(client_ip=None) if width == 1 else a_payer()
    with open_staging() as staging:
        yield RowValidator(
            layout=understand(_HEADER[: max(width, 2)], {}, Unit.YUAN),
            payer=payer,
            keys=KeyMaker("spring"),
            unit=Unit.YUAN,
            kind="normal",
            staging=staging,
            notebook=notebook,
        )


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, len(_HEADER)),
    st.one_of(
        st.lists(st.tuples(*_GOOD), min_size=1, max_size=5),
        st.lists(st.tuples(*_CELLS), min_size=1, max_size=4),
    ),
)
def test_rows_are_judged_at_once_exactly_if_nothing_is_wrong_with_any_of_them(
    width: int, cells: list[tuple[str, ...]]
) -> None:
    used = max(width, 2)  # of one column, there is a payer who lacks something
    columns = Columns(range(2, 2 + len(cells)), list(map(list, zip(*cells, strict=True)))[:used])
    whole, single = Notebook(), Notebook()
    with _a_validator(width, whole) as at_once, _a_validator(width, single) as one_by_one:
        lines = at_once.plain(columns)
        expected = [one_by_one.validate(row) for row in columns.rows()]
    right = [line for line in expected if line is not None]
    assert (lines is None) == (len(right) < len(cells) or bool(single.problems))
    assert whole.problems == []
    if lines is not None:
        assert list(zip(*lines, strict=True)) == right
        assert whole.cautions == single.cautions


def test_rows_of_a_sheet_are_judged_at_once_unless_a_cell_shows_something_else() -> None:
    plain = [Row(2, ["a", "b"]), Row(5, ["c", "d"])]
    assert columns_of(plain, 2) == Columns([2, 5], [("a", "c"), ("b", "d")])
    assert columns_of(plain, 3) is None
    assert columns_of([*plain, Row(6, ["e", "f"], faults=((1, "is odd"),))], 2) is None


def test_a_sheet_is_the_list_that_it_is_as_csv(tmp_path: Path) -> None:
    lines = [("openid", "amount", "key"), *((payee(it), it + 1, f"k{it}") for it in range(50))]
    text = "".join(",".join(map(str, line)) + "\n" for line in lines)
    one, other = (
        check(xlsx_file(tmp_path, lines)),
        check(csv_file(tmp_path, text)),
    )
    assert (one.ok, one.digest) == (True, other.digest)


@given(st.lists(st.lists(st.text(max_size=3), max_size=30), max_size=4))
def test_strings_that_come_twice_are_never_missed(strings: list[list[str]]) -> None:
    doubles, every = Doubles(), [it for some in strings for it in some]
    for some in strings:
        doubles.add(some)
    assert doubles.any() is (len(set(every)) < len(every))


def test_receivers_and_keys_that_share_a_hash_are_no_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check(csv_file(tmp_path, rows(20)))
    monkeypatch.setattr("hongbao.campaign.staging.doubles.hash", lambda _: 7, raising=False)
    assert check(csv_file(tmp_path, rows(20))) == found
    keyed = listed(f"{payee(1)},1,a", f"{payee(2)},1,b", header="openid,amount,key")
    assert check(csv_file(tmp_path, keyed)).cautions == ()


def test_packed_lines_come_out_as_they_were() -> None:
    lines = Lines(range(2, 5), ["a", "b", "c"], [True] * 3, ["normal"] * 3, ["x", "y", "z"],
                  [1, 1, 2], [1] * 3, [4, 4, 4], ["", "{}", ""])  # fmt: skip
    assert list(map(list, Lines.unpacked(lines.packed()))) == list(map(list, lines))
    assert "x" not in repr(lines)


def test_a_list_becomes_a_table_in_the_middle_of_a_comparison_without_losing_a_row(
    tmp_path: Path, books: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{payee(it)},1.88,k{it:03}" for it in range(120)]
    header = "openid,amount,key"
    store_text(tmp_path, books, listed(*lines[60:63], header=header))
    path = csv_file(tmp_path, listed(*lines, header=header))
    at_once = check(path, name="summer", books=books)
    monkeypatch.setattr("hongbao.campaign.table.delimited._CHARS_AT_ONCE", 700)
    monkeypatch.setattr("hongbao.campaign.staging.staging._PART", 7)
    assert check(path, name="summer", books=books) == at_once
    assert (at_once.new.rows, at_once.elsewhere.rows, at_once.problems) == (117, 3, ())
