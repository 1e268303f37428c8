"""Reading replies: what is not understood is unknown, and what is accepted is whole and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import (
    Assumptions,
    Claim,
    Disposition,
    HongbaoError,
    Message,
    OutcomeUnknown,
    PacketNotFound,
    Refused,
    Status,
    UntrustedReply,
)
from hongbao.beijing import BEIJING
from hongbao.wire import codes, document, signature
from hongbao.wire.codec import decode
from payers import BILLNO, KEY, OPENID, Payer
from samples import (
    GROUP,
    MESSAGES,
    MINI_PROGRAM,
    NORMAL,
    OF_AN_ORDER,
    PREORDER,
    QUERY,
    QUERY_WORK,
    WORK,
    accepted_fields,
    reply,
)

_SENDS = [message for message in MESSAGES if message.ENDPOINT.moves_money]
_QUERIES = [QUERY, QUERY_WORK]


def _name(value: object) -> str:
    return value.ENDPOINT.name if isinstance(value, Message) else str(value)


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_whole_success_is_read(asked: Message[Any]) -> None:
    value = decode(reply(asked), asked, Payer())
    assert value.mch_billno == BILLNO
    assert OPENID not in repr(value)


def test_each_call_returns_what_only_it_has() -> None:
    payer = Payer()
    assert decode(reply(NORMAL), NORMAL, payer).send_listid.startswith("1000041701")
    assert decode(reply(GROUP), GROUP, payer).total_num == 3
    assert decode(reply(MINI_PROGRAM), MINI_PROGRAM, payer).package.startswith("sendid=")
    assert decode(reply(WORK), WORK, payer).sender_name == "张三"
    preordered = decode(reply(PREORDER), PREORDER, payer)
    assert preordered.sp_ticket == "v1|abc+/="
    assert preordered.send_time == datetime(2026, 11, 23, 10, 0, 0, tzinfo=BEIJING)


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.95])
def test_a_torn_reply_is_untrusted(asked: Message[Any], cut: float) -> None:
    whole = reply(asked)
    with pytest.raises(UntrustedReply) as caught:
        decode(whole[: int(len(whole) * cut)], asked, Payer())
    assert caught.value.mch_billno == BILLNO


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_reply_about_another_packet_is_untrusted(asked: Message[Any]) -> None:
    for name in asked.ENDPOINT.echoed:
        for body in (
            reply(asked, **{name: "7"}),
            reply(asked, **{name: "7"}, result_code="FAIL", err_code="SIGN_ERROR"),
        ):
            with pytest.raises(UntrustedReply, match=name):
                decode(body, asked, Payer())


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_request_that_was_not_read_is_echoed_as_0_where_that_was_seen(
    asked: Message[Any],
) -> None:
    unread = {"return_code": "FAIL", "result_code": "FAIL", "err_code": "XML_ERROR"}
    seen = {"mch_id": "0", "total_amount": "0"}
    seen = {name: it for name, it in seen.items() if name in asked.ENDPOINT.echoed}
    with pytest.raises((Refused, OutcomeUnknown)) as caught:
        decode(reply(asked, **unread, **seen), asked, Payer())
    assert not isinstance(caught.value, UntrustedReply)
    for name in asked.ENDPOINT.echoed:
        others = {"7"} if name in seen else {"0", "7"}
        for other in others:
            with pytest.raises(UntrustedReply, match=f"about another {name}"):
                decode(reply(asked, **unread, **(seen | {name: other})), asked, Payer())
        read = unread | {"return_code": "SUCCESS"}
        with pytest.raises(UntrustedReply, match=f"about another {name}"):
            decode(reply(asked, **read, **{name: "0"}), asked, Payer())


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_success_without_its_echo_is_untrusted(asked: Message[Any]) -> None:
    for name in asked.ENDPOINT.echoed:
        with pytest.raises(UntrustedReply, match=name):
            decode(reply(asked, **{name: None}), asked, Payer())


def test_a_success_without_a_list_id_is_no_success_unless_assumed() -> None:
    for empty in ("", None):
        with pytest.raises(UntrustedReply) as caught:
            decode(reply(NORMAL, send_listid=empty), NORMAL, Payer())
        assert caught.value.why == "the reply says success, but no send_listid"
    relaxed = Payer(assumptions=Assumptions(send_listid_required=False))
    assert decode(reply(NORMAL, send_listid=None), NORMAL, relaxed).send_listid == ""


def test_a_mini_program_packet_without_a_package_and_a_preorder_without_a_ticket_are_unknown() -> (
    None
):
    with pytest.raises(UntrustedReply, match="package"):
        decode(reply(MINI_PROGRAM, package=None), MINI_PROGRAM, Payer())
    with pytest.raises(UntrustedReply, match="sp_ticket"):
        decode(reply(PREORDER, sp_ticket=None), PREORDER, Payer())


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_sign_is_not_required_but_a_wrong_one_is_never_trusted(asked: Message[Any]) -> None:
    signed = accepted_fields(asked)
    signed["sign"] = signature.sign_md5(signed, KEY)
    decode(document.encode(signed.items()), asked, Payer())
    signed["sign"] = "0" * 32
    with pytest.raises(UntrustedReply, match="sign"):
        decode(document.encode(signed.items()), asked, Payer())


@pytest.mark.parametrize("row", codes.CODES, ids=lambda row: row.err_code)
def test_every_code_has_its_disposition_on_every_call_that_knows_it(row: codes.Code) -> None:
    for asked in MESSAGES:
        if asked.ENDPOINT.letter not in row.endpoints:
            continue
        body = reply(asked, result_code="FAIL", err_code=row.err_code, err_code_des="文字")
        with pytest.raises((Refused, OutcomeUnknown)) as caught:
            decode(body, asked, Payer())
        error = caught.value
        assert isinstance(error, (Refused, OutcomeUnknown))
        assert error.err_code == row.err_code
        assert error.mch_billno == BILLNO
        refused = asked.ENDPOINT.moves_money and row.disposition is not Disposition.UNKNOWN
        assert isinstance(error, Refused) is refused
        if isinstance(error, Refused):
            assert error.disposition is row.disposition


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
@pytest.mark.parametrize("err_code", ["268458547", "-1", "BRAND_NEW_CODE", "SUCCESS", "0", ""])
def test_a_code_that_is_not_in_the_table_is_unknown(asked: Message[Any], err_code: str) -> None:
    for envelope in ({"return_code": "FAIL"}, {}):
        body = reply(asked, result_code="FAIL", err_code=err_code, **envelope)
        with pytest.raises(OutcomeUnknown):
            decode(body, asked, Payer())


@pytest.mark.parametrize("asked", _SENDS, ids=_name)
def test_a_code_of_another_call_is_unknown(asked: Message[Any]) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        decode(reply(asked, result_code="FAIL", err_code="NOT_FOUND"), asked, Payer())
    assert type(caught.value) is OutcomeUnknown


@pytest.mark.parametrize("asked", _QUERIES, ids=_name)
@pytest.mark.parametrize("code", ["NOT_FOUND", "SYSTEMERROR", "NOT_FOUND_YET", ""])
def test_only_a_number_that_wechat_does_not_know_is_not_found(
    asked: Message[Any], code: str
) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        decode(reply(asked, result_code="FAIL", err_code=code), asked, Payer())
    assert type(caught.value) is (PacketNotFound if code == "NOT_FOUND" else OutcomeUnknown)
    assert caught.value.err_code == (code or None)


@pytest.mark.parametrize("asked", _QUERIES, ids=_name)
def test_a_query_that_fails_says_nothing_about_the_packet(asked: Message[Any]) -> None:
    for err_code in ("SIGN_ERROR", "CA_ERROR", "NOT_FOUND", "SYSTEMERROR"):
        body = reply(asked, result_code="FAIL", err_code=err_code, err_code_des="文字")
        with pytest.raises(OutcomeUnknown) as caught:
            decode(body, asked, Payer())
        assert (caught.value.err_code, caught.value.err_code_des) == (err_code, "文字")
        row = codes.look_up(asked.ENDPOINT.letter, err_code)
        assert caught.value.advice == codes.advise(row, caught.value.err_code_des)


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
@pytest.mark.parametrize("err_code", ["OPENID_ERROR", "NOTENOUGH", "NOT_FOUND", "SYSTEMERROR"])
@pytest.mark.parametrize("name", OF_AN_ORDER)
def test_a_failure_that_names_an_order_contradicts_itself_and_is_unknown(
    asked: Message[Any], err_code: str, name: str
) -> None:
    body = reply(asked, result_code="FAIL", err_code=err_code, **{name: "1000041701"})
    with pytest.raises(UntrustedReply, match=f"says FAIL, but has a {name}") as caught:
        decode(body, asked, Payer())
    assert caught.value.err_code is None
    empty = reply(asked, result_code="FAIL", err_code=err_code, **{name: ""})
    with pytest.raises((Refused, OutcomeUnknown)) as caught_too:
        decode(empty, asked, Payer())
    assert not isinstance(caught_too.value, UntrustedReply)


def test_return_code_fail_alone_proves_nothing() -> None:
    body = document.encode([("return_code", "FAIL"), ("return_msg", "系统繁忙")])
    with pytest.raises(OutcomeUnknown, match="系统繁忙"):
        decode(body, NORMAL, Payer())
    for result_code in (None, "", "MAYBE"):
        body = reply(NORMAL, result_code=result_code, err_code="SIGN_ERROR")
        with pytest.raises(UntrustedReply, match="neither"):
            decode(body, NORMAL, Payer())


def test_blanks_inside_old_codes_do_not_matter() -> None:
    with pytest.raises(Refused) as caught:
        decode(reply(NORMAL, result_code="FAIL", err_code="TIME _LIMITED"), NORMAL, Payer())
    assert caught.value.err_code == "TIME_LIMITED"


def test_a_code_and_a_text_without_end_are_cut_and_stay_unknown() -> None:
    endless = "NOTENOUGH" + " " * 1_000 + "X" * 100_000
    body = reply(NORMAL, result_code="FAIL", err_code=endless, err_code_des="长" * 100_000)
    with pytest.raises(OutcomeUnknown) as caught:
        decode(body, NORMAL, Payer())
    assert len(str(caught.value)) < 1_000
    assert caught.value.err_code == "NOTENOUGH" + "X" * 55


def test_the_text_refines_the_advice_and_never_the_disposition() -> None:
    advice = set()
    for text in ("IP地址非你在商户平台设置的可用IP地址", "无权限", "用户账号异常", "别的"):
        body = reply(NORMAL, result_code="FAIL", err_code="NO_AUTH", err_code_des=text)
        with pytest.raises(Refused) as caught:
            decode(body, NORMAL, Payer())
        assert caught.value.disposition is Disposition.OPEN
        advice.add(caught.value.advice)
    assert len(advice) == 4


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_every_end_names_the_packet_and_the_call(asked: Message[Any]) -> None:
    failed = {"return_code": "SUCCESS", "result_code": "FAIL"}
    bodies = {
        b"<xml": "the reply is unreadable: ",
        reply(asked, return_code="MAYBE", result_code="MAYBE"): (
            "the reply says neither success nor failure"
        ),
        reply(asked, sign="0" * 32): "the reply's sign is wrong",
        reply(asked, mch_billno="7"): "the reply is about another mch_billno",
        reply(asked, mch_billno=None): "the reply says success, but ",
        reply(asked, **failed, err_code="NEW_2027", err_code_des="?"): "NEW_2027: ?",
        reply(asked, **failed, err_code=None, err_code_des=None, return_msg="so so"): (
            "no err_code: so so"
        ),
    }
    for body, why in bodies.items():
        with pytest.raises(OutcomeUnknown) as caught:
            decode(body, asked, Payer())
        told = caught.value
        assert (told.mch_billno, told.endpoint) == (BILLNO, asked.ENDPOINT.name)
        assert told.why.startswith(why), told.why


@pytest.mark.parametrize("asked", MESSAGES, ids=_name)
def test_a_failure_without_a_word_is_unknown_and_says_so(asked: Message[Any]) -> None:
    body = reply(asked, result_code="FAIL", err_code=None, err_code_des=None, return_msg=None)
    with pytest.raises(OutcomeUnknown) as caught:
        decode(body, asked, Payer())
    assert (caught.value.why, caught.value.err_code_des) == ("no err_code: ", "")


@pytest.mark.parametrize("asked", _SENDS, ids=_name)
def test_a_refusal_has_all_that_wechat_said(asked: Message[Any]) -> None:
    body = reply(asked, result_code="FAIL", err_code="SIGN_ERROR", err_code_des="签名错误")
    with pytest.raises(Refused) as caught:
        decode(body, asked, Payer())
    told = caught.value
    assert (told.mch_billno, told.endpoint) == (BILLNO, asked.ENDPOINT.name)
    assert (told.err_code, told.err_code_des) == ("SIGN_ERROR", "签名错误")
    row = codes.look_up(asked.ENDPOINT.letter, "SIGN_ERROR")
    assert (told.disposition, told.advice) == (row.disposition, codes.advise(row, "签名错误"))


def _info(rows: str, **changes: str) -> bytes:
    fields = accepted_fields(QUERY) | changes
    flat = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<xml>{flat}<hblist>{rows}</hblist></xml>".encode()


def _row(openid: str, amount: int, when: str | None = "2026-11-23 10:00:31") -> str:
    time = f"<rcv_time>{when}</rcv_time>" if when else ""
    return f"<hbinfo><openid>{openid}</openid><amount>{amount}</amount>{time}</hbinfo>"


def test_the_sign_of_a_reply_with_a_list_is_left_to_tls() -> None:
    """How a list would be signed is documented nowhere: it is no reason to doubt the answer."""
    body = _info(_row("o1", 100), status="RECEIVED").replace(b"</xml>", b"<sign>00</sign></xml>")
    assert decode(body, QUERY, Payer()).claims


def test_every_claim_of_a_query_survives() -> None:
    body = _info(_row("o1", 40) + _row("o2", 60, None), status="RECEIVED", hb_type="GROUP")
    info = decode(body, QUERY, Payer())
    when = datetime(2026, 11, 23, 10, 0, 31, tzinfo=BEIJING)
    assert info.claims == (
        Claim(openid="o1", amount=40, rcv_time=when),
        Claim(openid="o2", amount=60),
    )
    assert info.status is Status.RECEIVED
    assert info.claimed_amount == 100


def test_received_without_a_list_is_tolerated() -> None:
    assert decode(reply(QUERY, status="RECEIVED"), QUERY, Payer()).claims == ()


def test_a_refund_is_read() -> None:
    info = decode(
        reply(QUERY, status="REFUND", refund_amount="100", refund_time="2026-11-24 10:05:00"),
        QUERY,
        Payer(),
    )
    assert (info.status, info.refund_amount) == (Status.REFUND, 100)
    assert info.refund_time == datetime(2026, 11, 24, 10, 5, tzinfo=BEIJING)


def test_more_claimed_than_was_sent_is_untrusted() -> None:
    for body in (
        _info(_row("o1", 60) + _row("o2", 60), status="RECEIVED"),
        _info(_row("o1", 60), status="REFUND", refund_amount="41"),
    ):
        with pytest.raises(UntrustedReply, match="more is claimed"):
            decode(body, QUERY, Payer())


def test_a_wecom_claim_stands_flat_and_is_a_claim_all_the_same() -> None:
    body = reply(QUERY_WORK, status="RECEIVED", openid=OPENID, amount="100", rcv_time="2026-11-23")
    info = decode(body, QUERY_WORK, Payer())
    assert [claim.amount for claim in info.claims] == [100]


def test_unknown_fields_statuses_and_times_are_kept_and_break_nothing() -> None:
    body = reply(QUERY, status="FROZEN", brand_new="1", send_time="yesterday")
    info = decode(body, QUERY, Payer())
    assert info.status == "FROZEN"
    assert info.send_time is None
    assert {"brand_new": "1", "send_time": "yesterday"}.items() <= info.fields.items()


@pytest.mark.parametrize("garbage", ["-1", "1.5", "１", "", "9" * 400])
def test_an_amount_that_is_no_number_is_untrusted(garbage: str) -> None:
    with pytest.raises(UntrustedReply, match="total_amount"):
        decode(reply(QUERY, total_amount=garbage), QUERY, Payer())


_VALUES = st.sampled_from(
    ["", "0", "1", "100", "SUCCESS", "FAIL", "SENT", "x" * 40, "SYSTEMERROR", BILLNO, "１"]
)


@given(st.data())
def test_any_document_gives_a_value_or_our_own_error(data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(MESSAGES))
    names = st.sampled_from([*accepted_fields(asked), "sign", "hblist", "refund_amount", "amount"])
    changes = data.draw(st.dictionaries(names, st.none() | _VALUES, max_size=5))
    try:
        value = decode(reply(asked, **changes), asked, Payer())
    except HongbaoError:
        return
    assert value.mch_billno == BILLNO
    for name in asked.ENDPOINT.echoed:
        assert name not in changes or str(changes[name]) == accepted_fields(asked)[name]


@given(st.binary(max_size=300))
def test_any_bytes_give_our_own_error(body: bytes) -> None:
    for asked in MESSAGES:
        with pytest.raises(OutcomeUnknown):
            decode(body, asked, Payer())
