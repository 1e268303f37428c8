"""``hongbao campaign status``: what was answered last, and how it gets on while one watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from campaign_office import all_ended
from hongbao.cli.campaign.watching import Pace
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.model.standing import Total
from test_campaign_terminal import at_a_terminal

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from hongbao.ledger.model.standing import Standing
    from shop import Run

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing


class Progress:
    """As much of a standing as a pace looks at: of 100 payouts, so many are settled."""

    rows = 100

    def __init__(self, settled: int) -> None:
        self._left = 100 - settled

    def total(self, *states: State) -> Total:
        """All that is left waits."""
        return Total(self._left if State.WAITING in states else 0, 0, 0, 0)


def standing(settled: int) -> Standing:
    found: Any = Progress(settled)
    return found  # type: ignore[no-any-return]


def test_a_pace_is_known_from_the_second_look_on_and_says_when_the_rest_is_sent() -> None:
    pace = Pace()
    pace.look(standing(10), NOON)
    assert (pace.per_second, pace.end(standing(10), NOON)) == (None, None)
    assert pace.line(standing(10), NOON) == "  rate: not known yet"
    pace.look(standing(30), NOON + 10 * SECOND)
    assert pace.per_second == 2.0
    assert pace.end(standing(30), NOON + 10 * SECOND) == NOON + 45 * SECOND
    assert pace.line(standing(30), NOON + 10 * SECOND) == (
        "  rate: 2 a second over the last minute; at this rate the rest is sent by "
        "2026-11-23 12:00:45"
    )


def test_a_pace_forgets_what_is_older_than_a_minute_and_promises_nothing_that_stands_still() -> (
    None
):
    pace = Pace()
    for second, settled in ((0, 0), (50, 50), (100, 50), (111, 50)):
        pace.look(standing(settled), NOON + second * SECOND)
    assert pace.per_second == 0
    assert pace.end(standing(50), NOON + 111 * SECOND) is None


def test_a_clock_that_goes_back_is_no_pace() -> None:
    pace = Pace()
    pace.look(standing(10), NOON)
    pace.look(standing(20), NOON - 5 * SECOND)
    assert pace.per_second is None


def test_a_status_says_what_was_answered_and_what_to_do(
    run: Run, office: Office, town: Town
) -> None:
    town.have(0)
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    assert run("campaign", "run", "spring", "--leave-idle", "0").code == 10
    found = run("campaign", "status", "spring", "--json").json
    [code] = found["codes"]
    assert (code["code"], code["advice"]["en"]) == ("NOTENOUGH", "Top up that account.")
    assert code["example"] in {payout.billno for payout in office.payouts()}
    assert code["advice"]["zh"] == "给该账户充值。"
    assert found["workers"] == []
    text = run("campaign", "status", "spring").stdout
    assert "  last answers\n    NOTENOUGH  " in text
    assert "Top up that account." in text


def test_what_went_well_has_no_last_answers(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    run("campaign", "run", "spring")
    assert run("campaign", "status", "spring", "--json").json["codes"] == []
    assert "last answers" not in run("campaign", "status", "spring").stdout


@pytest.mark.usefixtures("town")
def test_whoever_watches_sees_it_until_it_is_complete(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(2)))
    run("campaign", "approve", "spring", "--yes")
    watching = office.start("campaign", "status", "spring", "--watch", "--check")
    assert watching.stderr is not None
    first = "".join(iter(watching.stderr.readline, "\n"))
    assert first.startswith("spring: approved, paid by demo")
    assert "  rate: not known yet" in first
    assert "  No worker is alive. Start one with: " in first
    seen, paid = all_ended([watching, office.start("campaign", "run", "spring")])
    assert (seen.code, paid.code) == (0, 0)
    assert seen.stdout.startswith("spring: complete, paid by demo")


def test_what_is_over_already_is_shown_and_not_watched(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(1)))
    run("campaign", "cancel", "spring", "--reason", "wrong", "--yes")
    ran, seen = at_a_terminal("campaign", "status", "spring", "--watch")
    assert (ran.code, seen) == (0, "")
    assert ran.stdout.startswith("spring: cancelled")


def test_a_program_does_not_watch(run: Run, office: Office) -> None:
    run(*office.new(office.write_list(1)))
    ran = run("campaign", "status", "spring", "--watch", "--json")
    assert (ran.code, ran.json["outcome"]) == (2, "usage")
