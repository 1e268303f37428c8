"""From a request to its answer: the front door, the replies as a client reads them, the journal."""

from __future__ import annotations

import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.beijing import BEIJING
from hongbao.simulator import answers
from hongbao.simulator.answers import BAD_CERTIFICATE, NO_CERTIFICATE
from hongbao.simulator.app import App, Exchange
from hongbao.simulator.claims import claim_packet
from hongbao.simulator.clock import ManualClock
from hongbao.simulator.journal import Journal
from hongbao.simulator.money_audit import check
from hongbao.simulator.world import World
from hongbao.wire import document, signature
from hongbao.wire.endpoints import ENDPOINTS, GETHBINFO, SENDREDPACK
from hongbao.wire.messages import Query
from stage import (
    ALICE,
    CORP,
    KEY,
    MCH_ID,
    MINI,
    OFFICIAL,
    PAYER,
    PROVIDER,
    SENDS,
    SUB,
    SUB_APP,
    Stage,
    fields_of,
    group,
    message_of,
    mini,
    normal,
    payer_of,
    preorder,
    reply_of,
    signed,
    work,
)

BY_LETTER = {endpoint.letter: endpoint for endpoint in ENDPOINTS}


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_without_a_certificate_there_is_nginxs_page(letter: str) -> None:
    """HTTP 400 in HTML, as from WeChat, and nothing is processed."""
    stage = Stage()
    answer = stage.say(message_of(letter), certificate=None)
    assert answer == NO_CERTIFICATE
    assert (answer.status, answer.content_type) == (400, "text/html")
    assert b"<title>400 No required SSL certificate was sent</title>" in answer.body
    assert b"<center>No required SSL certificate was sent</center>" in answer.body
    assert stage.last().verdict == "HTTP 400"
    assert stage.payments("A1") == 0


def test_the_page_for_an_untrusted_certificate_says_so() -> None:
    assert (BAD_CERTIFICATE.status, BAD_CERTIFICATE.content_type) == (400, "text/html")
    assert b"The SSL certificate error" in BAD_CERTIFICATE.body


def test_an_unknown_path_is_not_found() -> None:
    stage = Stage()
    answer = stage.post("/mmpaymkttransfers/promotion/transfers", b"<xml></xml>")
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert stage.last()[1:5] == ("", "", "", "HTTP 404")


def test_a_reply_is_written_like_wechats() -> None:
    """Text in CDATA, numbers bare, success noise in ``err_code``, no signature, all echoed."""
    stage = Stage()
    body = stage.say(normal()).body.decode()
    assert body == (
        "<xml><return_code><![CDATA[SUCCESS]]></return_code>"
        "<return_msg><![CDATA[发放成功]]></return_msg>"
        "<result_code><![CDATA[SUCCESS]]></result_code><err_code><![CDATA[SUCCESS]]></err_code>"
        "<err_code_des><![CDATA[发放成功]]></err_code_des><mch_billno><![CDATA[N1]]></mch_billno>"
        f"<mch_id><![CDATA[{MCH_ID}]]></mch_id><wxappid><![CDATA[{OFFICIAL}]]></wxappid>"
        f"<re_openid><![CDATA[{ALICE}]]></re_openid><total_amount>100</total_amount>"
        "<send_listid><![CDATA[1000041701202611230000000000001]]></send_listid></xml>"
    )


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_replies_are_signed_where_wechat_signs_them(letter: str) -> None:
    """Success and refusal alike; but not where the request itself is wrong."""
    stage = Stage()
    sent = {"Q": normal("A1"), "V": work("A1")}
    if letter in sent:
        stage.ask(sent[letter])
    success = reply_of(stage.say(message_of(letter)))
    assert success["result_code"] == "SUCCESS"
    stage.merchant.forbidden_calls = frozenset(endpoint.name for endpoint in ENDPOINTS)
    refusal = reply_of(stage.say(message_of(letter)))
    assert refusal["err_code"] == "NO_AUTH"
    for reply in (success, refusal):
        assert ("sign" in reply) is BY_LETTER[letter].reply_signed
        assert "sign" not in reply or signature.verify_md5(reply, KEY)
    wrong = reply_of(stage.say(message_of(letter), replace(payer_of(letter), key="0" * 32)))
    assert (wrong["err_code"], "sign" in wrong) == ("SIGN_ERROR", False)


