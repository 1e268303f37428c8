"""What a worker found out about a payout, as the books take it."""

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
    """Where a payout stands after a call, and why. ``Book.record`` writes it.

    It replaces the whole standing: what is not said to change is given as it was. A worker makes
    thousands of them a second.

    Attributes:
        payout: as it was claimed; its lease fences the step.
        kind: what happened; None if no fact changes but ``task``, ``due_at``, ``tries``, ``code``
            and ``reason``. The last three leave a NOTED event where they change; what is due next
            leaves none.
        state: where it stands now.
        task: what is next; None if nothing is, without a person.
        due_at: when; None without a task.
        answered: whether every send begun so far is accounted for from now on, by its outcome or,
            if that was lost, in ``doubt``. Never without a ``kind``.
        doubt: the worst disposition that stands.
        resend_until: until when it may be sent again without asking first.
        tries: see ``Payout``.
        code: the outcome's code.
        reason: the outcome's text.
        listid: if it is known now.
        voucher: if it is known now; in no repr.
        sent_at: if it is known to be paid.
        settled_at: if it is claimed or returned for good.
        claimed: fen.
        refunded: fen.
        mark: what a breaker counts of it besides refusals; see ``hongbao.ledger.model.causes``.
        proof: of a PROVEN_DEAD, what the query said.
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
        """All but the voucher, which is worth money."""
        shown = ((name, value) for name, value in self._asdict().items() if name != "voucher")
        return f"Step({', '.join(f'{name}={value!r}' for name, value in shown)})"


class Scope(StrEnum):
    """How much a stop stops."""

    CAMPAIGN = "campaign"
    MERCHANT = "merchant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why sending must stop until a person has looked; queries go on.

    Attributes:
        scope: one campaign, or all of the merchant.
        code: a short name of the cause.
        reason: what was seen.
        advice: what to do, in English.
    """

    scope: Scope
    code: str
    reason: str
    advice: str
