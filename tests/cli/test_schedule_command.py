"""``hongbao campaign schedule``: nothing is sent before a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def test_a_campaign_that_is_scheduled_is_not_sent_before(
    run: Run, office: Office, town: Town
) -> None:
    run(*office.new(office.write_list(2)))
    ran = run("campaign", "schedule", "spring", "--at", "2100-01-01 08:00", "--by", "carol")
    assert ran.code == 0
    assert ran.stdout.startswith("Scheduled: nothing of it is sent before 2100-01-01 08:00:00.\n")
    approved = run("campaign", "approve", "spring", "--yes").stdout
    assert ": not before 2100-01-01 08:00:00); pay it" in approved
    assert "campaign resume" not in approved + run("campaign", "status", "spring").stdout
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 10
    waits = run("campaign", "status", "spring", "--json").json["waits"]
    assert (waits["cause"], waits["until"]) == ("schedule", "2100-01-01T08:00:00+08:00")
    assert "nothing is sent until 2100-01-01 08:00:00" in run("campaign", "status", "spring").stdout
    for wrong, code in (("yesterday", 2), ("2020-01-01", 8)):
        assert run("campaign", "schedule", "spring", "--at", wrong).code == code
    assert run("campaign", "resume", "spring").code == 0
    assert run("campaign", "run", "spring").code == 0
    assert town.paid_once() == 2
    assert run("audit").code == 0


def test_when_it_begins_is_in_its_history_and_said_to_a_reader_of_chinese_in_chinese(
    run: Run, office: Office
) -> None:
    run(*office.new(office.write_list(2)))
    run("campaign", "schedule", "spring", "--at", "2100-01-01 08:00", "--by", "carol")
    *_, scheduled = run("campaign", "history", "spring").stdout.splitlines()
    assert scheduled.endswith("nothing is sent before 2100-01-01 08:00:00")
    approved = run("campaign", "approve", "spring", "--yes", "--lang", "zh").stdout
    assert "：不早于 2100-01-01 08:00:00）；发放：" in approved
    assert (
        "：不早于 2100-01-01 08:00:00）\n"
        in run("campaign", "status", "spring", "--lang", "zh").stdout
    )
