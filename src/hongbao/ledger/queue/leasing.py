"""Leases payouts: once this is written one worker has them, and those to send are in doubt.

A crash after that leaves payouts that are queried when the lease ends, and no call that the books
do not know of. The first calls of a campaign's rows that follow each other are one row together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import beijing
from hongbao.errors import Disposition
from hongbao.ledger.model.event import BodyTemplate, EventKind, digest
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.queue.due import HASH, SUBMITTED_AT, SUBMITTED_BY
from hongbao.ledger.queue.first_calls import begin
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.first_events import Beginning, FirstEvents, called_body
from hongbao.ledger.store.rows import PLACES, payout_of
from hongbao.ledger.store.schema import STANDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.changes import Changes

PUT_OFF = "put off to tomorrow: a limit of the day is reached"

_CALLED = EventKind.CALLED.value
_IN_DOUBT, _WAITING = State.IN_DOUBT.value, State.WAITING.value
_FIRST = BodyTemplate("calls", "day", "first_call_at", "tries", state=State.IN_DOUBT)
_AGAIN = BodyTemplate("calls", "day", "tries", state=State.IN_DOUBT)
_SENT = Shape(("lease", "calls", "first_call_at", "day", "seq", "hash"), ("payout_id", "seq"))
_SENT_TO = Shape((*_SENT.to, "payee"), _SENT.fence)
_ASKED = Shape(("lease", "task"), ("payout_id", "seq", "due_at"))
_PUT_OFF = Shape((), ("payout_id", "seq"))
_HARMLESS = (None, Disposition.NO.value)
(
    _ID, _CAMPAIGN, _ROW, _KIND, _PAYEE, _AMOUNT, _PEOPLE, _TERMS, _BILLNO, _STATE, _TASK,
    _DUE_AT, _LEASE, _CALLS, _ANSWERS, _DOUBT, _FIRST_CALL_AT, _TRIES, _DAY, _SEQ,
) = (
    PLACES[name]
    for name in (
        "id", "campaign_id", "row", "kind", "payee", "amount", "people", "terms_id", "billno",
        "state", "task", "due_at", "lease", "calls", "answers", "doubt", "first_call_at", "tries",
        "day", "seq",
    )
)  # fmt: skip


class _Chosen(NamedTuple):
    """What is to be done with one payout."""

    task: Task
    row: Sequence[Any]
    at: Instant
    lease: int
    day: int
    by_user: bool


class Leasing:
    """The leases of one claim.

    Args:
        changes: collects what will be written.
        until: when the leases end.

    Attributes:
        jobs: the calls to make, once ``write`` has made them of what is leased.
        sending: the campaigns whose payouts are sent.
    """

    def __init__(self, changes: Changes, until: Instant) -> None:
        self.jobs: list[Job] = []
        self.sending: set[int] = set()
        self._chosen: list[_Chosen] = []
        self._off: list[tuple[Sequence[Any], bool]] = []
        self._changes = changes
        self._move = changes.totals.move
        self._now = changes.now
        self._until = until
        self._tomorrow = beijing.tomorrow(self._now)
        sent = {"state": _IN_DOUBT, "task": int(Task.QUERY), "due_at": until}
        off = {"due_at": self._tomorrow, "reason": PUT_OFF}
        # Only the merchant's row is locked. A late result, whose lease has ended, may still change
        # a payout.
        self._sends = changes.rows(_SENT, alike=sent)
        self._sends_to = changes.rows(_SENT_TO, alike=sent)
        self._asks = changes.rows(_ASKED, alike={"due_at": until})
        self._put_off = changes.rows(_PUT_OFF, alike=off)

    @property
    def count(self) -> int:
        """How many payouts are leased."""
        return len(self._chosen)

    def lease(
        self,
        chosen: Iterable[tuple[Task, Sequence[Any], Instant]],
        *,
        lease: int,
        day: int,
        by_user: bool,
    ) -> None:
        """Lease payouts of one merchant.

        Args:
            chosen: tasks with their rows from ``due.fetch`` and their slots.
            lease: the token.
            day: the Beijing day that counts for the merchant.
            by_user: whether the merchant limits what a user gets in a day.
        """
        for task, row, at in chosen:
            if task is Task.SEND:
                self.sending.add(row[_CAMPAIGN])
            self._chosen.append(_Chosen(task, row, at, lease, day, by_user))

    def put_off(self, rows: Iterable[Sequence[Any]], *, by_user: bool) -> None:
        """Postpone payouts of one merchant until tomorrow."""
        for row in rows:
            if row[HASH] is None:
                self._off.append((row, by_user))
            else:
                self._put_off.append((row[_ID], row[_SEQ]))

    def write(self, connection: Connection) -> None:
        """Make the jobs, and give the changes all that is to be written for them."""
        fresh = [one for one in self._chosen if one.row[HASH] is None]
        begun = [(it.row, it.lease, it.day) for it in fresh if not it.by_user]
        ranges = begin(connection, self._changes, begun, until=self._until)
        firsts = _first_hashes(connection, [it.row for it in fresh] + [row for row, _ in self._off])
        self._stand(
            [
                standings.waiting(
                    _who(row, by_user=by_user), self._tomorrow, firsts[row[_ID]], PUT_OFF
                )
                for row, by_user in self._off
            ]
        )
        of_users: list[tuple[Any, ...]] = []
        for one in self._chosen:
            if one.task is not Task.SEND:
                self._ask(one)
            elif one.row[HASH] is not None:
                self._send(one)
            else:
                last = self._begin(one, firsts[one.row[_ID]], of_users)
                self._job(one, _begun(one, self._now), last, ranges.get(one.row[_ID]))
        self._stand(of_users)

    def _stand(self, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._changes.add(STANDING, standings.COLUMNS, rows)

    def _begin(self, one: _Chosen, last: bytes, of_users: list[tuple[Any, ...]]) -> bytes:
        """Let a first call begin, and return the hash of the event that says so."""
        payout_id, body = one.row[_ID], called_body(self._now, one.day)
        if not one.by_user:
            return digest(last, payout_id, 2, self._now, _CALLED, self._changes.actor, body)
        last = self._changes.event(last, payout_id, 2, _CALLED, body)
        who = _who(one.row, by_user=True)
        of_users.append(standings.called(who, self._until, one.lease, self._now, one.day, last))
        self._move(one.row[_CAMPAIGN], _WAITING, _IN_DOUBT, one.row[_AMOUNT])
        return last

    def _send(self, one: _Chosen) -> None:
        values, now = list(one.row[:HASH]), self._now
        state, seq, calls = values[_STATE], values[_SEQ], values[_CALLS] + 1
        # As long as no call can have left an order with the payer, this is like a first call.
        if values[_ANSWERS] == calls - 1 and values[_DOUBT] in _HARMLESS:
            values[_FIRST_CALL_AT] = now
            body = _FIRST.body((calls, one.day, now, values[_TRIES]))
        else:
            body = _AGAIN.body((calls, one.day, values[_TRIES]))
        last = self._changes.event(one.row[HASH], values[_ID], seq + 1, _CALLED, body)
        to = (one.lease, calls, values[_FIRST_CALL_AT], one.day, seq + 1, last)
        if one.by_user:
            self._sends_to.append((*to, values[_PAYEE], values[_ID], seq))
        else:
            self._sends.append((*to, values[_ID], seq))
        values[_STATE], values[_CALLS], values[_DAY], values[_SEQ] = (
            _IN_DOUBT, calls, one.day, seq + 1,
        )  # fmt: skip
        if state != _IN_DOUBT:
            self._move(values[_CAMPAIGN], state, _IN_DOUBT, values[_AMOUNT])
        self._job(one, values, last)

    def _ask(self, one: _Chosen) -> None:
        row = one.row
        self._asks.append((one.lease, int(one.task), row[_ID], row[_SEQ], row[_DUE_AT]))
        self._job(one, list(row[:HASH]), row[HASH])

    def _job(
        self, one: _Chosen, values: list[Any], last: bytes, range_id: int | None = None
    ) -> None:
        # What follows a send if its worker never reports back.
        values[_TASK] = 0 if one.task is Task.SEND else int(one.task)
        values[_DUE_AT], values[_LEASE] = self._until, one.lease
        submitted_at = None if one.task is Task.SEND else one.row[SUBMITTED_AT]
        self.jobs.append(
            Job(payout_of(values), one.task, one.at, self._until, last, submitted_at, range_id)
        )


def _first_hashes(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[int, bytes]:
    """The hashes of the first events of payouts that have no standing."""
    if not rows:
        return {}
    first = FirstEvents(connection)
    first.know({row[_TERMS] for row in rows})
    return {
        row[_ID]: first.submitted(
            Beginning(
                row[_ID], row[_AMOUNT], row[_BILLNO], row[_KIND], row[_PAYEE], row[_PEOPLE],
                row[_TERMS], row[SUBMITTED_AT], row[SUBMITTED_BY],
            )
        )
        for row in rows
    }  # fmt: skip


def _who(row: Sequence[Any], *, by_user: bool) -> tuple[int, int, int, int, str | None]:
    payee = row[_PAYEE] if by_user else None
    return row[_ID], row[_CAMPAIGN], row[_ROW], row[_AMOUNT], payee


def _begun(one: _Chosen, now: Instant) -> list[Any]:
    """A payout as it is after its first call has begun."""
    values = list(one.row[:HASH])
    values[_STATE], values[_CALLS], values[_FIRST_CALL_AT] = _IN_DOUBT, 1, now
    values[_DAY], values[_SEQ] = one.day, 2
    return values
