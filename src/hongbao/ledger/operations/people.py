"""Operators' actions on one payout: query now, send now, declare dead, reopen.

Each function is one transaction, which ``Book`` holds. None of them touches a payout that a worker
has leased, and each leaves an event with who did it and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from hongbao.billno import derive_billno
from hongbao.english import span
from hongbao.errors import Disposition, LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import SENDING, CampaignState, mask_key
from hongbao.ledger.model.death import DECLARED_DEAD, Proof, missing_proof, proof_of_death
from hongbao.ledger.model.event import EventKind, body_of
from hongbao.ledger.model.payout import SECOND, State, Task, check_step
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Changes, Shape
from hongbao.ledger.store.decisions import campaign_with
from hongbao.ledger.store.histories import payout_history
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES, REPLAYED, payout_of
from hongbao.ledger.store.schema import ATTEMPT, CAMPAIGN, MERCHANT, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.death import WindowsOf
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant, Payout

_ATTEMPT = tuple(column.name for column in ATTEMPT.c)
_STATE = COLUMNS[PLACES["state"]].element


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A payout that a person acts on; its row, its campaign's and its merchant's are locked."""

    payout: Payout
    campaign: Campaign
    merchant: str
    events: list[Event]


def query_now(connection: Connection, payout_id: int, *, by: str, now: Instant) -> Payout:
    """Query a payout as soon as a slot is free.

    Raises:
        LedgerError: if there is nothing to query, or a worker has it.
    """
    held = _hold(connection, payout_id, now)
    payout = held.payout
    if payout.calls == 0:
        raise _no(payout, "was never sent with this number", "There is nothing to ask about yet.")
    if payout.state in {State.RECEIVED, State.RETURNED}:
        raise _no(payout, f"is {payout.state.in_words}", "Nothing can change any more.")
    task = Task.LOOK if payout.state is State.SENT else Task.QUERY
    return _due_now(connection, held, task, by=by, now=now)


def send_now(connection: Connection, payout_id: int, *, by: str, now: Instant) -> Payout:
    """Send a payout as soon as a slot is free, with the same number.

    Raises:
        LedgerError: if it or its campaign is not to be sent, if its number is too old to be sent
            without a query first, or if a worker has it.
    """
    held = _hold(connection, payout_id, now)
    payout, campaign = held.payout, held.campaign
    if payout.state not in {State.WAITING, State.IN_DOUBT}:
        raise _no(
            payout, f"is {payout.state.in_words}", "Only what waits or is in doubt is sent again."
        )
    if campaign.state not in SENDING:
        raise _no(
            payout, f"belongs to campaign {campaign.name}, which is {campaign.state}",
            "Approve or resume the campaign first.",
        )  # fmt: skip
    if payout.answers < payout.calls:
        raise _no(payout, "has a call whose outcome was lost", "Ask about it first.")
    if payout.resend_until is not None and payout.resend_until <= now:
        past = span((now - payout.resend_until) / SECOND)
        raise _no(
            payout, f"could be sent again for the last time {past} ago",
            "Ask about it; if it is unknown for good, declare it dead.",
        )  # fmt: skip
    return _due_now(connection, held, Task.SEND, by=by, now=now)


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
    held = _hold(connection, payout_id, now)
    payout = held.payout
    of_its_kind = windows(payout.kind)
    if of_its_kind is None:
        raise _no(
            payout, f"is of the kind {payout.kind}, which is not known here",
            "Nothing proves it dead. Use the version of hongbao that paid it.",
            LedgerCode.NOT_PROVEN,
        )  # fmt: skip
    problem = missing_proof(payout, held.events, now, of_its_kind)
    if problem is not None:
        raise _no(payout, problem.problem, problem.remedy, problem.code)
    return _write(
        connection, held, EventKind.DECLARED_DEAD, by=by, now=now, why={"reason": reason},
        to={
            "state": State.REFUSED, "task": None, "due_at": None, "lease": None,
            "code": DECLARED_DEAD, "reason": reason,
        },
    )  # fmt: skip


