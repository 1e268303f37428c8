"""The fault ``answer``: any code, ``return_code`` and text, for numbers and openids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.errors import InvalidRequest
from hongbao.simulator.control.json_out import shown_plan
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.server.http import reply_bytes
from hongbao.simulator.settings import ContentType
from hongbao.wire.messages import Query
from hongbao.wire.status import Status
from stage import ALICE, BOB, Stage, normal, reply_of

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT = "该用户今日领取个数已达上限"
ANSWER = {"fault": "answer", "err_code": "SENDNUM_LIMIT", "text": TEXT}


@pytest.mark.parametrize(
    ("said", "return_code"),
    [({}, "SUCCESS"), ({"return_code": "SUCCESS"}, "SUCCESS"), ({"return_code": "FAIL"}, "FAIL")],
)
def test_it_says_what_the_script_says(said: Mapping[str, str], return_code: str) -> None:
    stage = Stage()
    stage.fail({**ANSWER, **said})
    reply = reply_of(stage.say(normal()))
    assert (reply["return_code"], reply["result_code"]) == (return_code, "FAIL")
    assert (reply["err_code"], reply["err_code_des"]) == ("SENDNUM_LIMIT", TEXT)
    assert reply["re_openid"] == ALICE
    assert stage.last()[4:] == ("SENDNUM_LIMIT", "answer", False)


def test_codes_that_stand_in_no_table_can_be_said_too() -> None:
    stage = Stage()
    stage.fail({"fault": "answer", "err_code": "SYSTEMERROR_DEL"})
    assert stage.code(normal()) == "SYSTEMERROR_DEL"


def test_it_comes_so_often_for_the_receiver_that_it_names() -> None:
    stage = Stage()
    stage.fail({**ANSWER, "re_openid": ALICE, "times": 2})
    told = [
        stage.code(normal(f"N{count}", re_openid=openid))
        for count, openid in enumerate((ALICE, BOB, ALICE, ALICE))
    ]
    assert told == ["SENDNUM_LIMIT", "SUCCESS", "SENDNUM_LIMIT", "SUCCESS"]


def test_a_send_can_be_refused_that_a_later_query_knows() -> None:
    stage = Stage()
    stage.fail({**ANSWER, "mch_billno": "N1", "endpoint": "sendredpack", "after": True})
    assert stage.code(normal()) == "SENDNUM_LIMIT"
    assert stage.ask(Query("N1")).status is Status.SENT
    assert stage.payments("N1") == 1


def test_a_plan_with_it_is_shown_as_it_was_said() -> None:
    plan = parse_plan({"rules": [{**ANSWER, "return_code": "FAIL", "re_openid": ALICE}]})
    assert parse_plan(shown_plan(plan)) == plan
    assert ALICE not in repr(plan)


@pytest.mark.parametrize(
    ("field", "plan"),
    [
        ("rules[0].err_code", {"rules": [{"fault": "answer"}]}),
        ("rules[0].err_code", {"rules": [{**ANSWER, "err_code": "A\x00"}]}),
        ("rules[0].text", {"rules": [{**ANSWER, "text": "\x00"}]}),
        ("rules[0].return_code", {"rules": [{**ANSWER, "return_code": "OK"}]}),
        ("rules[0].err_code", {"rules": [{"fault": "hang", "err_code": "A"}]}),
        ("rules[0]", {"rules": [{"fault": "refuse_connect", "re_openid": ALICE}]}),
        ("odds.answer", {"odds": {"answer": 0.1}}),
    ],
)
def test_what_cannot_be_answered_is_named(field: str, plan: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_plan(plan)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("setting", "header"),
    [
        (ContentType.TEXT_PLAIN, b"Content-Type: text/plain\r\n"),
        (ContentType.TEXT_XML, b"Content-Type: text/xml\r\n"),
        (ContentType.NONE, None),
    ],
)
def test_the_content_type_of_replies_is_a_setting(
    setting: ContentType, header: bytes | None
) -> None:
    stage = Stage()
    stage.set(content_type=setting)
    for answer in (stage.say(normal()), stage.say(Query("NOBODY")), stage.post("/x", b"")):
        told = reply_bytes(answer, date="", keep_alive=True)
        page = answer.status != 200
        wanted = b"Content-Type: text/html\r\n" if page else header
        assert wanted in told if wanted else b"Content-Type" not in told
