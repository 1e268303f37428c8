"""Claiming: who gets what, for how long, and what becomes of what nobody brings back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from desk import LEASE_SECONDS, accepted, postponed, step, unknown
from hongbao import Disposition
from hongbao.errors import LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.job import Job


def test_a_claimed_send_is_in_doubt_from_the_commit_on(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    assert (job.task, job.at, job.lease_until) == (
        Task.SEND,
        desk.clock.now,
        desk.clock.now + int(LEASE_SECONDS * SECOND),
    )
    stored = desk.payout(job)
    assert stored == job.payout
    assert (stored.state, stored.task, stored.calls, stored.answers) == (
        State.IN_DOUBT,
        Task.QUERY,
        1,
        0,
    )
    assert (stored.due_at, stored.first_call_at) == (job.lease_until, desk.clock.now)


def test_a_claimed_send_stands_in_the_history_with_the_worker(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs(worker="worker-7")
    event = desk.book.history(job.payout.id)[-1]
    assert (event.kind, event.actor, event.at) == (EventKind.CALLED, "worker-7", desk.clock.now)
    assert event.hash == job.hash
    assert event.seq == job.payout.seq == 2


def test_a_job_holds_its_payout_as_the_books_hold_it(desk: Desk) -> None:
    """Of a send, of a query and of a look."""
    desk.campaign(2)
    jobs = desk.jobs()
    tasks = [job.task for job in jobs]
    assert [desk.payout(job) for job in jobs] == [job.payout for job in jobs]
    desk.record((jobs[0], unknown(jobs[0])), (jobs[1], accepted(jobs[1], look_after=2)))
    desk.clock.pass_(5)
    jobs = desk.jobs()
    assert [desk.payout(job) for job in jobs] == [job.payout for job in jobs]
    tasks += [job.task for job in jobs]
    assert tasks == [Task.SEND, Task.SEND, Task.QUERY, Task.LOOK]


def test_what_is_claimed_is_not_claimed_again_before_its_lease_ends(desk: Desk) -> None:
    desk.campaign(3)
    assert len(desk.jobs()) == 3
    assert desk.jobs() == []
    desk.clock.pass_(LEASE_SECONDS - 1)
    assert desk.jobs() == []


def test_a_send_that_nobody_answered_is_handed_over_as_a_query(desk: Desk) -> None:
    desk.campaign()
    [lost] = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    [job] = desk.jobs(worker="worker-2")
    assert (job.task, job.payout.id) == (Task.QUERY, lost.payout.id)
    assert (job.payout.calls, job.payout.answers) == (1, 0)
    assert job.payout.lease != lost.payout.lease
    assert job.payout.seq == lost.payout.seq, "a query is no event before it is answered"


def test_a_claim_takes_no_more_than_its_limit_and_says_that_there_is_more(desk: Desk) -> None:
    desk.campaign(5)
    claim = desk.claim(3)
    assert (len(claim.jobs), claim.next_at) == (3, desk.clock.now)
    assert len(desk.jobs(3)) == 2


def test_payouts_are_claimed_in_the_order_in_which_they_are_due(desk: Desk) -> None:
    desk.campaign(3)
    jobs = desk.jobs()
    results = [postponed(job, after=after) for job, after in zip(jobs, (30, 10, 20), strict=True)]
    desk.record(*zip(jobs, results, strict=True))
    desk.clock.pass_(30)
    [soonest] = desk.jobs(1)
    again = [soonest, *desk.jobs()]
    assert [job.payout.id for job in again] == [jobs[place].payout.id for place in (1, 2, 0)]


def test_nothing_of_a_draft_is_sent(desk: Desk) -> None:
    draft = desk.draft()
    assert desk.claim().jobs == []
    desk.book.approve(draft.name, digest=draft.digest, by="bert")
    assert len(desk.jobs()) == 1


def test_the_first_claim_lets_an_approved_campaign_run(desk: Desk) -> None:
    desk.campaign(2)
    desk.jobs(1, worker="worker-3")
    desk.jobs(1)
    standing = desk.book.standing("spring")
    assert standing.campaign.state == "running"
    with desk.transaction() as connection:
        kinds = connection.exec_driver_sql("SELECT kind, actor FROM decision ORDER BY seq").all()
    assert [tuple(row) for row in kinds].count(("started", "worker-3")) == 1
    assert [kind for kind, _ in kinds].count("started") == 1


def test_a_paused_campaign_asks_and_does_not_send(desk: Desk) -> None:
    desk.campaign(3)
    [first, second] = desk.jobs(2)
    desk.record((first, unknown(first)), (second, accepted(second)))
    desk.book.pause("spring", by="anna", reason="look first")
    desk.clock.pass_(601)
    assert [job.task for job in desk.jobs()] == [Task.QUERY, Task.LOOK]
    desk.book.resume("spring", by="anna")
    assert [job.task for job in desk.jobs()] == [Task.SEND]


def test_a_number_that_is_not_to_be_sent_unasked_any_more_is_asked_about(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=60, resend=3600)))
    desk.clock.pass_(3600)
    [late] = desk.jobs()
    assert late.task is Task.QUERY
    assert (late.payout.state, late.payout.calls, late.payout.task) == (
        State.WAITING,
        1,
        Task.QUERY,
    )
    assert desk.payout(late) == late.payout


def test_a_number_is_sent_again_as_long_as_it_may_be(desk: Desk) -> None:
    desk.campaign()
    [first] = desk.jobs()
    result = postponed(first, after=60, resend=3600)
    desk.record((first, result._replace(doubt=Disposition.OPEN)))
    desk.clock.pass_(3599)
    [again] = desk.jobs()
    assert (again.task, again.payout.calls, again.payout.answers) == (Task.SEND, 2, 1)
    assert again.payout.billno == first.payout.billno
    assert again.payout.first_call_at == first.payout.first_call_at


def test_a_call_that_left_no_order_does_not_count_as_the_first(desk: Desk) -> None:
    desk.campaign()
    [first] = desk.jobs()
    not_sent = step(
        first, EventKind.NOT_SENT, State.WAITING, task=Task.SEND, due_at=first.at + SECOND
    )
    desk.record((first, not_sent))
    desk.clock.pass_(5)
    [again] = desk.jobs()
    assert again.payout.first_call_at == desk.clock.now
    assert desk.payout(again).first_call_at == desk.clock.now


def test_a_payout_in_doubt_can_be_sent_again(desk: Desk) -> None:
    desk.campaign()
    [first] = desk.jobs()
    again_at = first.at + 5 * SECOND
    desk.record((first, unknown(first)._replace(task=Task.SEND, due_at=again_at)))
    desk.clock.pass_(5)
    [again] = desk.jobs()
    assert (again.task, again.payout.state, again.payout.calls) == (Task.SEND, State.IN_DOUBT, 2)
    assert desk.book.standing("spring").total(State.IN_DOUBT).payouts == 1


def test_a_claim_for_some_merchants_leaves_what_is_due_of_the_others(desk: Desk) -> None:
    desk.campaign(2, name="a", number="1900000001")
    desk.campaign(2, name="b", number="1900000002")
    first, second = desk.channel("1900000001"), desk.channel("1900000002")
    claim = desk.claim(channels=[second])
    assert {job.channel_id for job in claim.jobs} == {second}
    assert claim.next_at is None or claim.next_at > desk.book.now()
    assert desk.claim(channels=[]).next_at is None
    assert {job.channel_id for job in desk.jobs()} == {first}


def test_one_claim_serves_many_merchants(desk: Desk) -> None:
    for place in range(30):
        desk.campaign(2, name=f"list-{place}", number=f"19000000{place:02}")
    jobs = desk.jobs()
    assert len(jobs) == len({job.payout.id for job in jobs}) == 60
    assert len({job.channel_id for job in jobs}) == 30


def test_an_idle_claim_says_when_there_is_more_to_do(desk: Desk) -> None:
    assert desk.claim().next_at is None
    desk.campaign()
    [job] = desk.jobs()
    assert desk.claim().next_at == job.lease_until
    desk.record((job, accepted(job, look_after=600)))
    assert desk.claim().next_at == job.lease_until, "nobody has looked since"
    desk.clock.pass_(LEASE_SECONDS)
    assert desk.claim().next_at == job.at + 600 * SECOND


def test_an_idle_claim_says_when_the_first_of_many_is_due(desk: Desk) -> None:
    campaign = desk.campaign(3)
    jobs = desk.jobs()
    results = [
        accepted(job, look_after=after) for job, after in zip(jobs, (900, 600, 1200), strict=True)
    ]
    desk.record(*zip(jobs, results, strict=True))
    desk.clock.pass_(LEASE_SECONDS)
    due_at = jobs[0].at + 600 * SECOND
    assert desk.claim().next_at == due_at
    assert desk.book.next_due(campaign.id) == {Task.LOOK: due_at}


def test_an_idle_claim_says_when_the_first_of_many_leases_ends(desk: Desk) -> None:
    desk.campaign(3)
    first = desk.jobs(1)
    for _ in range(2):
        desk.clock.pass_(30)
        desk.jobs(1)
    assert desk.claim().next_at == first[0].lease_until


def test_what_is_due_next_is_reported_of_each_campaign_by_itself(desk: Desk) -> None:
    begun = desk.campaign(2, name="begun", number="1900000001")
    stored_at = desk.clock.now
    desk.clock.pass_(10)
    fresh = desk.campaign(2, name="fresh", number="1900000002")
    stored_later_at = desk.clock.now
    [job] = desk.jobs(1)
    assert job.payout.campaign_id == begun.id
    assert desk.book.next_due(begun.id) == {Task.QUERY: job.lease_until, Task.SEND: stored_at}
    assert desk.book.next_due(fresh.id) == {Task.SEND: stored_later_at}


def test_a_campaign_with_nothing_left_to_do_is_closed_and_not_looked_at(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.ACCEPTED, State.SENT)))
    desk.clock.pass_(LEASE_SECONDS)
    assert desk.claim().next_at is None
    assert not desk.book.standing("spring").campaign.open


def test_a_worker_needs_a_name_that_a_history_can_hold(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="cannot be the name"):
        desk.jobs(worker="worker\n1")


def test_no_payout_is_claimed_by_two_of_many_workers_at_once(desk: Desk) -> None:
    for place in range(5):
        desk.campaign(60, name=f"list-{place}", number=f"190000000{place}")
    start = threading.Barrier(4)

    def work(worker: str) -> list[Job]:
        start.wait()
        found: list[Job] = []
        idle = 0
        while idle < 3:
            jobs = desk.jobs(7, worker=worker)
            idle = 0 if jobs else idle + 1
            found += jobs
        return found

    with ThreadPoolExecutor(4) as pool:
        lots = list(pool.map(work, [f"worker-{place}" for place in range(4)]))
    claimed = [job.payout.id for jobs in lots for job in jobs] + [
        job.payout.id for job in desk.jobs()
    ]
    assert len(claimed) == len(set(claimed)) == 300
    tokens = {(job.channel_id, job.payout.lease) for jobs in lots for job in jobs}
    owners = {
        (job.channel_id, job.payout.lease, place) for place, jobs in enumerate(lots) for job in jobs
    }
    assert len(tokens) == len(owners), "two claims of a merchant have one token"


def test_of_several_campaigns_of_a_merchant_what_has_been_due_longest_goes_first(
    desk: Desk,
) -> None:
    desk.campaign(1, name="first")
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=60)))
    desk.clock.pass_(10)
    second = desk.campaign(1, name="second")
    desk.clock.pass_(50)
    assert [it.payout.campaign_id for it in desk.jobs(1)] == [second.id]
    assert [it.payout.id for it in desk.jobs(1)] == [job.payout.id]
