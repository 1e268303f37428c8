"""The control port: each call over a real socket, and who may ask."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import RedPack
from hongbao.simulator.control.routes import ROUTES
from hongbao.simulator.simulator import Simulator
from hongbao.testing.control_client import ControlClient, ControlRefused
from hongbao.testing.wechat import SimulatedWeChat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.simulator.clock import ManualClock
    from hongbao.simulator.folder.folder import SimulatorFolder

ALICE = "oTEST_alice_000000000000001"
BOB = "oTEST_bob_00000000000000002"
TEXTS = {"send_name": "测试商户", "wishing": "谢谢参与", "act_name": "秋季抽奖", "remark": "一等奖"}
DAY = 86_400
PREORDER: dict[str, Any] = {"total_amount": 200}
MCH_ID = "1999000001"


@pytest.fixture
def simulator(
    wechat_folder: SimulatorFolder, wechat_clock: ManualClock, tmp_path: Path
) -> Iterator[Simulator]:
    before = frozenset(wechat_folder.merchants)
    with Simulator.start(wechat_folder, clock=wechat_clock, seed=1) as running:
        yield running
    for mch_id in wechat_folder.merchants.keys() - before:
        wechat_folder.forget_merchant(mch_id)


@pytest.fixture
def control(simulator: Simulator) -> ControlClient:
    return ControlClient(simulator.control_url)


@pytest.fixture
def red_pack(simulator: Simulator) -> RedPack:
    wechat = SimulatedWeChat(simulator.simulation)
    return RedPack(wechat.merchant(), transport=wechat.transport())


def send(red_pack: RedPack, mch_billno: str = "A1", **changes: Any) -> None:
    said: dict[str, Any] = {"re_openid": ALICE, "total_amount": 100, **TEXTS, **changes}
    red_pack.send_normal(mch_billno=mch_billno, **said)


def raw(
    simulator: Simulator,
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.control.number, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        with connection.getresponse() as response:
            return response.status, json.loads(response.read())
    finally:
        connection.close()


# Each call ---------------------------------------------------------------------------------------


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
    control.advance(DAY + 60)
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


# Who may ask, and how -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "packets/1999000001/NONE",
        "merchants/1",
        "merchants/1/settings",
        "users/oNOBODY",
        "totals?mch_id=1",
    ],
)
def test_what_is_not_there_is_404(control: ControlClient, path: str) -> None:
    with pytest.raises(ControlRefused) as raised:
        control.ask("GET", path)
    assert raised.value.status == 404


@pytest.mark.parametrize("path", ["/", "/_sim", "/_sim/nothing", "/_sim//", "/_sim/packets//a"])
def test_unknown_paths_are_404(simulator: Simulator, path: str) -> None:
    status, answer = raw(simulator, "GET", path)
    assert (status, answer["error"]["field"]) == (404, "path")


def test_wechats_own_paths_are_not_served_here(simulator: Simulator) -> None:
    assert raw(simulator, "POST", "/mmpaymkttransfers/sendredpack", "<xml/>")[0] == 404


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "clock"), ("GET", "reset"), ("POST", "journal")]
)
def test_a_wrong_method_is_405(simulator: Simulator, method: str, path: str) -> None:
    status, answer = raw(simulator, method, f"/_sim/{path}")
    assert (status, answer["error"]["field"]) == (405, "method")


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"a"', "NaN", '{"advance": NaN}', "[" * 100_000, b"\xff", '{"advance": "1"}'],
)
def test_what_is_no_json_object_is_400(simulator: Simulator, body: str | bytes) -> None:
    status, answer = raw(simulator, "POST", "/_sim/clock", body)
    assert status == 400
    assert set(answer["error"]) == {"field", "rule", "found"}


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("reset", {"everything": 1}, "everything"),
        ("reset", {"what": True}, "what"),
        ("clock", {"kind": "slow"}, "kind"),
        ("clock", {"set": "yesterday"}, "set"),
        ("clock", {"set": True}, "set"),
        ("clock", {"advance": 1, "speed": 2}, "speed"),
        ("claim", {"mch_billno": "A1"}, "openid"),
        ("claim", {"openid": ALICE}, "mch_billno"),
        ("claim", {"openid": ALICE, "params": []}, "params"),
        ("claim", {"openid": ALICE, "mch_billno": ""}, "mch_billno"),
        ("users", {"openid": "a b", "appid": "wx1"}, "openid"),
        ("faults", {"rules": [{"fault": "fire"}]}, "rules[0].fault"),
        ("faults", {"rule": []}, "faults.rule"),
        ("merchants", {"mch_id": "5", "app_id": "wx1", "key": "short"}, "key"),
        ("merchants", {"mch_id": "5", "app_id": "wx1", "corp_id": "ww1"}, "work_secret"),
    ],
)
def test_the_error_names_the_field(
    simulator: Simulator, path: str, said: object, field: str
) -> None:
    status, answer = raw(simulator, "POST", f"/_sim/{path}", json.dumps(said))
    assert (status, answer["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=1.5", "what=1", "&".join("a" * 20)]
)
def test_a_query_is_checked(simulator: Simulator, query: str) -> None:
    assert raw(simulator, "GET", f"/_sim/journal?{query}")[0] == 400


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8444", "127.0.0.1.evil.example", ""]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(
    simulator: Simulator, host: str
) -> None:
    status, answer = raw(simulator, "GET", "/_sim/totals", headers={"Host": host})
    assert (status, answer["error"]["field"]) == (403, "Host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8444", "[::1]:8444"])
def test_this_machines_own_names_are_good(simulator: Simulator, host: str) -> None:
    assert raw(simulator, "GET", "/_sim/totals", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8444"])
def test_no_web_page_may_ask(simulator: Simulator, origin: str) -> None:
    status, answer = raw(simulator, "POST", "/_sim/reset", headers={"Origin": origin})
    assert (status, answer["error"]["field"]) == (403, "Origin")


def test_it_listens_on_the_loopback_alone(wechat_folder: SimulatorFolder) -> None:
    """Even if WeChat's port can be reached from elsewhere."""
    with Simulator.start(wechat_folder, host="0.0.0.0") as running:
        assert running.base_url.startswith("https://localhost:")
        (server,) = running.control._servers
        assert [line.getsockname()[0] for line in server.sockets] == ["127.0.0.1"]
