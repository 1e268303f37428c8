"""Slots in claims: the rate holds over all workers, and no merchant waits for another."""

from __future__ import annotations

from bisect import bisect_left
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk import accepted, unknown
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, Task
from hongbao.ledger.store.schema import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk

WORKERS = ("worker-1", "worker-2", "worker-3")


def slots_of(desk: Desk, seconds: float, *, dice: Random) -> Iterator[int]:
    """The slots that three workers get, each asking whenever it likes."""
    end = desk.clock.now + int(seconds * SECOND)
    while desk.clock.now < end:
        worker = dice.choice(WORKERS)
        jobs = desk.jobs(dice.randint(1, 40), worker=worker, horizon_seconds=0.5)
        yield from (job.at for job in jobs)
        desk.clock.pass_(dice.uniform(0.01, 0.2))


@pytest.mark.parametrize(("rate", "burst"), [(30, 1), (30, 10), (5, 3)])
def test_three_workers_together_never_pass_the_rate(desk: Desk, rate: float, burst: int) -> None:
    limits = PayerLimits(rate=rate, burst=burst)
    desk.campaign(400, limits=limits)
    slots = sorted(slots_of(desk, 8, dice=Random(rate * burst)))
    for place, begin in enumerate(slots):
        within = bisect_left(slots, begin + SECOND) - place
        assert within <= rate + burst
    assert len(slots) >= 0.95 * rate * 8
    assert len(slots) <= rate * 8.5 + burst


def test_slots_are_spread_over_the_time_ahead(desk: Desk) -> None:
    desk.campaign(100, limits=PayerLimits(rate=10))
    jobs = desk.jobs(horizon_seconds=1)
    begin = desk.clock.now
    assert [round((job.at - begin) / SECOND, 2) for job in jobs] == [
        0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    ]  # fmt: skip


def test_a_merchant_without_slots_says_when_it_has_some(desk: Desk) -> None:
    desk.campaign(100, limits=PayerLimits(rate=10))
    desk.jobs(horizon_seconds=1)
    claim = desk.claim(horizon_seconds=1)
    assert claim.jobs == []
    assert claim.next_at == pytest.approx(desk.clock.now + SECOND / 2, abs=1000)
    desk.clock.pass_(0.6)
    assert len(desk.jobs(horizon_seconds=1)) == 6


def test_a_claim_that_comes_before_the_next_slot_leaves_the_merchant_as_it_was(desk: Desk) -> None:
    """It is woken by what is new, and then says again when its slot comes."""
    limits = PayerLimits(rate=0.01, day_amount_max=1000)
    desk.campaign(3, limits=limits)
    [job] = desk.jobs(horizon_seconds=0.333333)
    before = kept(desk)
    desk.campaign(name="other", limits=limits)
    for _ in range(2):
        claim = desk.claim(horizon_seconds=0.333333)
        assert (claim.jobs, claim.next_at) == ([], job.at + 100 * SECOND - 166_666)
        assert kept(desk) == before
    desk.clock.pass_(100)
    assert len(desk.jobs()) == 1
    assert desk.book.audit().findings == ()


def kept(desk: Desk) -> list[object]:
    """What a merchant's row says of its slots, its turns and its day."""
    with desk.transaction() as connection:
        row = connection.execute(select(CHANNEL)).one()
    return [row.arrival, row.turn, row.ready_at, row.day, row.day_amount, row.last_day]


def test_questions_take_slots_too(desk: Desk) -> None:
    desk.campaign(100, limits=PayerLimits(rate=10))
    first = desk.jobs(horizon_seconds=1)
    desk.record(*((job, unknown(job, after=1)) for job in first))
    desk.clock.pass_(2)
    tasks = [job.task for job in desk.jobs(horizon_seconds=1)]
    assert len(tasks) == 10
    assert tasks.count(Task.SEND) == tasks.count(Task.QUERY) == 5


def test_looks_do_not_wait_for_ever_while_a_list_is_sent(desk: Desk) -> None:
    desk.campaign(300, limits=PayerLimits(rate=10))
    looked = 0
    for _ in range(30):
        jobs = desk.jobs(horizon_seconds=0.5)
        looked += sum(job.task is Task.LOOK for job in jobs)
        desk.record(*((job, accepted(job, look_after=1)) for job in jobs))
        desk.clock.pass_(0.5)
    assert 10 <= looked <= 20


def test_too_many_calls_slow_a_merchant_down(desk: Desk) -> None:
    desk.campaign(300, limits=PayerLimits(rate=20))
    jobs = desk.jobs(horizon_seconds=1)
    assert len(jobs) == 20
    merchant = jobs[0].channel_id
    desk.book.record("worker-1", [], slow=[merchant])
    [standing] = desk.book.channels()
    assert (standing.rate, standing.slowed) == (10, True)
    desk.clock.pass_(1)
    assert len(desk.jobs(horizon_seconds=1)) == 10
    desk.clock.pass_(300)
    [standing] = desk.book.channels()
    assert (standing.rate, standing.slowed) == (20, False)


def test_many_reports_of_too_many_calls_halve_the_rate_once(desk: Desk) -> None:
    merchant = desk.channel(limits=PayerLimits(rate=20))
    for _ in range(5):
        desk.book.record("worker-1", [], slow=[merchant])
    [standing] = desk.book.channels()
    assert standing.rate == 10


def test_a_throttled_merchant_does_not_delay_the_others(desk: Desk) -> None:
    desk.campaign(50, name="slow", number="1900000000", limits=PayerLimits(rate=1))
    for place in range(1, 10):
        desk.campaign(5, name=f"list-{place}", number=f"190000000{place}")
    slow = desk.channel("1900000000", PayerLimits(rate=1))
    jobs = [job for _ in range(3) for job in desk.jobs(20)]
    others = [job for job in jobs if job.channel_id != slow]
    assert len(others) == 45
    assert {job.at for job in others} == {desk.clock.now}
    assert len(jobs) - len(others) == 1


def test_a_merchant_with_thousands_does_not_keep_the_others_waiting(desk: Desk) -> None:
    desk.campaign(500, name="big", number="1900000000")
    for place in range(1, 8):
        desk.campaign(3, name=f"list-{place}", number=f"190000000{place}")
    big = desk.channel("1900000000")
    jobs = desk.jobs(40) + desk.jobs(40)
    assert sum(job.channel_id != big for job in jobs) == 21
