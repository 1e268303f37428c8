"""Reading V3 replies: only what is signed says NO, and what is accepted is whole and ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transfer_samples import (
    APPLY,
    CANCEL,
    NOW,
    OPENID,
    OTHER_MESSAGES,
    PAYER,
    PAYING_MESSAGES,
    PLATFORM,
    PLATFORM_KEY,
    QUERY,
    RECEIPT,
    TRANSFER,
    TRANSFER_MESSAGES,
    UNDER,
    encoded,
    getter,
    good,
    name_of,
    prepared,
    signed_headers,
)

from hongbao import (
    Disposition,
    HongbaoError,
    OutcomeUnknown,
    Refused,
    TransferNotFound,
    UntrustedReply,
)
from hongbao.wire.codes import Code
from hongbao.wire.transfer import codes
from hongbao.wire.transfer.messages import TransferMessage
from hongbao.wire.transfer.reading import decode
from hongbao.wire.transfer.state import MoneyStatus
from hongbao.wire.transfer.wechat_keys import Provenance


def answer(
    message: TransferMessage[Any], said: dict[str, Any] | bytes, status: int = 200, **how: Any
) -> Any:
    """What a reply means that WeChat signed."""
    body = said if isinstance(said, bytes) else encoded(said)
    headers = signed_headers(body, **how)
    return decode(status, getter(headers), body, prepared(message), PAYER, now=NOW)


def refusal(code: str, **more: object) -> dict[str, Any]:
    return {"code": code, "message": "此IP地址不允许调用该接口\t", **more}


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_whole_success_is_read(message: TransferMessage[Any]) -> None:
    value = answer(message, good(message))
    assert value.state
    assert OPENID not in repr(value)
    assert "token=" not in repr(value)


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.95])
def test_a_torn_reply_is_untrusted_even_if_it_is_signed(
    message: TransferMessage[Any], cut: float
) -> None:
    whole = encoded(good(message))
    with pytest.raises(UntrustedReply):
        answer(message, whole[: int(len(whole) * cut)])


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_success_about_something_else_is_untrusted(message: TransferMessage[Any]) -> None:
    asked = prepared(message)
    for name in {*asked.expected, "mch_id", "mchid"}:
        with pytest.raises(UntrustedReply, match=f"about another {name}"):
            answer(message, good(message, **{name: "1234567890"}))
        with pytest.raises(UntrustedReply, match=f"about another {name}"):
            answer(message, refusal("PARAM_ERROR", **{name: "1234567890"}), 400)


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_success_without_what_it_must_repeat_is_untrusted(message: TransferMessage[Any]) -> None:
    for name in message.ENDPOINT.echoed:
        with pytest.raises(UntrustedReply, match=name):
            answer(message, good(message, **{name: None}))
    with pytest.raises(UntrustedReply, match="state"):
        answer(message, good(message, state=None))


def test_either_spelling_of_the_merchant_will_do_and_both_must_agree() -> None:
    assert answer(QUERY, good(QUERY, mchid=PAYER.mch_id)).state == "SUCCESS"
    assert answer(QUERY, good(QUERY, mch_id=None, mchid=PAYER.mch_id)).state == "SUCCESS"
    with pytest.raises(UntrustedReply, match="no mch_id"):
        answer(QUERY, good(QUERY, mch_id=None))


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
@pytest.mark.parametrize("missing", signed_headers(b""))
def test_whatever_is_not_signed_is_unknown(message: TransferMessage[Any], missing: str) -> None:
    for status, said in ((200, good(message)), (400, refusal("PARAM_ERROR")), (404, b"<html>")):
        body = said if isinstance(said, bytes) else encoded(said)
        headers = {k: v for k, v in signed_headers(body).items() if k != missing}
        with pytest.raises(OutcomeUnknown) as caught:
            decode(status, getter(headers), body, prepared(message), PAYER, now=NOW)
        assert type(caught.value) is (UntrustedReply if status == 200 else OutcomeUnknown)


_DAMAGE: dict[str, dict[str, str]] = {
    "a probe": {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abc="},
    "a probe that is not base64": {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/§§"},
    "not base64": {"Wechatpay-Signature": "§"},
    "too short": {"Wechatpay-Signature": "QUJD"},
    "half a character": {"Wechatpay-Nonce": "\udc80"},
    "no time": {"Wechatpay-Timestamp": "soon"},
    "digits of another script": {"Wechatpay-Timestamp": "١٧٩"},
    "of a serial that is not known": {"Wechatpay-Serial": "7F"},
    "of the other key": {"Wechatpay-Serial": PLATFORM.serial},
    "301 s old": signed_headers(b"{}", at=NOW - 301),
    "301 s ahead": signed_headers(b"{}", at=NOW + 301),
    "of the merchant": signed_headers(b"{}", key=PAYER.private_key),
}


@pytest.mark.parametrize("damage", _DAMAGE)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_a_bad_signature_proves_nothing(damage: str, status: int) -> None:
    headers = signed_headers(b"{}") | _DAMAGE[damage]
    for message in (TRANSFER, QUERY):
        with pytest.raises(OutcomeUnknown) as caught:
            decode(status, getter(headers), b"{}", prepared(message), PAYER, now=NOW)
        assert not isinstance(caught.value, TransferNotFound)


@pytest.mark.parametrize("age", [-300, 300])
def test_a_signature_is_good_for_five_minutes_both_ways(age: int) -> None:
    assert answer(QUERY, good(QUERY), at=NOW - age).state == "SUCCESS"


def test_a_reply_without_a_body_is_signed_over_an_empty_line() -> None:
    """As those are whose status is 204."""
    headers = getter(signed_headers(b""))
    for body, provenance in ((b"", Provenance.SIGNED), (b"\n", Provenance.BAD)):
        assert PAYER.wechat_keys.judge(headers, body, now=NOW).provenance is provenance


def test_a_certificate_vouches_for_nothing_before_and_after_its_dates() -> None:
    body = encoded(good(QUERY))
    assert PLATFORM.not_after is not None
    for at in (int(PLATFORM.not_after.timestamp()) + 1, 1_700_000_000):
        headers = signed_headers(body, at=at, key=PLATFORM_KEY, serial=PLATFORM.serial)
        with pytest.raises(UntrustedReply, match="does not hold now"):
            decode(200, getter(headers), body, prepared(QUERY), PAYER, now=at)


def test_a_serial_is_found_in_either_case_and_without_its_zeros() -> None:
    for serial in (PLATFORM.serial.lower(), f"00{PLATFORM.serial}"):
        value = answer(QUERY, good(QUERY), key=PLATFORM_KEY, serial=serial)
        assert value.state == "SUCCESS"


@pytest.mark.parametrize(
    ("message", "row"),
    [
        (message, row)
        for message in PAYING_MESSAGES
        for row in codes.TRANSFER_CODES
        if message.ENDPOINT.letter in row.endpoints
    ],
    ids=lambda it: it.err_code if isinstance(it, Code) else name_of(it),
)
def test_a_signed_refusal_means_what_its_row_says(message: TransferMessage[Any], row: Code) -> None:
    with pytest.raises(HongbaoError) as caught:
        answer(message, refusal(row.err_code), 403)
    error = caught.value
    assert isinstance(error, OutcomeUnknown if row.disposition == "UNKNOWN" else Refused)
    assert error.err_code == row.err_code
    assert error.err_code_des == "此IP地址不允许调用该接口", "WeChat's texts end in a tab"
    if isinstance(error, Refused):
        assert error.disposition is row.disposition


@pytest.mark.parametrize("message", PAYING_MESSAGES, ids=name_of)
@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("对应单号已超出重试期", "too old to be sent again"),
        ("单号已存在但信息不一致", "exists with other content"),
    ],
)
def test_a_number_that_wechat_says_it_knows_stays_open_and_the_advice_says_so(
    message: TransferMessage[Any], text: str, advice: str
) -> None:
    with pytest.raises(Refused) as caught:
        answer(message, {"code": "INVALID_REQUEST", "message": text}, 400)
    assert caught.value.disposition is Disposition.OPEN
    assert advice in caught.value.advice


@pytest.mark.parametrize("message", OTHER_MESSAGES, ids=name_of)
@pytest.mark.parametrize("code", ["INVALID_REQUEST", "NO_AUTH", "SIGN_ERROR", "NEW_CODE", ""])
def test_what_pays_nobody_is_never_refused_but_unanswered(
    message: TransferMessage[Any], code: str
) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        answer(message, refusal(code), 400)
    assert caught.value.err_code == (code or None)


@pytest.mark.parametrize("status", [400, 404])
def test_a_number_is_not_found_by_wechats_signature_alone(status: int) -> None:
    with pytest.raises(TransferNotFound):
        answer(QUERY, refusal("NOT_FOUND"), status)
    body = encoded(refusal("NOT_FOUND"))
    with pytest.raises(OutcomeUnknown) as caught:
        decode(status, getter({}), body, prepared(QUERY), PAYER, now=NOW)
    assert type(caught.value) is OutcomeUnknown


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_servers_error_refuses_nothing_whatever_code_it_has(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(TRANSFER, refusal("PARAM_ERROR"), status)


def test_a_refusal_that_names_an_order_contradicts_itself() -> None:
    for name in ("state", "transfer_bill_no", "package_info"):
        with pytest.raises(UntrustedReply, match=name):
            answer(TRANSFER, refusal("PARAM_ERROR", **{name: "x"}), 400)
    with pytest.raises(UntrustedReply, match="has a code"):
        answer(TRANSFER, good(TRANSFER, code="PARAM_ERROR"))


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [("FAIL", "OPENID_INVALID", "OPENID_INVALID"), ("FAIL", None, "FAIL"), ("CANCELLED", None, "")],
)
def test_a_transfer_that_has_ended_without_paying_is_refused_for_good(
    state: str, reason: str | None, told: str
) -> None:
    for message in (TRANSFER, UNDER):
        with pytest.raises(Refused) as caught:
            answer(message, good(message, state=state, fail_reason=reason))
        assert caught.value.disposition is Disposition.NO
        assert caught.value.err_code == (told or state)


@pytest.mark.parametrize("state", ["ACCEPTED", "PROCESSING", "TRANSFERING", "NEW_STATE"])
def test_a_transfer_whose_state_is_open_or_not_known_may_still_pay(state: str) -> None:
    taken = answer(TRANSFER, good(TRANSFER, state=state, package_info=None))
    assert (taken.state, taken.money) == (state, MoneyStatus.OPEN)


def test_a_user_has_24_hours_and_needs_a_package() -> None:
    taken = answer(TRANSFER, good(TRANSFER))
    assert (taken.confirm_until - taken.create_time).total_seconds() == 86_400
    with pytest.raises(UntrustedReply, match="package_info"):
        answer(TRANSFER, good(TRANSFER, package_info=None))


def test_a_cancel_that_wechat_refuses_says_nothing_of_the_transfer() -> None:
    with pytest.raises(OutcomeUnknown, match="only the query says"):
        answer(CANCEL, {"code": "INVALID_REQUEST", "message": "单号错误"}, 400)


def test_a_receipt_has_its_link_and_hash_only_when_it_is_finished() -> None:
    assert answer(RECEIPT, good(RECEIPT)).is_finished
    assert not answer(APPLY, good(APPLY)).is_finished
    for name in ("download_url", "hash_value", "hash_type"):
        with pytest.raises(UntrustedReply, match=name):
            answer(RECEIPT, good(RECEIPT, **{name: None}))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":[-1e999]}',
        b"\xff", b'{"a":"\\ud800"}', b"[" * 100_000, b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"a":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
def test_what_is_not_plainly_one_object_is_unknown(body: bytes) -> None:
    for status in (200, 400):
        with pytest.raises(UntrustedReply, match="unreadable"):
            answer(TRANSFER, body, status)


@given(
    st.dictionaries(
        st.sampled_from([*good(QUERY), "code"]),
        st.none() | st.integers() | st.text() | st.lists(st.text()) | st.floats(),
    )
)
def test_whatever_members_a_signed_reply_has_it_is_read_or_unknown(said: dict[str, Any]) -> None:
    try:
        body = encoded(good(QUERY) | said)
    except UnicodeEncodeError:
        return
    try:
        value = answer(QUERY, body)
    except OutcomeUnknown:
        return
    assert value.out_bill_no == QUERY.out_bill_no
    assert type(value.transfer_amount) is int