def reopen(
    connection: Connection,
    payout_id: int,
    *,
    by: str,
    reason: str,
    override: bool,
    windows: WindowsOf | None,
    now: Instant,
) -> Payout:
    """Let a refused payout be sent again.

    If the payer has no order for its number, the same number is sent again, whatever the person
    wants: it needs no successor, and an older copy of these books would pay it besides one. Another
    attempt, with another number, is opened only if a query said that the number failed, or with
    ``override``. Rule: the official page of sending, which allows a new number after a failure.

    Args:
        connection: the transaction.
        payout_id: the payout.
        by: who reopens it.
        reason: why.
        override: reopen it even if no query since the last refusal has proven that the number is
            dead, or if a later campaign has the same payment.
        windows: for better advice, if they are known; they decide nothing here.
        now: when.

    Raises:
        LedgerError: if it is not refused, its campaign is cancelled, or a worker has it; without
            ``override`` also if its number is not proven dead, or a later campaign pays the
            receiver the same amount in the same kind.
    """
    check_reason(reason)
    held = _hold(connection, payout_id, now)
    if (state := held.payout.state) is not State.REFUSED:
        raise _no(held.payout, f"is {state.in_words}", "Only a refused payout is reopened.")
    if held.campaign.state is CampaignState.CANCELLED:
        raise _of_cancelled(held, windows, now)
    proof = proof_of_death(held.events)
    if not override:
        _check_unpaid(connection, held, proof, _remedy(held, windows, now))
    number = _same_number if proof is Proof.NOT_FOUND else _another_number
    return _write(
        connection, held, EventKind.REOPENED, by=by, now=now,
        why={"reason": reason, "override": override},
        to={
            **_FRESH, **number(held), "state": State.WAITING, "task": Task.SEND,
            "due_at": now,
        },
    )  # fmt: skip


def _of_cancelled(held: _Held, windows: WindowsOf | None, now: Instant) -> LedgerError:
    """Why a refused payout of a cancelled campaign stays so, and who may pay its receiver."""
    proof = proof_of_death(held.events)
    if proof is None:
        remedy = _remedy(held, windows, now)
    else:
        remedy = (
            "No order of its number lives. If it is still owed, give it another key, in another "
            "campaign: under this key nobody is paid any more."
        )
    if proof is Proof.NOT_FOUND:
        remedy += " Copies of these books from before the cancellation would pay it as well."
    return _no(
        held.payout, f"belongs to campaign {held.campaign.name}, which is cancelled: nothing of it "
        "is sent any more", remedy,
    )  # fmt: skip


def _check_unpaid(connection: Connection, held: _Held, proof: Proof | None, remedy: str) -> None:
    if proof is None:
        raise _no(
            held.payout, "has no answer of the payer, later than its refusal, that no order of it "
            "lives", remedy, LedgerCode.NOT_PROVEN,
        )  # fmt: skip
    instead = _paid_instead(connection, held)
    if instead is not None:
        raise _no(
            held.payout, f"has its receiver and amount in the later campaign {instead}, too",
            "It would be paid twice. Override only if it is owed besides.",
            LedgerCode.NOT_PROVEN,
        )  # fmt: skip


def _paid_instead(connection: Connection, held: _Held) -> str | None:
    """A later campaign with the same payment, such as one for the refused payouts of a list.

    It searches all payouts that were stored later, which takes a second for a million.
    """
    payout, family = held.payout, held.campaign.parent_id or held.campaign.id
    return connection.scalar(
        select(CAMPAIGN.c.name)
        .select_from(BOOKED.join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id))
        .where(
            PAYOUT.c.id > payout.id,
            PAYOUT.c.merchant_id == payout.merchant_id,
            PAYOUT.c.payee == payout.payee,
            PAYOUT.c.amount == payout.amount,
            PAYOUT.c.kind == payout.kind,
            _STATE.not_in([str(State.REFUSED), str(State.CANCELLED)]),
            func.coalesce(CAMPAIGN.c.parent_id, CAMPAIGN.c.id) != family,
            or_(
                CAMPAIGN.c.state != str(CampaignState.CANCELLED),
                str(State.WAITING) != _STATE,
            ),
        )
        .limit(1)
    )


def _same_number(held: _Held) -> dict[str, object]:
    """Let its next call begin like a first one. Its earlier calls stay counted."""
    return {"answers": held.payout.calls}


def _another_number(held: _Held) -> dict[str, object]:
    attempt = held.payout.attempt + 1
    return {
        "attempt": attempt, "billno": derive_billno(held.merchant, held.payout.key, attempt),
        "calls": 0, "answers": 0, "first_call_at": None,
    }  # fmt: skip


_TOLD = frozenset({*REPLAYED, "voucher"})  # which can only be forgotten here


def _remedy(held: _Held, windows: WindowsOf | None, now: Instant) -> str:
    """Advice for a refused payout whose number may still be paid or may already be paid."""
    may = "A second number may pay a second time: override only if you have seen that it cannot."
    if any(event.kind == EventKind.DECLARED_DEAD for event in held.events):
        return f"It is refused on a person's word. {may}"
    of_its_kind = windows(held.payout.kind) if windows else None
    if of_its_kind and now >= held.events[0].at + of_its_kind.answers_seconds * SECOND:
        return f"It is older than what the payer answers queries about. {may}"
    return f"Ask first: hongbao payout query {mask_key(held.payout.key, held.payout.payee)}"


