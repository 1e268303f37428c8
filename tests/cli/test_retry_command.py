"""``hongbao campaign retry``: it says what it would do, and does what was confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.model.retry import RefusedSum, ReturnedPlan
from hongbao.views.retry import returned_text

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

RETRY = ("campaign", "retry", "spring", "--refused")
CONFIRMED = ("--count", "3", "--yuan", "3.00", "--reason", "the limit was raised", "--by", "carol")


@pytest.fixture
def refused(run: Run, office: Office, town: Town) -> None:
    """Spring: three payouts that WeChat refuses, as a query has confirmed."""
    town.control.change_merchant(town.mch_id, amount_min=200)
    run(*office.new(office.write_list(3)))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "run", "spring", "--leave-idle", "30").code == 9
    town.control.change_merchant(town.mch_id, amount_min=100)


@pytest.mark.usefixtures("refused")
def test_it_is_said_first_and_done_when_count_and_sum_are_confirmed(run: Run, town: Town) -> None:
    ran = run(*RETRY, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "checked")
    assert ran.json["again"] == {"payouts": 3, "amount": 300}
    text = run(*RETRY).stdout
    assert text.startswith("Would be sent again: 3 payouts, 3.00 yuan\n")
    assert text.endswith("campaign retry spring --refused --count 3 --yuan 3.00 --reason TEXT\n")
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 9, "nothing was changed"
    done = run(*RETRY, *CONFIRMED)
    assert done.stdout.startswith("Reopened: 3 payouts, 3.00 yuan\n")
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 3
    *_, decided, complete = run("campaign", "history", "spring").stdout.splitlines()
    assert "refused payouts sent again" in decided
    assert "3 payouts, 3.00 yuan; the limit was raised" in decided
    assert "complete" in complete
    assert run("audit").code == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--count", "2", "--yuan", "3.00", "--reason", "x"), 8),
        (("--count", "3", "--yuan", "3.01", "--reason", "x"), 8),
        (("--code", "OTHER", "--count", "3", "--yuan", "3.00", "--reason", "x"), 8),
        (("--count", "3", "--reason", "x"), 2),
        (("--count", "3", "--yuan", "3.00"), 2),
        (("--count", "3", "--yuan", "three", "--reason", "x"), 2),
        (("--count", "0", "--yuan", "0", "--reason", "x"), 2),
    ],
)
@pytest.mark.usefixtures("refused")
def test_what_is_confirmed_wrongly_is_not_done(run: Run, more: tuple[str, ...], code: int) -> None:
    ran = run(*RETRY, *more, "--json")
    assert (ran.code, ran.json["exit_code"]) == (code, code)
    assert "fen" not in ran.json["error"]["happened"], "what is typed in yuan is answered in yuan"
    assert run(*RETRY, "--json").json["again"]["payouts"] == 3


def test_it_must_be_said_which(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(1)))
    assert run("campaign", "retry", "spring").code == 2
    assert run("campaign", "retry", "winter", "--refused").code == 8
    ran = run(*RETRY)
    assert (ran.code, ran.stdout) == (0, "Would be sent again: 0 payouts, 0.00 yuan\n")


def test_what_came_back_is_paid_again_once_it_is_approved(
    run: Run, office: Office, town: Town
) -> None:
    office.configure(town.settings, top=f'rehearsal_clock = "{town.control_url}"')
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "run", "spring").code == 0
    town.control.advance(3 * 86_400)
    run("worker", "--leave-idle", "0")
    returned = ("campaign", "retry", "spring", "--returned")
    ran = run(*returned)
    assert ran.stdout.startswith("Would be paid again: 2 payouts, 2.00 yuan\n")
    assert run(*returned, "--code", "A").code == run(*returned, "--refused").code == 2
    confirmed = ("--count", "2", "--yuan", "2.00", "--reason", "they asked")
    stored = run(*returned, *confirmed, "--json")
    assert (stored.code, stored.json["outcome"], stored.json["stored"]) == (
        0, "stored", "spring+1"
    )  # fmt: skip
    assert run("campaign", "approve", "spring", "--yes").code == 0
    run("worker", "--leave-idle", "0")
    assert run(*returned, "--json").json["done"] == {"payouts": 2, "amount": 200}
    assert run("audit").code == 0


def test_who_was_taken_out_of_the_supplement_is_named_as_such() -> None:
    none = RefusedSum()
    plan = ReturnedPlan(none, none, none, RefusedSum(1, 100), none, more=False, entries=())
    assert returned_text(plan, "spring", None, program="hongbao") == (
        "Would be paid again: 0 payouts, 0.00 yuan\n"
        "Left out, since somebody took them out of the supplement (if they are owed, pay them by a "
        "list): 1 payout, 1.00 yuan"
    )
