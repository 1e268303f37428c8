"""Refused payouts are sent again: with the same number, or with another if that one is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from hongbao.billno import derive_billno
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import CampaignState, mask_key
from hongbao.ledger.model.death import Proof, proof_of_death
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.operations.held import HeldPayout, change, denied, hold
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.death import WindowsOf
    from hongbao.ledger.model.payout import Instant, Payout

_STATE = COLUMNS[PLACES["state"]].element


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
    held = hold(connection, payout_id, now)
    if (state := held.payout.state) is not State.REFUSED:
        raise denied(
            held.payout,
            say("is {state}", state=state.in_words),
            say("Only a refused payout is reopened."),
        )
    if held.campaign.state is CampaignState.CANCELLED:
        raise _of_cancelled(held, windows, now)
    proof = proof_of_death(held.events)
    if not override:
        _check_unpaid(connection, held, proof, _remedy(held, windows, now))
    return change(
        connection, held, EventKind.REOPENED, by=by, now=now,
        why={"reason": reason, "override": override},
        to=reopening(held.payout, held.merchant, proof, now),
    )  # fmt: skip


def _of_cancelled(held: HeldPayout, windows: WindowsOf | None, now: Instant) -> LedgerError:
    """Why a refused payout of a cancelled campaign stays so, and who may pay its receiver."""
    proof = proof_of_death(held.events)
    if proof is None:
        remedy = _remedy(held, windows, now)
    else:
        remedy = say(
            "No order of its number lives. If it is still owed, give it another key, "
            "in another campaign: under this key nobody is paid any more."
        )
    if proof is Proof.NOT_FOUND:
        remedy = say(
            "{remedy} Copies of these books from before the cancellation would pay it as well.",
            remedy=remedy,
        )
    return denied(
        held.payout,
        say(
            "belongs to campaign {name}, which is cancelled: nothing of it is sent any more",
            name=held.campaign.name,
        ),
        remedy,
    )


def _check_unpaid(
    connection: Connection, held: HeldPayout, proof: Proof | None, remedy: str
) -> None:
    if proof is None:
        raise denied(
            held.payout,
            say("has no answer of the payer, later than its refusal, that no order of it lives"),
            remedy,
            LedgerCode.NOT_PROVEN,
        )
    instead = _paid_instead(connection, held)
    if instead is not None:
        raise denied(
            held.payout,
            say("has its receiver and amount in the later campaign {name}, too", name=instead),
            say("It would be paid twice. Override only if it is owed besides."),
            LedgerCode.NOT_PROVEN,
        )


def _paid_instead(connection: Connection, held: HeldPayout) -> str | None:
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


def reopening(
    payout: Payout, merchant: str, proof: Proof | None, now: Instant
) -> dict[str, object]:
    """The columns of a refused payout that is sent again, and their new values.

    Args:
        payout: as it stands.
        merchant: its merchant's number.
        proof: what a query has proven since its refusal; None if a person has it sent all the same.
        now: when.
    """
    if proof is Proof.NOT_FOUND:
        # Its next call begins like a first one. Its earlier calls stay counted.
        number: dict[str, object] = {"answers": payout.calls}
    else:
        number = _another_number(payout, merchant)
    return {**_FRESH, **number, "state": State.WAITING, "task": Task.SEND, "due_at": now}


def _another_number(payout: Payout, merchant: str) -> dict[str, object]:
    attempt = payout.attempt + 1
    return {
        "attempt": attempt, "billno": derive_billno(merchant, payout.key, attempt),
        "calls": 0, "answers": 0, "first_call_at": None,
    }  # fmt: skip


def _remedy(held: HeldPayout, windows: WindowsOf | None, now: Instant) -> str:
    """Advice for a refused payout whose number may still be paid or may already be paid."""
    may = say(
        "A second number may pay a second time: override only if you have seen that it cannot."
    )
    if any(event.kind == EventKind.DECLARED_DEAD for event in held.events):
        return say("It is refused on a person's word. {warning}", warning=may)
    of_its_kind = windows(held.payout.kind) if windows else None
    if of_its_kind and now >= held.events[0].at + of_its_kind.answers_seconds * SECOND:
        return say("It is older than what the payer answers queries about. {warning}", warning=may)
    return say(
        "Ask first: hongbao payout query {key}", key=mask_key(held.payout.key, held.payout.payee)
    )


_FRESH: dict[str, object] = {
    "lease": None, "doubt": None, "resend_until": None, "tries": 0, "code": None, "reason": None,
    "listid": None, "voucher": None, "sent_at": None, "settled_at": None, "claimed": 0,
    "refunded": 0, "day": None,
}  # fmt: skip
"""The columns of a payout of which no call has left anything with the payer."""
