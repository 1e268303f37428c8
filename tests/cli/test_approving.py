"""Who approves what is no draft hears what it is, as its status calls it, and is asked nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

APPROVE = ("campaign", "approve", "spring")


def refused(run: Run) -> tuple[str, str]:
    """What is told with and without a terminal to ask at: what happened, and what to do."""
    yes, asked = run(*APPROVE, "--yes", "--json"), run(*APPROVE, "--json")
    assert (yes.code, asked.code) == (8, 8)
    error = yes.json["error"]
    assert asked.json["error"] == error
    assert error["code"] == "wrong_state"
    return error["happened"], error["todo"]


@pytest.mark.parametrize(
    ("commands", "phase"),
    [
        (("run",), "complete"),
        (("pause", "--reason", "lunch"), "paused"),
        (("cancel", "--reason", "off", "--yes"), "cancelled"),
    ],
)
def test_what_was_approved_is_reported_with_when_and_by_whom_and_how_it_stands_now(
    run: Run, office: Office, town: Town, commands: tuple[str, ...], phase: str
) -> None:
    town.start_over()
    run(*office.new(office.write_list()))
    run(*APPROVE, "--yes", "--by", "alice")
    happened, _ = refused(run)
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.fullmatch(rf"Campaign spring was approved at {when} by alice already\.", happened)
    assert run("campaign", commands[0], "spring", *commands[1:]).code == 0
    happened, todo = refused(run)
    assert re.fullmatch(
        rf"Campaign spring was approved at {when} by alice, and is {phase}\.", happened
    )
    assert "campaign status spring" in todo
    assert run("campaign", "status", "spring", "--json").json["outcome"] == phase


def test_what_was_cancelled_as_a_draft_was_never_approved(run: Run, office: Office) -> None:
    run(*office.new(office.write_list()))
    run("campaign", "cancel", "spring", "--reason", "off", "--yes")
    assert refused(run)[0] == "Campaign spring is cancelled, and cannot be approved."


def test_an_import_that_broke_off_is_to_be_finished_first(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(), "--dry-run"))
    with Book.open(str(office.folder / "books.db")) as book:
        channel = book.set_channel("1900012345", "redpack", PayerLimits(), by="alice")
        plan = Plan(
            name="spring",
            channel_id=channel,
            profile="demo",
            budget=None,
            source="list.csv",
            source_digest=bytes(32),
        )
        book.begin_import(plan, by="alice")
    happened, todo = refused(run)
    assert happened == "Campaign spring is importing, and cannot be approved."
    finish = "hongbao campaign new list.csv --merchant demo --name spring ..."
    assert todo == f"If nobody imports it now, run `{finish}` to finish it."
