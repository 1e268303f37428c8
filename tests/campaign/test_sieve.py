"""A sieve lets all strings through that it was made of, and few others."""

from __future__ import annotations

from hongbao.campaign.compare.receivers import Sieve

_MANY = 20_000


def test_all_that_it_was_made_of_pass() -> None:
    strings = [f"oUSER{number}" for number in range(_MANY)]
    sieve = Sieve(iter(strings))
    assert all(map(sieve.passes, strings))


def test_few_others_pass() -> None:
    sieve = Sieve(f"oUSER{number}" for number in range(_MANY))
    passing = sum(sieve.passes(f"oOTHER{number}") for number in range(_MANY))
    assert passing < _MANY / 100


def test_nothing_passes_an_empty_one() -> None:
    assert not Sieve(()).passes("oUSER")
