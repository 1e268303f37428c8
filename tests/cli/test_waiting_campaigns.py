"""A campaign that is not done is not told as done: why it waits, until when, and its code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hongbao.beijing import BEIJING
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Ran, Run

RUN = ("campaign", "run", "spring", "--leave-idle", "0")
STATUS = ("campaign", "status", "spring", "--check")


def approve(run: Run, office: Office, rows: int = 3) -> None:
    assert run(*office.new(office.write_list(rows))).code == 0
    assert run("campaign", "approve", "spring", "--yes").code == 0


def hours_that_are_over() -> str:
    """Of a merchant that sends an hour a day, which is not now and does not come for hours."""
    hour = (datetime.now(BEIJING).hour + 8) % 23
    return f"{hour:02d}:00-{hour + 1:02d}:00"


def waits(ran: Ran) -> tuple[Any, datetime]:
    found = ran.json["waits"]
    return found["cause"], datetime.fromisoformat(found["until"])


def test_outside_the_hours_a_run_ends_with_10_and_says_until_when(
    run: Run, office: Office, town: Town
) -> None:
    hours = hours_that_are_over()
    office.configure(town.settings, hours=hours)
    approve(run, office)
    for arguments in (STATUS, RUN, STATUS):
        ran = run(*arguments, "--json")
        assert (ran.code, ran.json["exit_code"]) == (10, 10)
        cause, until = waits(ran)
        assert (cause, f"{until:%H:%M}") == ("hours", hours[:5])
        assert ran.json["next"]["send"] == ran.json["waits"]["until"]
        told = run(*arguments)
        assert told.code == 10
        assert f"nothing is sent until {until:%Y-%m-%d %H:%M:%S}: it is outside" in told.stdout
        assert "send now" not in told.stdout
    assert town.paid_once() == 0


def test_hours_that_the_settings_have_since_count_at_once(
    run: Run, office: Office, town: Town
) -> None:
    approve(run, office)
    assert run(*STATUS).code == 0
    office.configure(town.settings, hours=hours_that_are_over())
    assert (run(*STATUS, "--json").code, waits(run(*STATUS, "--json"))[0]) == (10, "hours")


def test_when_the_days_money_is_spent_a_run_ends_with_10(
    run: Run, office: Office, town: Town
) -> None:
    office.configure(town.settings, day_yuan_max="2.50")
    approve(run, office)
    for arguments in (RUN, STATUS, RUN):
        ran = run(*arguments, "--json")
        assert ran.code == 10
        cause, until = waits(ran)
        tomorrow = datetime.now(BEIJING) + timedelta(days=1)
        assert (cause, until.date()) == ("day limit", tomorrow.date())
        assert ran.json["payouts"]["waiting"] == 1
    assert town.paid_once() == 2


def test_when_its_users_have_got_all_that_they_may_a_run_ends_with_10(
    run: Run, office: Office, town: Town
) -> None:
    office.configure(town.settings, user_day_count_max=1)
    lines = ["key,openid,amount", *(f"k{row},oTEST_payee_0000000000000001,1.00" for row in "12")]
    (office.folder / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    assert run(*office.new("list.csv", "--allow-repeats")).code == 0
    assert run("campaign", "approve", "spring", "--yes").code == 0
    ran = run(*RUN, "--json")
    assert (ran.code, waits(ran)[0]) == (10, "user limit")
    assert town.paid_once() == 1


def test_a_pause_and_a_stop_wait_for_a_person(run: Run, office: Office, town: Town) -> None:
    town.have(100)
    approve(run, office)
    run("campaign", "pause", "spring", "--reason", "lunch")
    found = run(*STATUS, "--json")
    assert (found.code, found.json["waits"]) == (
        10, {"cause": "pause", "until": None, "code": "PAUSED_BY_PERSON"},
    )  # fmt: skip
    assert "send" not in found.json["next"]
    run("campaign", "resume", "spring")
    ran = run(*RUN, "--json")
    assert (ran.code, ran.json["waits"]["cause"], ran.json["waits"]["code"]) == (
        10, "stop", "NOTENOUGH",
    )  # fmt: skip


def test_a_campaign_that_has_its_turn_waits_for_nothing(
    run: Run, office: Office, town: Town
) -> None:
    approve(run, office)
    ran = run(*STATUS, "--json")
    assert (ran.code, ran.json["waits"], ran.json["outcome"]) == (0, None, "approved")
    ran = run(*RUN, "--json")
    assert (ran.code, ran.json["waits"], ran.json["outcome"]) == (0, None, "complete")


def test_a_complete_campaign_is_not_cancelled(run: Run, office: Office, town: Town) -> None:
    approve(run, office)
    assert run(*RUN).code == 0
    ran = run("campaign", "cancel", "spring", "--reason", "too late", "--yes", "--json")
    assert (ran.code, ran.json["outcome"]) == (8, "books")
    assert ran.json["error"]["happened"].startswith("Campaign spring is complete: nothing of it")
    assert run(*STATUS).code == 0


def test_the_audit_tells_what_came_back_beside_what_was_owed(
    run: Run, office: Office, town: Town
) -> None:
    office.configure(town.settings, top=f'rehearsal_clock = "{town.control_url}"')
    approve(run, office, 2)
    assert run(*RUN).code == 0
    town.control.advance(3 * 86_400)
    run("worker", "--leave-idle", "0")
    assert {it.state for it in office.payouts()} == {State.RETURNED}
    [head, returned] = [line.split() for line in run("audit").stdout.splitlines()[1:3]]
    assert head == ["state", "payouts", "yuan", "claimed", "refunded"]
    assert returned == ["returned", "2", "2.00", "0.00", "2.00"]
