"""Workers as processes: killed, told to leave, started twice. Nobody is paid twice, nobody lost."""

from __future__ import annotations

import json
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from campaign_office import all_ended, ended, kill_dead, wait_until
from hongbao.dispatch.ports import Bounds
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

SLOW = {"fault": "delay", "seconds": 0.4}
"""A reply that takes its time, so that a signal finds calls on their way."""
HUNG = {"fault": "hang", "after": True}
"""The money has moved, and no reply ever comes."""
LOST = {"fault": "lose_request"}
"""No money has moved, and nobody knows."""


@pytest.fixture
def by_the_towns_clock(office: Office, town: Town) -> None:
    """Let the books have the town's time, from the first: earlier tests may have put it on."""
    office.configure(town.settings, top=f'rehearsal_clock = "{town.control_url}"')


@pytest.fixture
def approved(run: Run, office: Office) -> Office:
    """A campaign of twenty, ready to be paid."""
    run(*office.new(office.write_list(20)))
    assert run("campaign", "approve", "spring", "--yes").code == 0
    return office


def in_doubt(office: Office) -> bool:
    """Whether a worker has begun to send."""
    return any(payout.state is State.IN_DOUBT for payout in office.payouts())


@pytest.mark.usefixtures("by_the_towns_clock")  # before the approval, which ends after a day
def test_what_a_killed_worker_had_is_taken_over_by_another(
    approved: Office, town: Town, run: Run
) -> None:
    """Paid or not, nobody knows. Minutes pass in a moment: the books have the town's time."""
    town.control.script_faults({**HUNG, "times": 10}, {**LOST, "nth": 11, "times": 10})
    dead = approved.start("worker")
    wait_until(lambda: in_doubt(approved))
    kill_dead(dead)
    town.control.end_faults()
    again = ("campaign", "run", "spring", "--leave-idle", "1", "--json")
    before = run(*again)
    assert (before.code, before.json["payouts"]["in_doubt"]) == (11, 20)
    town.control.advance(Bounds().lease_seconds + 1)
    run(*again)
    town.control.advance(200)  # what WeChat does not know is sent again after minutes
    assert run(*again).json["outcome"] == "complete"
    assert town.paid_once() == 20
    assert run("audit").code == 0


def test_sigterm_drains_a_worker(approved: Office, town: Town, run: Run) -> None:
    town.control.script_faults(SLOW)
    worker = approved.start("worker", "--json")
    wait_until(lambda: in_doubt(approved))
    worker.send_signal(signal.SIGTERM)
    ran = ended(worker)
    assert (ran.code, ran.json["outcome"]) == (0, "drained")
    assert "is finished and recorded first" in ran.stderr
    # What was on its way is in the books, so that nothing is in doubt.
    assert not in_doubt(approved)
    assert ran.json["recorded"]["accepted"] == town.paid_once() > 0
    town.control.end_faults()
    assert run("campaign", "run", "spring", "--json").json["outcome"] == "complete"
    assert town.paid_once() == 20


def test_a_second_signal_leaves_at_once_and_says_what_that_means(
    approved: Office, town: Town, run: Run
) -> None:
    town.control.script_faults({**HUNG, "times": 20})
    worker = approved.start("worker", "--json")
    wait_until(lambda: in_doubt(approved))
    worker.send_signal(signal.SIGINT)
    assert worker.stderr is not None
    while "Leaving" not in worker.stderr.readline():
        pass
    worker.send_signal(signal.SIGINT)
    ran = ended(worker)
    assert (ran.code, ran.json["outcome"]) == (130, "interrupted")
    assert "When their leases end" in ran.json["error"]["todo"]
    assert "nobody is paid twice or lost" in ran.json["error"]["money"]
    assert ran.stderr == ""  # no task complains of having been left


def test_a_run_that_is_interrupted_goes_on_when_it_is_started_again(
    approved: Office, town: Town, run: Run
) -> None:
    town.control.script_faults(SLOW)
    running = approved.start("campaign", "run", "spring", "--json")
    wait_until(lambda: in_doubt(approved))
    running.send_signal(signal.SIGINT)
    ran = ended(running)
    assert (ran.code, ran.json["outcome"]) in [(130, "running"), (0, "complete")]
    town.control.end_faults()
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_after_payments_says_so_in_one_document(
    approved: Office, town: Town, number: signal.Signals
) -> None:
    """Two calls a second: the campaign cannot be done before the signal comes."""
    approved.configure(town.settings, rate=2)
    running = approved.start("campaign", "run", "spring", "--json")
    wait_until(lambda: town.control.totals().debited > 0)
    running.send_signal(number)
    ran = ended(running)
    found = ran.json
    assert (ran.code, found["exit_code"], found["outcome"]) == (130, 130, "running")
    accepted = town.paid_once()
    said = f"yes: {accepted} payout{'s' * (accepted != 1)} accepted"
    assert (found["error"]["money"], found["money"]["paid"]) == (said, 100 * accepted)
    assert "nothing was sent" not in ran.everything
    assert found["next"].keys() == {"send", "look"}


