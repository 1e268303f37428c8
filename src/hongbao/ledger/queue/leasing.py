"""Leases payouts: once this is written one worker has them, and those to send are in doubt.

A crash after that leaves payouts that are queried when the lease ends, and no call that the books
do not know of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.errors import Disposition
from hongbao.ledger.model.event import BodyTemplate, EventKind
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.rows import PLACES, payout_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.changes import Changes

PUT_OFF = "put off to tomorrow: a limit of the day is reached"

_CALLED = EventKind.CALLED.value
_IN_DOUBT = State.IN_DOUBT.value
_FIRST = BodyTemplate("calls", "day", "first_call_at", "tries", state=State.IN_DOUBT)
_AGAIN = BodyTemplate("calls", "day", "tries", state=State.IN_DOUBT)
_SENT = Shape(("lease", "calls", "first_call_at", "day", "seq"), ("id", "seq"))
_ASKED = Shape(("lease", "task"), ("id", "seq", "due_at"))
_PUT_OFF = Shape((), ("id", "seq"))
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
    """The leases of one claim.

    Args:
        changes: collects what will be written.
        until: when the leases end.

    Attributes:
        jobs: the calls to make.
        sending: the campaigns whose payouts are sent.
    """

    def __init__(self, changes: Changes, until: Instant) -> None:
        self.jobs: list[Job] = []
        self.sending: set[int] = set()
        self._changes = changes
        self._move = changes.totals.move
        self._now = changes.now
        self._until = until
        sent = {"state": _IN_DOUBT, "task": int(Task.QUERY), "due_at": until}
        off = {"due_at": beijing.tomorrow(self._now), "reason": PUT_OFF}
        # Only the merchant's row is locked. A late result, whose lease has ended, may still change
        # a payout.
        self._sends = changes.rows(_SENT, alike=sent)
        self._asks = changes.rows(_ASKED, alike={"due_at": until})
        self._put_off = changes.rows(_PUT_OFF, alike=off)

    def lease(
        self, chosen: Iterable[tuple[Task, Sequence[Any], Instant]], *, lease: int, day: int
    ) -> None:
        """Lease payouts of one merchant.

        Args:
            chosen: tasks with their rows from ``due.fetch`` and their slots.
            lease: the token.
            day: the Beijing day that counts for the merchant.
        """
        for task, row, at in chosen:
            if task is Task.SEND:
                self._send(row, at, lease, day)
            else:
                self._ask(task, row, at, lease)

    def put_off(self, rows: Iterable[Sequence[Any]]) -> None:
        """Postpone payouts until tomorrow."""
        self._put_off += [(row[_ID], row[_SEQ]) for row in rows]

    def _send(self, row: Sequence[Any], at: Instant, lease: int, day: int) -> None:
        *values, last, _submitted_at = row
        state, seq, now = values[_STATE], values[_SEQ], self._now
        calls = values[_CALLS] + 1
        # As long as no call can have left an order with the payer, this is like a first call.
        if values[_ANSWERS] == calls - 1 and values[_DOUBT] in _HARMLESS:
            values[_FIRST_CALL_AT] = now
            body = _FIRST.body((calls, day, now, values[_TRIES]))
        else:
            body = _AGAIN.body((calls, day, values[_TRIES]))
        last = self._changes.event(last, values[_ID], seq + 1, _CALLED, body)
        self._sends.append((lease, calls, values[_FIRST_CALL_AT], day, seq + 1, values[_ID], seq))
        values[_STATE] = _IN_DOUBT
        values[_CALLS] = calls
        values[_DAY] = day
        values[_SEQ] = seq + 1
        if state != _IN_DOUBT:
            self._move(values[_CAMPAIGN], state, _IN_DOUBT, values[_AMOUNT])
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
        # What follows a send if its worker never reports back.
        values[_TASK] = 0 if task is Task.SEND else int(task)
        values[_DUE_AT] = self._until
        values[_LEASE] = lease
        self.jobs.append(Job(payout_of(values), task, at, self._until, last, submitted_at))
