"""A step of a payout: what a worker found out, in the form in which the books record it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hongbao.errors import Disposition
    from hongbao.ledger.model.death import Proof
    from hongbao.ledger.model.event import EventKind
    from hongbao.ledger.model.payout import Instant, Payout, State, Task
    from hongbao.money import Fen


class Step(NamedTuple):
    """A payout's new state after a call, and the reason. ``Book.record`` writes it.

    A step carries the complete new state; unchanged fields repeat their old values. A worker makes
    thousands of them per second.

    Attributes:
        payout: as it was claimed; its lease fences the step.
        kind: what happened; None if only ``task``, ``due_at``, ``tries``, ``code`` or ``reason``
            changes. A change of the last three leaves a NOTED event; a change of the others none.
        state: the new state.
        task: the next task; None if only a person can go on.
        due_at: when the task is due; None without a task.
        answered: whether every send so far is now accounted for, by its outcome or, if that was
            lost, in ``doubt``. Never without a ``kind``.
        doubt: the worst disposition that no query has settled.
        resend_until: until when it may be sent again without a query first.
        tries: see ``Payout``.
        code: the outcome's code.
        reason: the outcome's text.
        listid: if it is known now.
        voucher: if it is known now; never in a repr.
        sent_at: if it is known to be paid.
        settled_at: if it is claimed or returned for good.
        claimed: fen.
        refunded: fen.
        mark: what a breaker counts besides refusals; see ``hongbao.ledger.model.causes``.
        proof: for PROVEN_DEAD, what the query said.
    """

    payout: Payout
    kind: EventKind | None
    state: State
    task: Task | None
    due_at: Instant | None
    answered: bool
    doubt: Disposition | None
    resend_until: Instant | None
    tries: int
    code: str | None
    reason: str | None
    listid: str | None
    voucher: str | None
    sent_at: Instant | None
    settled_at: Instant | None
    claimed: Fen
    refunded: Fen
    mark: str | None = None
    proof: Proof | None = None

    def __repr__(self) -> str:
        """All fields except the voucher, which is worth money."""
        shown = ((name, value) for name, value in self._asdict().items() if name != "voucher")
        return f"Step({', '.join(f'{name}={value!r}' for name, value in shown)})"


PAUSED_BY_PERSON = "PAUSED_BY_PERSON"
"""The code of a stop by a person."""
SCHEDULED = "SCHEDULED"
"""The code of a stop until a time that a person has said."""
ALL_STOPPED = "ALL_STOPPED"
"""The code of a merchant's stop by a person who stopped all of them."""


class Scope(StrEnum):
    """What a stop applies to."""

    CAMPAIGN = "campaign"
    MERCHANT = "merchant"
    """As far as it pays by the rail of that campaign: its channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why sending must stop until a person has looked; queries go on.

    Attributes:
        scope: one campaign, or all campaigns of the channel that pays it.
        code: a short name for the cause.
        reason: what was seen.
        advice: what to do, in English.
    """

    scope: Scope
    code: str
    reason: str
    advice: str
