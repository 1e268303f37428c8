"""A desk at the books: lists, approved at once, and results such as a worker brings."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from hongbao.errors import Disposition
from hongbao.ledger.model.campaign import Entry, ListedRow, Plan
from hongbao.ledger.model.death import Proof, ProofWindows
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope, Step, Stop
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.schema import DECISION
from hongbao.ledger.store.terms import content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from books import Clock
    from sqlalchemy import Connection

    from hongbao.ledger.book import Book
    from hongbao.ledger.model.campaign import (
        Campaign,
    )
    from hongbao.ledger.model.job import ClaimedJobs, Job
    from hongbao.ledger.model.known import Known
    from hongbao.ledger.model.payout import Payout

LEASE_SECONDS = 90.0
HOUR = 3600
DAY = 24 * HOUR
UNLIMITED = PayerLimits()
MERCHANT_STOP = Stop(scope=Scope.MERCHANT, code="NOTENOUGH", reason="no money", advice="Top up.")


def windows(_kind: str) -> ProofWindows:
    """Of red packets, written down once more here."""
    return ProofWindows(resend_seconds=DAY, grace_seconds=3 * DAY, answers_seconds=30 * DAY)


class OpenDatabase(Protocol):
    """Opens a database until the test ends."""

    def __call__(self, url: str, **options: Any) -> Database:
        """Open it with the options of ``Database``."""
        ...


class Desk:
    """Over books at a test's own time.

    Args:
        book: the books.
        url: where they stand.
        clock: their time.
    """

    def __init__(self, book: Book, url: str, clock: Clock) -> None:
        self.book = book
        self.clock = clock
        self._url = url
        self._database: Database | None = None

    def declare_dead(self, payout: Payout, reason: str) -> Payout:
        """Have Anna say that it was not paid."""
        return self.book.declare_dead(payout.id, by="anna", reason=reason, windows=windows)

    def channel(
        self,
        number: str = "1900012345",
        limits: PayerLimits = UNLIMITED,
        *,
        rail: str = "redpack",
    ) -> int:
        """A merchant's way of paying."""
        return self.book.set_channel(number, rail, limits, by="anna")

    def draft(
        self,
        count: int = 1,
        *,
        name: str = "spring",
        number: str = "1900012345",
        rail: str = "redpack",
        limits: PayerLimits = UNLIMITED,
        amounts: Sequence[int] | None = None,
        payees: Sequence[str] | None = None,
    ) -> Campaign:
        """A list that is stored and not approved: 100 fen a row for a user each, unless said."""
        plan = Plan(
            name=name,
            channel_id=self.channel(number, limits, rail=rail),
            profile="demo",
            budget=None,
            source="list.csv",
            source_digest=sha256(b"").digest(),
        )
        begun = self.book.begin_import(plan, by="anna")
        [terms_id] = self.book.terms([{"wishing": "恭喜发财"}])
        amounts = amounts or [100] * len(payees or range(count))
        payees = payees or [f"oUSER_{name}_{row}" for row in range(len(amounts))]
        entries = [
            Entry(f"{name}/{row}", "normal", payee, amount, 1, terms_id)
            for row, (payee, amount) in enumerate(zip(payees, amounts, strict=True))
        ]
        self.book.submit(begun.id, [entries], by="anna")
        return self.book.finish_import(name, by="anna")

    def campaign(self, count: int = 1, **facts: Any) -> Campaign:
        """A list that is approved; see ``draft``."""
        draft = self.draft(count, **facts)
        return self.book.approve(draft.name, digest=draft.digest, by="bert")

    def running(self, count: int = 1, **facts: Any) -> Campaign:
        """A list that goes on however old its approval is: a person has resumed it."""
        name = self.campaign(count, **facts).name
        self.book.pause(name, by="bert", reason="a question")
        return self.book.resume(name, by="bert")

    def claim(self, limit: int = 1000, *, worker: str = "worker-1", **how: Any) -> ClaimedJobs:
        """What a worker would claim."""
        return self.book.claim(worker, limit=limit, lease_seconds=LEASE_SECONDS, **how)

    def jobs(self, limit: int = 1000, **how: Any) -> list[Job]:
        """The jobs of a claim."""
        return self.claim(limit, **how).jobs

    def record(self, *results: tuple[Job, Step], worker: str = "worker-1") -> frozenset[int]:
        """Record results; gives those that were late."""
        return self.book.record(worker, results).late

    def payout(self, job_or_id: Job | int) -> Payout:
        """A payout as it stands in the books."""
        wanted = job_or_id if isinstance(job_or_id, int) else job_or_id.payout.id
        [found] = [payout for payout in self.payouts() if payout.id == wanted]
        return found

    def payouts(self) -> Iterator[Payout]:
        """All payouts of all campaigns."""
        for standing in self.book.campaigns():
            yield from self.book.payouts_of(standing.campaign.name)

    def known(self, merchant_id: int, entries: Sequence[Entry]) -> list[Known | None]:
        """What the books have under the keys of these rows."""
        return self.book.known(merchant_id, list(map(self._listed, entries, count(1))))

    def _listed(self, entry: Entry, number: int) -> ListedRow:
        body, digest = content(self.book.terms_body(entry.terms_id))
        return ListedRow(number, *entry[:5], digest, body)

    def decisions(self, campaign: Campaign) -> list[tuple[str, str]]:
        """What was decided about a campaign, and by whom."""
        with self.transaction() as connection:
            rows = connection.execute(
                DECISION.select()
                .where(DECISION.c.campaign_id == campaign.id)
                .order_by(DECISION.c.seq)
            )
            return [(row.kind, row.actor) for row in rows]

    @property
    def database(self) -> Database:
        """The database itself, at the test's own time."""
        if self._database is None:
            self._database = Database(self._url, clock=self.clock)
        return self._database

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction that writes, behind the books' back."""
        return self.database.transaction()

    def close(self) -> None:
        """Close what was opened."""
        if self._database is not None:
            self._database.close()