def test_all_seven_calls_are_understood_by_a_client() -> None:
    """The pair test: what the wire encodes the simulator takes, and the other way round."""
    stage = Stage()
    sent = stage.ask(normal())
    assert (sent.mch_billno, sent.re_openid, sent.total_amount) == ("N1", ALICE, 100)
    assert (stage.ask(group()).total_num, stage.ask(mini()).wxappid) == (5, MINI)
    worked = stage.ask(work(sender_header_media_id="media1"))
    assert (worked.wxappid, worked.sender_name) == (CORP, "小王")
    assert worked.sender_header_media_id == "media1"
    preordered = stage.ask(preorder())
    assert preordered.sp_ticket.startswith("v1|")
    assert preordered.send_time is not None
    assert preordered.send_time.astimezone(BEIJING).hour == 12
    info = stage.ask(Query("N1"))
    assert (info.status, info.detail_id, info.total_num) == ("SENT", sent.send_listid, 1)
    assert (info.wishing, info.remark, info.act_name) == ("", "", "")
    assert (info.send_type, info.hb_type, info.claims) == ("API", "NORMAL", ())
    assert stage.ask(message_of("V", "W1")).status == "SENT"
    check(stage.world)


def test_the_package_has_wechats_shape() -> None:
    stage = Stage()
    package = stage.ask(mini()).package
    names = [part.partition("=")[0] for part in package.split("&")]
    assert names == ["sendid", "ver", "sign", "mchid", "appid"]
    assert f"&mchid={MCH_ID}&appid={MINI}" in package
    assert b"<![CDATA[sendid=" in stage.say(mini()).body


def test_the_query_of_a_group_nests_all_its_claims_the_newest_first() -> None:
    stage = Stage()
    stage.ask(group())
    for number in range(3):
        claim_packet(stage.world, mch_id=MCH_ID, mch_billno="G1", openid=f"oTEST_{number}")
    body = stage.say(Query("G1")).body
    assert body.count(b"<hbinfo><openid><![CDATA[oTEST_") == 3
    rows = document.decode(body).lists["hblist"]
    assert [row["openid"] for row in rows] == ["oTEST_2", "oTEST_1", "oTEST_0"]
    assert {tuple(row) for row in rows} == {("openid", "amount", "rcv_time")}
    assert all(row["rcv_time"] == "2026-11-23 12:00:00" for row in rows)


def test_texts_that_break_naive_xml_come_back_as_they_went() -> None:
    stage = Stage()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = normal(wishing="a]]>b <c> &amp; 😀", remark="x" * 255)
    stage.ask(message)
    claim_packet(stage.world, mch_id=MCH_ID, mch_billno="N1", openid=ALICE)
    info = stage.ask(Query("N1"))
    assert (info.wishing, info.remark) == (message.wishing, message.remark)


def test_a_provider_sends_for_its_sub_merchants_under_its_own_certificate() -> None:
    """Both provider fields are required there and refused from everybody else."""
    stage = Stage()
    assert stage.code(normal("N0"), PROVIDER) == "PARAM_ERROR"
    stage.merchant.provider = True
    stage.merchant.sub_merchants = {SUB: frozenset({SUB_APP})}
    assert stage.code(normal("N1"), PROVIDER) == "SUCCESS"
    assert stage.code(group("G1"), PROVIDER) == "SUCCESS"
    assert stage.code(mini("M1"), replace(PROVIDER, app_id=MINI)) == "SUCCESS"
    assert stage.code(normal("N2")) == "PARAM_ERROR"
    assert stage.code(normal("N3"), replace(PROVIDER, msgappid=OFFICIAL)) == "SUCCESS"
    assert stage.code(normal("N4"), replace(PROVIDER, msgappid="wx0")) == "MSGAPPID_ERROR"
    stage.merchant.msgappids = frozenset({"wx0"})
    assert stage.code(normal("N4"), replace(PROVIDER, msgappid="wx0")) == "SUCCESS"
    assert stage.code(normal("N5"), replace(PROVIDER, sub_mch_id="1")) == "ACCEPTMODE_ERROR"
    assert stage.code(Query("N1"), PROVIDER) == "SUCCESS"


def test_an_ip_list_looks_at_where_the_connection_comes_from() -> None:
    """And not at the declared ``client_ip``; queries are free."""
    stage = Stage()
    stage.merchant.allowed_ips = frozenset({"203.0.113.7"})
    reply = reply_of(stage.say(normal(client_ip="203.0.113.7"), remote_ip="198.51.100.1"))
    text = "IP地址非你在商户平台设置的可用IP地址"
    assert (reply["err_code"], reply["err_code_des"]) == ("NO_AUTH", text)
    assert reply_of(stage.say(normal(), remote_ip=""))["err_code"] == "NO_AUTH"
    assert reply_of(stage.say(normal(), remote_ip="203.0.113.7"))["err_code"] == "SUCCESS"
    assert stage.code(Query("N1")) == "SUCCESS"


