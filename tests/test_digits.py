"""Digits that others have written are a number, or are none: nothing of them raises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.digits import whole_number

_SOURCES = Path(__file__).parent.parent / "src" / "hongbao"
_LOOK_ONLY = {
    "campaign/table/number_format.py",
    "console/security/origin.py",
    "simulator/answers.py",
    "simulator/phone/routes.py",
}
"""They ask whether a text is digits, and give it on as a text."""


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


def test_nobody_else_reads_digits() -> None:
    """``isdigit`` and its sisters stand only where nothing is read as a number after them."""
    asks = re.compile(r"\.is(?:digit|decimal|numeric)\(")
    found = {
        str(path.relative_to(_SOURCES))
        for path in _SOURCES.rglob("*.py")
        if asks.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"digits.py", *_LOOK_ONLY}
