"""Leases payouts: once this is written one worker has them, and those to send are in doubt.

A crash after that leaves payouts that are queried when the lease ends, and no call that the books
do not know of. The first calls of a campaign's rows that follow each other are one row together.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import beijing
from hongbao.errors import Disposition
from hongbao.ledger.model.event import BodyTemplate, EventKind, behind_id, digest_of
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.limits import PUT_OFF
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.queue.due import FRESH_WIDTH, HASH, SUBMITTED_AT
from hongbao.ledger.queue.first_calls import begin
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.first_events import FirstEvents, called_body
from hongbao.ledger.store.rows import PLACES, payout_of
from hongbao.ledger.store.schema import STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.queue.channel_queue import ChosenCalls
    from hongbao.ledger.queue.due import Fresh
    from hongbao.ledger.store.changes import Changes

_CALLED = EventKind.CALLED.value
_IN_DOUBT = State.IN_DOUBT.value
_FIRST = BodyTemplate("calls", "day", "first_call_at", "tries", state=State.IN_DOUBT)
_AGAIN = BodyTemplate("calls", "day", "tries", state=State.IN_DOUBT)
_SENT = Shape(("lease", "calls", "first_call_at", "day", "seq", "hash"), ("payout_id", "seq"))
_SENT_TO = Shape((*_SENT.to, "payee"), _SENT.fence)
_ASKED = Shape(("lease", "task"), ("payout_id", "seq", "due_at"))
_PUT_OFF = Shape((), ("payout_id", "seq"))
_HARMLESS = (None, Disposition.NO.value)
(
    _ID, _CAMPAIGN, _ROW, _PAYEE, _AMOUNT, _TERMS, _STATE, _TASK, _DUE_AT, _LEASE, _CALLS, _ANSWERS,
    _DOUBT, _FIRST_CALL_AT, _TRIES, _DAY, _SEQ,
) = (
    PLACES[name]
    for name in (
        "id", "campaign_id", "row", "payee", "amount", "terms_id", "state", "task", "due_at",
        "lease", "calls", "answers", "doubt", "first_call_at", "tries", "day", "seq",
    )
)  # fmt: skip


class _Group(NamedTuple):
    """What is to be done of one channel's payouts.

    Attributes:
        channel_id: the channel.
        chosen: the payouts.
        lease: the token.
        day: the Beijing day.
        by_user: whether the channel limits what a user gets in a day.
    """

    channel_id: int
    chosen: ChosenCalls
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
        count: how many payouts are leased.
    """

    def __init__(self, changes: Changes, until: Instant) -> None:
        self.jobs: list[Job] = []
        self.sending: set[int] = set()
        self.count = 0
        self._groups: list[_Group] = []
        self._changes = changes
        self._move = changes.totals.move
        self._now = changes.now
        self._until = until
        self._tomorrow = beijing.tomorrow(self._now)
        sent = {"state": _IN_DOUBT, "task": int(Task.QUERY), "due_at": until}
        off = {"due_at": self._tomorrow, "reason": PUT_OFF}
        # Only the channel's row is locked. A late result, whose lease has ended, may still change
        # a payout.
        self._sends = changes.rows(_SENT, alike=sent)
        self._sends_to = changes.rows(_SENT_TO, alike=sent)
        self._asks = changes.rows(_ASKED, alike={"due_at": until})
        self._put_off = changes.rows(_PUT_OFF, alike=off)

    def lease(
        self, channel_id: int, chosen: ChosenCalls, *, lease: int, day: int, by_user: bool
    ) -> None:
        """Lease payouts of one channel, and postpone until tomorrow what is put off.

        Args:
            channel_id: the channel.
            chosen: the payouts.
            lease: the token.
            day: the Beijing day that counts for the channel.
            by_user: whether the channel limits what a user gets in a day.
        """
        self.sending |= {row[_CAMPAIGN] for task, row, _ in chosen.calls if task is Task.SEND}
        self.count += len(chosen.calls)
        self._groups.append(_Group(channel_id, chosen, lease, day, by_user))

    def write(self, connection: Connection) -> None:
        """Make the jobs, and give the changes all that is to be written for them."""
        groups = self._groups
        calls = [(it.chosen.first, it.lease, it.day) for it in groups if it.chosen.first]
        ranges = begin(connection, self._changes, calls, until=self._until)
        said = (chain(it.chosen.first, it.chosen.first_put_off) for it in groups)
        firsts = _first_hashes(connection, list(chain.from_iterable(said)))
        for group in groups:
            self._call(group, firsts, ranges)
            self._postpone(group, firsts)

    def _call(self, group: _Group, firsts: Mapping[int, bytes], ranges: Mapping[int, int]) -> None:
        changes, now, until, jobs = self._changes, self._now, self._until, self.jobs
        called = behind_id(2, now, _CALLED, changes.actor, called_body(now, group.day))
        begun = (
            _IN_DOUBT, int(Task.QUERY), until, group.lease, 1, 0, None, now, None, 0, None, None,
            None, None, None, None, 0, 0, group.day, 2,
        )  # fmt: skip
        for task, row, at in group.chosen.calls:
            if len(row) == FRESH_WIDTH:
                number = row[_ID]
                last = digest_of(firsts[number], number, called)
                jobs.append(
                    Job(
                        payout_of((*row, *begun)), group.channel_id, task, at, until, last, None,
                        ranges[number], group.by_user,
                    )
                )  # fmt: skip
            elif task is Task.SEND:
                self._send(group, row, at)
            else:
                self._ask(group, task, row, at)

    def _postpone(self, group: _Group, firsts: Mapping[int, bytes]) -> None:
        self._put_off += [(row[_ID], row[_SEQ]) for row in group.chosen.put_off]
        stands = [
            standings.waiting(
                _who(row, by_user=group.by_user), self._tomorrow, firsts[row[_ID]], PUT_OFF
            )
            for it in group.chosen.first_put_off
            for row in it.rows
        ]
        if stands:
            self._changes.add(STANDING, standings.COLUMNS, stands)

    def _send(self, group: _Group, row: Sequence[Any], at: Instant) -> None:
        values, now = list(row[:HASH]), self._now
        state, seq, calls = values[_STATE], values[_SEQ], values[_CALLS] + 1
        # As long as no call can have left an order with the payer, this is like a first call.
        if values[_ANSWERS] == calls - 1 and values[_DOUBT] in _HARMLESS:
            values[_FIRST_CALL_AT] = now
            body = _FIRST.body((calls, group.day, now, values[_TRIES]))
        else:
            body = _AGAIN.body((calls, group.day, values[_TRIES]))
        last = self._changes.event(row[HASH], values[_ID], seq + 1, _CALLED, body)
        to = (group.lease, calls, values[_FIRST_CALL_AT], group.day, seq + 1, last)
        if group.by_user:
            self._sends_to.append((*to, values[_PAYEE], values[_ID], seq))
        else:
            self._sends.append((*to, values[_ID], seq))
        values[_STATE], values[_CALLS], values[_DAY], values[_SEQ] = (
            _IN_DOUBT, calls, group.day, seq + 1,
        )  # fmt: skip
        if state != _IN_DOUBT:
            self._move(values[_CAMPAIGN], state, _IN_DOUBT, values[_AMOUNT])
        # What follows a send if its worker never reports back.
        self._job(group, Task.SEND, values, at, last, None, then=Task.QUERY)

    def _ask(self, group: _Group, task: Task, row: Sequence[Any], at: Instant) -> None:
        self._asks.append((group.lease, int(task), row[_ID], row[_SEQ], row[_DUE_AT]))
        values = list(row[:HASH])
        self._job(group, task, values, at, row[HASH], row[SUBMITTED_AT], then=task)

    def _job(  # noqa: PLR0917  # as a ``Job``
        self,
        group: _Group,
        task: Task,
        values: list[Any],
        at: Instant,
        last: bytes,
        submitted_at: Instant | None,
        *,
        then: Task,
    ) -> None:
        values[_TASK], values[_DUE_AT], values[_LEASE] = int(then), self._until, group.lease
        self.jobs.append(
            Job(payout_of(values), group.channel_id, task, at, self._until, last, submitted_at)
        )


def _first_hashes(connection: Connection, fresh: Sequence[Fresh]) -> dict[int, bytes]:
    """The hashes of the first events of payouts that have no standing."""
    if not fresh:
        return {}
    first = FirstEvents(connection)
    first.know({row[_TERMS] for it in fresh for row in it.rows})
    hashes: dict[int, bytes] = {}
    for it in fresh:
        hashes |= first.of_submission(it.rows, it.at, it.actor)
    return hashes


def _who(row: Sequence[Any], *, by_user: bool) -> tuple[int, int, int, int, str | None]:
    payee = row[_PAYEE] if by_user else None
    return row[_ID], row[_CAMPAIGN], row[_ROW], row[_AMOUNT], payee
