"""Operators' actions on one payout: query now, send now, cancel, note, declare dead.

Each function is one transaction, which ``Operations`` holds. None of them touches a payout that a
worker has leased, and each leaves an event with who did it and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import span
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason, says_something
from hongbao.ledger.model.campaign import SENDING, mask_key
from hongbao.ledger.model.death import DECLARED_DEAD, missing_proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import LOOKED_AT, SECOND, State, Task
from hongbao.ledger.operations.held import HeldPayout, change, denied, hold
from hongbao.ledger.store.rows import COLUMNS, PLACES
from hongbao.ledger.store.schema import ATTEMPT
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.death import WindowsOf
    from hongbao.ledger.model.payout import Instant, Payout

_ATTEMPT = tuple(column.name for column in ATTEMPT.c)
NOTE_MAX = 1_000
_STATE = COLUMNS[PLACES["state"]].element


def query_now(connection: Connection, payout_id: int, *, by: str, now: Instant) -> Payout:
    """Query a payout as soon as a slot is free.

    If it is to be taken back, that is done now instead; a query follows each cancel. Whoever asks
    for what is due already changes nothing: WeChat repeats its notifications, some at once.

    Raises:
        LedgerError: if there is nothing to query, or a worker has it.
    """
    held = hold(connection, payout_id, now)
    payout = held.payout
    if payout.calls == 0:
        raise denied(
            payout,
            say("was never sent with this number"),
            say("There is nothing to ask about yet."),
        )
    if payout.state in {State.RECEIVED, State.RETURNED}:
        raise denied(
            payout,
            say("is {state}", state=payout.state.in_words),
            say("Nothing can change any more."),
        )
    task = Task.LOOK if payout.state in LOOKED_AT else Task.QUERY
    if payout.task is Task.CANCEL:
        task = Task.CANCEL  # nothing else says that it was decided
    due = payout.due_at is not None and payout.due_at <= now
    if due and payout.task is task and payout.lease is None and not payout.tries:
        return payout
    return _due_now(connection, held, task, by=by, now=now)


def send_now(connection: Connection, payout_id: int, *, by: str, now: Instant) -> Payout:
    """Send a payout as soon as a slot is free, with the same number.

    Raises:
        LedgerError: if it or its campaign is not to be sent, if its number is too old to be sent
            without a query first, or if a worker has it.
    """
    held = hold(connection, payout_id, now)
    payout, campaign = held.payout, held.campaign
    if payout.state not in {State.WAITING, State.IN_DOUBT}:
        raise denied(
            payout,
            say("is {state}", state=payout.state.in_words),
            say("Only what waits or is in doubt is sent again."),
        )
    if campaign.state not in SENDING:
        raise denied(
            payout,
            say(
                "belongs to campaign {name}, which is {state}",
                name=campaign.name,
                state=campaign.state.in_words,
            ),
            say("Approve or resume the campaign first."),
        )
    if payout.answers < payout.calls:
        raise denied(payout, say("has a call whose outcome was lost"), say("Ask about it first."))
    if payout.resend_until is not None and payout.resend_until <= now:
        past = span((now - payout.resend_until) / SECOND)
        raise denied(
            payout,
            say("could be sent again for the last time {past} ago", past=past),
            say("Ask about it; if it is unknown for good, declare it dead."),
        )
    return _due_now(connection, held, Task.SEND, by=by, now=now)


def cancel(connection: Connection, payout_id: int, *, by: str, reason: str, now: Instant) -> Payout:
    """Take one person out of a campaign, before any call that could pay.

    What waits for its user is taken back by the payer instead, unless the user is faster.

    The key stays with it while its campaign lives: whoever asks for the same payment again learns
    that it was cancelled, and nobody is paid.

    Raises:
        LedgerError: if no reason is given, if it was called and may be paid, or a worker has it.
    """
    check_reason(reason)
    held = hold(connection, payout_id, now)
    payout = held.payout
    if payout.state is State.AWAITING_USER:
        return change(
            connection, held, EventKind.REQUESTED, by=by, now=now,
            why={"task": Task.CANCEL.name.lower(), "reason": mask_key(reason, payout.payee)},
            to={"task": Task.CANCEL, "due_at": now, "lease": None, "tries": 0},
        )  # fmt: skip
    if payout.state is not State.WAITING:
        raise denied(
            payout,
            say("is {state}", state=payout.state.in_words),
            say("Only what waits is cancelled. What is paid cannot be taken back."),
        )
    if not payout.never_ordered or payout.doubt is not None:
        raise denied(
            payout,
            say("was called, and its number may still be paid"),
            say("Pause its campaign and ask about it: hongbao payout query"),
            LedgerCode.NOT_PROVEN,
        )
    return change(
        connection, held, EventKind.CANCELLED, by=by, now=now,
        why={"reason": mask_key(reason, payout.payee)},
        to={"state": State.CANCELLED, "task": None, "due_at": None, "lease": None, "tries": 0},
    )  # fmt: skip


def note(connection: Connection, payout_id: int, *, by: str, text: str, now: Instant) -> Payout:
    """Write a remark into a payout's history. Nothing else changes.

    Raises:
        LedgerError: if the text is empty or too long, or a worker has the payout.
    """
    if not says_something(text):
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("a note of nothing says nothing"),
            remedy=say("Say what you know of it; the history keeps it for ever."),
        )
    if len(text) > NOTE_MAX:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say(
                "a note has at most {most} characters, not {count}", most=NOTE_MAX, count=len(text)
            ),
            remedy=say("Say it shorter, or in two."),
        )
    held = hold(connection, payout_id, now)
    said = mask_key(text.strip(), held.payout.payee)
    return change(connection, held, EventKind.REMARKED, by=by, now=now, to={}, why={"note": said})


def declare_dead(
    connection: Connection,
    payout_id: int,
    *,
    by: str,
    reason: str,
    windows: WindowsOf,
    now: Instant,
) -> Payout:
    """Mark a payout as refused on a person's word, if nothing more can be found out.

    The windows are looked up by the payout's own kind, once it is locked, so that no payout is
    judged by the windows of another payer.

    Raises:
        LedgerError: if the rules do not allow it (yet), or if the payout's kind is unknown; it says
            what is missing.
    """
    check_reason(reason)
    held = hold(connection, payout_id, now)
    payout = held.payout
    of_its_kind = windows(payout.kind)
    if of_its_kind is None:
        raise denied(
            payout,
            say("is of the kind {kind}, which is not known here", kind=payout.kind),
            say("Nothing proves it dead. Use the version of hongbao that paid it."),
            LedgerCode.NOT_PROVEN,
        )
    problem = missing_proof(payout, held.events, now, of_its_kind)
    if problem is not None:
        raise denied(payout, problem.problem, problem.remedy, problem.code)
    return change(
        connection, held, EventKind.DECLARED_DEAD, by=by, now=now, why={"reason": reason},
        to={
            "state": State.REFUSED, "task": None, "due_at": None, "lease": None,
            "code": DECLARED_DEAD, "reason": reason,
        },
    )  # fmt: skip


def _due_now(
    connection: Connection, held: HeldPayout, task: Task, *, by: str, now: Instant
) -> Payout:
    return change(
        connection, held, EventKind.REQUESTED, by=by, now=now, why={"task": task.name.lower()},
        to={"task": task, "due_at": now, "lease": None, "tries": 0},
    )  # fmt: skip
