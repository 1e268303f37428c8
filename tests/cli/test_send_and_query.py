"""``hongbao send``, ``query`` and ``claim-params`` against a simulated WeChat over real TLS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao import new_billno
from shop import NORMAL, OPENID, write_toml

if TYPE_CHECKING:
    from pathlib import Path

    from shop import Run, Shop

TEXTS = ("--wishing", "Hello", "--act-name", "Test", "--remark", "r", "--fen", "100")
MASKED = "oTES…0001"


def test_a_normal_packet_is_sent(run: Run, shop: Shop) -> None:
    ran = run(*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml, "--json")
    assert ran.code == 0
    assert (ran.json["outcome"], ran.json["exit_code"]) == ("accepted", 0)
    assert ran.json["endpoint"] == "sendredpack"
    assert ran.json["reply"]["re_openid"] == MASKED
    assert ran.json["reply"]["total_amount"] == 100
    assert shop.wechat.payments("A1") == 1


def test_people_read_the_answer_as_lines(run: Run, shop: Shop) -> None:
    ran = run(*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml)
    assert ran.stdout.startswith("Accepted: sendredpack A1, 1.00 yuan.\n")
    assert MASKED in ran.stdout
    assert OPENID not in ran.everything


def test_a_business_key_gives_the_number(run: Run, shop: Shop) -> None:
    number = new_billno(shop.wechat.mch_id, "user-1", 2)
    ran = run(*NORMAL, "--key", "user-1", "--attempt", "2", "--merchant", shop.toml, "--json")
    assert ran.json["reply"]["mch_billno"] == number


@pytest.mark.parametrize(
    "number",
    [
        (),
        ("--mch-billno", "A1", "--key", "user-1"),
        ("--mch-billno", "A1", "--attempt", "2"),
    ],
)
def test_no_number_is_invented(run: Run, shop: Shop, number: tuple[str, ...]) -> None:
    ran = run(*NORMAL, *number, "--merchant", shop.toml, "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "usage")
    assert shop.wechat.journal() == []


@pytest.mark.parametrize("amount", [(), ("--yuan", "1", "--fen", "100")])
def test_an_amount_has_one_unit(run: Run, shop: Shop, amount: tuple[str, ...]) -> None:
    ran = run(*NORMAL[:-2], *amount, "--mch-billno", "A1", "--merchant", shop.toml)
    assert ran.code == 2
    assert shop.wechat.journal() == []


@pytest.mark.parametrize("yuan", ["1.005", "-1", "1,000", "a lot"])
def test_an_amount_that_is_none_is_invalid(run: Run, shop: Shop, yuan: str) -> None:
    ran = run(*NORMAL[:-1], yuan, "--mch-billno", "A1", "--merchant", shop.toml, "--json")
    assert (ran.code, ran.json["error"]["field"]) == (6, "yuan")


def test_a_mini_program_packet_is_sent_and_claimed(run: Run, shop: Shop) -> None:
    merchant = ("--merchant", shop.mini_toml, "--json")
    sent = run(
        *("send", "mini-program", "--re-openid", OPENID, "--send-name", "Shop", *TEXTS),
        *("--mch-billno", "M1", *merchant),
    )
    package = sent.json["reply"]["package"]
    typed = run("claim-params", package, *merchant)
    piped = run("claim-params", "-", *merchant, stdin=f"{package}\n")
    assert (typed.code, piped.code) == (0, 0)
    assert typed.json["params"]["package"] == piped.json["params"]["package"]
    assert shop.wechat.claim_mini_program(piped.json["params"], OPENID).amount == 100


def test_claim_params_are_json_for_people_too(run: Run, shop: Shop) -> None:
    ran = run("claim-params", "sendid=1&ver=8", "--merchant", shop.mini_toml)
    assert json.loads(ran.stdout)["package"] == "sendid%3D1%26ver%3D8"


@pytest.mark.parametrize("package", ["", "x" * 5000])
def test_a_package_that_is_none_is_invalid(run: Run, shop: Shop, package: str) -> None:
    assert run("claim-params", package, "--merchant", shop.mini_toml).code == 6


def test_a_group_packet_is_sent_with_a_warning(run: Run, shop: Shop) -> None:
    ran = run(
        *("send", "group", "--re-openid", OPENID, "--send-name", "Shop", *TEXTS[:-1], "600"),
        *("--total-num", "3", "--mch-billno", "G1", "--merchant", shop.toml, "--json"),
    )
    assert ran.code == 0
    assert "switched off" in ran.json["warnings"][0]
    assert "Warning: " in ran.stderr


def test_a_wecom_packet_is_sent_and_queried(run: Run, shop: Shop) -> None:
    merchant = ("--merchant", shop.toml, "--json")
    sent = run(
        *("send", "work", "--re-openid", OPENID, "--sender-name", "HR", *TEXTS),
        *("--mch-billno", "W1", *merchant),
    )
    assert sent.json["reply"]["sender_name"] == "HR"
    shop.wechat.claim("W1", OPENID)
    ran = run("query", "W1", "--work", *merchant)
    assert ran.json["packet"]["status"] == "RECEIVED"
    assert ran.json["packet"]["claims"][0]["openid"] == MASKED
    assert ran.json["claimed_amount"] == 100


def test_a_preorder_gives_a_ticket(run: Run, shop: Shop) -> None:
    ran = run(
        *("send", "preorder", "--send-name", "Shop", *TEXTS, "--mch-billno", "P1"),
        *("--merchant", shop.toml, "--json"),
    )
    assert shop.wechat.draw(ran.json["reply"]["sp_ticket"], OPENID).amount == 100


def test_risk_info_is_encoded_here(run: Run, shop: Shop) -> None:
    hints = "posttime=1795392000&mobile=86-13800000000"
    ran = run(*NORMAL, "--mch-billno", "A1", "--risk-info", hints, "--merchant", shop.toml)
    assert ran.code == 0


@pytest.mark.parametrize(
    "hints", ["shoesize=44", "posttime=now", "posttime=", f"posttime={'1' * 5_000}", "nothing"]
)
def test_risk_info_that_is_none_is_invalid(run: Run, shop: Shop, hints: str) -> None:
    ran = run(
        *NORMAL, "--mch-billno", "A1", "--risk-info", hints, "--merchant", shop.toml, "--json"
    )
    assert (ran.code, ran.json["error"]["field"]) == (6, "risk_info")


def test_a_provider_sends_for_a_sub_merchant(run: Run, shop: Shop) -> None:
    provider = shop.wechat.simulated()
    provider.provider = True
    provider.sub_merchants = {"1900000999": frozenset({"wxshop"})}
    of_shop = ("--sub-mch-id", "1900000999", "--msgappid", "wxshop")
    ran = run(*NORMAL, "--mch-billno", "A1", *of_shop, "--merchant", shop.toml)
    assert ran.code == 0
    assert run(*NORMAL, "--mch-billno", "A2", "--merchant", shop.toml).code == 3


def test_a_providers_file_may_name_the_sub_merchant(run: Run, shop: Shop, tmp_path: Path) -> None:
    provider = shop.wechat.simulated()
    provider.provider = True
    provider.sub_merchants = {"1900000999": frozenset({"wxshop"})}
    settings = {**shop.settings, "sub_mch_id": "1900000999", "msgappid": "wxshop"}
    path = write_toml(tmp_path / "provider.toml", settings)
    assert run(*NORMAL, "--mch-billno", "A1", "--merchant", str(path)).code == 0


def test_the_environment_may_name_the_merchant(run: Run, shop: Shop) -> None:
    work = shop.settings["work"]
    flat = {name: str(value) for name, value in shop.settings.items() if name != "work"}
    flat |= {"work_corp_id": work["corp_id"], "work_secret": work["secret"]}
    env = {f"HONGBAO_{name.upper()}": value for name, value in flat.items()}
    # The program's own variable is no setting of a merchant.
    assert run(*NORMAL, "--mch-billno", "A1", env={**env, "HONGBAO_DEBUG": "1"}).code == 0
    assert shop.wechat.payments("A1") == 1


def test_a_refusal_says_what_to_do(run: Run, shop: Shop) -> None:
    shop.wechat.top_up(-shop.wechat.simulated().basic.balance)
    ran = run(*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml)
    assert ran.code == 3
    assert ran.stdout == ""
    assert "NOTENOUGH" in ran.stderr
    assert "May money have moved?  not now" in ran.stderr
    assert "What to do:  Top up" in ran.stderr
    again = run(*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml, "--json")
    assert (again.json["outcome"], again.json["exit_code"]) == ("refused", 3)
    assert again.json["error"]["disposition"] == "OPEN"


def test_a_lost_reply_is_unknown_and_the_same_command_settles_it(run: Run, shop: Shop) -> None:
    shop.wechat.fail({"fault": "lose_reply", "times": 1})
    command = (*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml)
    ran = run(*command, "--json")
    assert (ran.code, ran.json["outcome"]) == (4, "unknown")
    assert ran.json["error"]["mch_billno"] == "A1"
    assert run(*command).code == 0
    assert shop.wechat.payments("A1") == 1


def test_nothing_listens_and_nothing_is_sent(run: Run, merchant_toml: Path) -> None:
    ran = run(*NORMAL, "--mch-billno", "A1", "--merchant", str(merchant_toml), "--json")
    assert (ran.code, ran.json["outcome"]) == (5, "not sent")
    assert ran.json["error"]["money"] == "no: nothing was sent"


def test_a_query_of_nothing_is_unknown(run: Run, shop: Shop) -> None:
    ran = run("query", "A1", "--merchant", shop.toml)
    assert ran.code == 4
    assert "NOT_FOUND" in ran.stderr
    assert "it says nothing about the packet" in ran.stderr


def test_a_query_tells_people_who_claimed(run: Run, shop: Shop) -> None:
    run(*NORMAL, "--mch-billno", "A1", "--merchant", shop.toml)
    shop.wechat.claim("A1", OPENID)
    ran = run("query", "A1", "--merchant", shop.toml)
    assert ran.stdout.startswith("A1: RECEIVED\n")
    assert f"{MASKED} claimed 1.00 yuan at 2026-11-23 12:00:00+08:00" in ran.stdout


def test_without_a_merchant_nothing_happens(run: Run) -> None:
    ran = run("query", "A1", "--json")
    assert (ran.code, ran.json["outcome"]) == (6, "configuration")
    assert "--merchant PATH" in ran.json["error"]["todo"]


def test_a_missing_option_is_a_usage_error_in_json_too(run: Run) -> None:
    ran = run("send", "normal", "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "usage")
    assert "--re-openid" in ran.json["error"]["happened"]


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("pay").code == 2
