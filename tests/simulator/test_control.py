"""The control port: each call over a real socket."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import RedPack
from hongbao.simulator.control.routes import ROUTES
from hongbao.testing.control_client import ControlRefused
from hongbao.testing.wechat import SimulatedWeChat

if TYPE_CHECKING:
    from hongbao.simulator.clock import ManualClock
    from hongbao.simulator.simulator import Simulator
    from hongbao.testing.control_client import ControlClient

ALICE = "oTEST_alice_000000000000001"
BOB = "oTEST_bob_00000000000000002"
TEXTS = {"send_name": "测试商户", "wishing": "谢谢参与", "act_name": "秋季抽奖", "remark": "一等奖"}
DAY = 86_400
PREORDER: dict[str, Any] = {"total_amount": 200}
MCH_ID = "1999000001"


@pytest.fixture
def red_pack(simulator: Simulator) -> RedPack:
    wechat = SimulatedWeChat(simulator.simulation)
    return RedPack(wechat.merchant(), transport=wechat.transport())


def send(red_pack: RedPack, mch_billno: str = "A1", **changes: Any) -> None:
    said: dict[str, Any] = {"re_openid": ALICE, "total_amount": 100, **TEXTS, **changes}
    red_pack.send_normal(mch_billno=mch_billno, **said)


def test_the_index_names_every_call(control: ControlClient, simulator: Simulator) -> None:
    index = control.index()
    assert index["base_url"] == simulator.base_url
    assert index["merchants"] == [MCH_ID]
    found = {(call["method"], call["path"]) for call in index["calls"]}
    assert found == {(route.method, f"/_sim/{route.path}") for route in ROUTES}
    assert all(call["does"] for call in index["calls"])


def test_reset_forgets_packets_and_keeps_settings(
    control: ControlClient, red_pack: RedPack
) -> None:
    send(red_pack)
    control.change_merchant(MCH_ID, frozen=True)
    control.reset()
    assert control.totals() == (0, 0, 0, 0)
    assert control.journal() == []
    assert control.merchant(MCH_ID)["frozen"] is True


def test_reset_of_everything_forgets_settings_too(control: ControlClient) -> None:
    control.change_merchant(MCH_ID, frozen=True)
    control.change_settings(strict_openids=True)
    control.top_up(MCH_ID, 1)
    control.reset(everything=True)
    assert control.merchant(MCH_ID)["frozen"] is False
    assert control.merchant(MCH_ID)["basic"]["balance"] == 100_000_000
    assert control.change_settings()["strict_openids"] is False


def test_the_clock_is_moved_by_hand(control: ControlClient, wechat_clock: ManualClock) -> None:
    noon = control.now()
    assert noon == wechat_clock.now()
    assert control.advance(60) == noon + 60
    assert control.set_clock(noon + 100) == noon + 100
    assert control.set_clock("2026-11-24 12:00:00") == noon + DAY
    with pytest.raises(ControlRefused, match="never goes back"):
        control.set_clock(noon)
    assert control.now() == noon + DAY


def test_a_clock_that_is_behind_runs_on_from_the_present(control: ControlClient) -> None:
    control.run_clock()
    assert abs(control.now() - time.time()) < 60


def test_the_clock_can_run_and_stand(control: ControlClient) -> None:
    """It never goes back: a clock that was ahead of the real one runs on from there."""
    ahead = control.set_clock("2100-01-01 00:00:00")
    control.run_clock()
    first = control.now()
    assert ahead <= first <= control.now()
    control.stop_clock()
    assert control.now() == control.now() >= first


def test_time_brings_money_back(control: ControlClient, red_pack: RedPack) -> None:
    send(red_pack)
    control.advance(DAY + 900)
    assert control.totals() == (100, 0, 100, 0)
    assert control.packet(MCH_ID, "A1")["status"] == "REFUND"


def test_settings_are_shown_and_changed(control: ControlClient) -> None:
    changed = control.change_settings(repeat_of_paid="refuse", refund_seconds=1, packets_max=5)
    assert (changed["repeat_of_paid"], changed["refund_seconds"]) == ("refuse", 1.0)
    assert control.ask("GET", "settings") == changed
    for wrong in (
        {"refund_seconds": -1},
        {"repeat_of_paid": "x"},
        {"what": 1},
        {"packets_max": 1.5},
    ):
        with pytest.raises(ControlRefused):
            control.change_settings(**wrong)
    assert control.ask("GET", "settings") == changed


def test_a_merchants_switches_are_changed(control: ControlClient) -> None:
    changes = {
        "provider": True,
        "operating_opened": True,
        "product_opened": False,
        "frozen": True,
        "appids": {"wx1": "official_account", "wx2": "mobile_app"},
        "sub_merchants": {"1900000009": ["wx3"]},
        "msgappids": ["wx4"],
        "forbidden_calls": ["gethbinfo"],
        "scenes": {"PRODUCT_1": [1, 499_900]},
        "amount_min": 30,
        "amount_max": 50_000,
        "allowed_ips": ["203.0.113.7"],
        "anti_abuse_level": 3,
        "risky_openids": {ALICE: 2},
        "delivery": {"seconds": 60.0, "told": True, "ends": "FAILED"},
    }
    changed = control.change_merchant(MCH_ID, **changes)
    assert changes.items() <= changed.items()
    assert control.merchant(MCH_ID) == changed == control.ask("GET", "merchants")["merchants"][0]


def test_limits_are_changed_one_by_one(control: ControlClient) -> None:
    before = control.merchant(MCH_ID)["limits"]
    control.change_merchant(MCH_ID, limits={"calls_per_second": None, "night_rule": True})
    after = control.merchant(MCH_ID)["limits"]
    assert after == before | {"calls_per_second": None, "night_rule": True}


def test_a_wrong_change_changes_nothing(control: ControlClient) -> None:
    before = control.merchant(MCH_ID)
    for wrong, field in (
        ({"frozen": 1}, "frozen"),
        ({"frozen": True, "amount_min": -1}, "amount_min"),
        ({"frozen": True, "key": "k" * 32}, "key"),
        ({"limits": {"calls_per_second": 1.5}}, "limits.calls_per_second"),
        ({"limits": {"calls": 1}}, "limits.calls"),
        ({"scenes": {"PRODUCT_1": [5, 4]}}, "scenes.PRODUCT_1"),
        ({"appids": {"wx1": "website"}}, "appids.wx1"),
        ({"allowed_ips": "203.0.113.7"}, "allowed_ips"),
        ({"allowed_ips": [1]}, "allowed_ips.0"),
        ({"forbidden_calls": ["pay"]}, "forbidden_calls"),
        ({"anti_abuse_level": 4}, "anti_abuse_level"),
        ({"delivery": {"ends": "REFUND"}}, "ends"),
    ):
        with pytest.raises(ControlRefused) as raised:
            control.change_merchant(MCH_ID, **wrong)
        assert (raised.value.status, raised.value.field) == (400, field)
    assert control.merchant(MCH_ID) == before


def test_a_new_merchant_can_be_used_at_once(control: ControlClient, simulator: Simulator) -> None:
    """It has a certificate, a balance, and the settings that a client needs."""
    made = control.add_merchant("1999000077", "wx0000000000de0077", balance=500)
    assert made["basic"]["balance"] == 500
    assert made["settings"] == control.merchant_settings("1999000077")
    wechat = SimulatedWeChat(simulator.simulation)
    with RedPack(wechat.merchant("1999000077")) as red_pack:
        send(red_pack)
    assert control.merchant("1999000077")["basic"]["balance"] == 400
    for again in ("1999000077", "../1"):
        with pytest.raises(ControlRefused):
            control.add_merchant(again, "wx0000000000de0077")


def test_a_merchant_has_its_mini_programs_settings_too(control: ControlClient) -> None:
    settings = control.merchant_settings(MCH_ID, mini_program=True)
    assert settings["app_id"] == "wx0000000000de0002"
    assert settings["work"]["corp_id"] == "ww0000000000de0003"


def test_accounts_are_topped_up(control: ControlClient) -> None:
    assert control.top_up(MCH_ID, 5) == 100_000_005
    assert control.top_up(MCH_ID, -100_000_005) == 0
    assert control.top_up(MCH_ID, 7, account="operating") == 7
    for wrong in ({"amount": -1}, {"amount": 1.5}, {"amount": 1, "account": "third"}):
        with pytest.raises(ControlRefused):
            control.ask("POST", f"merchants/{MCH_ID}/top_up", wrong)


def test_users_have_wallets(control: ControlClient, red_pack: RedPack) -> None:
    control.add_user(BOB, "wx0000000000de0001")
    assert control.wallet(BOB) == 0
    assert control.wallet("oNOBODY") == 0
    send(red_pack)
    control.claim("A1", ALICE)
    assert control.wallet(ALICE) == 100
    users = control.ask("GET", "users")
    assert users["count"] == 2
    assert [user["openid"] for user in users["users"]] == [BOB, ALICE]


def test_a_packet_is_claimed_once_and_by_its_receiver(
    control: ControlClient, red_pack: RedPack
) -> None:
    send(red_pack)
    with pytest.raises(ControlRefused) as raised:
        control.claim("A1", BOB)
    assert (raised.value.status, raised.value.field) == (409, "openid")
    claimed = control.claim("A1", ALICE)
    assert (claimed.amount, claimed.mch_id, claimed.beijing) == (100, MCH_ID, "2026-11-23 12:00:00")
    assert ALICE not in repr(claimed)
    with pytest.raises(ControlRefused):
        control.claim("A1", ALICE, mch_id=MCH_ID)
    with pytest.raises(ControlRefused, match="no such packet"):
        control.claim("A2", ALICE)


def test_a_mini_program_packet_is_claimed_by_parameters(
    control: ControlClient, simulator: Simulator
) -> None:
    wechat = SimulatedWeChat(simulator.simulation)
    red_pack = RedPack(wechat.merchant(mini_program=True), transport=wechat.transport())
    accepted = red_pack.send_mini_program(
        mch_billno="M1", re_openid=ALICE, total_amount=100, **TEXTS
    )
    params = red_pack.claim_params(accepted.package).as_dict()
    with pytest.raises(ControlRefused) as raised:
        control.claim_mini_program(params, ALICE, scene=1001)
    assert (raised.value.status, raised.value.field) == (409, "scene")
    assert control.claim_mini_program(params, ALICE, scene=1011).amount == 100


def test_a_ticket_is_drawn(control: ControlClient, red_pack: RedPack) -> None:
    ordered = red_pack.preorder(mch_billno="H1", **{**PREORDER, **TEXTS})
    assert control.draw(ordered.sp_ticket, BOB).amount == 200


def test_faults_are_scripted_shown_and_ended(control: ControlClient, red_pack: RedPack) -> None:
    rules: list[dict[str, Any]] = [
        {"fault": "lose_reply", "endpoint": "gethbinfo", "mch_billno": "*"},
        {
            "fault": "cut_reply",
            "endpoint": "*",
            "mch_billno": "A1",
            "nth": 3,
            "times": 2,
            "bytes": 9,
        },
        {"fault": "systemerror", "endpoint": "*", "mch_billno": "*", "after": True},
        {
            "fault": "processing",
            "endpoint": "*",
            "mch_billno": "*",
            "seconds": 5.0,
            "fails": True,
        },
    ]
    control.script_faults(*rules, seed=7, odds={"delay": 0.5})
    shown = control.ask("GET", "faults")
    assert shown == {"rules": rules, "seed": 7, "odds": {"delay": 0.5}}
    control.script_faults(*shown["rules"], seed=7, odds=shown["odds"])
    assert control.ask("GET", "faults") == shown, "what is shown can be said again"
    control.end_faults()
    assert control.ask("GET", "faults") == {"rules": [], "seed": 0, "odds": {}}
    send(red_pack)
    assert control.journal()[0].fault == ""


def test_the_journal_comes_in_pages(control: ControlClient, red_pack: RedPack) -> None:
    for number in range(5):
        send(red_pack, f"A{number}")
    first = control.ask("GET", "journal?limit=2")
    assert [entry["number"] for entry in first["entries"]] == [0, 1]
    rest = control.ask("GET", f"journal?after={first['next']}&limit=100")
    assert [entry["mch_billno"] for entry in rest["entries"]] == ["A2", "A3", "A4"]
    assert control.ask("GET", f"journal?after={rest['next']}")["entries"] == []
    assert [entry.number for entry in control.journal(mch_billno="A3")] == [3]
    assert [entry.number for entry in control.journal(mch_id=MCH_ID, after=3)] == [3, 4]
    entry = control.journal()[0]
    assert (entry.call, entry.verdict, entry.paid) == ("sendredpack", "SUCCESS", True)


def test_totals_add_up_and_are_audited(control: ControlClient, red_pack: RedPack) -> None:
    send(red_pack, "A1")
    send(red_pack, "A2", total_amount=300)
    control.claim("A1", ALICE)
    assert control.totals() == control.totals(MCH_ID) == (400, 100, 0, 300)
    assert control.audit() == ""


def test_the_audit_says_what_does_not_add_up(
    control: ControlClient, simulator: Simulator, red_pack: RedPack
) -> None:
    send(red_pack)
    simulator.simulation.world.merchants[MCH_ID].basic.balance += 1
    assert "balance of the basic account" in control.audit()


def test_a_packet_is_shown_with_its_claims(control: ControlClient, red_pack: RedPack) -> None:
    send(red_pack)
    control.claim("A1", ALICE)
    packet = control.packet(MCH_ID, "A1")
    assert (packet["status"], packet["call"], packet["payments"]) == ("RECEIVED", "sendredpack", 1)
    assert packet["claims"] == [{"openid": ALICE, "amount": 100, "beijing": "2026-11-23 12:00:00"}]