def test_the_journal_tells_each_request_with_its_verdict() -> None:
    stage = Stage()
    stage.ask(normal())
    stage.ask(normal())
    stage.code(normal(total_amount=200))
    stage.say(normal("N2"), replace(PAYER, key="0" * 32))
    stage.post(SENDREDPACK.path, b"")
    told = [entry[1:] for entry in stage.app.journal]
    assert told == [
        ("sendredpack", MCH_ID, "N1", "SUCCESS", "", True),
        ("sendredpack", MCH_ID, "N1", "SUCCESS", "", False),
        ("sendredpack", MCH_ID, "N1", "金额和原始单参数不一致", "", False),
        ("sendredpack", MCH_ID, "N2", "SIGN_ERROR", "", False),
        ("sendredpack", "", "", "XML_ERROR", "", False),
    ]
    assert [entry.verdict for entry in stage.app.journal.since(3)] == ["SIGN_ERROR", "XML_ERROR"]
    assert len(stage.app.journal.of(MCH_ID, "N1")) == 3


def test_the_journal_holds_no_key_openid_or_text() -> None:
    stage = Stage()
    for letter in SENDS:
        stage.ask(message_of(letter, f"A{letter}"))
    shown = repr(list(stage.app.journal))
    for secret in (KEY, ALICE, ALICE[:12], "谢谢参与"):
        assert secret not in shown


def test_the_journal_drops_the_oldest_and_counts_them() -> None:
    journal = Journal(entries_max=3)
    for number in range(5):
        journal.write((float(number), "gethbinfo", "1", str(number), "SUCCESS", "", False))
    assert (len(journal), journal.dropped) == (3, 2)
    assert [entry.mch_billno for entry in journal.since(4)] == ["4"]
    assert [entry.mch_billno for entry in journal.since(0)] == ["2", "3", "4"]
    journal.clear()
    assert (len(journal), journal.dropped) == (0, 0)


def test_long_garbage_is_not_kept_whole() -> None:
    stage = Stage()
    said = {**fields_of(Query("Q1")), "mch_billno": "9" * 1000}
    stage.post(GETHBINFO.path, signed(said))
    stage.post(GETHBINFO.path, signed({**said, "mch_id": "8" * 1000}))
    assert all(
        len(entry.mch_billno) <= 32 and len(entry.mch_id) <= 32 for entry in stage.app.journal
    )


def test_many_threads_pay_a_number_once() -> None:
    stage = Stage()
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: stage.say(normal()), range(64)))
    assert len(set(replies)) == 1
    assert stage.payments("N1") == 1
    check(stage.world)


def test_an_answer_does_not_show_what_it_holds() -> None:
    stage = Stage()
    answer = stage.say(normal())
    assert ALICE not in repr(answer)
    assert "N1" not in repr(Exchange(SENDREDPACK.path, answer.body, MCH_ID, "127.0.0.1"))
    assert answers.NO_SUCH_PATH.status == 404


@given(st.binary(max_size=200), st.sampled_from(ENDPOINTS))
def test_any_bytes_get_an_answer(body: bytes, endpoint: object) -> None:
    app = App(World(clock=ManualClock(0), dice=random.Random(0)))
    path = endpoint.path  # type: ignore[attr-defined]  # sampled_from loses the type
    assert app.handle(Exchange(path, body, MCH_ID, "127.0.0.1")).status == 200


_TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=40)


@given(st.data())
def test_any_rightly_signed_fields_get_a_documented_answer(data: st.DataObject) -> None:
    """Fields left out, emptied or changed at will never make it fall over or lose money."""
    stage = Stage()
    letter = data.draw(st.sampled_from("SGMHWQV"))
    said = fields_of(message_of(letter))
    for name in data.draw(st.lists(st.sampled_from(sorted(said)), max_size=3)):
        if name != "mch_id":
            said[name] = data.draw(st.sampled_from(["", "0", "1", "A", "99999999999999"]) | _TEXT)
    answer = stage.post(BY_LETTER[letter].path, signed(said))
    assert answer.status == 200
    assert reply_of(answer)["return_code"] in ("SUCCESS", "FAIL")
    check(stage.world)
