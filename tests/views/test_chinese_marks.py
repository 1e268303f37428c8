"""What is put together of sentences has the marks of the reader's language, and no English."""

from __future__ import annotations

import pytest

from hongbao.english import COLON, THEN, counted
from hongbao.ledger.model.step import ALL_STOPPED, Scope, Stop
from hongbao.sentences import Tongue, said, speaking
from hongbao.views.kept import stop_words


@pytest.mark.parametrize(
    ("between", "english", "chinese"),
    [(COLON, "paid: 2 calls", "paid：2 次调用"), (THEN, "paid 2 calls", "paid2 次调用")],
)
def test_two_sentences_are_put_together_as_their_reader_writes(
    between: str, english: str, chinese: str
) -> None:
    assert said(between, one="paid", two=counted(2, "call")) == english
    with speaking(Tongue.CHINESE):
        assert said(between, one="paid", two=counted(2, "call")) == chinese


def test_why_a_person_stopped_all_is_said_in_chinese_behind_what_is_stopped() -> None:
    stop = Stop(scope=Scope.MERCHANT, code=ALL_STOPPED, reason="li: drill", advice="")
    with speaking(Tongue.CHINESE):
        line = said(COLON, one="1900000001", two=stop_words(stop))
    assert line.startswith("1900000001：")
    assert "person" not in line