def step(job: Job, kind: EventKind | None, state: State, **changes: Any) -> Step:
    """A step that changes what is said; without a task it leaves nothing to do."""
    payout = job.payout
    facts: dict[str, Any] = {
        "payout": payout, "kind": kind, "state": state, "task": None, "due_at": None,
        "answered": job.task is Task.SEND and kind is not None, "doubt": payout.doubt,
        "resend_until": payout.resend_until, "tries": 0, "code": None, "reason": None,
        "listid": payout.listid, "voucher": payout.voucher, "sent_at": payout.sent_at,
        "settled_at": payout.settled_at, "claimed": payout.claimed, "refunded": payout.refunded,
    }  # fmt: skip
    return Step(**(facts | changes))


def accepted(job: Job, *, look_after: float = 600) -> Step:
    """It is paid; look again later."""
    return step(
        job, EventKind.ACCEPTED, State.SENT, task=Task.LOOK,
        due_at=job.at + int(look_after * SECOND), listid="1000041701201609263000000000",
        sent_at=job.at, code="SUCCESS",
    )  # fmt: skip


def awaiting(job: Job, *, look_after: float = 60) -> Step:
    """Its money is locked until its receiver confirms; look again later."""
    return step(
        job, EventKind.ACCEPTED, State.AWAITING_USER, task=Task.LOOK, doubt=Disposition.OPEN,
        due_at=job.at + int(look_after * SECOND), listid="1330000012345292611290000000000001",
    )  # fmt: skip


def plain(job: Job, *, look_after: float = 600) -> Step:
    """It is paid, and nothing else is to be said: nearly every result."""
    return accepted(job, look_after=look_after)._replace(code=None)


def refused(job: Job, code: str = "MONEY_LIMIT") -> Step:
    """It can never be paid with this number: a send was refused, and a query says FAILED."""
    return step(
        job, EventKind.PROVEN_DEAD, State.REFUSED, code=code, reason="refused",
        doubt=Disposition.NO, proof=Proof.FAILED,
    )  # fmt: skip


def not_stored(job: Job) -> Step:
    """A send was refused, and a query says that the payer has no order of its number."""
    return refused(job)._replace(proof=Proof.NOT_FOUND)


def refused_unproven(job: Job) -> Step:
    """Refused on the word of a send alone, as books of older versions have it."""
    return step(
        job, EventKind.REFUSED, State.REFUSED, code="MONEY_LIMIT", reason="refused",
        doubt=Disposition.NO,
    )  # fmt: skip


def confirming(job: Job, *, after: float = 3) -> Step:
    """Refused by a send, and a query shall confirm it."""
    return step(
        job, EventKind.REFUSED, State.IN_DOUBT, task=Task.QUERY,
        due_at=job.at + int(after * SECOND), code="MONEY_LIMIT", reason="refused",
        doubt=Disposition.NO,
    )  # fmt: skip


def unknown(job: Job, *, after: float = 2) -> Step:
    """Nobody knows; ask soon."""
    return step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.QUERY,
        due_at=job.at + int(after * SECOND), reason="the reply was lost",
    )  # fmt: skip


def postponed(job: Job, *, after: float, resend: float = 86_400) -> Step:
    """Not now; the same number again."""
    return step(
        job, EventKind.POSTPONED, State.WAITING, task=Task.SEND,
        due_at=job.at + int(after * SECOND), code="NOTENOUGH",
        resend_until=job.at + int(resend * SECOND),
    )  # fmt: skip


def sent(desk: Desk, outcome: Callable[[Job], Step]) -> Payout:
    """A payout that was sent once, with this outcome."""
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, outcome(job)))
    return desk.payout(job)


def doubtful(job: Job) -> Step:
    """The reply was lost; it may be sent again for a day."""
    return step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + HOUR * SECOND,
        doubt=Disposition.UNKNOWN, resend_until=job.at + DAY * SECOND,
    )  # fmt: skip


def held_back(job: Job) -> Step:
    """Not paid now; the number lives."""
    return step(
        job, EventKind.POSTPONED, State.WAITING, task=Task.SEND, due_at=job.at + HOUR * SECOND,
        doubt=Disposition.OPEN, resend_until=job.at + DAY * SECOND, code="NOTENOUGH",
    )  # fmt: skip


def handed_over(desk: Desk, code: str = "NOT_FOUND") -> None:
    """A late query brings nothing, and leaves it to a person."""
    [job] = desk.jobs()
    assert job.task is Task.QUERY
    desk.record((job, step(job, EventKind.HANDED_OVER, State.IN_DOUBT, code=code)))


def last_event(desk: Desk, payout: Payout) -> tuple[str, str, dict[str, object]]:
    """What the history says last."""
    event = desk.book.history(payout.id)[-1]
    return event.kind, event.actor, json.loads(event.body)
