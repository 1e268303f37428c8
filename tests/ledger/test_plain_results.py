"""Most results say no more than that a call was accepted, and go a shorter way into the books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desk import HOUR, LEASE_SECONDS, accepted, plain, postponed
from hongbao import Disposition
from hongbao.beijing import DAY
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.read.figures import Span

if TYPE_CHECKING:
    from desk import Desk

SAID = (
    "state", "task", "due_at", "doubt", "resend_until", "tries", "code", "reason", "listid",
    "voucher", "sent_at", "settled_at", "claimed", "refunded",
)  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"kind": EventKind.FOUND},
        {"state": State.RECEIVED, "task": None, "due_at": None, "claimed": 100},
        {"answered": False},
        {"doubt": Disposition.OPEN},
        {"resend_until": 1_795_399_200 * SECOND},
        {"tries": 1},
        {"code": "SUCCESS"},
        {"reason": "so they say"},
        {"listid": None},
        {"voucher": "sendid=1"},
        {"sent_at": None},
        {"settled_at": 1_795_399_200 * SECOND},
        {"claimed": 1},
        {"refunded": 1},
        {"mark": "SYSTEMERROR+NOT_FOUND"},
    ],
    ids="-".join,
)
def test_what_a_result_says_besides_is_not_lost(desk: Desk, more: dict[str, Any]) -> None:
    campaign = desk.campaign(3)
    first, job, _ = desk.jobs()
    result = plain(job)._replace(**more)
    assert desk.record((first, plain(first)), (job, result)) == frozenset()
    stored = desk.payout(job)
    assert {name: getattr(stored, name) for name in SAID} == {
        name: getattr(result, name) for name in SAID
    }
    assert (stored.calls, stored.answers, stored.attempt) == (1, int(result.answered), 1)
    assert [event.kind for event in desk.book.history(stored.id)] == [
        EventKind.SUBMITTED, EventKind.CALLED, result.kind,
    ]  # fmt: skip
    marks = {result.mark: 1} if result.mark else {}
    assert desk.book.causes(campaign.id).marks == marks
    assert desk.book.audit().findings == ()


def test_a_second_call_that_is_accepted_is_recorded_as_the_second(desk: Desk) -> None:
    desk.campaign(2)
    first, other = desk.jobs()
    desk.record((first, postponed(first, after=5)))
    desk.clock.pass_(5)
    [again] = desk.jobs()
    second = plain(again)._replace(resend_until=None)
    desk.record((again, second), (other, plain(other)))
    stored = desk.payout(again)
    assert (stored.state, stored.calls, stored.answers) == (State.SENT, 2, 2)
    assert [event.kind for event in desk.book.history(stored.id)] == [
        EventKind.SUBMITTED, EventKind.CALLED, EventKind.POSTPONED, EventKind.CALLED,
        EventKind.ACCEPTED,
    ]  # fmt: skip
    assert desk.book.audit().findings == ()


def test_what_is_accepted_counts_in_the_hour_in_which_it_was_sent(desk: Desk) -> None:
    """Not in that in which its result came."""
    desk.campaign(2)
    one, two = desk.jobs()
    begun = desk.clock.now
    desk.clock.pass_(2 * HOUR)
    desk.record((one, plain(one)), (two, accepted(two)))
    hours = desk.book.figures(Span.HOUR, since=begun - DAY, until=begun + DAY)
    assert [(it.begin, it.payouts, it.amount) for it in hours] == [(begun, 2, 200)]


@pytest.mark.parametrize("result", [plain, accepted])
def test_what_is_to_be_looked_at_before_its_lease_would_have_ended_is_looked_at_then(
    desk: Desk, result: Any
) -> None:
    desk.campaign(2)
    one, two = desk.jobs()
    desk.record((one, result(one, look_after=2)), (two, result(two, look_after=LEASE_SECONDS)))
    assert desk.claim().next_at == one.at + 2 * SECOND
    desk.clock.pass_(2)
    [look] = desk.jobs()
    assert (look.task, look.payout.id) == (Task.LOOK, one.payout.id)
