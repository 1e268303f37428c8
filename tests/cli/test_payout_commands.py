"""``hongbao payout`` shows one payout with its history, and does what only a person may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaign_office import Office, Town
    from shop import Ran, Run

PAYEE = "oTEST_payee_0000000000000001"
RUN = ("campaign", "run", "spring", "--leave-idle", "0", "--json")


@pytest.fixture
def spring(run: Run, office: Office) -> Callable[..., Ran]:
    """Imports, approves and runs a list of one."""

    def pay() -> Ran:
        run(*office.new(office.write_list(1)))
        run("campaign", "approve", "spring", "--sha256", digest(run), "--by", "bob")
        return run(*RUN)

    return pay


def digest(run: Run) -> str:
    found: str = run("campaign", "status", "spring", "--json").json["campaign"]["sha256"]
    return found


def shown(run: Run, which: str = "k0001") -> dict[str, Any]:
    found: dict[str, Any] = run("payout", "show", which, "--json").json
    return found


def kinds(found: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in found["history"]]


def test_a_history_says_who_and_what(run: Run, spring: Callable[..., Ran]) -> None:
    spring()
    found = shown(run)
    assert (found["payout"]["state"], found["payout"]["amount"]) == ("sent", 100)
    assert kinds(found) == ["submitted", "called", "accepted"]
    assert found["history"][1]["by"].startswith("worker ")
    assert found["payout"]["openid"] == "oTES…0001"
    text = run("payout", "show", "k0001").stdout
    assert "k0001: sent, paid, not claimed yet" in text
    assert "accepted" in text
    assert PAYEE not in text


def test_a_payout_is_found_by_its_number_too(run: Run, spring: Callable[..., Ran]) -> None:
    spring()
    number = shown(run)["payout"]["mch_billno"]
    assert shown(run, number)["payout"]["key"] == "k0001"


def test_one_that_is_not_there_is_reported(run: Run, office: Office) -> None:
    ran = run("payout", "show", "k0001", "--json")
    assert (ran.code, ran.json["outcome"]) == (8, "books")


def test_a_query_on_demand_is_made_by_the_next_worker(
    run: Run, town: Town, spring: Callable[..., Ran]
) -> None:
    spring()
    town.control.claim(shown(run)["payout"]["mch_billno"], PAYEE)
    ran = run("payout", "query", "k0001", "--by", "carol")
    assert ran.code == 0
    assert " worker" in ran.stdout.splitlines()[-1]
    run(*RUN)
    found = shown(run)
    assert (found["payout"]["state"], found["payout"]["claimed"]) == ("received", 100)
    assert ("requested", "carol") in [(it["kind"], it["by"]) for it in found["history"]]


def test_what_is_in_doubt_is_not_declared_dead_while_it_may_pay(
    run: Run, town: Town, spring: Callable[..., Ran]
) -> None:
    town.control.script_faults({"fault": "lose_request"})
    assert spring().json["payouts"]["in_doubt"] == 1
    ran = run("payout", "declare-dead", "k0001", "--reason", "I say so", "--json")
    assert (ran.code, ran.json["outcome"]) == (8, "books")
    assert shown(run)["payout"]["state"] == "in_doubt"


def test_a_refused_one_is_reopened_with_its_number_and_then_is_paid_once(
    run: Run, town: Town, spring: Callable[..., Ran]
) -> None:
    town.control.change_merchant(town.mch_id, amount_min=200)
    assert spring().json["outcome"] == "in doubt", "until a query has confirmed the refusal"
    assert run(*RUN[:-2], "30", "--json").json["outcome"] == "complete with refusals"
    first = shown(run)["payout"]
    town.control.change_merchant(town.mch_id, amount_min=100)
    ran = run("payout", "reopen", "k0001", "--reason", "fixed", "--by", "carol")
    assert ran.code == 0
    assert f"sent again with the same number, {first['mch_billno']}:" in ran.stdout
    assert "a query says NOT_FOUND" in ran.stdout
    assert run(*RUN).json["outcome"] == "complete"
    second = shown(run)["payout"]
    assert (second["mch_billno"], second["attempt"]) == (first["mch_billno"], 1)
    assert town.paid_once() == 1
    assert run("audit", "--json").json["outcome"] == "sound"


def test_a_paid_one_is_not_reopened(run: Run, spring: Callable[..., Ran]) -> None:
    spring()
    ran = run("payout", "reopen", "k0001", "--reason", "again", "--json")
    assert ran.code == 8
    assert shown(run)["payout"]["attempt"] == 1


def test_a_name_that_a_history_cannot_hold_is_refused(
    run: Run, office: Office, spring: Callable[..., Ran]
) -> None:
    spring()
    ran = run("payout", "query", "k0001", "--by", "two\nlines", "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "usage")


def test_one_person_is_taken_out_and_the_others_are_paid(
    run: Run, office: Office, town: Town
) -> None:
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    asked = run("payout", "cancel", "k0002", "--reason", "has left", "--json")
    assert (asked.code, asked.json["outcome"]) == (2, "usage"), "nobody can be asked here"
    ran = run("payout", "cancel", "k0002", "--reason", "has left", "--by", "carol", "--yes")
    assert ran.code == 0
    assert ran.stdout.startswith("k0002: cancelled, not paid, taken back")
    assert run(*RUN).json["outcome"] == "complete with refusals"
    assert town.paid_once() == 2
    assert run("payout", "cancel", "k0001", "--reason", "too late", "--yes").code == 8
    late = office.write_list(4, name="late.csv")
    extended = run("campaign", "extend", "spring", late, "--unit", "yuan", "--json").json
    assert (extended["known"]["rows"], extended["new"]["rows"]) == (3, 1)
    given = ("--merchant", "demo", "--name", "other", "--unit", "yuan")
    other = run("campaign", "new", late, *given)
    assert "taken out of spring by a person, and not paid here: 1 row" in other.everything
    assert run("audit").code == 0


def test_a_note_stands_in_the_history(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(1)))
    ran = run("payout", "note", "k0001", f"asks for {PAYEE}", "--by", "carol")
    assert ran.code == 0
    assert "carol" in ran.stdout.splitlines()[-1]
    assert ran.stdout.endswith("asks for oTES…0001\n")
    assert kinds(shown(run)) == ["submitted", "remarked"]
    empty = run("payout", "note", "k0001", " ")
    assert (empty.code, empty.stderr.splitlines()[0]) == (8, "A note of nothing says nothing.")