def test_a_run_that_is_interrupted_tells_people_the_same(approved: Office, town: Town) -> None:
    approved.configure(town.settings, rate=2)
    running = approved.start("campaign", "run", "spring")
    wait_until(lambda: town.control.totals().debited > 0)
    running.send_signal(signal.SIGTERM)
    ran = ended(running)
    assert ran.code == 130
    assert "May money have moved?  yes: " in ran.stderr
    assert ran.stdout.startswith("spring: running")
    assert "nothing was sent" not in ran.everything


def test_books_that_fail_after_payments_do_not_have_it_said_that_nothing_was_sent(
    approved: Office, town: Town
) -> None:
    approved.configure(town.settings, rate=2)
    running = approved.start("campaign", "run", "spring", "--json")
    wait_until(lambda: town.control.totals().debited > 0)
    database = sqlite3.connect(approved.folder / "books.db")
    with database:
        database.execute("ALTER TABLE merchant RENAME TO gone")
    database.close()
    ran = ended(running)
    assert ran.json["exit_code"] == ran.code != 0
    assert ran.json["error"]["money"].startswith(("yes: ", "maybe")), ran


def test_two_runs_of_one_campaign_share_it(approved: Office, town: Town) -> None:
    town.control.script_faults({"fault": "delay", "seconds": 0.05})
    both = all_ended([approved.start("campaign", "run", "spring", "--json") for _ in range(2)])
    assert [(ran.code, ran.json["outcome"]) for ran in both] == [(0, "complete")] * 2
    assert town.paid_once() == 20


def test_the_same_list_imported_twice_at_once_is_stored_once(office: Office, run: Run) -> None:
    new = office.new(office.write_list(500), "--json")
    both = all_ended([office.start(*new) for _ in range(2)])
    assert [ran.code for ran in both] == [0, 0]
    assert sum(ran.json["stored"] for ran in both) == 500
    standing = run("campaign", "status", "spring", "--json").json
    assert (standing["outcome"], standing["campaign"]["rows"]) == ("draft", 500)
    assert run("audit").code == 0


def test_a_worker_for_one_merchant_leaves_the_others_alone(
    approved: Office, town: Town, run: Run
) -> None:
    ran = run("worker", "--merchant", "dmeo", "--json")
    assert (ran.code, ran.json["error"]["problem"]) == (6, "is not there")
    assert run("worker", "--merchant", "demo", "--leave-idle", "0", "--json").code == 0
    assert town.paid_once() == 20


def test_a_lease_shorter_than_a_call_is_refused(approved: Office, run: Run) -> None:
    ran = run("worker", "--lease", "1", "--json")
    assert (ran.code, ran.json["error"]["setting"]) == (6, "lease")


def test_a_changed_merchant_number_pays_nobody(approved: Office, town: Town, run: Run) -> None:
    """Order numbers are derived from it: with another one the same rows would be paid again."""
    other = town.control.add_merchant("1900000777", town.settings["app_id"])["settings"]
    (approved.folder / "demo.key").write_text(other["key"], encoding="utf-8")
    approved.configure(other)
    ran = run("campaign", "run", "spring", "--leave-idle", "0", "--json")
    assert ran.code != 0
    assert town.control.totals().debited == 0
    assert json.dumps(town.control.journal()) == "[]"


def test_one_merchant_that_is_not_fit_does_not_hold_up_the_others(
    approved: Office, town: Town, run: Run
) -> None:
    path = approved.folder / "hongbao.toml"
    other = (
        '[merchants.other]\napp_id = "wx1"\nmch_id = "1900000888"\nkey_env = "NOT_SET"\n'
        'cert_path = "gone.pem"\nkey_path = "gone.pem"\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + other, encoding="utf-8")
    ran = run("worker", "--leave-idle", "0")
    assert ran.code == 0
    assert "Left out: hongbao.toml: merchants.other.key_env" in ran.stderr
    assert town.paid_once() == 20
    assert run("worker", "--merchant", "other", "--leave-idle", "0").code == 6


def test_a_rehearsal_without_its_simulator_pays_nobody(
    approved: Office, town: Town, run: Run
) -> None:
    approved.configure(town.settings, top='rehearsal_clock = "http://127.0.0.1:1/_sim/"')
    ran = run("campaign", "run", "spring", "--json")
    assert (ran.code, ran.json["outcome"]) == (8, "books")
    assert "The simulator's clock" in ran.json["error"]["happened"]
    assert town.paid_once() == 0
