"""What is done next is said with the time at which it may be done."""

from __future__ import annotations

from hongbao.cli.campaign.words import due_line
from hongbao.ledger.limits import Limits
from hongbao.ledger.payout import SECOND, Task

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing
HOUR = 3600 * SECOND


def test_nothing_is_due() -> None:
    assert due_line({}, now=NOON, limits=None) == ""


def test_what_is_overdue_is_due_now() -> None:
    due = {Task.LOOK: NOON + HOUR, Task.SEND: NOON - HOUR}
    told = due_line(due, now=NOON, limits=Limits())
    assert told == "  next: to send now; to look 2026-11-23 13:00:00"


def test_nothing_is_sent_outside_of_the_hours_but_asked_it_is() -> None:
    due = {Task.SEND: NOON, Task.QUERY: NOON}
    told = due_line(due, now=NOON, limits=Limits(opens=8 * 60, closes=11 * 60))
    assert told == "  next: to ask now; to send 2026-11-24 08:00:00"
