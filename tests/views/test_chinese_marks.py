"""What is put together of sentences has the marks of the reader's language, and no English."""

from __future__ import annotations

import json

import pytest

from hongbao.english import COLON, THEN, counted
from hongbao.ledger.model.event import Event, EventKind
from hongbao.ledger.model.step import ALL_STOPPED, Scope, Stop
from hongbao.sentences import Tongue, said, speaking
from hongbao.views.kept import stop_words
from hongbao.views.payout import event_cells


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


def _event(**facts: object) -> Event:
    body = json.dumps(facts)
    return Event(
        payout_id=1, seq=1, at=0, kind=EventKind.UNKNOWN, actor="w", body=body, hash=b""
    )  # fmt: skip


def test_a_history_has_the_marks_of_its_reader_and_says_a_code_once() -> None:
    event = _event(state="refused", code="NO_AUTH", reason="NO_AUTH: 被拦截", note="see mail")
    assert event_cells(event)[-1] == "-> refused; NO_AUTH: 被拦截; see mail"
    with speaking(Tongue.CHINESE):
        assert event_cells(event)[-1] == "-> 被拒绝：未付款；NO_AUTH：被拦截；see mail"
