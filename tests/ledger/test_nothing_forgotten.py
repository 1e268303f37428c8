"""Random work on the books: nothing that is due is forgotten, and totals stand a recount."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from desk import LEASE_SECONDS, accepted, confirming, postponed, refused, step, unknown
from hongbao.beijing import next_open
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import SENDING
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step

CHANNELS = {
    ("1900000000", "redpack"): PayerLimits(),
    ("1900000000", "transfer"): PayerLimits(opens=9 * 60, closes=11 * 60),
    ("1900000001", "redpack"): PayerLimits(day_amount_max=900),
    ("1900000001", "transfer"): PayerLimits(user_day_count_max=1),
}
"""Two merchants with two ways of paying each; they pay the same users."""
STEPS = 40


class Work:
    """People and workers who do anything at any time, as a seed says."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = Random(seed)
        self.names = [f"list-{place}" for place in range(2 * len(CHANNELS))]
        self.held: list[Job] = []
        for place, name in enumerate(self.names):
            number, rail = list(CHANNELS)[place // 2]
            payees = [f"oUSER_{number}_{user}" for user in (0, 0, 1, 2)]
            draft = desk.draft(
                name=name, number=number, rail=rail, limits=CHANNELS[number, rail], payees=payees
            )
            if place % 3:
                desk.book.approve(name, digest=draft.digest, by="bert")

    def do(self) -> None:
        """Anything."""
        verbs: list[Callable[[], object]] = [
            self._claim, self._claim, self._claim, self._record, self._record, self._record,
            self._wait, self._wait, self._pause, self._resume, self._approve, self._person,
        ]  # fmt: skip
        self.dice.choice(verbs)()

    def _claim(self) -> None:
        self.held += self.desk.jobs(self.dice.randint(1, 20))

    def _record(self) -> None:
        self.dice.shuffle(self.held)
        count = self.dice.randint(0, len(self.held))
        batch, self.held = self.held[:count], self.held[count:]
        latest = {job.payout.id: job for job in batch}
        self.desk.record(*((job, self._result(job)) for job in latest.values()))

    def _result(self, job: Job) -> Step:
        """An outcome that is legal after what was asked."""
        after = self.dice.choice([0, 1, 20, 300, 4000])
        if job.payout.state is State.SENT:
            later = job.at + (1 + after) * SECOND
            again = step(job, None, State.SENT, task=Task.LOOK, due_at=later, tries=1)
            done = step(job, EventKind.FOUND, State.RECEIVED, claimed=job.payout.amount)
            return self.dice.choice([again, done])
        if job.payout.state is State.REFUSED:
            alive = step(
                job,
                EventKind.FOUND,
                State.IN_DOUBT,
                task=Task.QUERY,
                due_at=job.at + (1 + after) * SECOND,
            )
            proven = step(job, EventKind.PROVEN_DEAD, State.REFUSED)
            return self.dice.choice([step(job, None, State.REFUSED), proven, alive])
        if job.payout.state is State.WAITING:
            return postponed(job, after=1 + after)._replace(resend_until=None)
        return self.dice.choice([
            accepted(job, look_after=after), refused(job), unknown(job, after=after),
            confirming(job, after=1 + after),
            postponed(job, after=after, resend=2000),
            unknown(job, after=after)._replace(task=Task.SEND),
        ])  # fmt: skip

    def _wait(self) -> None:
        self.desk.clock.pass_(self.dice.choice([0.01, 1, 30, LEASE_SECONDS, 1000, 40_000]))

    def _pause(self) -> None:
        self._try(self.desk.book.pause, self.dice.choice(self.names), by="anna", reason="so")

    def _resume(self) -> None:
        self._try(self.desk.book.resume, self.dice.choice(self.names), by="anna")

    def _approve(self) -> None:
        name = self.dice.choice(self.names)
        digest = self.desk.book.standing(name).campaign.digest
        self._try(self.desk.book.approve, name, digest=digest, by="bert")

    def _person(self) -> None:
        payout = self.dice.choice(list(self.desk.payouts()))
        verb = self.dice.choice([self.desk.book.query_now, self.desk.book.send_now])
        self._try(verb, payout.id, by="anna")

    def _try(self, verb: Callable[..., object], *args: object, **kwargs: object) -> None:
        """What the books refuse is no harm."""
        with suppress(LedgerError):
            verb(*args, **kwargs)

    def next_due(self) -> int | None:
        """When the first payout is due that may be done then, by the rows themselves."""
        now = self.desk.clock.now
        stopped = {standing.id for standing in self.desk.book.channels() if standing.stop}
        sending = {
            standing.campaign.id: standing.campaign.state in SENDING
            and standing.campaign.channel_id not in stopped
            for standing in self.desk.book.campaigns()
        }
        limits_of = {
            it.campaign.id: CHANNELS[it.merchant, it.campaign.rail]
            for it in self.desk.book.campaigns()
        }
        found = []
        for payout in self.desk.payouts():
            due = payout.due_at
            if due is not None and payout.task is Task.SEND:
                limits = limits_of[payout.campaign_id]
                if not sending[payout.campaign_id] or limits.day_amount_max is not None:
                    continue
                due = max(due, next_open(now, limits.opens, limits.closes))
            if due is not None:
                found.append(due)
        return min(found, default=None)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_no_worker_sleeps_over_what_is_due_and_totals_stand_a_recount(
    desk: Desk, seed: int
) -> None:
    work = Work(desk, seed)
    for _ in range(STEPS):
        work.do()
        claim = desk.claim(500)
        while claim.jobs:
            work.held += claim.jobs
            claim = desk.claim(500)
        due = work.next_due()
        if due is not None:
            assert due > desk.clock.now, "it is due and was not claimed"
            assert claim.next_at is not None
            assert claim.next_at <= due
    assert desk.book.audit().findings == ()
    assert all(standing.adds_up for standing in desk.book.campaigns())
    assert _money_of_days(desk) == []


def _money_of_days(desk: Desk) -> list[tuple[int, int, int]]:
    """Channels whose money of the day is not that of their payouts: id, stored, recounted."""
    recounted: dict[tuple[int, int], int] = {}
    channels = {it.campaign.id: it.campaign.channel_id for it in desk.book.campaigns()}
    for payout in desk.payouts():
        if payout.day is not None and payout.state not in {State.REFUSED, State.CANCELLED}:
            of_day = (channels[payout.campaign_id], payout.day)
            recounted[of_day] = recounted.get(of_day, 0) + payout.amount
    with desk.transaction() as connection:
        stored = connection.exec_driver_sql("SELECT id, day, day_amount FROM channel").all()
    return [
        (channel, amount, recounted.get((channel, day), 0))
        for channel, day, amount in stored
        if amount != recounted.get((channel, day), 0)
    ]
