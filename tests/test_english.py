"""What people read is English: one of a thing is not many, and a sentence has one end."""

from __future__ import annotations

import pytest

from hongbao.english import counted, sentence


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 hours"), (1, "1 hour"), (1.0, "1 hour"), (2, "2 hours"), (0.5, "0.5 hours")],
)
def test_one_of_a_thing_is_not_many(number: float, told: str) -> None:
    assert counted(number, "hour") == told


def test_large_numbers_are_told_in_full() -> None:
    assert counted(1_000_000, "payout") == "1000000 payouts"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it is gone", "it is gone."),
        ("it is gone.", "it is gone."),
        ("two of them:\n  Give p12_path.\n", "two of them:\n  Give p12_path."),
        ("is there a stray cell?", "is there a stray cell?"),
    ],
)
def test_a_sentence_has_one_end(text: str, told: str) -> None:
    assert sentence(text) == told
