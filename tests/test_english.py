"""What people read is English: one of a thing is not many, and a sentence has one end."""

from __future__ import annotations

import pytest

from hongbao.english import counted, sentence, span


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 hours"), (1, "1 hour"), (1.0, "1 hour"), (2, "2 hours"), (0.5, "0.5 hours")],
)
def test_one_of_a_thing_is_not_many(number: float, told: str) -> None:
    assert counted(number, "hour") == told


def test_large_numbers_are_reported_in_full() -> None:
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


@pytest.mark.parametrize(
    ("seconds", "told", "at_least"),
    [
        (-5, "1 second", "1 second"),
        (0, "1 second", "1 second"),
        (3, "3 seconds", "3 seconds"),
        (3.5, "3 seconds", "4 seconds"),
        (119, "119 seconds", "119 seconds"),
        (120, "2 minutes", "2 minutes"),
        (3600, "60 minutes", "60 minutes"),
        (7199, "119 minutes", "120 minutes"),
        (7200, "2 hours", "2 hours"),
        (47 * 3600 + 1, "47 hours", "48 hours"),
        (5 * 86_400 + 1, "5 days", "6 days"),
    ],
)
def test_a_stretch_of_time_is_reported_as_people_say_it(
    seconds: float, told: str, at_least: str
) -> None:
    """Rounded down where it has passed; rounded up where somebody has to wait for it."""
    assert (span(seconds), span(seconds, at_least=True)) == (told, at_least)
