"""A campaign of transfers, by the commands, against a WeChat in a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.engine import Confirmations, Ledger, State, read_configuration

if TYPE_CHECKING:
    from transfer_till import Cashier


def test_a_campaign_of_transfers_is_paid_as_its_users_confirm(cashier: Cashier) -> None:
    cashier.write_list()
    cashier.new()
    ran = cashier.run("campaign", "run", "autumn", "--json")
    assert (ran.code, ran.json["campaign"]["phase"]) == (0, "awaiting users"), ran.everything
    assert ran.json["money"]["awaiting_user"] == ran.json["money"]["planned"] == 400
    assert (ran.json["money"]["paid"], ran.json["adds_up"]) == (0, True)
    first, *others = cashier.payouts()
    for payout in (first, *others[:2]):
        cashier.confirm(payout)
    cashier.later(minutes=2)
    cashier.work()
    states = [it.state for it in cashier.payouts()]
    assert states == [*[State.RECEIVED] * 3, State.AWAITING_USER]
    cashier.later(hours=26)
    cashier.work()
    left = cashier.payouts()[-1]
    assert (left.state, left.code) == (State.REFUSED, "OVERDUE_CLOSE")
    status = cashier.run("campaign", "status", "autumn", "--json").json
    assert status["campaign"]["phase"] == "complete with refusals"
    assert status["money"]["paid"] == status["money"]["claimed"] == 300
    assert cashier.run("audit").code == 0


def test_what_waits_for_its_user_is_taken_back_unless_the_user_was_faster(
    cashier: Cashier,
) -> None:
    cashier.write_list(6, kind="transfer-red-packet")
    cashier.new()
    assert cashier.run("campaign", "run", "autumn").code == 0
    fast, *others = cashier.payouts()
    cashier.confirm(fast)
    taken = cashier.run("payout", "cancel", others[0].key, "--reason", "moved", "--yes")
    assert taken.code == 0, taken.everything
    cashier.work()
    cashier.later(minutes=1)
    cashier.work()
    codes = {it.row: (it.state, it.code) for it in cashier.payouts()}
    assert codes[2] == (State.REFUSED, "CANCELLED")
    stopped = cashier.run("campaign", "cancel", "autumn", "--reason", "over", "--yes", "--json")
    assert stopped.code == 0, stopped.everything
    for _ in range(3):
        cashier.work()
        cashier.later(minutes=1)
    codes = {it.row: (it.state, it.code) for it in cashier.payouts()}
    assert codes.pop(1) == (State.RECEIVED, None)
    assert set(codes.values()) == {(State.REFUSED, "CANCELLED")}
    assert {cashier.transfer(it)["state"] for it in others} == {"CANCELLED"}
    assert cashier.run("audit").code == 0


def test_whoever_stores_or_approves_it_sees_what_users_and_wechat_will_see(
    cashier: Cashier,
) -> None:
    cashier.write_list(2)
    given = ("list.csv", "--merchant", "till", "--name", "autumn", "--unit", "yuan")
    stored = cashier.run("campaign", "new", *given)
    approved = cashier.run("campaign", "approve", "autumn", "--yes")
    for ran in (stored, approved):
        assert "transfer_remark 'Autumn lottery'" in ran.everything
        assert "transfer_scene_id '1000'" in ran.everything
        assert "transfer_scene_report_infos '活动名称=秋季抽奖；奖励说明=一等奖'" in ran.everything


def test_a_lost_reply_is_asked_about_and_locks_nothing_twice(cashier: Cashier) -> None:
    cashier.write_list(3)
    cashier.new()
    cashier.town.control.script_faults({"fault": "lose_reply", "endpoint": "transfer"})
    cashier.run("campaign", "run", "autumn", "--leave-idle", "0.5")
    cashier.town.control.end_faults()
    cashier.later(minutes=1)
    assert cashier.run("campaign", "run", "autumn").code == 0
    payouts = cashier.payouts()
    assert {it.state for it in payouts} == {State.AWAITING_USER}
    merchant = cashier.town.control.merchant(cashier.town.mch_id)
    assert merchant["basic"]["balance"] == 1_000_000 - 300
    assert cashier.run("audit").code == 0


def test_one_key_is_never_paid_by_both_rails(cashier: Cashier) -> None:
    cashier.write_list(2)
    cashier.new()
    settings = cashier.town.settings
    (cashier.folder / "demo.key").write_text(settings["key"], encoding="utf-8")
    (cashier.folder / "demo.key").chmod(0o600)
    more = {**settings, "key_file": "demo.key"}
    lines = [
        "[merchants.packets]",
        *(
            f"{name} = {json.dumps(value)}"
            for name, value in more.items()
            if name not in {"key", "work"}
        ),
        '[merchants.packets.texts]\nsend_name = "a"\nwishing = "b"\nact_name = "c"\nremark = "d"\n',
    ]
    with (cashier.folder / "hongbao.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))
    given = ("list.csv", "--merchant", "packets", "--name", "other", "--unit", "yuan")
    again = cashier.run("campaign", "new", *given, "--json")
    assert again.code == 7, again.everything
    assert "kind" in again.stdout
    named = cashier.run("merchant", "list", "--json").json["merchants"]
    assert [(it["name"], it["rail"]) for it in named] == [
        ("till", "transfer"),
        ("packets", "redpack"),
    ]


def test_the_doctor_proves_keys_and_addresses_by_one_signed_query(cashier: Cashier) -> None:
    well = cashier.run("doctor", "--json")
    assert well.code == 0, well.everything
    query = next(it for it in well.json["checks"] if it["name"] == "till: signed query")
    assert "NOT_FOUND, signed by WeChat" in query["found"]
    text = (cashier.folder / "hongbao.toml").read_text(encoding="utf-8")
    wrong = text.replace('mch_id = "1999000001"', 'mch_id = "1999000009"')
    (cashier.folder / "hongbao.toml").write_text(wrong, encoding="utf-8")
    ill = cashier.run("doctor", "--json")
    assert ill.code != 0
    query = next(it for it in ill.json["checks"] if it["name"] == "till: signed query")
    assert query["state"] == "fail"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ('rail = "redpack"', "merchants.till.api_v3_key"),
        ('rail = "transfer"\nkey_file = "till.key"', "merchants.till.key"),
        ('rail = "transfer"\nkind = "service-provider"', "merchants.till.kind"),
        ('rail = "transfer"\nclient_ip = "203.0.113.7"', "merchants.till.client_ip"),
        ('rail = "transfer"\n[merchants.till.work]\ncorp_id = "ww1"', "merchants.till.work"),
    ],
)
def test_settings_of_the_other_rail_are_refused_by_name(
    cashier: Cashier, changed: str, what: str
) -> None:
    text = (cashier.folder / "hongbao.toml").read_text(encoding="utf-8")
    (cashier.folder / "hongbao.toml").write_text(
        text.replace('rail = "transfer"', changed), encoding="utf-8"
    )
    ran = cashier.run("merchant", "list")
    assert ran.code == 6, ran.everything
    assert what in ran.stderr


def test_a_list_says_what_no_transfer_can_be_made_of(cashier: Cashier) -> None:
    lines = [
        "key,openid,amount,kind,transfer_scene_id",
        "k1,oTEST_payee_0000000000000001,0.09,,",
        "k2,oTEST_payee_0000000000000002,2000.00,,",
        "k3,oTEST_payee_0000000000000003,200.01,transfer-red-packet,",
        "k4,oTEST_payee_0000000000000004,1.00,transfer-red-packet,1009",
        "k5,oTEST_payee_0000000000000005,1.00,normal,",
        "k6,o ho,1.00,,",
    ]
    (cashier.folder / "list.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    given = ("list.csv", "--merchant", "till", "--name", "autumn", "--unit", "fen")
    yuan = (*given[:-1], "yuan")
    found = cashier.run("campaign", "new", *yuan, "--json")
    assert found.code == 7, found.everything
    problems = {it["row"]: it["what"] for it in found.json["problems"]}
    # The scene of the fourth wants something reported that the settings say for all.
    assert set(problems) == {0, 2, 3, 4, 6, 7}
    assert "real name" in problems[3]


def test_transfers_from_2000_yuan_on_have_names_which_no_file_of_ours_holds_in_clear(
    cashier: Cashier,
) -> None:
    toml = cashier.folder / "hongbao.toml"
    (cashier.folder / "keep.key").write_text("A" * 43 + "=\n", encoding="utf-8")
    (cashier.folder / "keep.key").chmod(0o600)
    text = "key,openid,amount,姓名,门店\nk1,oTEST_payee_1,2500.00,张三丰,浦东\n"
    (cashier.folder / "list.csv").write_text(text, encoding="utf-8")
    cashier.town.have(1_000_000)
    given = ("list.csv", "--merchant", "till", "--name", "autumn", "--unit", "yuan")
    kept = (*given, "--keep", "姓名", "--keep", "门店")
    without = cashier.run("campaign", "new", *kept)
    assert (without.code, "books.keep_key" in without.everything) == (6, True)
    large = toml.read_text("utf-8").replace("rate =", 'user_day_yuan_max = "unlimited"\nrate =')
    toml.write_text(f'{large}[books]\nkeep_key_file = "keep.key"\n', encoding="utf-8")
    made = cashier.run("campaign", "new", *kept)
    assert made.code == 0, made.everything
    again = cashier.run("campaign", "new", *kept, "--json")
    assert (again.code, again.json["outcome"]) == (0, "nothing new"), again.everything
    other = text.replace("张三丰", "李四")
    (cashier.folder / "list.csv").write_text(other, encoding="utf-8")
    refused = cashier.run("campaign", "new", *kept)
    assert refused.code == 7
    assert "user_name was one that is kept sealed and is now another one" in refused.everything
    for answer in (made, cashier.run("campaign", "approve", "autumn", "--yes")):
        assert (answer.code, "keeps sealed: 姓名, 门店" in answer.everything) == (0, True)
    assert cashier.run("campaign", "run", "autumn").code == 0
    [payout] = cashier.payouts()
    assert cashier.transfer(payout)["state"] == "WAIT_USER_CONFIRM"
    configuration = read_configuration(toml)
    with Ledger.of(configuration) as ledger, Confirmations(ledger, configuration) as server:
        params = server.page(payout).for_mini_program()
    assert params["package"] == cashier.transfer(payout)["package_info"], "the same bytes"
    cashier.confirm(payout)
    cashier.later(minutes=2)
    cashier.work()
    assert cashier.states() == {State.RECEIVED}
    masked = cashier.run("campaign", "report", "autumn")
    full = cashier.run("campaign", "report", "autumn", "--in-full", "--output", "full.csv")
    assert (masked.code, full.code) == (0, 0), full.everything
    assert "张三丰,浦东" in (cashier.folder / "full.csv").read_text("utf-8-sig")
    (cashier.folder / "full.csv").unlink()
    (cashier.folder / "list.csv").unlink()
    for path in cashier.folder.iterdir():
        if path.is_file():
            assert "张三丰".encode() not in path.read_bytes(), path
            assert "浦东".encode() not in path.read_bytes(), path
    history = cashier.run("campaign", "history", "autumn", "--json")
    assert "张三丰" not in history.everything
    assert cashier.run("audit").code == 0
