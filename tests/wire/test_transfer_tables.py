"""Codes, reasons, states and scenes of V3 transfers say something in both languages."""

from __future__ import annotations

import pytest

from hongbao import Disposition
from hongbao.sentences import Sentence
from hongbao.wire.codes import Code
from hongbao.wire.transfer import codes
from hongbao.wire.transfer.endpoints import TRANSFER_ENDPOINTS, find
from hongbao.wire.transfer.fail_reasons import (
    FAIL_REASONS,
    UNKNOWN_FAIL_REASON,
    FailGroup,
    fail_reason,
)
from hongbao.wire.transfer.state import (
    FINAL,
    STEPS,
    MoneyStatus,
    TransferState,
    may_become,
    money_of,
    parse_state,
)


def in_both_languages(english: str, chinese: str) -> None:
    assert english.endswith(".")
    assert chinese.endswith("。")
    assert not chinese.isascii()


def in_chinese(text: str) -> str:
    assert isinstance(text, Sentence)
    return text.in_chinese()


@pytest.mark.parametrize(
    "row", [*codes.TRANSFER_CODES, codes.UNKNOWN_TRANSFER_CODE], ids=lambda row: row.err_code
)
def test_a_code_speaks_english_and_chinese(row: Code) -> None:
    in_both_languages(row.meaning, row.meaning_zh)
    in_both_languages(row.advice, row.advice_zh)


def test_no_code_stands_twice_for_one_call_and_all_are_of_calls() -> None:
    seen = [(letter, row.err_code) for row in codes.TRANSFER_CODES for letter in row.endpoints]
    assert len(seen) == len(set(seen))
    letters = {endpoint.letter for endpoint in TRANSFER_ENDPOINTS}
    assert {letter for letter, _ in seen} == letters == set(codes.UNKNOWN_TRANSFER_CODE.endpoints)


def test_only_what_proves_that_nothing_was_made_says_no() -> None:
    dead = {row.err_code for row in codes.TRANSFER_CODES if row.disposition is Disposition.NO}
    assert dead == {
        *("PARAM_ERROR", "SIGN_ERROR", "NO_AUTH", "USER_ERROR"),
        *("ACCOUNTERROR", "APPID_MCHID_NOT_MATCH"),
    }
    for code in ("INVALID_REQUEST", "NOT_ENOUGH", "ALREADY_EXISTS"):
        assert codes.look_up("T", code).disposition is Disposition.OPEN
    for code in ("FREQUENCY_LIMITED", "SYSTEM_ERROR", "NOT_FOUND", "NEVER_SEEN", ""):
        assert codes.look_up("T", code).disposition is Disposition.UNKNOWN


def test_hints_refine_advice_and_belong_to_codes() -> None:
    row = codes.look_up("T", "INVALID_REQUEST")
    usual = codes.advise(row, "?")
    assert (usual, in_chinese(usual)) == (row.advice, row.advice_zh)
    for err_code, word, advice, advice_zh in codes.TRANSFER_HINTS:
        in_both_languages(advice, advice_zh)
        refined = codes.advise(codes.look_up("T", err_code), f"…{word}…")
        assert (refined, in_chinese(refined)) == (advice, advice_zh)
    assert {it.endpoints for it in codes.rows_of("param_error")} == {"TPA", "QCEUKB"}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("单号已存在但信息不一致", True),
        ("对应单号已超出重试期", True),
        ("该商户单号已存在", True),
        ("此IP地址不允许调用该接口", False),
        ("你尚未获取该转账场景", False),
        ("超出商户单日转账额度", False),
        ("", False),
    ],
)
def test_a_text_that_speaks_of_an_order_says_that_there_is_one(text: str, *, known: bool) -> None:
    assert codes.has_order(text) is known


@pytest.mark.parametrize(
    "row", [*FAIL_REASONS.values(), UNKNOWN_FAIL_REASON], ids=lambda row: row.name
)
def test_a_reason_speaks_english_and_chinese_and_says_when_another_attempt_makes_sense(
    row: object,
) -> None:
    found = fail_reason(getattr(row, "name"))  # noqa: B009  # as a reader has it: a name
    assert found is row
    in_both_languages(found.meaning, found.meaning_zh)
    in_both_languages(found.group.value.advice, found.group.value.advice_zh)


def test_a_program_by_itself_tries_again_only_after_a_limit_of_time() -> None:
    alone = {group for group in FailGroup if group.value.by_itself}
    assert alone == {FailGroup.USER_DAY, FailGroup.USER_MONTH}
    assert fail_reason("NEVER_SEEN").group is FailGroup.UNCLEAR
    assert {row.group for row in FAIL_REASONS.values()} == set(FailGroup)


def test_a_final_state_is_never_left_and_any_other_can_end() -> None:
    assert {TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED} == FINAL
    for state in TransferState:
        later = {it for it in TransferState if may_become(state, it)}
        assert later & FINAL
        assert (later == {state}) is (state in FINAL)
        assert (money_of(state) is MoneyStatus.OPEN) is (state not in FINAL)
    assert may_become(TransferState.ACCEPTED, TransferState.SUCCESS)
    assert not may_become(TransferState.SUCCESS, TransferState.FAIL)
    assert set(STEPS) == set(TransferState)


def test_a_state_that_is_not_known_is_kept_and_may_still_pay() -> None:
    assert parse_state("FAIL") is TransferState.FAIL
    assert parse_state("REVIEWING") == "REVIEWING"
    assert money_of("REVIEWING") is MoneyStatus.OPEN


def test_no_two_calls_go_to_one_place() -> None:
    places = [(it.method, it.template) for it in TRANSFER_ENDPOINTS]
    assert len(set(places)) == len(places)
    folder = "/v3/fund-app/mch-transfer"
    for path in ("/v3", f"{folder}/transfer-bills/", f"{folder}/transfer-bills/out-bill-no/"):
        assert find("POST", path) is None
    assert find("GET", f"{folder}/transfer-bills") is None
    found = find("POST", f"{folder}/transfer-bills/transfer")
    assert found is not None
    assert found[0].name == "transfer_under_authorization"


def test_a_number_in_a_path_is_of_letters_digits_and_two_signs() -> None:
    begins = "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/"
    for number in ("azAZ09_-", "x" * 64):
        found = find("GET", f"{begins}{number}")
        assert found is not None
        assert (found[0].name, found[1]) == ("query", {"out_bill_no": number})
    for number in ("x" * 65, "a b", "a.b", "é", "a%41"):
        assert find("GET", f"{begins}{number}") is None
