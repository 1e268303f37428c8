"""Recording: what the books hold after a result, and whose results they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desk import (
    LEASE_SECONDS,
    MERCHANT_STOP,
    accepted,
    last_event,
    postponed,
    refused,
    sent,
    step,
    unknown,
)
from hongbao import Disposition
from hongbao.errors import IllegalTransition, LedgerError
from hongbao.ledger.model.event import GENESIS, EventKind, digest
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope, Stop

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout


def test_a_result_stands_in_the_row_and_ends_the_lease(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    result = accepted(job)._replace(voucher="sendid=1", tries=3, reason="good")
    assert desk.record((job, result)) == frozenset()
    stored = desk.payout(job)
    assert stored.lease is None
    for fact in ("state", "task", "due_at", "tries", "code", "reason", "listid", "voucher"):
        assert getattr(stored, fact) == getattr(result, fact), fact
    assert (stored.sent_at, stored.answers, stored.seq) == (result.sent_at, 1, 3)


def test_each_event_holds_the_facts_that_it_changed_and_why(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(1)
    result = postponed(job, after=60)._replace(
        doubt=Disposition.OPEN, code="NOTENOUGH", reason="no money"
    )
    desk.record((job, result), worker="worker-9")
    event = desk.book.history(job.payout.id)[-1]
    assert (event.kind, event.actor, event.at) == ("postponed", "worker-9", desk.clock.now)
    assert event.body == (
        '{"answers":1,"code":"NOTENOUGH","doubt":"OPEN","reason":"no money",'
        f'"resend_until":{result.resend_until},"state":"waiting","tries":0}}'
    )


def test_events_are_chained_from_the_first_to_the_last(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, unknown(job)))
    desk.clock.pass_(5)
    [asked] = desk.jobs()
    desk.record((asked, step(asked, EventKind.FOUND, State.SENT, answered=True)))
    events = desk.book.history(job.payout.id)
    assert [event.kind for event in events] == ["submitted", "called", "unknown", "found"]
    last = GENESIS
    for place, event in enumerate(events, 1):
        assert event.seq == place
        assert event.hash == digest(last, *event[:-1])
        last = event.hash


def test_what_nobody_knows_is_asked_about_when_it_is_due(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, unknown(job, after=2)))
    assert desk.claim().next_at == job.at + 2 * SECOND
    desk.clock.pass_(2)
    [asked] = desk.jobs()
    assert (asked.task, asked.payout.answers) == (Task.QUERY, 1)


def looked_at(desk: Desk, **seen: Any) -> tuple[Job, Payout]:
    """A payout that is sent, looked at once, with a step that has no event of its own."""
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    desk.clock.pass_(1)
    [looked] = desk.jobs()
    due_at = desk.clock.now + 3600 * SECOND
    same = {"code": looked.payout.code, "reason": looked.payout.reason}
    facts = same | {"task": Task.LOOK, "due_at": due_at} | seen
    desk.record((looked, step(looked, None, State.SENT, **facts)))
    stored = desk.payout(job)
    assert (stored.due_at, stored.lease) == (due_at, None)
    return looked, stored


def test_a_step_without_an_event_only_puts_the_task_off(desk: Desk) -> None:
    looked, stored = looked_at(desk)
    assert stored.seq == looked.payout.seq == len(desk.book.history(stored.id))


@pytest.mark.parametrize("seen", [{"tries": 1}, {"code": "X"}, {"reason": "no news"}])
def test_what_was_seen_last_is_noted_where_it_is_new(desk: Desk, seen: dict[str, Any]) -> None:
    _, stored = looked_at(desk, **seen)
    kind, _, facts = last_event(desk, stored)
    assert kind == "noted"
    assert facts == {"code": stored.code, "tries": stored.tries} | seen
    assert desk.book.audit().findings == ()


def test_a_voucher_is_in_no_event_and_its_hash_is(desk: Desk) -> None:
    paid = sent(desk, lambda job: accepted(job)._replace(voucher="sendid=1&sign=secret"))
    assert paid.voucher == "sendid=1&sign=secret"
    _, _, facts = last_event(desk, paid)
    assert len(str(facts["voucher"])) == 64
    assert "secret" not in "".join(event.body for event in desk.book.history(paid.id))
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("voucher", ["sendid=1&sign=secret", None])
def test_a_voucher_that_is_the_same_or_gone_is_not_reported_again(
    desk: Desk, voucher: str | None
) -> None:
    sent(desk, lambda job: accepted(job)._replace(voucher="sendid=1&sign=secret"))
    desk.clock.pass_(600)
    [look] = desk.jobs()
    found = step(look, EventKind.FOUND, State.RECEIVED, claimed=100, voucher=voucher)
    desk.record((look, found))
    _, _, facts = last_event(desk, look.payout)
    assert "voucher" not in facts


def test_what_a_query_says_leaves_a_lost_call_without_its_answer(desk: Desk) -> None:
    desk.campaign()
    desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    [asked] = desk.jobs()
    assert asked.task is Task.QUERY
    desk.record((asked, step(asked, EventKind.NOT_FOUND, State.IN_DOUBT, task=Task.QUERY,
                             due_at=asked.at + SECOND)))  # fmt: skip
    stored = desk.payout(asked)
    assert (stored.calls, stored.answers) == (1, 0)
    assert desk.book.audit().findings == ()


def test_a_step_that_changes_a_fact_without_an_event_is_refused(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    silent = step(job, None, State.IN_DOUBT, listid="1", claimed=1)
    with pytest.raises(LedgerError) as refusal:
        desk.record((job, silent))
    number = job.payout.billno
    assert refusal.value.problem == f"a step of {number} changes claimed, listid without an event"
    assert refusal.value.remedy == "This is a fault of the program: please report it."
    assert desk.payout(job) == job.payout


def test_a_step_that_is_not_in_the_table_is_refused_and_nothing_is_recorded(desk: Desk) -> None:
    desk.campaign(2)
    [job, other] = desk.jobs()
    with pytest.raises(IllegalTransition) as refusal:
        desk.record(
            (other, accepted(other)), (job, step(job, EventKind.CANCELLED, State.CANCELLED))
        )
    assert refusal.value.billno == job.payout.billno
    assert desk.payout(job) == job.payout
    assert desk.payout(other) == other.payout


def test_a_late_result_is_refused_and_reported(desk: Desk) -> None:
    desk.campaign(2)
    [zombie, other] = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    taken = desk.jobs(worker="worker-2")
    [mine] = [job for job in taken if job.payout.id == zombie.payout.id]
    assert desk.record((zombie, refused(zombie))) == {zombie.payout.id}
    assert desk.payout(zombie) == mine.payout
    assert desk.record((mine, step(mine, EventKind.FOUND, State.SENT)), worker="worker-2") == set()
    assert desk.record((zombie, refused(zombie)), (other, refused(other))) == {
        zombie.payout.id,
        other.payout.id,
    }
    assert desk.payout(zombie).state is State.SENT


def test_late_results_do_not_keep_the_others_from_being_recorded(desk: Desk) -> None:
    desk.campaign(3)
    jobs = desk.jobs()
    desk.record((jobs[1], accepted(jobs[1])))
    late = desk.record(*((job, refused(job)) for job in jobs))
    assert late == {jobs[1].payout.id}
    assert [desk.payout(job).state for job in jobs] == [State.REFUSED, State.SENT, State.REFUSED]
    assert [len(desk.book.history(job.payout.id)) for job in jobs] == [3, 3, 3]
    assert desk.book.standing("spring").adds_up


def test_a_result_after_its_lease_is_good_as_long_as_nobody_else_has_the_payout(
    desk: Desk,
) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(10 * LEASE_SECONDS)
    assert desk.record((job, accepted(job))) == frozenset()
    assert desk.payout(job).state is State.SENT


def test_recording_the_same_twice_is_harmless(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    result = (job, accepted(job))
    desk.record(result)
    before = desk.payout(job)
    assert desk.record(result) == {job.payout.id}
    assert desk.payout(job) == before
    assert desk.book.standing("spring").adds_up


def test_two_results_for_one_payout_are_refused(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    with pytest.raises(LedgerError) as refusal:
        desk.record((job, accepted(job)), (job, refused(job)))
    assert refusal.value.problem == "a payout has two results"
    assert refusal.value.remedy == "Record one of them."
    assert desk.payout(job) == job.payout


def test_totals_follow_each_step(desk: Desk) -> None:
    desk.campaign(amounts=[100, 200, 400, 800])
    first, second, third = desk.jobs(3)
    desk.record((first, accepted(first)), (second, refused(second)), (third, unknown(third)))
    standing = desk.book.standing("spring")
    assert standing.adds_up
    assert (standing.waiting, standing.in_doubt, standing.refused, standing.paid) == (
        800,
        400,
        200,
        100,
    )
    desk.clock.pass_(600)
    [look] = [job for job in desk.jobs() if job.task is Task.LOOK]
    desk.record((look, step(look, EventKind.FOUND, State.RETURNED, claimed=60, refunded=40)))
    standing = desk.book.standing("spring")
    assert (standing.claimed, standing.refunded, standing.unclaimed) == (60, 40, 0)
    assert standing.adds_up


def test_totals_follow_a_packet_that_is_claimed_little_by_little(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    for claimed, refunded in ((30, 0), (50, 0), (50, 20), (60, 40)):
        desk.clock.pass_(600)
        [look] = desk.jobs()
        over = claimed + refunded == 100
        found = step(
            look, EventKind.FOUND, State.RETURNED if over else State.SENT,
            claimed=claimed, refunded=refunded, task=None if over else Task.LOOK,
            due_at=None if over else look.at + 600 * SECOND,
        )  # fmt: skip
        desk.record((look, found))
        standing = desk.book.standing("spring")
        assert (standing.claimed, standing.refunded) == (claimed, refunded)
        assert standing.adds_up
        assert desk.book.audit().findings == ()


def test_a_refusal_without_a_code_is_counted_without_one(desk: Desk) -> None:
    campaign = desk.campaign()
    [job] = desk.jobs()
    desk.record((job, refused(job)._replace(code=None)))
    causes = desk.book.causes(campaign.id)
    assert (causes.refused, causes.paid) == ({"": 1}, 0)


def test_causes_are_counted_by_code_and_by_mark(desk: Desk) -> None:
    campaign = desk.campaign(5)
    jobs = desk.jobs()
    results = [refused(job) for job in jobs]
    results[1] = refused(jobs[1], "OPENID_ERROR")
    results[3] = unknown(jobs[3])._replace(mark="SYSTEMERROR+NOT_FOUND")
    results[4] = accepted(jobs[4])
    desk.record(*zip(jobs, results, strict=True))
    causes = desk.book.causes(campaign.id)
    assert causes.refused == {"MONEY_LIMIT": 2, "OPENID_ERROR": 1}
    assert causes.marks == {"SYSTEMERROR+NOT_FOUND": 1}
    assert causes.paid == 1


def test_causes_are_counted_of_a_single_campaign(desk: Desk) -> None:
    first, second = desk.campaign(2, name="first"), desk.campaign(2, name="second")
    for job in desk.jobs():
        refusal = job.payout.campaign_id == first.id and job.payout.row == 1
        desk.record((job, refused(job) if refusal else accepted(job)))
    of_first, of_second = (desk.book.causes(it.id) for it in (first, second))
    assert (of_first.refused, of_first.paid) == ({"MONEY_LIMIT": 1}, 1)
    assert (of_second.refused, of_second.paid) == ({}, 2)


def test_a_stop_is_decided_once_and_its_first_reason_stands(desk: Desk) -> None:
    campaign = desk.campaign(2)
    first = Stop(scope=Scope.CAMPAIGN, code="FIRST", reason="a", advice="b")
    for stop in (first, replace(first, code="SECOND")):
        desk.book.record("worker-1", [], stops=[(campaign.id, stop)])
    assert desk.book.standing("spring").campaign.stop == first
    assert desk.jobs() == []


def test_stops_of_several_campaigns_and_their_merchants_are_decided_together(desk: Desk) -> None:
    one = desk.campaign(2, name="one")
    two = desk.campaign(2, name="two", number="1900000002")
    many = Stop(scope=Scope.CAMPAIGN, code="MANY", reason="many refusals", advice="look")
    stops = [(two.id, many), (two.id, MERCHANT_STOP), (one.id, many), (one.id, MERCHANT_STOP)]
    assert desk.book.record("worker-1", [], stops=stops).stopped == (
        MERCHANT_STOP, MERCHANT_STOP, many, many,
    )  # fmt: skip
    assert [it.stop for it in desk.book.channels()] == [MERCHANT_STOP, MERCHANT_STOP]
    assert [desk.book.standing(name).campaign.stop for name in ("one", "two")] == [many, many]
    assert desk.book.record("worker-1", [], stops=stops).stopped == ()


def test_results_of_many_merchants_wake_each_of_them_in_time(desk: Desk) -> None:
    for place in range(12):
        desk.campaign(
            1, name=f"list-{place}", number=f"19000000{place:02}", limits=PayerLimits(rate=9)
        )
    jobs = desk.jobs()
    assert len(jobs) == 12
    desk.record(*((job, unknown(job, after=1 + place)) for place, job in enumerate(jobs)))
    for job in jobs:
        desk.clock.pass_(1)
        assert [asked.payout.id for asked in desk.jobs()] == [job.payout.id]
