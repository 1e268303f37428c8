"""Clocks that were wrong for a while and are right again, in either direction.

The books are on SQLite and on PostgreSQL; a server whose own clock jumps is as a test's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import DAY, HOUR, accepted, doubtful, held_back, postponed, refused, unknown
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.rate_limit import HORIZON_MAX
from hongbao.ledger.store import standings
from hongbao.ledger.store.schema import CHANNEL, STANDING

if TYPE_CHECKING:
    from desk import Desk

YEAR = 365 * DAY
JUMPS = pytest.mark.parametrize("jump", [120, HOUR, DAY, 26 * HOUR, 60 * YEAR])
RATED = PayerLimits(rate=5.0, burst=5)


def ahead_for_a_while(desk: Desk, jump: float, *, calls: int = 20) -> None:
    """Four seconds of a clock that is ahead, in which payouts are claimed as a worker does."""
    desk.clock.pass_(jump)
    for _ in range(calls):
        desk.jobs(1)
        desk.clock.pass_(0.2)
    desk.clock.pass_(-jump)


def claimed_within(desk: Desk, seconds: int) -> int:
    """How many payouts a worker gets in so long, which looks again when the books say so."""
    found, end = 0, desk.clock.now + seconds * SECOND
    while desk.clock.now < end:
        claim = desk.claim(7)
        found += len(claim.jobs)
        for job in claim.jobs:
            desk.record((job, accepted(job)))
        desk.clock.now = max(desk.clock.now + SECOND // 10, min(claim.next_at or end, end))
    return found


@pytest.mark.long
@JUMPS
def test_a_clock_that_was_ahead_leaves_no_merchant_asleep(desk: Desk, jump: int) -> None:
    desk.campaign(100, limits=RATED)
    ahead_for_a_while(desk, jump)
    assert claimed_within(desk, 30) >= 75
    assert desk.book.audit().findings == ()


@JUMPS
def test_what_was_imported_and_approved_by_a_clock_that_was_ahead_is_sent(
    desk: Desk, jump: int
) -> None:
    desk.clock.pass_(jump)
    desk.campaign(10)
    desk.draft(5, name="later")
    desk.clock.pass_(-jump)
    assert len(desk.jobs()) == 10
    draft = desk.book.standing("later").campaign
    desk.book.approve("later", digest=draft.digest, by="bert")
    assert len(desk.jobs()) == 5


def test_the_rate_holds_while_clocks_jump(desk: Desk) -> None:
    desk.campaign(200, limits=RATED)
    begun = 0
    for jump in (DAY, -3 * HOUR, 60 * YEAR, -DAY):
        desk.clock.pass_(jump)
        for _ in range(5):
            begun += len(desk.jobs(50))
            desk.clock.pass_(0.2)
        desk.clock.pass_(-jump)
        begun += len(desk.jobs(50))
        desk.clock.pass_(1)
    # 8 seconds at 5 a second; a burst with each clock that goes forward.
    assert begun <= 8 * 5 + 9 * 6


@JUMPS
def test_a_lease_of_a_clock_that_was_ahead_ends_when_a_lease_ends(desk: Desk, jump: int) -> None:
    desk.running(3)
    desk.clock.pass_(jump)
    assert len(desk.jobs()) == 3
    desk.clock.pass_(-jump)
    assert desk.jobs() == []
    desk.clock.pass_(91)
    assert [job.task for job in desk.jobs()] == [Task.QUERY] * 3
    desk.clock.pass_(91)
    assert [job.task for job in desk.jobs()] == [Task.QUERY] * 3, "nor does a query's"


@JUMPS
def test_what_a_wrong_clock_put_off_comes_when_it_should(desk: Desk, jump: int) -> None:
    desk.running(4)
    desk.clock.pass_(jump)
    one, two, three, four = desk.jobs()
    desk.record(
        (one, accepted(one, look_after=600)),
        (two, unknown(two, after=60)),
        (three, postponed(three, after=300)),
        (four, held_back(four)),
    )
    desk.clock.pass_(-jump)
    assert desk.jobs() == []
    for seconds, payouts in ((61, {2}), (240, {2, 3}), (300, {1, 2, 3})):
        desk.clock.pass_(seconds)
        assert {job.payout.row for job in desk.jobs()} == payouts


@JUMPS
def test_an_audit_finds_nothing_in_what_a_daily_limit_put_off_by_a_clock_that_was_ahead(
    desk: Desk, jump: int
) -> None:
    desk.running(amounts=[100, 2000, 300], limits=PayerLimits(day_amount_max=1000))
    desk.clock.pass_(jump)
    assert [job.payout.row for job in desk.jobs()] == [1, 3]
    desk.clock.pass_(-jump)
    assert desk.jobs() == []
    assert desk.book.audit().findings == ()


@JUMPS
def test_what_was_stored_before_the_clock_went_wrong_waits_no_longer(desk: Desk, jump: int) -> None:
    desk.campaign(2)
    one, two = desk.jobs()
    desk.record((one, accepted(one, look_after=600)), (two, unknown(two, after=HOUR)))
    desk.draft(1, name="other")
    desk.clock.pass_(jump)
    desk.channel()
    desk.clock.pass_(-jump)
    desk.jobs()
    desk.clock.pass_(HOUR + 1)
    due = {payout.due_at for payout in desk.payouts() if payout.due_at is not None}
    assert max(due) <= desk.clock.now + HOUR * SECOND


def test_a_clock_that_goes_back_by_seconds_changes_nothing(desk: Desk) -> None:
    desk.campaign(2)
    one, two = desk.jobs()
    desk.record((one, accepted(one)), (two, unknown(two, after=HOUR)))
    before = [payout.due_at for payout in desk.payouts()]
    desk.clock.pass_(-30)
    claim = desk.claim()
    assert (claim.jobs, claim.clock_behind) == ([], 0)
    assert [payout.due_at for payout in desk.payouts()] == before


def test_a_claim_and_a_merchants_standing_say_by_how_much_the_books_are_ahead(desk: Desk) -> None:
    desk.campaign(1)
    desk.campaign(1, name="other", number="1900000002")
    assert [it.clock_behind for it in desk.book.channels()] == [0, 0]
    desk.clock.pass_(DAY)
    desk.channel()
    desk.clock.pass_(-DAY)
    assert {it.number: it.clock_behind for it in desk.book.channels()} == {
        "1900012345": DAY * SECOND,
        "1900000002": 0,
    }
    assert desk.claim(1).clock_behind == DAY * SECOND
    assert desk.claim().clock_behind == 0
    assert [it.clock_behind for it in desk.book.channels()] == [0, 0]


def test_a_worker_that_never_ended_notices_what_another_clock_has_stored(desk: Desk) -> None:
    desk.campaign(2)
    assert len(desk.jobs(1)) == 1
    desk.clock.pass_(5)
    wrong = desk.clock.now + DAY * SECOND
    with desk.transaction() as connection:
        standings.materialise(connection, [list(desk.payouts())[1].id])
        connection.execute(STANDING.update().values(due_at=wrong))
        connection.execute(CHANNEL.update().values(ready_at=wrong, seen_at=wrong))
    desk.clock.pass_(11)
    assert len(desk.jobs()) == 1


def test_a_slowed_rate_recovers_though_a_wrong_clock_has_slowed_it(desk: Desk) -> None:
    merchant = desk.channel(limits=RATED)
    desk.clock.pass_(DAY)
    desk.book.record("worker-1", [], slow=[merchant])
    desk.campaign(1, limits=RATED)
    desk.clock.pass_(-DAY)
    desk.jobs()
    desk.clock.pass_(HOUR)
    [standing] = desk.book.channels()
    assert not standing.slowed


@pytest.mark.parametrize("days", [1, 2, 400, -1, -2, -400])
def test_no_clock_makes_a_day_forget_what_it_has_cost(desk: Desk, days: int) -> None:
    assert sent_of(desk, "a", 600) == [600]
    desk.clock.pass_(days * DAY)
    assert sent_of(desk, "b", 300) == [300]
    desk.clock.pass_(-days * DAY)
    assert sent_of(desk, "c", 400) == [400]
    assert sent_of(desk, "d", 1) == []
    assert desk.book.audit().findings == ()
    desk.clock.pass_(days * DAY)
    assert sent_of(desk, "e", 700) == [1], "300 and 1 and 700 are too much"
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("days", [2, -2])
def test_a_day_that_begins_again_costs_what_its_merchant_has_begun_and_not_got_back(
    desk: Desk, days: int
) -> None:
    """Not what was refused, nor what another merchant has sent on it."""
    other = {"number": "1900099999"}
    desk.campaign(amounts=[300, 400], limits=PayerLimits(day_amount_max=1000))
    paid, no = desk.jobs()
    desk.record((paid, accepted(paid)), (no, refused(no)))
    assert sent_of(desk, "other", 500, **other) == [500]
    desk.clock.pass_(days * DAY)
    assert sent_of(desk, "a", 200) == [200]
    assert sent_of(desk, "b", 200, **other) == [200]
    desk.clock.pass_(-days * DAY)
    assert sent_of(desk, "c", 700) == [700]
    assert sent_of(desk, "d", 1) == []
    assert sent_of(desk, "e", 500, **other) == [500]
    assert desk.book.audit().findings == ()


def sent_of(desk: Desk, name: str, amount: int, number: str = "1900012345") -> list[int]:
    """What is sent once another campaign of one payout is there, of 1000 fen a day."""
    limits = PayerLimits(day_amount_max=1000)
    desk.running(amounts=[amount], name=name, number=number, limits=limits)
    sends = [job for job in desk.jobs() if job.task is Task.SEND]
    desk.record(*((job, accepted(job)) for job in sends))
    return [job.payout.amount for job in sends]


def test_a_clock_that_was_ahead_while_a_result_was_recorded_is_noticed(desk: Desk) -> None:
    """What is due soon after the result is due soon, not when the wrong clock has said."""
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(85)
    desk.record((job, unknown(job._replace(at=desk.clock.now), after=2)))
    desk.clock.pass_(12 - 85)
    assert desk.jobs() == []
    desk.clock.pass_(3)
    assert [again.payout.id for again in desk.jobs()] == [job.payout.id]


def test_a_clock_that_was_behind_keeps_nothing_back_and_sends_nothing_twice(desk: Desk) -> None:
    desk.campaign(4, limits=RATED)
    one, two = desk.jobs(2)
    desk.record((one, accepted(one)))
    desk.clock.pass_(-3 * DAY)
    again = desk.jobs()
    assert two.payout.id not in {job.payout.id for job in again if job.task is Task.SEND}
    desk.clock.pass_(3 * DAY)
    desk.clock.pass_(91)
    assert all(job.task is not Task.SEND for job in desk.jobs())
    assert all(payout.calls == 1 for payout in desk.payouts())


def test_a_time_to_send_again_that_a_wrong_clock_has_said_is_not_believed(desk: Desk) -> None:
    desk.running()
    desk.clock.pass_(YEAR)
    [job] = desk.jobs()
    desk.record((job, held_back(job)))
    desk.clock.pass_(-YEAR)
    desk.jobs()
    desk.clock.pass_(40 * DAY)
    [job] = desk.jobs()
    assert job.task is Task.QUERY, "who is late asks first"


@pytest.mark.parametrize(("seconds", "task"), [(60, Task.SEND), (61, Task.QUERY)])
def test_a_time_to_send_again_is_believed_of_a_clock_that_was_a_minute_ahead(
    desk: Desk, seconds: int, task: Task
) -> None:
    """Machines that take turns may differ by so much."""
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=-60)))
    desk.clock.pass_(-seconds)
    assert [it.task for it in desk.jobs()] == [task]


def test_an_arrival_that_cannot_be_is_not_written_back(desk: Desk) -> None:
    desk.campaign(10, limits=RATED)
    wrong = desk.clock.now + DAY * SECOND
    with desk.transaction() as connection:
        connection.execute(CHANNEL.update().values(arrival=wrong))
    desk.claim()
    with desk.transaction() as connection:
        arrival = connection.execute(CHANNEL.select()).one().arrival
    assert arrival <= desk.clock.now + HORIZON_MAX + 6 * SECOND


def test_history_and_state_stay_as_they_were(desk: Desk) -> None:
    desk.running(3)
    desk.clock.pass_(DAY)
    one, two, three = desk.jobs()
    desk.record((one, accepted(one)), (two, refused(two)), (three, doubtful(three)))
    before = [(it.state, it.first_call_at, it.sent_at, it.seq) for it in desk.payouts()]
    desk.clock.pass_(-DAY)
    desk.jobs()
    assert [(it.state, it.first_call_at, it.sent_at, it.seq) for it in desk.payouts()] == before
    assert {it.state for it in desk.payouts()} == {State.SENT, State.REFUSED, State.IN_DOUBT}
    assert desk.book.audit().findings == ()


def test_the_day_of_a_clock_that_was_ahead_comes_and_an_audit_finds_nothing(desk: Desk) -> None:
    desk.running(2)
    desk.clock.pass_(DAY)
    [job] = desk.jobs(1)
    desk.record((job, accepted(job)))
    desk.clock.pass_(-DAY)
    [job] = [job for job in desk.jobs() if job.task is Task.SEND]
    desk.record((job, accepted(job)))
    desk.clock.pass_(DAY)
    assert desk.book.audit().findings == ()
