"""Compares a payout's next task with its state and its history. Pure.

When a payout is due again is not in its history. The checks are that it can be claimed, that it
waits no longer than the engine lets anything wait, and that a payout without a task was handed over
to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PUT_OFF
from hongbao.ledger.model.payout import UNSETTLED, State, Task
from hongbao.ledger.store.rows import PLACES
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.audits.audit_beginning import EventRow
    from hongbao.ledger.model.payout import Instant

WAIT_MAX: Instant = 3 * beijing.DAY
"""The engine's rules let a payout wait for a day and some hours at most; a lease is shorter."""

(_STATE, _TASK, _DUE_AT, _LEASE, _CALLS, _REASON) = (
    PLACES[name] for name in ("state", "task", "due_at", "lease", "calls", "reason")
)
_TASKS: dict[str, frozenset[int | None]] = {
    State.WAITING: frozenset({Task.SEND, Task.QUERY, None}),
    State.IN_DOUBT: frozenset({Task.SEND, Task.QUERY, None}),
    State.AWAITING_USER: frozenset({Task.LOOK, Task.CANCEL, None}),
    State.SENT: frozenset({Task.LOOK, None}),
    State.RECEIVED: frozenset({None}),
    State.RETURNED: frozenset({None}),
    State.REFUSED: frozenset({Task.QUERY, None}),
    State.CANCELLED: frozenset({Task.QUERY, None}),
}
_NAMES: dict[int | None, str] = {None: "nothing", **{int(it): it.name.lower() for it in Task}}
_HANDED_OVER, _REQUESTED = EventKind.HANDED_OVER.value, EventKind.REQUESTED.value
_UNFINISHED = frozenset(map(str, UNSETTLED | {State.SENT}))
_ASKABLE = frozenset({int(Task.QUERY), int(Task.LOOK), int(Task.CANCEL)})


def queue_problem(
    row: Sequence[Any], events: Sequence[EventRow], *, turn: int, latest: Instant
) -> str | None:
    """What is wrong with a payout's task, its time and its lease, in words.

    Args:
        row: its row, with ``rows.COLUMNS``.
        events: its history, in order; not empty.
        turn: its channel's turn, which is the newest token of a lease.
        latest: the latest time that anything may wait for.
    """
    last = next((it[3] for it in reversed(events) if it[3] != EventKind.REMARKED), "")
    problem = _of_task(row, last) or _of_lease(row, turn)
    if problem is None and row[_TASK] is not None:
        problem = _of_time(row, events, latest)
    return problem


def _of_task(row: Sequence[Any], last: str) -> str | None:
    state, task = row[_STATE], row[_TASK]
    if task not in _TASKS.get(state, ()):
        return say(
            "it is {state}, but its next task is {task}", state=state, task=_NAMES.get(task, task)
        )
    if task is None and state in _UNFINISHED and last != _HANDED_OVER:
        return say(
            "it is {state} and has no next task, but it was not handed over to a person",
            state=state,
        )
    if task is not None and state not in _UNFINISHED and last != _REQUESTED:
        return say(
            "it is {state}, but its next task is {task}, which nobody requested",
            state=state,
            task=_NAMES[task],
        )
    if task in _ASKABLE and not row[_CALLS]:
        return say("its next task is {task}, but it was never sent", task=_NAMES[task])
    return None


def _of_lease(row: Sequence[Any], turn: int) -> str | None:
    lease = row[_LEASE]
    if lease is None:
        return None
    if not 0 < lease <= turn:
        return say(
            "it is leased with token {lease}, but its merchant's last token is {turn}",
            lease=lease,
            turn=turn,
        )
    if row[_TASK] not in _ASKABLE:
        return say("it is leased, but its next task is {task}", task=_NAMES[row[_TASK]])
    return None


def _of_time(row: Sequence[Any], events: Sequence[EventRow], latest: Instant) -> str | None:
    due_at = row[_DUE_AT]
    if due_at is None:
        return say("it has a next task, but no time for it")
    # A due time from a clock that was ahead is moved back, possibly to before the first event.
    earliest = min(events[0][2], latest - WAIT_MAX) - WAIT_MAX
    if not earliest <= due_at <= latest:
        return say(
            "it is due at {due_at} microseconds since 1970, which is too late or too early",
            due_at=due_at,
        )
    if row[_CALLS] or row[_TASK] != Task.SEND or due_at <= events[-1][2]:
        return None
    # An unsent payout is due since its last event, unless a daily limit has postponed it.
    put_off = row[_REASON] == PUT_OFF and beijing.tomorrow(due_at - 20 * beijing.MINUTE) == due_at
    return (
        None
        if put_off
        else say("it waits for {at}, but was due from {due} on", at=due_at, due=events[-1][2])
    )
