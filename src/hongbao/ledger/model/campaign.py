"""A campaign: a list that is paid as a whole, its state, and the steps that it may take.

Pure values. The rows' contents are chained into one digest, so that an approval binds exactly what
the approver saw. The list alone reproduces the digest, without the books' ids or times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hongbao.errors import IllegalTransition, LedgerCode, LedgerError
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.ledger.model.mandate import DaySum, Mandate
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Stop
    from hongbao.money import Fen

NO_ROWS = bytes(32)
"""The digest of a campaign without rows."""


class CampaignState(StrEnum):
    """What people decided about a campaign. Its ``Phase`` includes the progress of its payouts."""

    IMPORTING = "importing"
    """Rows are being added."""
    DRAFT = "draft"
    """All rows are stored; nothing is sent before somebody approves it."""
    APPROVED = "approved"
    RUNNING = "running"
    """Approved, and a worker has begun."""
    PAUSED = "paused"
    """Nothing is sent; queries about payouts that may be paid go on."""
    CANCELLED = "cancelled"
    """Nothing is ever sent again; queries about payouts that may be paid go on."""

    @property
    def in_words(self) -> str:
        """As people write it."""
        return _IN_WORDS[self]


_IN_WORDS = {
    CampaignState.IMPORTING: say("importing"),
    CampaignState.DRAFT: say("draft"),
    CampaignState.APPROVED: say("approved"),
    CampaignState.RUNNING: say("running"),
    CampaignState.PAUSED: say("paused"),
    CampaignState.CANCELLED: say("cancelled"),
}

CAMPAIGN_STEPS: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.IMPORTING: frozenset({CampaignState.DRAFT, CampaignState.CANCELLED}),
    CampaignState.DRAFT: frozenset(
        {CampaignState.IMPORTING, CampaignState.APPROVED, CampaignState.CANCELLED}
    ),
    # A draft again: the approval is withdrawn, or has expired, and nothing was sent.
    CampaignState.APPROVED: frozenset(
        {
            *(CampaignState.RUNNING, CampaignState.PAUSED),
            *(CampaignState.CANCELLED, CampaignState.DRAFT),
        }
    ),
    CampaignState.RUNNING: frozenset(
        {CampaignState.PAUSED, CampaignState.CANCELLED, CampaignState.DRAFT}
    ),
    CampaignState.PAUSED: frozenset(
        {CampaignState.RUNNING, CampaignState.CANCELLED, CampaignState.DRAFT}
    ),
    CampaignState.CANCELLED: frozenset(),
}
"""All steps that are allowed."""

GROWING = frozenset({CampaignState.IMPORTING, CampaignState.DRAFT})
"""Rows may be added; nobody has approved it."""

SENDING = frozenset({CampaignState.APPROVED, CampaignState.RUNNING})
"""Its payouts may be sent."""


def check_campaign_step(name: str, earlier: CampaignState, later: CampaignState) -> None:
    """Accept a campaign that stays in its state or takes a step of the table.

    Raises:
        IllegalTransition: for any other step.
    """
    if later is not earlier and later not in CAMPAIGN_STEPS[earlier]:
        raise IllegalTransition(billno=name, earlier=earlier, later=later)


class DecisionKind(StrEnum):
    """A decision about a campaign. Decisions are a history besides its payouts' events."""

    BEGUN = "begun"
    """Its import began, or went on with another list or budget."""
    EXTENDED = "extended"
    """Rows were added."""
    IMPORTED = "imported"
    APPROVED = "approved"
    ENDORSED = "endorsed"
    """One of two people approved it."""
    REJECTED = "rejected"
    """An approver gave the draft back to who made it."""
    WITHDRAWN = "withdrawn"
    """What was approved was taken back, before anything was sent; or a rejection was."""
    STARTED = "started"
    """A worker claimed its first payout."""
    PAUSED = "paused"
    """A person paused it."""
    SCHEDULED = "scheduled"
    """A person said that nothing is sent before a time."""
    STOPPED = "stopped"
    """A worker stopped it, because it found a reason not to go on."""
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    ENDED = "ended"
    """A standing campaign takes no more payouts."""
    REPLACED = "replaced"
    """Another list now has its name; it was never approved, or never sent."""
    RETRIED = "retried"
    """Refused payouts were sent again."""
    DISCLOSED = "disclosed"
    """Receivers of it were shown in full to somebody."""
    BUDGET_LOW = "budget_low"
    """Programs have used four fifths of a standing campaign's budget."""
    COMPLETED = "completed"
    """All its payouts are paid, refused or cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is known of a campaign before its rows.

    Attributes:
        name: unique in the books.
        channel_id: the row of the channel that pays.
        profile: the settings that pay; opaque to the books.
        budget: the most that its rows may add up to, in fen; None is no limit.
        source: the list's name.
        source_digest: SHA-256 of the list's bytes.
        parent: for a supplement, the name of its campaign.
        adds: whether it may already have rows of another list.
        why: more facts for the approver, which the decision to begin it records.
        mandate: for a standing campaign, what programs may add once it is approved.
        policy: who must approve it.
    """

    name: str
    channel_id: int
    profile: str
    budget: Fen | None
    source: str
    source_digest: bytes
    parent: str | None = None
    adds: bool = True
    why: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    mandate: Mandate | None = None
    policy: ApprovalPolicy = ANYBODY

    @property
    def first_digest(self) -> bytes:
        """The digest of the campaign without rows."""
        return NO_ROWS if self.mandate is None else self.mandate.digest


