"""First calls of successive rows are begun as one range, and recorded one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from desk import DAY, LEASE_SECONDS, accepted, postponed, refused, unknown
from first_calls import begun, check, ranges, standing_rows
from hongbao.ledger.intake.appending import Payment
from hongbao.ledger.model.campaign import Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.store.schema import EVENT

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.job import Job

BY_USER = PayerLimits(user_day_count_max=1)


def kinds(desk: Desk, job: Job) -> list[str]:
    """What has happened to a payout."""
    return [event.kind for event in desk.book.history(job.payout.id)]


def test_a_claim_of_successive_rows_is_one_row_and_no_event_of_theirs(desk: Desk) -> None:
    desk.campaign(50)
    jobs = desk.jobs()
    assert [job.payout.row for job in jobs] == list(range(1, 51))
    assert ranges(desk) == [(1, 50, 50)]
    assert standing_rows(desk) == []
    with desk.transaction() as connection:
        assert connection.scalar(select(func.count()).select_from(EVENT)) == 0
    assert kinds(desk, jobs[7]) == [EventKind.SUBMITTED, EventKind.CALLED]
    assert desk.book.history(jobs[7].payout.id)[-1].hash == jobs[7].hash
    assert desk.payout(jobs[7]) == jobs[7].payout
    check(desk)


def test_what_a_dead_worker_has_left_of_a_range_is_asked_about_one_by_one(desk: Desk) -> None:
    desk.campaign(5)
    jobs = desk.jobs()
    desk.record((jobs[1], accepted(jobs[1])), (jobs[3], refused(jobs[3])))
    assert (ranges(desk), standing_rows(desk)) == ([(1, 5, 3)], [2, 4])
    check(desk)
    desk.clock.pass_(LEASE_SECONDS - 1)
    assert desk.jobs(worker="worker-2") == []
    desk.clock.pass_(1)
    again = desk.jobs(worker="worker-2")
    assert [(job.task, job.payout.row) for job in again] == [
        (Task.QUERY, 1), (Task.QUERY, 3), (Task.QUERY, 5),
    ]  # fmt: skip
    assert [job.payout.seq for job in again] == [2, 2, 2]
    assert ranges(desk) == [(1, 5, 0)]
    check(desk)


def test_a_range_that_is_taken_over_half_done_takes_no_late_results(desk: Desk) -> None:
    desk.campaign(4)
    jobs = desk.jobs()
    desk.record((jobs[0], accepted(jobs[0])))
    desk.clock.pass_(LEASE_SECONDS)
    again = desk.jobs(worker="worker-2")
    late = desk.record(*((job, accepted(job)) for job in jobs[1:]))
    assert late == {job.payout.id for job in jobs[1:]}
    assert desk.record(*((job, unknown(job)) for job in again), worker="worker-2") == frozenset()
    check(desk)


def test_a_result_that_comes_after_its_lease_counts_as_long_as_nobody_took_over(
    desk: Desk,
) -> None:
    desk.campaign(3)
    jobs = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS + 60)
    assert desk.record(*((job, accepted(job)) for job in jobs)) == frozenset()
    check(desk)


def test_a_worker_goes_on_recording_what_was_taken_out_of_its_range(desk: Desk) -> None:
    desk.campaign(4)
    jobs = desk.jobs()
    desk.record((jobs[0], accepted(jobs[0])))
    desk.channel(limits=BY_USER)
    assert (ranges(desk), standing_rows(desk)) == ([(1, 4, 0)], [1, 2, 3, 4])
    assert [desk.payout(job) for job in jobs[1:]] == [job.payout for job in jobs[1:]]
    check(desk)
    ends = (accepted(jobs[1]), unknown(jobs[2]), refused(jobs[3]))
    assert desk.record(*zip(jobs[1:], ends, strict=True)) == frozenset()
    assert [desk.payout(job).state for job in jobs] == [
        State.SENT, State.SENT, State.IN_DOUBT, State.REFUSED,
    ]  # fmt: skip
    check(desk)


def test_two_recorders_of_one_range_record_all_of_it(desk: Desk) -> None:
    desk.campaign(40)
    jobs = desk.jobs()
    with ThreadPoolExecutor() as threads:
        halves = [
            threads.submit(desk.record, *((job, accepted(job)) for job in jobs[place::2]))
            for place in range(2)
        ]
        assert [half.result() for half in halves] == [frozenset(), frozenset()]
    assert ranges(desk) == [(1, 40, 0)]
    assert desk.book.standing("spring").totals[State.SENT].payouts == 40
    check(desk)


def test_of_two_that_record_the_same_at_once_one_is_late(desk: Desk) -> None:
    desk.campaign(20)
    jobs = desk.jobs()
    with ThreadPoolExecutor() as threads:
        both = [
            threads.submit(desk.record, *((job, accepted(job)) for job in jobs)) for _ in range(2)
        ]
        late = sorted(len(one.result()) for one in both)
    assert late == [0, 20]
    check(desk)


@pytest.mark.parametrize("first", [1, 3, 5])
def test_who_records_again_after_a_lost_commit_changes_nothing_and_loses_nothing(
    desk: Desk, first: int
) -> None:
    """The second time there may be more results."""
    desk.campaign(5)
    results = [(job, accepted(job)) for job in desk.jobs()]
    assert desk.record(*results[:first]) == frozenset()
    again = desk.record(*results)
    assert again == {job.payout.id for job, _ in results[:first]}
    assert ranges(desk) == [(1, 5, 0)]
    assert desk.book.standing("spring").totals[State.SENT].payouts == 5
    check(desk)


def test_what_is_put_off_among_fresh_rows_parts_them(desk: Desk) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[100, 200, 2000, 300, 100], limits=limits)
    jobs = desk.jobs()
    assert [job.payout.row for job in jobs] == [1, 2, 4, 5]
    assert (ranges(desk), standing_rows(desk)) == ([(1, 2, 2), (4, 5, 2)], [3])
    assert begun(desk) == 5
    check(desk)
    desk.record(*((job, accepted(job, look_after=3 * DAY)) for job in jobs))
    assert desk.claim().next_at is not None
    desk.clock.pass_(DAY)
    assert desk.jobs() == []
    check(desk)


def test_rows_behind_one_that_waits_for_the_days_money_wait_with_it(desk: Desk) -> None:
    desk.campaign(amounts=[600, 500, 100, 1], limits=PayerLimits(day_amount_max=1000))
    first = desk.jobs()
    assert [job.payout.row for job in first] == [1]
    assert (ranges(desk), begun(desk), standing_rows(desk)) == ([(1, 1, 1)], 1, [])
    desk.record((first[0], accepted(first[0], look_after=3 * DAY)))
    desk.clock.pass_(DAY)
    assert [job.payout.row for job in desk.jobs()] == [2, 3, 4]
    assert (ranges(desk), begun(desk)) == ([(1, 1, 0), (2, 4, 3)], 4)
    check(desk)


def test_what_is_cancelled_while_its_calls_are_under_way_is_recorded_and_asked_about(
    desk: Desk,
) -> None:
    desk.campaign(6)
    jobs = desk.jobs(3)
    desk.book.cancel("spring", by="anna", reason="wrong list")
    assert (ranges(desk), standing_rows(desk), begun(desk)) == ([(1, 3, 3)], [4, 5, 6], 6)
    check(desk)
    ends = (accepted(jobs[0]), postponed(jobs[1], after=60))
    assert desk.record(*zip(jobs, ends, strict=False)) == frozenset()
    check(desk)
    desk.clock.pass_(LEASE_SECONDS)
    again = desk.jobs()
    assert {(job.task, job.payout.row) for job in again} == {(Task.QUERY, 2), (Task.QUERY, 3)}
    check(desk)


def test_after_the_last_row_nothing_is_due_before_its_results_say_so(desk: Desk) -> None:
    desk.campaign(3)
    jobs = [*desk.jobs(2), *desk.jobs(2)]
    assert [job.payout.row for job in jobs] == [1, 2, 3]
    assert (ranges(desk), begun(desk)) == ([(1, 2, 2), (3, 3, 1)], 3)
    claimed = desk.claim()
    assert claimed.next_at == jobs[0].lease_until
    assert desk.book.next_due(jobs[0].payout.campaign_id) == {Task.QUERY: jobs[0].lease_until}
    desk.record(*((job, refused(job)) for job in jobs))
    desk.clock.pass_(LEASE_SECONDS)
    assert (desk.claim().jobs, desk.claim().next_at) == ([], None)
    assert not desk.book.standing("spring").campaign.open
    check(desk)


def test_rows_that_somebody_has_touched_are_passed_over_by_ranges(desk: Desk) -> None:
    desk.campaign(5)
    one, three = (payout.id for payout in desk.payouts() if payout.row in {1, 3})
    desk.book.send_now(three, by="anna")
    desk.book.send_now(one, by="anna")
    assert (standing_rows(desk), begun(desk)) == ([1, 3], 0)
    check(desk)
    jobs = desk.jobs()
    assert sorted(job.payout.row for job in jobs) == [1, 2, 3, 4, 5]
    assert (ranges(desk), begun(desk)) == ([(2, 2, 1), (4, 5, 2)], 5)
    assert desk.record(*((job, accepted(job)) for job in jobs)) == frozenset()
    check(desk)


def test_a_campaign_whose_rows_all_stand_is_not_looked_through_again(desk: Desk) -> None:
    desk.campaign(1)
    [payout] = desk.payouts()
    desk.book.send_now(payout.id, by="anna")
    [job] = desk.jobs()
    assert (ranges(desk), begun(desk), job.range_id) == ([], 1, None)
    assert desk.claim().next_at == job.lease_until


def test_a_standing_campaign_that_grows_while_it_is_paid_has_ranges_of_one_row(
    desk: Desk,
) -> None:
    mandate = Mandate(total=1000, day_amount=1000, day_count=10, largest=200)
    plan = Plan(
        name="refunds", channel_id=desk.channel(), profile="demo", budget=1000, source="",
        source_digest=bytes(32), mandate=mandate,
    )  # fmt: skip
    standing = desk.book.stand(plan, by="anna")
    desk.book.approve("refunds", digest=standing.digest, by="bert")
    jobs = []
    for number in range(4):
        payment = Payment(
            key=f"refund/{number}", kind="normal", payee=f"oUSER{number}", amount=100, people=1,
            terms={"wishing": "hi"}, number="1900012345", rail="redpack", profile="demo",
        )  # fmt: skip
        desk.book.append("refunds", payment, by="shop")
        if number == 1:
            continue
        jobs += desk.jobs()
        desk.clock.pass_(1)
    assert [job.payout.row for job in jobs] == [1, 2, 3, 4]
    assert ranges(desk) == [(1, 1, 1), (2, 3, 2), (4, 4, 1)]
    assert begun(desk, "refunds") == 4
    assert desk.claim().jobs == []
    assert desk.record(*((job, accepted(job)) for job in jobs)) == frozenset()
    check(desk)


def test_campaigns_of_one_merchant_are_begun_in_the_order_in_which_they_were_stored(
    desk: Desk,
) -> None:
    for name in ("one", "two", "three"):
        desk.campaign(3, name=name)
        desk.clock.pass_(1)
    desk.campaign(2, name="another", number="1900000002")
    jobs = desk.jobs(4, channels=[1])
    assert [job.payout.key for job in jobs] == ["one/0", "one/1", "one/2", "two/0"]
    assert [begun(desk, name) for name in ("one", "two", "three")] == [3, 1, 0]
    jobs += desk.jobs()
    assert len(jobs) == 11
    assert ranges(desk) == [(1, 3, 3), (1, 1, 1), (2, 3, 2), (1, 3, 3), (1, 2, 2)]
    assert [begun(desk, name) for name in ("one", "two", "three", "another")] == [3, 3, 3, 2]
    assert desk.record(*((job, accepted(job)) for job in jobs)) == frozenset()
    check(desk)


def test_an_open_range_of_a_wrong_clock_ends_one_lease_after_it_was_put_right(desk: Desk) -> None:
    desk.clock.pass_(3 * DAY)
    desk.campaign(4)
    jobs = desk.jobs(3)
    desk.clock.pass_(-3 * DAY)
    rest = desk.jobs(worker="worker-2")
    assert [(job.task, job.payout.row) for job in rest] == [(Task.SEND, 4)]
    [until] = {desk.payout(job).due_at for job in jobs}
    assert until == desk.clock.now + LEASE_SECONDS * SECOND
    assert desk.record((jobs[0], refused(jobs[0]))) == frozenset()
    desk.clock.pass_(LEASE_SECONDS)
    again = [job for job in desk.jobs(worker="worker-2") if job.task is Task.QUERY]
    assert {job.payout.row for job in again} >= {2, 3}
    assert desk.record((jobs[1], accepted(jobs[1]))) == {jobs[1].payout.id}
    check(desk)


@pytest.mark.parametrize("days", [2, -2])
def test_a_day_that_begins_again_counts_what_is_under_way(desk: Desk, days: int) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[300, 300], limits=limits)
    jobs = desk.jobs()
    desk.record((jobs[0], accepted(jobs[0])))
    desk.clock.pass_(days * DAY)
    desk.campaign(1, name="other", limits=limits)
    assert [job.payout.key for job in desk.jobs() if job.task is Task.SEND] == ["other/0"]
    desk.clock.pass_(-days * DAY)
    desk.campaign(amounts=[400, 1], name="third", limits=limits)
    assert [job.payout.key for job in desk.jobs() if job.task is Task.SEND] == ["third/0"]
    check(desk)


def test_what_a_person_asks_of_a_payout_whose_worker_died_takes_its_range_apart(
    desk: Desk,
) -> None:
    desk.campaign(3)
    jobs = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    asked = desk.book.query_now(jobs[1].payout.id, by="anna")
    assert (asked.state, asked.task, asked.lease) == (State.IN_DOUBT, Task.QUERY, None)
    assert (ranges(desk), standing_rows(desk)) == ([(1, 3, 0)], [1, 2, 3])
    check(desk)
    late = desk.record(*((job, accepted(job)) for job in jobs))
    assert late == {jobs[1].payout.id}, "nobody has taken over the others"
    check(desk)
