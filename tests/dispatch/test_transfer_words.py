"""What a code, a reason or a state of transfers means is said, and whether money may be locked."""

from __future__ import annotations

import pytest

from hongbao.rails.port import Explanation
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.rail import TRANSFER_RAIL
from hongbao.state_words import Words
from hongbao.wire.codes import Code
from hongbao.wire.transfer import codes
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS
from hongbao.wire.transfer.state import TransferState

explain = TRANSFER_RAIL.explain
_ANY_KIND = (*KINDS, None)
_REOPEN = "If it is still owed, reopen it: hongbao payout reopen KEY"
_BY_ITSELF = "Nothing: the engine"
_ENGINES = {
    *("ALREADY_EXISTS", "NOT_FOUND", "SYSTEM_ERROR", "SERVICE_UNAVAILABLE", "FREQUENCY_LIMITED"),
    *("FREQUENCY_LIMIT_EXCEED", "FREQUENCY_LIMIT", "RATELIMIT_EXCEEDED"),
}


def explained(code: str, kind: str | None = "transfer", said: str = "") -> Explanation:
    found = explain(code, kind, said)
    assert found is not None
    return found


def row_of(code: str) -> Code:
    """Of the first of the calls that the engine makes which may be answered so."""
    rows = (codes.look_up(letter, code) for letter in "TQC")
    return next(row for row in rows if row is not codes.UNKNOWN_TRANSFER_CODE)


@pytest.mark.parametrize("kind", _ANY_KIND)
@pytest.mark.parametrize("reason", FAIL_REASONS.values(), ids=lambda it: it.name)
def test_a_reason_says_what_to_do_and_how_it_is_reopened(reason: object, kind: str | None) -> None:
    row = FAIL_REASONS[getattr(reason, "name")]  # noqa: B009  # as a reader has it: a name
    found = explained(row.name, kind)
    assert found.meaning == Words(row.meaning, row.meaning_zh)
    assert found.advice.en == f"{row.group.value.advice} {_REOPEN}"
    assert found.advice.zh.startswith(row.group.value.advice_zh)
    assert found.advice.zh.endswith("hongbao payout reopen KEY。")


@pytest.mark.parametrize("kind", _ANY_KIND)
def test_a_state_says_whether_there_is_anything_to_do(kind: str | None) -> None:
    for state in (TransferState.ACCEPTED, TransferState.PROCESSING):
        assert "operating account" in explained(state.value, kind).advice.en
    assert explained("ACCEPTED", kind).meaning.en == "WeChat has taken it."
    assert explained("PROCESSING", kind).meaning.en == "WeChat is locking its money."
    cancelled = explained("CANCELLED", kind)
    assert cancelled.meaning.en == "It was taken back, and its money is back."
    assert cancelled.advice.en.strip() == _REOPEN


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "code", sorted({it.err_code for it in codes.TRANSFER_CODES if set(it.endpoints) & set("TQC")})
)
def test_a_code_is_explained_by_what_the_engine_does_with_it(code: str, kind: str) -> None:
    row, found = row_of(code), explained(code, kind)
    assert found.meaning == Words(row.meaning, row.meaning_zh)
    assert found.advice.en.startswith(_BY_ITSELF) is (code in _ENGINES)
    if code not in _ENGINES | {"NOT_ENOUGH"}:
        assert found.advice == Words(row.advice, row.advice_zh)


def test_a_code_that_calls_answer_differently_is_explained_as_of_a_send() -> None:
    """The engine sends first: what a query or a cancel would mean by it is another thing."""
    assert explained("PARAM_ERROR").meaning.en == codes.look_up("T", "PARAM_ERROR").meaning
    assert explained("PARAM_ERROR", None).meaning.en == codes.look_up("T", "PARAM_ERROR").meaning
    assert explained("NOT_FOUND").meaning.en == codes.look_up("Q", "NOT_FOUND").meaning


def test_a_hint_is_given_where_the_text_has_its_word_and_belongs_to_the_code() -> None:
    for code, word, advice, advice_zh in codes.TRANSFER_HINTS:
        assert explained(code, "transfer", f"…{word}…").advice == Words(advice, advice_zh)
        assert explained(code, "transfer", "…").advice != Words(advice, advice_zh)
        assert explained("NO_AUTH", "transfer", word).advice != Words(advice, advice_zh)


def test_a_code_that_nobody_knows_is_explained_of_a_transfer_alone() -> None:
    unknown = codes.UNKNOWN_TRANSFER_CODE
    assert explained("NEVER_SEEN") == Explanation(
        Words(unknown.meaning, unknown.meaning_zh), Words(unknown.advice, unknown.advice_zh)
    )
    assert explain("NEVER_SEEN", None, "") is None, "it may be another rail's"
    for code in ("PARAM_ERROR", "OVERDUE_CLOSE", "CANCELLED"):
        assert explain(code, "normal", "") is None


def test_a_code_of_bills_alone_is_explained_where_no_payout_has_it() -> None:
    row = codes.look_up("B", "NO_STATEMENT_EXIST")
    assert explained("NO_STATEMENT_EXIST", None).meaning.en == row.meaning
    assert explained("NO_STATEMENT_EXIST") == explained("NEVER_SEEN"), "no send is answered so"


def test_money_may_have_been_locked_by_what_was_taken_and_ended_and_by_no_refused_call() -> None:
    """What was locked and came back stands in the bill perhaps, and is no break."""
    locking = TRANSFER_RAIL.locking
    assert locking is not None
    for code in (*FAIL_REASONS, "CANCELLED", "NEVER_SEEN"):
        assert locking.may_follow(code)
    for refused in (*(it.err_code for it in codes.TRANSFER_CODES), "", None):
        assert not locking.may_follow(refused)
