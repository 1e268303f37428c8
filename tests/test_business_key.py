"""One key is one key, however it is spelt; what a spreadsheet made of a key is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import InvalidRequest, new_billno
from hongbao.billno import derive_billno
from hongbao.business_key import are_normal, damage, is_normal, normal

PLAIN = (
    "1001",
    "0012345",
    "SO-2026-0001",
    "spring/user-4711",
    "订单-7",
    "12E4",
    "1E5",
    "5E-4",
    "a b",
)


@pytest.mark.parametrize(
    "key", [*PLAIN, "12E-04", "1.5", "2026.1", "#7", "nano", "n-1", "a'b", "1e5f"]
)
def test_a_key_that_is_spelt_as_keys_are_stays_as_it_is(key: str) -> None:
    assert normal(key) == key
    assert is_normal(key)
    assert damage(key) == ""
    assert new_billno("1900012345", key) == derive_billno("1900012345", key)


@pytest.mark.parametrize(
    "spelling",
    [
        "１００１", "\ufeff1001", "1001\u200b", "\u200e1001\u202c", "\u00a01001\u3000", "\t1001 ",
        "1001\u2060\u00ad", "\u20281001", "①００１".replace("①", "１"),
    ],
)  # fmt: skip
def test_blanks_what_is_not_seen_and_full_width_make_no_other_key(spelling: str) -> None:
    assert normal(spelling) == "1001"
    assert not is_normal(spelling)
    assert new_billno("1900012345", spelling) == new_billno("1900012345", "1001")


def test_accents_are_composed() -> None:
    assert normal("Mu\u0308ller") == normal("M\u00fcller") == "M\u00fcller"


@given(st.lists(st.text(max_size=5) | st.text("ab \t\x1f", max_size=3), max_size=4))
def test_keys_are_normal_together_if_each_is(keys: list[str]) -> None:
    assert are_normal(keys) == all(map(is_normal, keys))


@given(st.text(max_size=40))
def test_the_normal_form_of_a_normal_form_is_itself(key: str) -> None:
    assert is_normal(normal(key))


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('="1001"', "formula"), ("=1001", "formula"), ("＝1001", "formula"),
        ("'1001", "quotation mark"), ("\u20181001", "quotation mark"), ("`1001", "quotation mark"),
        ('"1001"', "quotation mark"), ('""1001""', "quotation mark"), ("＇1001", "quotation mark"),
        ("\u201c1001\u201d", "quotation mark"),
        ("1.001E+03", "shortened"), ("2.02611E+17", "shortened"), ("2.02611e+17", "shortened"),
        ("1E+05", "shortened"), ("1e+21", "shortened"), ("-1.5E-07", "shortened"),
        ("+2.02611E+17", "shortened"), ("2.02611E17", "shortened"), ("2,02611E+17", "shortened"),
        ("1.E+5", "shortened"), (".5E+5", "shortened"), ("２.02611Ｅ＋17", "shortened"),
        ("1001.0", "fraction"), ("1001.00", "fraction"), ("1001.", "fraction"),
        ("1001,0", "fraction"),
        ("-1001.0", "fraction"),
        ("1,001", "thousands"), ("20,261,129", "thousands"), ("1,001.00", "thousands"),
        ("1'001", "thousands"),
        ("########", "error"), ("#N/A", "error"), ("#REF!", "error"), ("#NAME?", "error"),
        ("nan", "no value"), ("NaN", "no value"), ("None", "no value"), ("NULL", "no value"),
        ("<NA>", "no value"), ("N/A", "no value"), ("undefined", "no value"),
        ("10\u200b01", "not seen"), ("10\ufffd01", "not seen"), ("10\ue0001", "not seen"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_or_a_program_made_of_a_key_is_none(key: str, told: str) -> None:
    assert told in damage(normal(key))
    with pytest.raises(InvalidRequest, match=told):
        new_billno("1900012345", key)
    # Books of earlier versions may hold it: its number is what it was.
    assert derive_billno("1900012345", key)


def test_a_key_of_which_nothing_is_seen_is_none() -> None:
    with pytest.raises(InvalidRequest, match="key must be not empty"):
        new_billno("1900012345", " \u200b\ufeff")


@pytest.mark.parametrize("pair", [("1001", "01001"), ("so-1", "SO-1"), ("1.5", "1.50")])
def test_zeros_and_letter_case_tell_keys_apart(pair: tuple[str, str]) -> None:
    assert normal(pair[0]) != normal(pair[1])
