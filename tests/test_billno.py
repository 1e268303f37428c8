"""Order numbers are derived from what they are for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import InvalidRequest, new_billno
from hongbao.billno import derive_billno, derive_first
from hongbao.business_key import damage, normal
from hongbao.wire.fields import MCH_BILLNO

_TEXT = st.text(min_size=1, max_size=40)
_KEY = _TEXT.map(normal).filter(lambda key: key and not damage(key))


@given(_TEXT, _KEY, st.integers(1, 99))
def test_a_number_is_legal_and_always_the_same(mch_id: str, key: str, attempt: int) -> None:
    billno = new_billno(mch_id, key, attempt)
    assert MCH_BILLNO.problem(billno) is None
    assert billno == new_billno(mch_id, key, attempt)


@given(st.lists(st.tuples(_TEXT, _KEY, st.integers(1, 9)), min_size=2, max_size=20, unique=True))
def test_different_payouts_have_different_numbers(payouts: list[tuple[str, str, int]]) -> None:
    assert len({new_billno(*payout) for payout in payouts}) == len(payouts)


@given(_TEXT, st.lists(_TEXT, max_size=9))
def test_many_first_numbers_are_derived_as_one_is(mch_id: str, keys: list[str]) -> None:
    assert derive_first(mch_id, keys) == [derive_billno(mch_id, key) for key in keys]


@pytest.mark.parametrize(("mch_id", "keys"), [("", ["key"]), ("", []), ("1900012345", ["k", ""])])
def test_no_first_number_is_derived_from_nothing(mch_id: str, keys: list[str]) -> None:
    with pytest.raises(InvalidRequest, match="not empty"):
        derive_first(mch_id, keys)


def test_a_number_is_the_same_in_every_version_for_ever() -> None:
    # Other digits would pay everybody again who was paid with these.
    assert new_billno("1900012345", "spring-2026/user-4711") == "f5FZAzqnm15iyRRfsAYH8eCVP37H"
    assert new_billno("1900012345", "恭喜", 12) == "6EnkoWAS8wbgmtKL4GceurhB5O9q"


def test_the_parts_do_not_run_into_each_other() -> None:
    assert new_billno("12", "3") != new_billno("1", "23")
    assert new_billno("1", "2:1", 1) != new_billno("1", "2", 11)


@pytest.mark.parametrize("arguments", [("", "key", 1), ("mch", "", 1), ("mch", "key", 0)])
def test_empty_parts_are_refused(arguments: tuple[str, str, int]) -> None:
    with pytest.raises(InvalidRequest):
        new_billno(*arguments)
