"""Who comes too late to a campaign hears how far it is, not only what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

WHY = ("--reason", "another list")
TOO_LATE = {
    "withdraw-approval": ("spring", *WHY),
    "reject": ("spring", *WHY),
    "replace": ("spring", "list.csv", "--unit", "yuan"),
}


@pytest.mark.parametrize("verb", TOO_LATE)
def test_what_is_all_paid_is_called_complete_and_nobody_is_told_to_pause_it(
    run: Run, office: Office, town: Town, verb: str
) -> None:
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "run", "spring").code == 0
    ran = run("campaign", verb, *TOO_LATE[verb], "--json")
    assert (ran.code, ran.json["error"]["code"]) == (8, "wrong_state")
    error = ran.json["error"]
    assert error["happened"].startswith("Campaign spring is complete")
    assert "ause" not in error["todo"]
    said = run("campaign", verb, *TOO_LATE[verb], "--lang", "zh").stderr
    assert "已完成" in said
    assert "发放中" not in said
    assert town.paid_once() == 2


def test_what_is_held_up_by_a_doubt_is_called_in_doubt(
    run: Run, office: Office, town: Town
) -> None:
    town.control.script_faults({"fault": "lose_request"})
    run(*office.new(office.write_list(1)))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 11
    ran = run("campaign", "withdraw-approval", "spring", *WHY)
    assert ran.stderr.startswith("Campaign spring is in doubt: its approval is not withdrawn.\n")


def test_a_supplement_that_is_not_sent_yet_does_not_hide_that_the_list_is_paid(
    run: Run, office: Office
) -> None:
    run(*office.new(office.write_list(1)))
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring")
    run("campaign", "extend", "spring", office.write_list(2), "--unit", "yuan")
    ran = run("campaign", "replace", "spring", "list.csv", "--unit", "yuan")
    assert ran.stderr.startswith("Campaign spring is complete: its list is not replaced.\n")
    run("campaign", "approve", "spring", "--yes")
    ran = run("campaign", "withdraw-approval", "spring", *WHY)
    assert ran.stderr.startswith("Campaign spring is approved: its approval is not withdrawn.\n")
