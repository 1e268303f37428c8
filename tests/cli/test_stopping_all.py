"""``hongbao stop-all`` stops at once, and says when the last call ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaign_office import ended, wait_until

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def test_with_nothing_on_its_way_it_is_done_at_once(run: Run, office: Office, town: Town) -> None:
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    ran = run("stop-all", "--reason", "wrong amounts", "--by", "carol")
    assert ran.code == 0
    assert ": 1 merchant. No call was on its way." in ran.stdout
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 10
    assert town.control.totals().debited == 0
    text = run("campaign", "status", "spring").stdout
    assert "a person stopped all sending (carol: wrong amounts)" in text
    assert "campaign resume" not in text
    assert run("campaign", "resume", "spring").code == 8
    assert run("resume-all").stdout.startswith("Resumed: 1 merchant.")
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 2
    assert run("audit").code == 0


def test_it_waits_for_the_calls_on_their_way_and_says_when_the_last_ended(
    run: Run, office: Office, town: Town
) -> None:
    town.control.script_faults({"fault": "delay", "seconds": 2.0})
    run(*office.new(office.write_list(1)))
    run("campaign", "approve", "spring", "--yes")
    paying = office.start("campaign", "run", "spring", "--leave-idle", "0")
    wait_until(lambda: run("campaign", "status", "spring", "--json").json["on_the_way"]["payouts"])
    found = run("stop-all", "--reason", "x", "--wait", "0", "--json").json
    assert (found["stopped"], found["on_the_way"], found["last_call_ended_at"]) == (1, 1, None)
    again = run("stop-all", "--reason", "x")
    assert "1 call on the way still." in again.stderr
    assert "The last call ended at " in again.stdout
    ended(paying)
    assert town.paid_once() == 1
