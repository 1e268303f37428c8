"""Fen are whole, and yuan are print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import InvalidRequest, format_yuan, parse_yuan


@given(st.integers(0, 10**12))
def test_what_is_printed_is_parsed_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("1", 100), ("1.5", 150), ("0.01", 1), (" 12.34 ", 1234), ("007", 700)]
)
def test_yuan_are_parsed_exactly(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "1.234", "-1", "+1", "1,000", "1e3", ".5", "1.", "一", "１"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_yuan(text)


def test_a_negative_amount_is_printed_with_one_sign() -> None:
    assert format_yuan(-5) == "-0.05"
