"""``hongbao campaign stand``, ``end`` and what the other commands make of a standing campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hongbao.engine import Ledger, read_configuration

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

STAND = ("campaign", "stand", "refunds", "--merchant", "demo", "--budget", "500.00")
LIMITS = ("--per-day", "50.00", "--payouts-per-day", "7", "--largest", "2.50")
SOMEBODY = "oTEST_payee_0000000000000001"


def enqueue(key: str, openid: str = SOMEBODY, fen: int = 100) -> None:
    """What a program does."""
    configuration = read_configuration(Path("hongbao.toml"))
    with Ledger.of(configuration) as ledger:
        ledger.enqueue(
            campaign="refunds", merchant=configuration.payer("demo"), key=key, openid=openid,
            amount_fen=fen,
        )  # fmt: skip


def test_its_limits_are_shown_approved_and_held(office: Office, run: Run, town: Town) -> None:
    drafted = run(*STAND, *LIMITS)
    assert drafted.code == 0, drafted.stderr
    for words in (
        "refunds: draft", "500.00 yuan in all", "2.50 yuan for a single payout",
        "50.00 yuan, 7 payouts", "campaign approve refunds",
    ):  # fmt: skip
        assert words in drafted.stdout
    sha256 = run("campaign", "status", "refunds", "--json").json["campaign"]["sha256"]
    approved = run("campaign", "approve", "refunds", "--sha256", sha256)
    assert approved.code == 0, approved.stderr
    assert "500.00 yuan in all" in approved.stdout
    enqueue("order-1")
    enqueue("order-2", fen=250)
    assert run("worker", "--leave-idle", "1").code == 0
    assert town.paid_once() == 2
    said = run("campaign", "status", "refunds", "--json").json
    assert said["campaign"]["phase"] == "running"
    assert said["campaign"]["mandate"]["last_day"]["payouts"] == 2
    assert said["money"]["paid"] == 350
    shown = run("campaign", "status", "refunds").stdout
    assert "2 payouts, 3.50 yuan" in shown
    assert f"SHA-256 {sha256[:16]}…" in shown, "what was approved, however much was added since"
    assert office.run("audit").code == 0


def test_ended_it_is_complete_when_everybody_is_paid(office: Office, run: Run, town: Town) -> None:
    town.have(100_000)
    run(*STAND, *LIMITS)
    run("campaign", "approve", "refunds", "--yes")
    enqueue("order-1")
    ended = run("campaign", "end", "refunds", "--reason", "moved")
    assert (ended.code, "ended:" in ended.stdout) == (0, True)
    ran = run("campaign", "run", "refunds", "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "complete")
    assert [payout.key for payout in office.payouts("refunds")] == ["order-1"]


@pytest.mark.parametrize("wrong", ["--per-day", "--largest", "--budget"])
def test_limits_that_make_no_sense_are_refused_with_the_command_line(
    office: Office, run: Run, wrong: str
) -> None:
    assert (office.folder / "hongbao.toml").exists()
    ran = run(*STAND, *LIMITS, wrong, "0.50" if wrong != "--largest" else "60.00")
    assert ran.code == 2
    assert "largest <= a day <= in all" in ran.stderr
    assert run("campaign", "list", "--json").json["campaigns"] == []


def test_no_list_is_added_to_it_and_none_replaces_it(office: Office, run: Run) -> None:
    run(*STAND, *LIMITS)
    office.write_list(1)
    for verb in ("extend", "replace"):
        ran = run("campaign", verb, "refunds", "list.csv", "--unit", "yuan")
        assert ran.code != 0
        assert "efunds is a standing campaign" in ran.stderr


@pytest.mark.parametrize("approved", [False, True])
def test_a_list_of_its_name_is_told_to_take_another(
    office: Office, run: Run, *, approved: bool
) -> None:
    run(*STAND, *LIMITS)
    if approved:
        run("campaign", "approve", "refunds", "--yes")
    office.write_list(1)
    ran = run(*office.new("list.csv", "--name", "refunds"))
    assert ran.code == 7
    assert "a standing campaign, to which programs add: give the list another name" in ran.stdout
    assert "campaign extend" not in ran.stdout


def test_a_list_that_pays_what_a_program_had_paid_is_the_same_people_again(
    office: Office, run: Run, town: Town
) -> None:
    town.have(100_000)
    run(*STAND, *LIMITS)
    run("campaign", "approve", "refunds", "--yes")
    enqueue("order-1")
    run("worker", "--leave-idle", "1")
    (office.folder / "list.csv").write_text(f"openid,amount\n{SOMEBODY},1.00\n", encoding="utf-8")
    ran = run(*office.new())
    assert ran.code == 7
    assert "refunds" in ran.stderr + ran.stdout
    assert run(*office.new("list.csv", "--pay-again", "--reason", "a gift")).code == 0


def test_a_key_that_a_program_has_used_is_known_in_a_list(
    office: Office, run: Run, town: Town
) -> None:
    town.have(100_000)
    run(*STAND, *LIMITS)
    run("campaign", "approve", "refunds", "--yes")
    enqueue("order-1")
    (office.folder / "list.csv").write_text(
        f"key,openid,amount\norder-1,{SOMEBODY},2.00\n", encoding="utf-8"
    )
    ran = run(*office.new())
    assert ran.code == 7
    assert "order-1" in ran.stderr + ran.stdout
