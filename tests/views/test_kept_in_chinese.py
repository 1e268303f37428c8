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


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (
            "wx.example: the connection broke before any reply",
            "wx.example：连接中断（尚未收到应答）",
        ),
        (
            "a.example: the clock is off; b.example: the connection broke before any reply",
            "a.example: the clock is off；b.example：连接中断（尚未收到应答）",
        ),
        ("in spring (in doubt): 1 row, 8.88 yuan", "在 spring（结果未知）中：1 行，8.88 元"),
        ("in spring+1 (complete): 12 rows, 8.88 yuan", "在 spring+1（已完成）中：12 行，8.88 元"),
    ],
)
def test_what_was_put_together_is_read_part_by_part(text: str, chinese: str) -> None:
    with speaking(Tongue.CHINESE):
        assert kept(text) == chinese
    assert kept(text) == text


@pytest.mark.parametrize(
    "text",
    ["SENDNUM_LIMIT: 该用户已达上限", "note: a; b", "no such thing: 3 rows of nothing", ":", "; "],
)
def test_what_nobody_of_ours_has_said_is_left_as_it_is(text: str) -> None:
    with speaking(Tongue.CHINESE):
        assert kept(text) == text
