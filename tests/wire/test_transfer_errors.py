"""What is raised about a V3 call names the order, the call, what was seen and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from transfer_samples import (
    APPLY,
    ASK,
    ASKING,
    AUTHORIZATION,
    CANCEL,
    CLOSE,
    NOW,
    NUMBER,
    OPENID,
    PAYER,
    PAYING_MESSAGES,
    PUBLIC,
    QUERY,
    RECEIPT,
    TRANSFER,
    TRANSFER_FIELDS,
    TRANSFER_MESSAGES,
    UNDER,
    encoded,
    getter,
    good,
    name_of,
    prepared,
    signed_headers,
)

from hongbao import InvalidRequest, OutcomeUnknown, Refused, TransferNotFound, UntrustedReply
from hongbao.errors import Disposition
from hongbao.sentences import Sentence
from hongbao.wire.bill.request import FundFlow
from hongbao.wire.transfer import codes
from hongbao.wire.transfer import messages as m
from hongbao.wire.transfer.authorizations import TransferUnderAuthorization
from hongbao.wire.transfer.bill import AskForBillLink
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS, UNKNOWN_FAIL_REASON
from hongbao.wire.transfer.preparing import prepare, restore
from hongbao.wire.transfer.reading import ADVICE, NoStatement, decode, unknown

_MAY_COME_AGAIN = "Query it: a cancel may have been taken. It may be made again."
_NO_MONEY = "No money hangs on this call: make it again later, or fix what the code names."


def raised(
    message: m.TransferMessage[Any], said: dict[str, Any] | bytes, status: int, **how: Any
) -> Any:
    """What a reply that is signed, unless ``how`` says otherwise, has raised."""
    body = said if isinstance(said, bytes) else encoded(said)
    headers = {} if how.get("unsigned") else signed_headers(body, **how)
    with pytest.raises((Refused, OutcomeUnknown)) as caught:
        decode(status, getter(headers), body, prepared(message), PAYER, now=NOW)
    error: Any = caught.value
    assert (error.mch_billno, error.endpoint) == (message.number, message.ENDPOINT.name)
    return error


def refusal(code: str, text: str = "文字") -> dict[str, Any]:
    return {"code": code, "message": text}


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_number_is_not_found_by_a_query_with_one_of_two_codes_and_by_nothing_else(
    message: m.TransferMessage[Any],
) -> None:
    """Of a number that is not found the engine may send, or call it refused."""
    told = {row.err_code for row in codes.TRANSFER_CODES} | {"NEVER_SEEN", ""}
    not_found = {"NOT_FOUND", "RESOURCE_NOT_EXISTS"}
    for code in told:
        error = raised(message, refusal(code), 404)
        asks = not message.ENDPOINT.moves_money
        assert isinstance(error, TransferNotFound) is (asks and code in not_found), code
        assert isinstance(error, NoStatement) is (
            code in {"NO_STATEMENT_EXIST", "STATEMENT_CREATING"}
        )


def test_that_there_is_no_bill_is_said_by_the_number_of_the_bill_and_its_code() -> None:
    asked = AskForBillLink(asked=FundFlow(bill_date=date(2026, 11, 28), account="Basic"))
    error = raised(asked, refusal("NO_STATEMENT_EXIST"), 400)
    assert type(error) is NoStatement
    assert (error.mch_billno, error.err_code) == ("20261128/Basic", "NO_STATEMENT_EXIST")


@pytest.mark.parametrize("message", PAYING_MESSAGES, ids=name_of)
def test_a_refusal_says_wechats_code_and_text_and_what_to_do(
    message: m.TransferMessage[Any],
) -> None:
    error = raised(message, refusal("PARAM_ERROR"), 400)
    row = codes.look_up(message.ENDPOINT.letter, "PARAM_ERROR")
    assert type(error) is Refused
    assert (error.err_code, error.err_code_des, error.advice) == ("PARAM_ERROR", "文字", row.advice)
    assert error.disposition is Disposition.NO


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_what_is_unknown_says_the_code_the_text_and_what_to_do(
    message: m.TransferMessage[Any],
) -> None:
    error = raised(message, refusal("SYSTEM_ERROR"), 500)
    row = codes.look_up(message.ENDPOINT.letter, "SYSTEM_ERROR")
    assert (error.err_code, error.err_code_des, error.why, error.advice) == (
        "SYSTEM_ERROR", "文字", "SYSTEM_ERROR: 文字", row.advice,
    )  # fmt: skip
    bare = raised(message, {}, 502)
    assert (bare.err_code, bare.err_code_des, bare.why) == (None, "", "HTTP 502, no code: ")
    assert bare.advice == codes.UNKNOWN_TRANSFER_CODE.advice


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_what_is_not_believed_says_why_and_what_may_be_done_about_such_a_call(
    message: m.TransferMessage[Any],
) -> None:
    endpoint = message.ENDPOINT
    advice = ADVICE if endpoint.pays else _MAY_COME_AGAIN if message is CANCEL else _NO_MONEY
    unsigned = raised(message, good(message), 200, unsigned=True)
    assert type(unsigned) is UntrustedReply
    assert unsigned.why == "the reply is unsigned: no header Wechatpay-Timestamp"
    torn = raised(message, b"{", 200)
    assert type(torn) is UntrustedReply
    assert torn.why == "the reply is unreadable: it is not JSON"
    coded = raised(message, good(message, code="X"), 200)
    assert coded.why == "the reply says success, but has a code"
    short = raised(message, good(message, state=None), 200)
    assert short.why == "the reply says success, but state is not a text"
    assert {it.advice for it in (unsigned, torn, coded, short)} == {advice}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"out_bill_no": "other"}, "the reply is about another out_bill_no"),
        ({"mchid": "1900099999"}, "the reply is about another mchid"),
        ({"out_bill_no": None}, "the reply says success, but no out_bill_no"),
        ({"mch_id": None}, "the reply says success, but no mch_id"),
    ],
)
def test_a_reply_about_another_payment_says_in_what(changes: dict[str, Any], why: str) -> None:
    assert raised(QUERY, good(QUERY, **changes), 200).why == why


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_what_nobody_signed_says_what_it_says_and_that_it_proves_nothing(
    message: m.TransferMessage[Any],
) -> None:
    endpoint = message.ENDPOINT
    advice = ADVICE if endpoint.pays else _MAY_COME_AGAIN if message is CANCEL else _NO_MONEY
    error = raised(message, refusal("SIGN_ERROR"), 401, unsigned=True)
    assert type(error) is OutcomeUnknown
    assert (error.err_code, error.err_code_des, error.advice) == ("SIGN_ERROR", "文字", advice)
    assert error.why == (
        "HTTP 401, unsigned (no header Wechatpay-Timestamp), so it proves nothing: SIGN_ERROR 文字"
    )
    page = raised(message, b"<html>", 502, unsigned=True)
    assert (page.err_code, page.err_code_des) == (None, "")
    assert page.why.endswith("so it proves nothing: no code")


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_what_is_unknown_without_a_reply_has_no_code_and_says_what_to_do(
    message: m.TransferMessage[Any],
) -> None:
    endpoint = message.ENDPOINT
    advice = ADVICE if endpoint.pays else _MAY_COME_AGAIN if message is CANCEL else _NO_MONEY
    error = unknown(prepared(message), "TLS alert: unknown CA")
    assert type(error) is OutcomeUnknown
    assert (error.mch_billno, error.endpoint) == (message.number, endpoint.name)
    assert (error.why, error.advice) == ("TLS alert: unknown CA", advice)
    assert (error.err_code, error.err_code_des) == (None, "")


def test_codes_and_texts_are_cut_and_what_is_no_text_is_none() -> None:
    long = raised(TRANSFER, refusal("X" * 65, "文" * 513), 400)
    assert (long.err_code, long.err_code_des) == ("X" * 64, "文" * 512)
    other = raised(TRANSFER, {"code": 7, "message": ["x"]}, 400)
    assert (other.err_code, other.err_code_des) == (None, "")
    blank = raised(TRANSFER, {"code": " PARAM_ERROR\n", "message": "\t文字 "}, 400)
    assert (blank.err_code, blank.err_code_des) == ("PARAM_ERROR", "文字")


@pytest.mark.parametrize("status", [300, 302, 399])
def test_only_what_http_calls_a_success_is_one(status: int) -> None:
    error = raised(TRANSFER, good(TRANSFER), status)
    assert error.why == "the reply is a refusal, but has a state"
    assert decode(
        299, getter(signed_headers(encoded(good(TRANSFER)))), encoded(good(TRANSFER)),
        prepared(TRANSFER), PAYER, now=NOW,
    ).state  # fmt: skip


@pytest.mark.parametrize("reason", [*FAIL_REASONS, "NEVER_SEEN"])
def test_a_transfer_that_has_failed_says_the_reason_and_what_to_do(reason: str) -> None:
    row = FAIL_REASONS.get(reason, UNKNOWN_FAIL_REASON)
    for message in (TRANSFER, UNDER):
        error = raised(message, good(message, state="FAIL", fail_reason=reason), 200)
        assert (error.err_code, error.err_code_des) == (reason, row.meaning)
        assert error.advice == row.group.value.advice
        assert error.err_code_des.in_chinese() == row.meaning_zh
        assert error.advice.in_chinese() == row.group.value.advice_zh


def test_a_reason_counts_only_beside_a_failure_and_is_cut() -> None:
    taken_back = good(TRANSFER, state="CANCELLED", fail_reason="OPENID_INVALID")
    error = raised(TRANSFER, taken_back, 200)
    assert (error.err_code, error.err_code_des) == ("CANCELLED", "")
    long = raised(TRANSFER, good(TRANSFER, state="FAIL", fail_reason="X" * 65), 200)
    assert long.err_code == "X" * 64


@pytest.mark.parametrize(
    ("call", "body", "field", "rule", "found"),
    [
        (
            *("query" * 10, b"{}", "call"),
            "one of transfer, transfer_asking_authorization, transfer_under_authorization",
            repr(("query" * 10)[:32]),
        ),
        ("transfer", b"no", "body", "the bytes that were prepared", "bytes: it is not JSON"),
        (
            *("transfer", prepared(TRANSFER).body.replace(b'"1000"', b'"1 0"')),
            *("transfer_scene_id", "1 to 36 of 0-9, A-Z, a-z, '_', '-'", "something else"),
        ),
    ],
)
def test_what_is_not_restored_is_named_and_its_content_is_not_told(
    call: str, body: bytes, field: str, rule: str, found: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        restore(call, body, PUBLIC.serial)
    error = caught.value
    assert (error.field, error.rule, error.found) == (field, rule, found)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"openid": None}, "nothing"),
        ({"openid": "x y"}, "3 characters"),
        ({"openid": " "}, "1 character"),
        ({"transfer_amount": 0}, "0"),
        ({"transfer_amount": 1.5}, "a float"),
        ({"transfer_amount": True}, "a bool"),
        ({"transfer_scene_report_infos": [("a", "b")]}, "a list"),
        ({"user_recv_style": "NEW"}, "3 characters"),
    ],
)
def test_a_value_that_breaks_a_rule_is_told_by_its_shape(
    changes: dict[str, Any], found: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **changes})
    assert (caught.value.found, caught.value.mch_billno) == (found, NUMBER)


def test_a_number_that_is_no_text_is_shown_in_no_error() -> None:
    wrong: dict[str, Any] = {"out_bill_no": 7, "transfer_scene_report_infos": []}
    for make in (
        lambda: m.QueryTransfer(7),  # type: ignore[arg-type]  # as a caller may have it
        lambda: m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **wrong}),
    ):
        with pytest.raises(InvalidRequest) as caught:
            make()
        assert caught.value.mch_billno is None


@pytest.mark.parametrize(
    ("changes", "found"),
    [({"transfer_amount": 9}, "9"), ({"transfer_amount": 29, "user_name": "张三"}, "it given")],
)
def test_what_the_merchant_may_not_send_is_told_in_the_readers_language(
    changes: dict[str, Any], found: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepared(m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **changes}))
    said: object = caught.value.found
    assert said == found
    assert isinstance(said, Sentence) is (found == "it given")


@pytest.mark.parametrize(
    ("names", "found"),
    [({}, "neither"), ({"authorization_id": "A1", "out_authorization_no": "AUTH1"}, "both")],
)
def test_an_authorisation_that_is_named_twice_or_not_at_all_is_told(
    names: dict[str, Any], found: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        TransferUnderAuthorization(**TRANSFER_FIELDS, **names)
    error = caught.value
    assert (error.field, error.found, error.mch_billno) == ("authorization_id", found, NUMBER)
    assert error.rule == "given, or else out_authorization_no; not both"


def test_who_is_asked_for_an_authorisation_is_asked_with_all_that_was_given() -> None:
    bare = prepared(replace(ASK, client_ip=None, device_type=None)).body.decode()
    assert bare == (
        '{"out_authorization_no":"AUTH202611290001","appid":"wx00aa11bb22cc33dd",'
        f'"openid":"{OPENID}","transfer_scene_id":"1005","user_display_name":"骑手甲",'
        '"authorization_notify_url":"https://pay.example.test/notify/auth"}'
    )
    whole = replace(ASK, appid="wxother", user_recv_perception="劳务报酬", device_id="D1")
    assert prepared(whole).body.decode() == (
        '{"out_authorization_no":"AUTH202611290001","appid":"wxother",'
        f'"openid":"{OPENID}","transfer_scene_id":"1005","user_display_name":"骑手甲",'
        '"user_recv_perception":"劳务报酬",'
        '"authorization_notify_url":"https://pay.example.test/notify/auth",'
        '"scene_info":{"client_ip":"203.0.113.7","device_id":"D1","device_type":"ANDROID"}}'
    )


def test_a_transfer_with_an_authorisation_names_who_sponsors_it() -> None:
    asking = json.loads(prepared(replace(ASKING, sponsor_mchid="1900054321")).body)
    assert asking["sponsor_mchid"] == "1900054321"
    assert asking["authorization_info"] == {
        "user_display_name": "骑手甲",
        "out_authorization_no": "AUTH202611290001",
        "authorization_notify_url": "https://pay.example.test/notify/auth",
    }
    under = json.loads(prepared(replace(UNDER, sponsor_mchid="1900054321")).body)
    assert under["sponsor_mchid"] == "1900054321"


@pytest.mark.parametrize("message", [QUERY, CANCEL, RECEIPT, AUTHORIZATION, CLOSE, APPLY])
def test_a_number_of_any_letters_stands_in_the_path_or_body_as_it_is(
    message: Any,
) -> None:
    own = replace(message, **{message.NUMBER: "azAZ09"})
    asked = prepare(own, PAYER, now=NOW)
    assert ("azAZ09" in asked.path) is (message is not APPLY)
    assert ("azAZ09" in asked.body.decode()) is (message is APPLY)
    assert dict(asked.expected) == {message.NUMBER: "azAZ09"}


def test_where_a_bill_is_stands_in_a_reply_that_is_signed() -> None:
    asked = AskForBillLink(asked=FundFlow(bill_date=date(2026, 11, 28), account="Operation"))
    said = {"download_url": "https://x.test/?token=A", "hash_type": "SHA1", "hash_value": "9f"}
    body = encoded(said)
    link = decode(200, getter(signed_headers(body)), body, prepared(asked), PAYER, now=NOW)
    assert (link.download_url, link.hash_type, link.hash_value) == tuple(said.values())
    assert "token" not in repr(link)
    assert prepared(asked).path.endswith("?bill_date=2026-11-28&account_type=OPERATION")
