"""What is said of where a campaign stands, and of what is done next and when."""

from __future__ import annotations

from hongbao.cli.campaign.words import due_line, standing_text
from hongbao.ledger.campaign import NO_ROWS, Campaign, CampaignState
from hongbao.ledger.limits import Limits
from hongbao.ledger.payout import SECOND, Task
from hongbao.ledger.standing import Standing

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing
HOUR = 3600 * SECOND


def standing(*, handed_over: int) -> Standing:
    campaign = Campaign(
        id=1, name="spring", merchant_id=1, profile="shop", state=CampaignState.RUNNING, open=True,
        budget=None, rows=0, planned=0, digest=NO_ROWS, source="list.csv", source_digest=NO_ROWS,
        created_at=NOON, created_by="anna", approved_at=NOON, approved_by="bert",
        approved_digest=NO_ROWS, stop=None, seq=3,
    )  # fmt: skip
    return Standing(
        campaign=campaign, merchant="1900012345", merchant_stop=None, totals={},
        handed_over=handed_over,
    )  # fmt: skip


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


def test_a_status_says_how_many_wait_for_a_person() -> None:
    assert "a person" not in standing_text(standing(handed_over=0))
    assert "  2 for a person to look at: the report says which, `" in standing_text(
        standing(handed_over=2)
    )
