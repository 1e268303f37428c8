"""What the books keep for people in English is read in Chinese."""

from __future__ import annotations

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
    ],
)
def test_why_nothing_is_sent_and_what_to_do_is_said_in_chinese(advice: str) -> None:
    with speaking(Tongue.CHINESE):
        assert any(_HAN[0] <= it <= _HAN[1] for it in kept(advice))
    assert kept(advice) == advice
