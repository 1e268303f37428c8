"""Leases payouts: from the commit on they are one worker's, and those to send are in doubt.

A crash after that leaves payouts that are asked about when the lease ends, and no call that the
books do not know of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.errors import Disposition
from hongbao.ledger import beijing, bulk
from hongbao.ledger.database import Again
from hongbao.ledger.event import EventKind, digest
from hongbao.ledger.job import Job
from hongbao.ledger.payout import State, Task
from hongbao.ledger.rows import PLACES, payout_of
from hongbao.ledger.schema import EVENT, PAYOUT
from hongbao.ledger.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.payout import Instant

PUT_OFF = "put off to tomorrow: a limit of the day is reached"

_CALLED = EventKind.CALLED.value
_IN_DOUBT = State.IN_DOUBT.value
_EVENT = tuple(column.name for column in EVENT.c)
_HARMLESS = (None, Disposition.NO.value)
(
    _ID, _CAMPAIGN, _AMOUNT, _STATE, _TASK, _DUE_AT, _LEASE, _CALLS, _ANSWERS, _DOUBT,
    _FIRST_CALL_AT, _TRIES, _DAY, _SEQ,
) = (
    PLACES[name]
    for name in (
        "id", "campaign_id", "amount", "state", "task", "due_at", "lease", "calls", "answers",
        "doubt", "first_call_at", "tries", "day", "seq",
    )
)  # fmt: skip


class Leasing:
    """What one claim leases. Nothing is written before ``write``.

    Args:
        worker: whose.
        now: the books' time.
        until: when the leases end.

    Attributes:
        jobs: the calls to make.
        sending: campaigns of which something is sent.
    """

    def __init__(self, worker: str, now: Instant, until: Instant) -> None:
        self.jobs: list[Job] = []
        self.sending: set[int] = set()
        self._worker = worker
        self._now = now
        self._until = until
        self._sends: list[tuple[Any, ...]] = []
        self._asks: list[tuple[Any, ...]] = []
        self._put_off: list[tuple[Any, ...]] = []
        self._events: list[tuple[Any, ...]] = []
        # Payouts and fen that were in a state before.
        self._moved: dict[tuple[int, str], list[int]] = {}
        self._tallies = Tallies(worker)

    def lease(
        self, chosen: Iterable[tuple[Task, Sequence[Any], Instant]], *, lease: int, day: int
    ) -> None:
        """Lease payouts of one merchant.

        Args:
            chosen: what to do, rows of ``due.fetch``, and their slots.
            lease: the token.
            day: the Beijing day that counts for the merchant.
        """
        for task, row, at in chosen:
            if task is Task.SEND:
                self._send(row, at, lease, day)
            else:
                self._ask(task, row, at, lease)

    def put_off(self, rows: Iterable[Sequence[Any]]) -> None:
        """Let payouts wait for tomorrow."""
        self._put_off += [(row[_ID], row[_SEQ]) for row in rows]

    def write(self, connection: Connection) -> None:
        """Write it all.

        Raises:
            Again: if somebody else has changed one of the payouts since it was read.
        """
        sends = bulk.update(
            connection, PAYOUT, ("lease", "calls", "first_call_at", "day", "seq"), ("id", "seq"),
            self._sends,
            alike={"state": _IN_DOUBT, "task": int(Task.QUERY), "due_at": self._until},
        )  # fmt: skip
        asks = bulk.update(
            connection, PAYOUT, ("lease", "task"), ("id", "seq", "due_at"), self._asks,
            alike={"due_at": self._until},
        )  # fmt: skip
        put_off = bulk.update(
            connection, PAYOUT, (), ("id", "seq"), self._put_off,
            alike={"due_at": beijing.tomorrow(self._now), "reason": PUT_OFF},
        )  # fmt: skip
        # Only the merchant's row is locked. A result that comes late, after its lease, changes a
        # payout all the same.
        if sends + asks + put_off != len(self._sends) + len(self._asks) + len(self._put_off):
            raise Again
        bulk.insert(connection, EVENT, _EVENT, self._events)
        for (campaign, state), (payouts, amount) in self._moved.items():
            self._tallies.add(campaign, state, -amount, payouts=-payouts)
            self._tallies.add(campaign, _IN_DOUBT, amount, payouts=payouts)
        self._tallies.write(connection)

    def _send(self, row: Sequence[Any], at: Instant, lease: int, day: int) -> None:
        *values, last, _submitted_at = row
        state, seq, now = values[_STATE], values[_SEQ], self._now
        calls = values[_CALLS] + 1
        first = ""
        # As long as no call can have left an order with the payer, it is as before a first one.
        if values[_ANSWERS] == calls - 1 and values[_DOUBT] in _HARMLESS:
            values[_FIRST_CALL_AT] = now
            first = f'"first_call_at":{now},'
        # As ``event.chain`` would write it, in a third of the time.
        body = (
            f'{{"calls":{calls},"day":{day},{first}"state":"{_IN_DOUBT}","tries":{values[_TRIES]}}}'
        )
        event = (values[_ID], seq + 1, now, _CALLED, self._worker, body)
        last = digest(last, *event)
        self._events.append((*event, last))
        self._sends.append((lease, calls, values[_FIRST_CALL_AT], day, seq + 1, values[_ID], seq))
        values[_STATE] = _IN_DOUBT
        values[_CALLS] = calls
        values[_DAY] = day
        values[_SEQ] = seq + 1
        if state != _IN_DOUBT:
            moved = self._moved.setdefault((values[_CAMPAIGN], state), [0, 0])
            moved[0] += 1
            moved[1] += values[_AMOUNT]
        self.sending.add(values[_CAMPAIGN])
        self._job(Task.SEND, values, at, lease, last=last)

    def _ask(self, task: Task, row: Sequence[Any], at: Instant, lease: int) -> None:
        *values, last, submitted_at = row
        self._asks.append((lease, int(task), values[_ID], values[_SEQ], values[_DUE_AT]))
        self._job(task, values, at, lease, last=last, submitted_at=submitted_at)

    def _job(
        self,
        task: Task,
        values: list[Any],
        at: Instant,
        lease: int,
        *,
        last: bytes,
        submitted_at: Instant | None = None,
    ) -> None:
        # What a send is followed by, if nobody comes back from it.
        values[_TASK] = 0 if task is Task.SEND else int(task)
        values[_DUE_AT] = self._until
        values[_LEASE] = lease
        self.jobs.append(Job(payout_of(values), task, at, self._until, last, submitted_at))