_FRESH: dict[str, object] = {
    "lease": None, "doubt": None, "resend_until": None, "tries": 0, "code": None, "reason": None,
    "listid": None, "voucher": None, "sent_at": None, "settled_at": None, "claimed": 0,
    "refunded": 0, "day": None,
}  # fmt: skip
"""The columns of a payout of which no call has left anything with the payer."""


def _hold(connection: Connection, payout_id: int, now: Instant) -> _Held:
    merchant = connection.execute(
        select(MERCHANT.c.number, PAYOUT.c.campaign_id)
        .join(PAYOUT, PAYOUT.c.merchant_id == MERCHANT.c.id)
        .where(PAYOUT.c.id == payout_id)
        .with_for_update(of=MERCHANT, key_share=True)
    ).one_or_none()
    if merchant is None:
        raise LedgerError(
            code=LedgerCode.NOT_FOUND,
            problem=f"the books have no payout with the id {payout_id}",
            remedy="Look for it by its key or number.",
        )
    campaign = campaign_with(connection, merchant.campaign_id)
    # From here on it changes no more: a worker records results of leases that hold, and this does
    # not touch those.
    standings.dissolve(connection, [campaign.id], until=now)
    connection.execute(
        select(STANDING.c.payout_id)
        .where(STANDING.c.payout_id == payout_id)
        .with_for_update(key_share=True)
    )
    payout = _found(connection, payout_id)
    if payout.lease is not None and payout.due_at is not None and payout.due_at > now:
        left = span((payout.due_at - now) / SECOND, at_least=True)
        raise _no(
            payout, f"is in a worker's hands for {left} more",
            "Wait for what it finds out.", LedgerCode.LEASED,
        )  # fmt: skip
    standings.materialise(connection, [payout_id])
    return _Held(
        payout=payout, campaign=campaign, merchant=merchant.number,
        events=payout_history(connection, payout_id),
    )  # fmt: skip


def _found(connection: Connection, payout_id: int) -> Payout:
    found = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id == payout_id)
    return payout_of(connection.execute(found).one())


def _due_now(connection: Connection, held: _Held, task: Task, *, by: str, now: Instant) -> Payout:
    return _write(
        connection, held, EventKind.REQUESTED, by=by, now=now, why={"task": task.name.lower()},
        to={"task": task, "due_at": now, "lease": None, "tries": 0},
    )  # fmt: skip


def _write(
    connection: Connection,
    held: _Held,
    kind: EventKind,
    *,
    by: str,
    now: Instant,
    to: Mapping[str, Any],
    why: Mapping[str, object],
) -> Payout:
    payout, seq = held.payout, held.payout.seq + 1
    state: State = to.get("state", payout.state)
    check_step(payout.state, state, billno=payout.billno)
    facts = {
        name: value
        for name, value in to.items()
        if name in _TOLD and value != getattr(payout, name)
    }
    changes = Changes(by, now)
    body = body_of({**facts, **why})
    last = changes.event(held.events[-1].hash, payout.id, seq, kind.value, body)
    row = (*map(_stored, to.values()), seq, last, payout.id, payout.seq)
    changes.rows(Shape((*to, "seq", "hash"), ("payout_id", "seq"))).append(row)
    if "attempt" in to:
        attempt = (payout.id, to["attempt"], payout.merchant_id, to["billno"])
        changes.add(ATTEMPT, _ATTEMPT, [attempt])
    changes.totals.move(payout.campaign_id, payout.state, state, payout.amount)
    merchant_update = changes.of_merchant(payout.merchant_id)
    if to.get("due_at") is not None:
        merchant_update.due(to["due_at"])
        changes.open(payout.campaign_id)
    if state is State.REFUSED and payout.state is not State.REFUSED and payout.day is not None:
        merchant_update.release(payout.day, payout.amount)
    changes.write(connection)
    return _found(connection, payout.id)


def _stored(value: object) -> object:
    if isinstance(value, Task):
        return int(value)
    return str(value) if isinstance(value, State | Disposition) else value


def _no(
    payout: Payout, problem: str, remedy: str, code: LedgerCode = LedgerCode.WRONG_STATE
) -> LedgerError:
    return LedgerError(code=code, problem=f"payout {payout.billno} {problem}", remedy=remedy)
