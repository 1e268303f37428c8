"""The operator's side of the phone view: its buttons, what the API sent, and who may press."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from hongbao import OutcomeUnknown, RedPack
from hongbao.simulator.clock import beijing_text
from hongbao.simulator.faults import FaultKind
from hongbao.simulator.phone.markup import Markup, element
from hongbao.simulator.phone.texts import EN, ZH
from hongbao.simulator.simulator import Simulator
from phone_stage import ALICE, BOB, TERMS, PhoneStage

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.simulator.clock import ManualClock


@pytest.fixture
def phone(simulator: Simulator) -> PhoneStage:
    return PhoneStage(simulator=simulator)


def test_the_clock_goes_on_by_an_hour_a_day_or_to_the_next_morning(
    phone: PhoneStage, wechat_clock: ManualClock
) -> None:
    began = wechat_clock.now()
    phone.press("/do/clock", move="hour", back="/phone")
    phone.press("/do/clock", move="day", back="/phone")
    assert wechat_clock.now() - began == 25 * 3600
    for _ in range(2):
        before = wechat_clock.now()
        phone.press("/do/clock", move="morning", back="/phone")
        assert beijing_text(wechat_clock.now())[11:] == "08:00:00"
        assert 0 < wechat_clock.now() - before <= 24 * 3600
    assert "08:00:00" in phone.look().text


def test_a_fault_hits_the_next_call_and_ends(phone: PhoneStage) -> None:
    phone.press("/do/faults", fault="lose_reply", times="1", back="/phone")
    assert "应答丢失" in phone.look().text
    with pytest.raises(OutcomeUnknown):
        phone.send("A1")
    assert phone.packet("A1").payments == 1
    page = phone.look(f"/{ALICE}/packet/A1").text
    assert "lose_reply" in page
    assert "（没有应答）" in page
    phone.press("/do/faults", end="1", back="/phone")
    assert "没有故障" in phone.look().text


@pytest.mark.parametrize(
    ("deed", "said", "field"),
    [
        ("clock", {"move": "back"}, "move"),
        ("faults", {"fault": "none", "times": "1"}, "rules[0].fault"),
        ("faults", {"fault": "delay", "times": "-1"}, "times"),
        ("faults", {"fault": "delay", "times": "0"}, "rules[0].times"),
        ("follow", {}, "openid"),
        ("risky", {}, "openid"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_and_changes_nothing(
    phone: PhoneStage, deed: str, said: dict[str, str], field: str
) -> None:
    answer = phone.press(f"/do/{deed}", None, **said)
    assert answer.status == 400
    assert f"没有做：{field}" in answer.text
    assert not phone.simulator.simulation.app.faults.plan.rules


def test_a_risky_user_gets_no_packet_until_made_safe(phone: PhoneStage) -> None:
    phone.press("/do/risky", openid=ALICE, back="/phone")
    merchant = phone.simulator.simulation.world.merchant("1999000001")
    assert merchant.refuses(ALICE)
    phone.press("/do/risky", openid=ALICE, back="/phone")
    assert not merchant.refuses(ALICE)
    assert merchant.risky_openids == {}


def test_all_users_open_what_they_have(phone: PhoneStage) -> None:
    phone.send("A1")
    phone.send("B1", BOB)
    phone.send_group("G1", people=5)
    pressed = phone.press("/do/open-all", back="/phone")
    assert pressed.headers["Location"] == "/phone?done=open-all&count=7"
    assert "已拆开 7 份" in phone.look("?done=open-all&count=7").text
    assert phone.packet("G1").claimed == 3000
    phone.audit()


def test_what_the_api_sent_is_shown_both_ways_and_without_secrets(phone: PhoneStage) -> None:
    phone.send("A1")
    with RedPack(phone.wechat.merchant()) as red_pack:
        red_pack.query("A1")
    page = phone.look(f"/{ALICE}/packet/A1").text
    assert "POST /mmpaymkttransfers/gethbinfo" in page
    assert "&lt;act_name&gt;抽奖&lt;/act_name&gt;" in page
    assert "&lt;result_code&gt;SUCCESS&lt;/result_code&gt;" in page
    assert "&lt;sign&gt;(hidden)&lt;/sign&gt;" in page
    assert re.findall(r"[0-9A-F]{32}", page) == [], "no signature"
    raw = page.partition("接口发了什么")[2].partition("事件")[0]
    assert ALICE not in raw, "an openid is masked"
    assert "oT…0001" in raw


def test_what_v3_sent_is_shown_without_signatures_names_and_packages(phone: PhoneStage) -> None:
    package = phone.transfer("HB20261123A001", transfer_amount=200_000, user_name="测试甲")
    page = phone.look(f"/{ALICE}/transfer/HB20261123A001").text
    assert "POST /v3/fund-app/mch-transfer/transfer-bills" in page
    assert "signature=&quot;(hidden)&quot;" in page
    assert "wechatpay-signature: (hidden)" in page
    assert "&quot;user_name&quot;: &quot;(hidden)&quot;" in page
    assert "&quot;package_info&quot;: &quot;(hidden)&quot;" in page
    assert package not in page
    assert re.findall(r"[A-Za-z0-9+/]{80}", page) == [], "nothing that is a signature or sealed"


@pytest.mark.parametrize(
    "path",
    ["/a b", "/x/y", "/oA/packet/NONE", "/oA/transfer/NONE", "/oA/packet/A1/other", "/do/clock"],
)
def test_what_is_not_there_is_404(phone: PhoneStage, path: str) -> None:
    phone.send("A1")
    assert phone.look(path.replace(" ", "%20")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/phone/do/nothing", 404),
        ("POST", "/phone/oA/packet/NONE/open", 404),
        ("PUT", "/phone", 405),
        ("GET", "/phone/static/../routes.py", 404),
        ("GET", "/phonebook", 404),
        ("GET", "/phone/?" + "&".join(f"a{n}=1" for n in range(20)), 400),
        ("GET", "/phone/go?openid=oA", 303),
        ("GET", "/phone/go?openid=//example.test", 303),
    ],
)
def test_other_requests_are_answered_plainly(
    phone: PhoneStage, method: str, path: str, status: int
) -> None:
    answer = phone.ask(method, path)
    assert answer.status == status
    assert answer.headers.get("Location", "/phone").startswith("/phone")


@pytest.mark.parametrize("back", ["//example.test", "https://example.test/", "/phone/../x\r\na: b"])
def test_nobody_is_led_elsewhere(phone: PhoneStage, back: str) -> None:
    answer = phone.press("/do/clock", move="hour", back=back)
    assert answer.headers["Location"] == "/phone?done=clock"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not_press(phone: PhoneStage, headers: dict[str, str]) -> None:
    phone.send("A1")
    assert phone.press(f"/{ALICE}/packet/A1/open", headers).status == 403
    assert phone.packet("A1").claimed == 0


def test_a_form_of_its_own_may_be_pressed(phone: PhoneStage) -> None:
    phone.send("A1")
    origin = f"http://127.0.0.1:{phone.simulator.control.number}"
    own = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert phone.press(f"/{ALICE}/packet/A1/open", own).status == 303
    assert phone.packet("A1").claimed == 1234


def test_every_page_has_the_headers_that_keep_others_out(phone: PhoneStage) -> None:
    for path in ("", f"/{ALICE}", "/nothing/at/all", "/static/phone.js", "/static/phone.css"):
        headers = phone.look(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("cookie", "asked", "expected"),
    [
        ("", "", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr", "zh-CN"),
        ("hongbao_phone_lang=en", "zh-CN", "en"),
        ("hongbao_phone_lang=fr", "en", "en"),
        ("a b=c; =", "en", "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers(
    phone: PhoneStage, cookie: str, asked: str, expected: str
) -> None:
    page = phone.look("", **{"Cookie": cookie, "Accept-Language": asked})
    assert f'<html lang="{expected}">' in page.text


def test_a_language_is_chosen_by_a_form(phone: PhoneStage) -> None:
    answer = phone.press("/do/language", lang="en", back=f"/phone/{ALICE}")
    assert answer.headers["Set-Cookie"].startswith("hongbao_phone_lang=en; Path=/phone;")
    assert answer.headers["Location"] == f"/phone/{ALICE}"


def test_both_languages_say_everything_with_the_same_gaps() -> None:
    for field in fields(ZH):
        zh, en = getattr(ZH, field.name), getattr(EN, field.name)
        assert zh, field.name
        assert en, field.name
        if isinstance(zh, str) and field.name != "date":
            gap = r"\{[a-z_]+\}"
            assert sorted(re.findall(gap, zh)) == sorted(re.findall(gap, en)), field.name
        elif not isinstance(zh, str):
            assert zh.keys() == en.keys()
    assert set(ZH.fault_names) <= set(FaultKind)


def test_texts_from_a_request_are_shown_as_texts(phone: PhoneStage) -> None:
    with RedPack(phone.wechat.merchant()) as red_pack:
        red_pack.send_normal(
            mch_billno="A1",
            re_openid=ALICE,
            total_amount=100,
            **{**TERMS, "wishing": "<b>&\"'</b>"},
        )
    page = phone.look(f"/{ALICE}/packet/A1").text
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;" in page


def test_an_element_escapes_what_is_no_markup() -> None:
    made = element("a", "<", Markup("<i>"), 1, None, href='"', class_="x", hidden=True, id=None)
    assert made == '<a href="&quot;" class="x" hidden>&lt;<i>1</a>'
    assert element("br") == "<br>"


def test_what_is_pressed_is_kept(folder: object, tmp_path: Path, wechat_clock: ManualClock) -> None:
    for turn in range(2):
        with Simulator.start(tmp_path / "wechat", clock=wechat_clock, keep=True) as running:
            phone = PhoneStage(simulator=running)
            if turn == 0:
                phone.send("A1")
                phone.press(f"/{ALICE}/packet/A1/open")
            assert "12.34 元" in phone.look(f"/{ALICE}/packet/A1").words
