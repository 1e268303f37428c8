"""Where the settings say so, two people approve, and who they are is not typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.cli import person

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaign_office import Office, Town
    from shop import Run

APPROVE = ("campaign", "approve", "spring", "--yes")


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the system know another user."""

    def as_(user: str) -> None:
        monkeypatch.setattr(person, "_user", lambda: user)

    return as_


def strict(office: Office, *lines: str) -> None:
    path = office.folder / "hongbao.toml"
    text = "\n".join([path.read_text(encoding="utf-8"), "[approval]", *lines, ""])
    path.write_text(text, encoding="utf-8")


def test_two_people_approve_and_then_it_is_paid(
    run: Run, office: Office, town: Town, login: Callable[[str], None]
) -> None:
    strict(office, "approvers = 2")
    login("anna")
    assert run(*office.new(office.write_list(2))).code == 0
    assert run(*APPROVE, "--json").json["error"]["code"] == "same_person"
    login("bert")
    first = run(*APPROVE, "--json")
    assert (first.code, first.json["outcome"]) == (0, "approved by one")
    assert first.json["campaign"]["approval"] == {"approvers": 2, "apart": True}
    assert run(*APPROVE).code == 8
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 10
    login("carol")
    assert run(*APPROVE).stdout.startswith("Approved: spring, 2 payouts, 2.00 yuan, by carol@")
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 2
    history = run("campaign", "history", "spring").stdout
    assert "approved by one of two" in history
    assert run("audit").code == 0


def test_the_first_of_two_is_told_what_is_left(
    run: Run, office: Office, login: Callable[[str], None]
) -> None:
    strict(office, 'two_from_yuan = "2.00"')
    login("anna")
    run(*office.new(office.write_list(2)))
    login("bert")
    text = run(*APPROVE).stdout
    assert text.startswith("Approved: spring, 2 payouts, 2.00 yuan, by bert@")
    assert "nothing is sent before another person approves it" in text
    withdrawn = run("campaign", "withdraw-approval", "spring", "--reason", "not so", "--json")
    assert (withdrawn.code, withdrawn.json["outcome"]) == (0, "draft")
    assert run("campaign", "withdraw-approval", "spring", "--reason", "again").code == 8


@pytest.mark.parametrize(
    "command",
    [
        ("campaign", "new", "list.csv", "--merchant", "demo", "--name", "x", "--unit", "yuan"),
        APPROVE,
        ("campaign", "withdraw-approval", "spring", "--reason", "x"),
    ],
)
def test_a_name_that_is_typed_is_refused(
    run: Run, office: Office, command: tuple[str, ...]
) -> None:
    run(*office.new(office.write_list(1)))
    strict(office, "apart = true")
    ran = run(*command, "--by", "somebody", "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "usage")


def test_without_such_settings_one_person_does_all(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(1)), "--by", "anna")
    assert run(*APPROVE, "--by", "anna").code == 0
    assert run("campaign", "withdraw-approval", "spring", "--reason", "x").code == 0
    assert run("campaign", "status", "spring", "--json").json["outcome"] == "draft"


@pytest.mark.parametrize("line", ["approvers = 3", "approvers = true", 'apart = "yes"', "two = 2"])
def test_settings_that_make_no_sense_are_reported(run: Run, office: Office, line: str) -> None:
    strict(office, line)
    ran = run("campaign", "list")
    assert ran.code == 6
    assert "approval." in ran.stderr
