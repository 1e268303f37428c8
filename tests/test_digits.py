"""Digits that others have written are a number, or are none: nothing of them raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.digits import whole_number


@given(st.integers(0, 999_999))
def test_what_is_written_in_digits_is_read_back(number: int) -> None:
    assert whole_number(str(number), digits=6) == number


@pytest.mark.parametrize(
    "text", ["", "²", "１", "٣", "-1", "+1", "1.0", " 1", "1\n", "1_000", "1e3"]
)
def test_what_is_not_ascii_digits_alone_is_no_number(text: str) -> None:
    assert whole_number(text, digits=6) is None


@pytest.mark.parametrize("digits", [7, 4_301, 100_000])
def test_what_is_longer_than_it_can_be_is_no_number(digits: int) -> None:
    assert whole_number("1" * digits, digits=6) is None
