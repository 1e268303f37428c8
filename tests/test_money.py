"""Fen are whole, and yuan are print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import InvalidRequest, format_yuan, parse_yuan
from hongbao.money import capital_yuan


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


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (123_456, "壹仟贰佰叁拾肆元伍角陆分"),
        (1_005_000, "壹万零伍拾元整"),
        (10_000_000, "壹拾万元整"),
        (20_050_000, "贰拾万零伍佰元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (100_000_000_000_000, "壹万亿元整"),
    ],
)
def test_amounts_are_written_out_as_on_a_voucher(fen: int, text: str) -> None:
    assert capital_yuan(fen) == text


def written_back(text: str) -> int:
    """The amount that a person reads: each place multiplies what stands before it."""
    whole, found, rest = text.partition("元")
    if not found:
        whole, rest = "", text
    digits, sizes = "零壹贰叁肆伍陆柒捌玖", {"拾": 10, "佰": 100, "仟": 1000, "角": 10, "分": 1}
    sections, cents, digit = [0], 0, 0
    for sign in whole:
        if sign in digits:
            digit = digits.index(sign)
        elif sign == "万":
            sections, digit = [sections[-1] + digit, 0], 0
        else:
            sections[-1], digit = sections[-1] + digit * sizes[sign], 0
    sections[-1] += digit
    for sign in rest.removesuffix("整"):
        if sign in digits:
            digit = digits.index(sign)
        else:
            cents += digit * sizes[sign]
    yuan = sections[0] * 10_000 + sections[1] if len(sections) > 1 else sections[0]
    return yuan * 100 + cents


@given(st.integers(0, 10**10 - 1))
def test_what_is_written_out_is_read_back(fen: int) -> None:
    text = capital_yuan(fen)
    assert written_back(text) == fen
    assert "零零" not in text
    assert not text.startswith("零") or fen == 0
