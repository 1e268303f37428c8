"""The phone view over HTTP: what a user sees, and that a tap does what it does in WeChat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import RedPack, WorkWx
from phone_stage import ALICE, BOB, TERMS, PhoneStage, links

if TYPE_CHECKING:
    from hongbao.simulator.simulator import Simulator


@pytest.fixture
def phone(simulator: Simulator) -> PhoneStage:
    return PhoneStage(simulator=simulator)


def test_a_phone_without_users_says_how_there_will_be_some(phone: PhoneStage) -> None:
    page = phone.look()
    assert page.status == 200
    assert "还没有用户" in page.words
    assert "模拟环境 · 不是真钱" in page.text


def test_a_packet_is_in_the_chat_of_the_account_and_opens_once(phone: PhoneStage) -> None:
    phone.send("A1")
    assert f"/{ALICE}" in list(links(phone.look()))
    chats = phone.look(f"/{ALICE}")
    assert "天虹百货 [红包]恭喜发财" in chats.words
    assert "1 个待领取" in chats.words
    (chat,) = [it for it in links(chats) if "/chat/" in it]
    assert "恭喜发财 领取红包" in phone.look(chat).words
    cover = phone.look(f"/{ALICE}/packet/A1")
    assert "天虹百货 给你发了一个红包 恭喜发财 開" in cover.words
    pressed = [phone.press(f"/{ALICE}/packet/A1/open") for _ in range(3)]
    assert [answer.status for answer in pressed] == [303, 303, 303]
    assert len(phone.packet("A1").claims) == 1
    opened = phone.look(pressed[0].headers["Location"].removeprefix("/phone"))
    assert "天虹百货的红包 恭喜发财 12.34 元 已存入零钱，可直接使用" in opened.words
    assert "已领取" in phone.look(chat).words
    assert "你领取了天虹百货的红包" in phone.look(chat).words
    assert "零钱 ¥12.34" in phone.look(f"/{ALICE}").words
    phone.audit()


def test_who_does_not_follow_the_account_gets_a_service_message(phone: PhoneStage) -> None:
    phone.send("A1")
    pressed = phone.press("/do/follow", openid=ALICE, back=f"/phone/{ALICE}")
    assert pressed.headers["Location"] == f"/phone/{ALICE}?done=follow"
    chats = phone.look(f"/{ALICE}")
    assert "服务通知 [红包]恭喜发财" in chats.words
    assert "天虹百货" not in chats.words
    phone.press("/do/follow", openid=ALICE, back=f"/phone/{ALICE}")
    assert "天虹百货" in phone.look(f"/{ALICE}").words


def test_a_group_packet_names_the_luckiest_once_all_is_taken(phone: PhoneStage) -> None:
    phone.send_group("G1")
    phone.send("B1", BOB)
    assert "发了一个红包，金额随机" in phone.look(f"/{ALICE}/packet/G1").words
    phone.press(f"/{ALICE}/packet/G1/open")
    first = phone.look(f"/{ALICE}/packet/G1").words
    assert "已领取1/3个，共" in first
    assert "手气最佳" not in first
    assert "群聊" in phone.look(f"/{BOB}").words
    phone.press(f"/{BOB}/packet/G1/open")
    phone.press("/do/open-all", mch_id="1999000001", mch_billno="G1", back="/phone")
    last = phone.look(f"/{ALICE}/packet/G1").words
    assert "3个红包共30.00元，0秒被抢光" in last
    assert last.count("手气最佳") == 1
    assert "手慢了，红包派完了 看看大家的手气" in phone.look("/oLATE/packet/G1").words
    assert "3个红包共30.00元" in phone.look("/oLATE/packet/G1/luck").words
    assert not phone.packet("B1").claims, "that of another number was left alone"
    phone.audit()


def test_a_packet_that_has_expired_cannot_be_opened(phone: PhoneStage) -> None:
    phone.send("A1")
    phone.press("/do/clock", move="day", back="/phone")
    assert "该红包已超过24小时" in phone.look(f"/{ALICE}/packet/A1").words
    assert phone.press(f"/{ALICE}/packet/A1/open").status == 303
    assert phone.packet("A1").claimed == 0
    (chat,) = [it for it in links(phone.look(f"/{ALICE}")) if "/chat/" in it]
    assert "已过期" in phone.look(chat).words
    phone.press("/do/clock", move="hour", back="/phone")
    assert phone.packet("A1").refunded == 1234
    phone.audit()


def test_what_others_took_of_an_expired_group_packet_stays_theirs(phone: PhoneStage) -> None:
    phone.send_group("G1")
    phone.press(f"/{ALICE}/packet/G1/open")
    phone.press("/do/clock", move="day", back="/phone")
    assert "该红包已过期。已领取1/3个" in phone.look(f"/{ALICE}/packet/G1").words
    phone.audit()


def test_a_packet_that_is_still_being_sent_is_no_message_yet(phone: PhoneStage) -> None:
    phone.press("/do/faults", fault="slow_sending", times="1", back="/phone")
    phone.send("A1")
    assert "还没有消息" in phone.look(f"/{ALICE}").words
    assert "红包还在发放" in phone.look(f"/{ALICE}/packet/A1").words
    phone.press("/do/clock", move="hour", back="/phone")
    assert "恭喜发财" in phone.look(f"/{ALICE}").words


def test_a_packet_of_somebody_else_is_not_opened(phone: PhoneStage) -> None:
    phone.send("A1")
    assert "这个红包是发给别人的" in phone.look(f"/{BOB}/packet/A1").words
    phone.press(f"/{BOB}/packet/A1/open")
    assert phone.packet("A1").claimed == 0


def test_a_mini_program_packet_is_claimed_with_parameters_as_its_server_would_sign_them(
    phone: PhoneStage,
) -> None:
    phone.send_to_mini_program("M1")
    assert "小程序" in phone.look(f"/{ALICE}").words
    phone.press(f"/{ALICE}/packet/M1/open")
    assert phone.packet("M1").claimed == 200
    assert "2.00 元" in phone.look(f"/{ALICE}/packet/M1").words


def test_a_wecom_packet_is_in_a_chat_of_its_sender(phone: PhoneStage) -> None:
    settings = phone.simulator.simulation.merchant_settings()
    work = WorkWx(**settings["work"])
    with RedPack(phone.wechat.merchant(work=work)) as red_pack:
        red_pack.send_work(
            mch_billno="W1",
            re_openid=ALICE,
            total_amount=300,
            sender_name="人事部",
            **{name: TERMS[name] for name in ("wishing", "act_name", "remark")},
        )
    assert "人事部 [红包]恭喜发财" in phone.look(f"/{ALICE}").words
    phone.press(f"/{ALICE}/packet/W1/open")
    assert phone.packet("W1").claimed == 300


def test_a_preordered_packet_is_drawn_by_whoever_shakes_first(phone: PhoneStage) -> None:
    with RedPack(phone.wechat.merchant()) as red_pack:
        red_pack.preorder(mch_billno="H1", total_amount=100, **TERMS)
    phone.send("B1", BOB)
    assert "摇一摇" in phone.look(f"/{ALICE}").words
    phone.press(f"/{ALICE}/packet/H1/open")
    assert "1.00 元" in phone.look(f"/{ALICE}/packet/H1").words
    phone.press(f"/{BOB}/packet/H1/open")
    assert "手慢了" in phone.look(f"/{BOB}/packet/H1").words
    phone.audit()


@pytest.mark.parametrize("style", [None, "RED_PACKET"])
def test_a_transfer_is_confirmed_once_on_its_page(phone: PhoneStage, style: str | None) -> None:
    phone.transfer("HB20261123A001", **({"user_recv_style": style} if style else {}))
    assert "商家转账 [转账]秋季抽奖" in phone.look(f"/{ALICE}").words
    page = phone.look(f"/{ALICE}/transfer/HB20261123A001").words
    assert ("開" in page) is (style == "RED_PACKET")
    assert ("88.00 元" in page) is (style is None)
    assert "前确认" in page
    for _ in range(2):
        pressed = phone.press(f"/{ALICE}/transfer/HB20261123A001/confirm")
        assert pressed.status == 303
    assert "已收款 88.00 元" in phone.look(f"/{ALICE}/transfer/HB20261123A001").words
    assert "零钱 ¥88.00" in phone.look(f"/{ALICE}").words
    phone.audit()


def test_a_transfer_that_nobody_confirms_is_over_after_a_day(phone: PhoneStage) -> None:
    phone.transfer("HB20261123A001")
    phone.press("/do/clock", move="day", back="/phone")
    over = phone.look(f"/{ALICE}/transfer/HB20261123A001").words
    assert "转账单已失效，无法收款" in over
    phone.press(f"/{ALICE}/transfer/HB20261123A001/confirm")
    phone.press("/do/clock", move="hour", back="/phone")
    assert "款项已退回商家" in phone.look(f"/{ALICE}/transfer/HB20261123A001").words
    phone.audit()


@pytest.mark.parametrize(
    ("form", "state"), [({}, "WAIT_USER_CONFIRM"), ({"agrees": "1"}, "TAKING_EFFECT")]
)
def test_a_user_agrees_to_an_authorisation_beside_or_does_not(
    phone: PhoneStage, form: dict[str, str], state: str
) -> None:
    phone.ask_beside("HB20261123A001", "AUTH00001")
    path = f"/{ALICE}/transfer/HB20261123A001"
    assert "同意以后免确认收款" in phone.look(path).words
    phone.press(f"{path}/confirm", None, **form)
    assert "已收款" in phone.look(path).words
    world = phone.simulator.simulation.world
    authorization = world.transfers.find_authorization("1999000001", "AUTH00001")
    assert authorization is not None
    assert authorization.state == state


def test_a_transfer_of_somebody_else_says_so(phone: PhoneStage) -> None:
    phone.transfer("HB20261123A001")
    page = phone.look(f"/{BOB}/transfer/HB20261123A001")
    assert "当前用户与收款用户不一致" in page.words
    phone.press(f"/{BOB}/transfer/HB20261123A001/confirm")
    assert "待确认收款" in phone.look(f"/{ALICE}/transfer/HB20261123A001").words


def test_the_english_view_has_the_same_states(phone: PhoneStage) -> None:
    phone.lang = "en"
    phone.send("A1")
    assert "Simulation · not real money" in phone.look().text
    cover = phone.look(f"/{ALICE}/packet/A1").words
    assert "sent you a red packet 恭喜发财 Open" in cover
    phone.press(f"/{ALICE}/packet/A1/open")
    assert "12.34 yuan Saved to balance" in phone.look(f"/{ALICE}/packet/A1").words


def test_a_world_that_was_reset_shows_nothing_of_before(phone: PhoneStage) -> None:
    phone.send("A1")
    phone.look(f"/{ALICE}")
    phone.simulator.simulation.start_over()
    assert "还没有用户" in phone.look().words
    phone.send("A1", BOB)
    assert "还没有消息" in phone.look(f"/{ALICE}").words
    assert "恭喜发财" in phone.look(f"/{BOB}").words