class Entry(NamedTuple):
    """One row of a list: a payment to make. A list may have a million of them.

    Attributes:
        key: its business key, for ever unique with its merchant.
        kind: how it is paid; the books do not know what that means.
        payee: the receiver; never shown in full.
        amount: fen.
        people: how many people share it; 1 unless it is shared.
        terms_id: the row with the rest of its request's content.
        kept: what its list keeps beside the payment, sealed; the books cannot read it. Empty for
            nothing.
    """

    key: str
    kind: str
    payee: str
    amount: Fen
    people: int
    terms_id: int
    kept: bytes = b""

    def __repr__(self) -> str:
        return masked_repr(self)


class ListedRow(NamedTuple):
    """One row of a list, for comparison with the books before the list is stored.

    Attributes:
        number: the row's number in the list.
        key: its business key.
        kind: how it is paid.
        payee: the receiver; never shown in full.
        amount: fen.
        people: how many people share it.
        terms: SHA-256 of the rest of its request's content, which identifies that content.
        body: that content, as the books would store it.
    """

    number: int
    key: str
    kind: str
    payee: str
    amount: Fen
    people: int
    terms: bytes
    body: str

    def __repr__(self) -> str:
        return masked_repr(self)


class Content(NamedTuple):
    """The content of a payout, for comparison with lists. A campaign may have a million of them.

    Attributes:
        row: its place in the campaign.
        key: its business key.
        kind: how it is paid.
        payee: the receiver; never shown in full.
        amount: fen.
        state: the payout's state.
        free: whether it was cancelled with its campaign before any call, so that its key may be
            taken over.
        unproven: whether only a send said that it is refused, as in books of earlier versions, so
            that lost or restored books may have paid it.
    """

    row: int
    key: str
    kind: str
    payee: str
    amount: Fen
    state: str
    free: bool
    unproven: bool

    def __repr__(self) -> str:
        return masked_repr(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One row of the books.

    Attributes:
        id: its number in the books.
        name: unique in the books.
        channel_id: the row of the channel that pays; the next two are its own.
        merchant_id: the row of its merchant.
        rail: the way in which it pays; opaque to the books.
        profile: the settings that pay; opaque to the books.
        state: what was decided.
        open: whether any of its payouts can still be due.
        budget: the most that its rows may add up to, in fen; None is no limit.
        rows: how many payouts it has.
        planned: their sum in fen.
        digest: the digest of the rows' contents, in their order.
        source: the list's name.
        source_digest: SHA-256 of the list's bytes.
        created_at: when its import began.
        created_by: who began it.
        approved_at: when it was approved.
        approved_by: who approved it.
        approved_digest: the digest of the approved rows.
        stop: why nothing is sent, while it is paused.
        seq: how many decisions were made about it.
        parent_id: for a supplement, the row of its campaign.
        mandate: for a standing campaign, what programs may add to it; None for a list.
        added: what programs added on the latest day on which they added anything.
        ended_at: when it stopped taking payouts.
        policy: who must approve it; the books never make that less.
    """

    id: int
    name: str
    channel_id: int
    merchant_id: int
    rail: str
    profile: str
    state: CampaignState
    open: bool
    budget: Fen | None
    rows: int
    planned: Fen
    digest: bytes
    source: str
    source_digest: bytes
    created_at: Instant
    created_by: str
    approved_at: Instant | None
    approved_by: str | None
    approved_digest: bytes | None
    stop: Stop | None
    seq: int
    parent_id: int | None = None
    mandate: Mandate | None = None
    added: DaySum | None = None
    ended_at: Instant | None = None
    policy: ApprovalPolicy = ANYBODY

    @property
    def first_digest(self) -> bytes:
        """The digest that it had without rows."""
        return NO_ROWS if self.mandate is None else self.mandate.digest

    @property
    def at_stake(self) -> Fen:
        """How much money an approval of it allows to be paid."""
        return self.planned if self.mandate is None else self.mandate.total

    @property
    def takes_payouts(self) -> bool:
        """Whether people have allowed programs to add payouts to it."""
        stands = self.mandate is not None and self.ended_at is None
        return stands and self.state not in GROWING | {CampaignState.CANCELLED}


def extend(digest: bytes, rows: Iterable[tuple[str, str, str, Fen, int, bytes]]) -> bytes:
    """The digest of a campaign after more rows.

    Args:
        digest: the digest of the earlier rows; ``NO_ROWS`` if there are none.
        rows: (key, kind, payee, amount, people, digest of the terms), in their order.
    """
    for key, kind, payee, amount, people, terms in rows:
        # Each text follows its length, so that different rows never look the same.
        content = f"{len(key)}:{key}{len(kind)}:{kind}{len(payee)}:{payee}{amount};{people};"
        digest = sha256(digest + terms + content.encode()).digest()
    return digest


def mask(payee: str) -> str:
    """``oABCDEFGHIJKL1234`` as ``oABC…1234``; of a short one nothing is shown."""
    shown = 4
    return f"{payee[:shown]}…{payee[-shown:]}" if len(payee) > 2 * shown else "…"


def mask_key(key: str, payee: str) -> str:
    """A business key with the receiver in it masked: many keys contain it, in any letter case."""
    if not payee or payee.lower() not in key.lower():
        return key
    masked = mask(payee)
    return re.sub(re.escape(payee), lambda _: masked, key, flags=re.IGNORECASE)


class _Addressed(Protocol):
    """A named tuple of a payment."""

    @property
    def payee(self) -> str:
        """The receiver."""
        ...

    def _asdict(self) -> dict[str, Any]: ...


def masked_repr(row: _Addressed) -> str:
    """The repr of a named tuple whose ``payee``, and whose ``key`` if it has one, are masked."""
    shown = row._asdict()
    if "key" in shown:
        shown["key"] = mask_key(shown["key"], row.payee)
    shown["payee"] = mask(row.payee)
    return f"{type(row).__name__}({', '.join(f'{name}={it!r}' for name, it in shown.items())})"


def check_budget(name: str, planned: int, budget: int | None) -> None:
    """Accept a campaign within its budget.

    Raises:
        LedgerError: if it is above.
    """
    if budget is not None and planned > budget:
        raise LedgerError(
            code=LedgerCode.OVER_BUDGET,
            problem=say(
                "the rows of campaign {name} come to {planned} fen, and its budget is {budget} fen",
                name=name,
                planned=planned,
                budget=budget,
            ),
            remedy=say("Shorten the list, or begin the import again with a larger budget."),
        )
