"""The table of codes says something in both languages for every row."""

from __future__ import annotations

import pytest

from hongbao import Disposition
from hongbao.wire import codes
from hongbao.wire.endpoints import ENDPOINTS


@pytest.mark.parametrize("row", [*codes.CODES, codes.UNKNOWN_CODE], ids=lambda row: row.err_code)
def test_a_row_speaks_english_and_chinese(row: codes.Code) -> None:
    for text in (row.meaning, row.advice):
        assert text.isascii()
        assert text.endswith(".")
    for text in (row.meaning_zh, row.advice_zh):
        assert not text.isascii()
        assert text.endswith("。")


def test_no_code_stands_twice_for_one_call() -> None:
    seen = [(letter, row.err_code) for row in codes.CODES for letter in row.endpoints]
    assert len(seen) == len(set(seen))


def test_rows_speak_of_calls_that_exist() -> None:
    letters = {endpoint.letter for endpoint in ENDPOINTS}
    assert {letter for row in codes.CODES for letter in row.endpoints} == letters


def test_a_refused_number_is_never_declared_dead_where_an_order_may_exist() -> None:
    for err_code in ("SYSTEMERROR", "PROCESSING", "FATAL_ERROR", "金额和原始单参数不一致"):
        assert codes.look_up("S", err_code).disposition is Disposition.UNKNOWN
    for err_code in ("NOTENOUGH", "NO_AUTH", "SENDNUM_LIMIT", "FREQ_LIMIT"):
        assert codes.look_up("S", err_code).disposition is Disposition.OPEN


def test_hints_belong_to_codes() -> None:
    known = {row.err_code for row in codes.CODES}
    assert {err_code for err_code, *_ in codes.HINTS} <= known


def test_the_rows_of_a_code_are_found_however_it_is_written() -> None:
    for written in ("TIME_LIMITED", "time_limited", "TIME _LIMITED"):
        assert [row.err_code for row in codes.rows_of(written)] == ["TIME_LIMITED"]
    assert codes.rows_of("NOT_IN_THE_TABLE") == []
