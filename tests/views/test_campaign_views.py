"""What is said of where a campaign stands, and of what is done next and when."""

from __future__ import annotations

import pytest

from hongbao.campaign.notes import Sum
from hongbao.ledger.model.campaign import NO_ROWS, Campaign, CampaignState
from hongbao.ledger.model.payout import SECOND, Task
from hongbao.ledger.model.standing import Standing
from hongbao.ledger.model.wait import Cause, Wait
from hongbao.views.campaign import due_line, following, standing_text
from hongbao.views.left_to_others import Left

NOON = 1_795_406_400 * SECOND  # 2026-11-23 12:00 in Beijing
HOUR = 3600 * SECOND


def standing(*, handed_over: int = 0, state: CampaignState = CampaignState.RUNNING) -> Standing:
    campaign = Campaign(
        id=1, name="spring", channel_id=1, merchant_id=1, rail="redpack",
        profile="shop", state=state, open=True, budget=None, rows=0, planned=0, digest=NO_ROWS,
        source="list.csv", source_digest=NO_ROWS, created_at=NOON, created_by="anna",
        approved_at=NOON, approved_by="bert", approved_digest=NO_ROWS, stop=None, seq=3,
    )  # fmt: skip
    return Standing(
        campaign=campaign, merchant="1900012345", merchant_stop=None, totals={},
        handed_over=handed_over,
    )  # fmt: skip


def test_nothing_is_due() -> None:
    assert due_line({}, None, now=NOON) == ""


def test_what_is_overdue_is_due_now() -> None:
    told = due_line({Task.LOOK: NOON + HOUR, Task.SEND: NOON - HOUR}, None, now=NOON)
    assert told == "  next: send now; check claims 2026-11-23 13:00:00"
    told = due_line({Task.LOOK: NOON}, None, now=NOON, awaiting=True)
    assert told == "  next: check confirmations now"


def test_what_waits_is_reported_with_its_cause_and_its_end_and_what_is_asked_with_its_own() -> None:
    wait = Wait(Cause.HOURS, NOON + 20 * HOUR)
    due = following({Task.SEND: NOON, Task.QUERY: NOON}, wait)
    assert due_line(due, wait, now=NOON).splitlines() == [
        "  next: query now; send 2026-11-24 08:00:00",
        "  nothing is sent until 2026-11-24 08:00:00: it is outside the merchant's hours",
    ]


def test_what_waits_for_a_person_is_not_due_at_all() -> None:
    wait = Wait(Cause.PAUSE, None, "PAUSED_BY_PERSON")
    assert due_line(following({Task.SEND: NOON}, wait), wait, now=NOON) == ""


@pytest.mark.parametrize("cause", Cause)
def test_every_wait_that_ends_by_itself_is_explained(cause: Cause) -> None:
    asks_for_people = {Cause.APPROVAL, Cause.PAUSE, Cause.STOP, Cause.PERSON}
    if cause not in asks_for_people:
        assert "nothing is sent until 2026-11-23 13:00:00: " in due_line(
            {}, Wait(cause, NOON + HOUR), now=NOON
        )


def test_a_status_says_how_many_wait_for_a_person() -> None:
    assert "a person" not in standing_text(standing(handed_over=0), program="hongbao")
    assert "  2 for a person to look at: the report says which, `" in standing_text(
        standing(handed_over=2), program="hongbao"
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CampaignState.RUNNING, "who was refused there is paid there by: "),
        (CampaignState.CANCELLED, "who was refused there is not paid there any more; see: "),
    ],
)
def test_who_was_refused_is_sent_to_no_campaign_that_pays_nobody(
    state: CampaignState, words: str
) -> None:
    there = standing(state=state)
    left = Left(
        "spring", True, Sum(2, 200), there, Sum(1, 100), exact=True, refused=True, cancelled=False
    )  # fmt: skip
    *_, said = left.lines(there.campaign, program="hongbao")
    assert said == f"    {words}hongbao payout reopen KEY"
