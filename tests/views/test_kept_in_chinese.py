"""What the books keep for people in English is read in Chinese."""

from __future__ import annotations

import re

import pytest

from hongbao.sentences import Tongue, speaking
from hongbao.views.kept import kept

_HAN = ("\u4e00", "\u9fff")


@pytest.mark.parametrize(
    "advice",
    [
        "Resume it when it may go on.",
        "Run `hongbao resume-all` when all may go on.",
        "Nothing: a worker lets it go on then. To send it now, resume it.",
        "Look: hongbao reconcile breaks",
        "WeChat's bill has 10001 as paid, and the books do not",
        "WeChat says that it is paid",
        "WeChat is still working on it",
        "the query failed: no byte left",
    ],
)
def test_why_nothing_is_sent_and_what_to_do_is_said_in_chinese(advice: str) -> None:
    with speaking(Tongue.CHINESE):
        assert any(_HAN[0] <= it <= _HAN[1] for it in kept(advice))
    assert kept(advice) == advice


@pytest.mark.parametrize(
    "problem",
    [
        "999 fen, which are 1000 in the books",
        "that more was claimed and returned than was sent",
        "PROCESSING, which is not known here",
        "SENT of a payout that was refused",
        "999 fen, which are 1000 in the books of a payout that was refused",
        "SENT of a payout that is cancelled in the books",
    ],
)
def test_nothing_of_what_a_query_says_is_left_in_english(problem: str) -> None:
    with speaking(Tongue.CHINESE):
        chinese = kept(f"WeChat says {problem}")
    assert not re.search(r"\b[a-z]{2,}\b", chinese), chinese
