"""What a draft leaves to other campaigns, and what an approver is told if nobody pays that now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from campaign_office import Office
    from shop import Ran


def write(office: Office, name: str, count: int, *, keys: bool = False) -> str:
    head, end = ("openid,amount,key", ",K{}") if keys else ("openid,amount", "")
    lines = [f"oTEST_payee_{row:016d},1.00{end.format(row)}" for row in range(1, count + 1)]
    (office.folder / name).write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return name


def new(office: Office, file: str, name: str, *more: str) -> Ran:
    given = ("--merchant", "demo", "--name", name, "--unit", "yuan")
    ran = office.run("campaign", "new", file, *given, *more)
    assert ran.code == 0, ran.stdout
    return ran


def cancel(office: Office, name: str) -> None:
    assert office.run("campaign", "cancel", name, "--yes", "--reason", "off").code == 0


def approved(office: Office, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        office.run("campaign", "approve", name, "--yes", "--json").stdout
    )
    return found


def test_an_approver_is_told_whom_a_cancelled_campaign_does_not_pay_any_more(
    office: Office,
) -> None:
    new(office, write(office, "a.csv", 3), "a")
    new(office, write(office, "b.csv", 5), "b", "--except", "a")
    cancel(office, "a")
    found = approved(office, "b")
    told, nobody, way = found["warnings"]
    assert told == "  left out: 3 rows, 3.00 yuan whose receivers are in a (cancelled, never sent)"
    assert nobody == "    nobody pays 3 rows, 3.00 yuan of these, as it stands"
    assert way.startswith("    who was cancelled there is added by: ")
    assert way.endswith("hongbao campaign extend b FILE, without --except a")
    [left] = found["left_to_others"]
    assert (left["of"], left["phase"], left["unpaid"]) == (
        "a", "cancelled", {"rows": 3, "amount": 300, "exact": True},
    )  # fmt: skip
    extended = office.run("campaign", "extend", "b", "b.csv", "--unit", "yuan")
    assert "Stored as the supplement b+1: 3 payouts" in extended.stdout


def test_an_approver_is_told_whose_keys_a_cancelled_campaign_has(office: Office) -> None:
    new(office, write(office, "a.csv", 3, keys=True), "a")
    new(office, write(office, "b.csv", 5, keys=True), "b")
    cancel(office, "a")
    told, nobody, way = approved(office, "b")["warnings"]
    assert told == (
        "  not paid here: 3 rows, 3.00 yuan of which the keys are in a (cancelled, never sent)"
    )
    assert "nobody pays 3 rows, 3.00 yuan" in nobody
    assert "hongbao campaign extend b FILE" in way
    extended = office.run("campaign", "extend", "b", "b.csv", "--unit", "yuan")
    assert "taken over from a, where they were never sent: 3 rows, 3.00 yuan" in extended.stdout


@pytest.mark.parametrize("keys", [True, False])
def test_an_approver_is_told_no_more_than_how_it_stands_of_a_campaign_that_pays(
    office: Office, *, keys: bool
) -> None:
    new(office, write(office, "a.csv", 3, keys=keys), "a")
    new(office, write(office, "b.csv", 5, keys=keys), "b", *(() if keys else ("--except", "a")))
    approved(office, "a")
    [told] = approved(office, "b")["warnings"]
    assert told.endswith("in a (approved)")


def test_of_a_campaign_that_was_paid_in_part_an_approver_is_told_the_most_that_nobody_pays(
    office: Office,
) -> None:
    new(office, write(office, "few.csv", 2), "a")
    approved(office, "a")
    assert office.run("campaign", "run", "a").code == 0
    office.run("campaign", "extend", "a", write(office, "a.csv", 3), "--unit", "yuan")
    new(office, write(office, "b.csv", 5), "b", "--except", "a")
    cancel(office, "a+1")
    found = approved(office, "b")
    assert "    nobody pays up to 1 row, 1.00 yuan of these, as it stands" in found["warnings"]
    assert found["left_to_others"][0]["unpaid"] == {"rows": 1, "amount": 100, "exact": False}


def test_a_campaign_that_was_replaced_is_known_by_its_new_name(office: Office) -> None:
    new(office, write(office, "a.csv", 3), "a")
    new(office, write(office, "b.csv", 5), "b", "--except", "a")
    replaced = office.run("campaign", "replace", "a", write(office, "c.csv", 1), "--unit", "yuan")
    assert replaced.code == 0
    told, nobody, *_ = approved(office, "b")["warnings"]
    assert told.endswith("in a~1 (cancelled, never sent)")
    assert "nobody pays 3 rows" in nobody


def test_receivers_that_a_file_names_are_left_out_with_its_name(office: Office) -> None:
    write(office, "staff.csv", 2)
    new(office, write(office, "b.csv", 5), "b", "--except", "staff.csv")
    assert approved(office, "b")["warnings"] == [
        "  left out: 2 rows, 2.00 yuan whose receivers are in staff.csv"
    ]


def test_who_was_added_to_a_draft_since_is_not_missed_there(office: Office) -> None:
    new(office, write(office, "a.csv", 3), "a")
    new(office, write(office, "b.csv", 5), "b", "--except", "a")
    cancel(office, "a")
    assert office.run("campaign", "extend", "b", "b.csv", "--unit", "yuan").code == 0
    found = approved(office, "b")
    assert found["campaign"]["rows"] == 5
    assert found["warnings"] == []


def test_nothing_new_of_a_complete_campaign_is_said_to_be_complete(office: Office) -> None:
    new(office, write(office, "a.csv", 2), "a")
    approved(office, "a")
    assert office.run("campaign", "run", "a").code == 0
    told = office.run("campaign", "extend", "a", "a.csv", "--unit", "yuan").stdout
    assert "Nothing new: campaign a has all of it, and is complete." in told
