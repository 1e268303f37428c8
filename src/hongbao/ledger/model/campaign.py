"""A campaign: a list that is paid as a whole, where it stands, and which steps it may take.

Pure values. What a row says is chained into one digest, so that an approver binds exactly what was
shown: the digest can be reproduced from the list alone, without the books' ids or times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hongbao.errors import IllegalTransition, LedgerCode, LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hongbao.ledger.model.mandate import DaySum, Mandate
    from hongbao.ledger.model.payout import Instant, State
    from hongbao.ledger.model.step import Stop
    from hongbao.money import Fen

NO_ROWS = bytes(32)
"""The digest of a campaign without rows."""


class CampaignState(StrEnum):
    """What people decided about a campaign. How far its payouts are is its ``Phase``."""

    IMPORTING = "importing"
    """Rows are being added."""
    DRAFT = "draft"
    """All rows are there; nothing is sent before somebody approves."""
    APPROVED = "approved"
    RUNNING = "running"
    """Approved, and a worker has begun."""
    PAUSED = "paused"
    """Nothing is sent; what may be paid is asked about all the same."""
    CANCELLED = "cancelled"
    """Nothing is sent any more; what may be paid is asked about all the same."""


CAMPAIGN_STEPS: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.IMPORTING: frozenset({CampaignState.DRAFT, CampaignState.CANCELLED}),
    CampaignState.DRAFT: frozenset(
        {CampaignState.IMPORTING, CampaignState.APPROVED, CampaignState.CANCELLED}
    ),
    CampaignState.APPROVED: frozenset(
        {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELLED}
    ),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.CANCELLED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.CANCELLED}),
    CampaignState.CANCELLED: frozenset(),
}
"""The whole table."""

GROWING = frozenset({CampaignState.IMPORTING, CampaignState.DRAFT})
"""Rows may be added; nobody has approved it."""

SENDING = frozenset({CampaignState.APPROVED, CampaignState.RUNNING})
"""Its payouts may be sent."""


PAUSED_BY_PERSON = "PAUSED_BY_PERSON"
"""The code of a stop that a person made."""


def check_campaign_step(name: str, earlier: CampaignState, later: CampaignState) -> None:
    """Let a campaign stay or take one step of the table.

    Raises:
        IllegalTransition: for any other step.
    """
    if later is not earlier and later not in CAMPAIGN_STEPS[earlier]:
        raise IllegalTransition(billno=name, earlier=earlier, later=later)


class DecisionKind(StrEnum):
    """What was decided about a campaign: the history beside its payouts' events."""

    BEGUN = "begun"
    """Its import began, or went on with another list or budget."""
    EXTENDED = "extended"
    """Rows were added."""
    IMPORTED = "imported"
    APPROVED = "approved"
    STARTED = "started"
    """A worker claimed its first payout."""
    PAUSED = "paused"
    """By a person."""
    STOPPED = "stopped"
    """By a worker that saw why it must not go on."""
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    ENDED = "ended"
    """A standing campaign takes no more payouts."""
    REPLACED = "replaced"
    """Another list has its name now; it was never approved, or never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is said of a campaign before its rows come.

    Attributes:
        name: unique in the books.
        merchant_id: the row of the merchant that pays.
        profile: which settings pay; opaque to the books.
        budget: what its rows may come to at most, in fen; None is no limit.
        source: the list's name.
        source_digest: SHA-256 of the list's bytes.
        parent: of a supplement: the name of the campaign that it belongs to.
        adds: whether rows of another list may stand in it already.
        why: what the decision to begin it says beside, for whoever approves it.
        mandate: of a standing campaign: what programs may add once it is approved.
    """

    name: str
    merchant_id: int
    profile: str
    budget: Fen | None
    source: str
    source_digest: bytes
    parent: str | None = None
    adds: bool = True
    why: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    mandate: Mandate | None = None

    @property
    def first_digest(self) -> bytes:
        """The digest of the campaign before its rows come."""
        return NO_ROWS if self.mandate is None else self.mandate.digest


class Entry(NamedTuple):
    """One row of a list: a payment to make. A list has a million of them.

    Attributes:
        key: its business key, unique with its merchant for ever.
        kind: how it is paid; the books do not know what that means.
        payee: whom; not to be shown.
        amount: fen.
        people: among how many it is shared; 1 unless it is shared.
        terms_id: the row of the further content of its request.
    """

    key: str
    kind: str
    payee: str
    amount: Fen
    people: int
    terms_id: int

    def __repr__(self) -> str:
        return masked_repr(self)


class ListedRow(NamedTuple):
    """One row of a list, as it is compared with the books before anything of it is stored.

    Attributes:
        number: of the row in the list.
        key: its business key.
        kind: how it is paid.
        payee: whom; not to be shown.
        amount: fen.
        people: among how many it is shared.
        terms: SHA-256 of the further content of its request, by which that is known.
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
    """What a payout says, for comparing lists with it. A campaign has a million of them.

    Attributes:
        row: its place in the campaign.
        key: its business key.
        kind: how it is paid.
        payee: whom; not to be shown.
        amount: fen.
        state: where it stands.
        free: whether it was cancelled before any call, so that its key may be taken over.
        unproven: whether it is refused on the word of a send alone, as books of earlier versions
            have it, so that an earlier life of the books may have paid it.
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
class Known:
    """A key that is in the books already.

    Attributes:
        payout_id: where.
        campaign_id: in which campaign.
        state: where that payout stands.
        differences: ``(field, in the books, now)`` for each field that differs, payees masked;
            empty if the content is the same, or the key is free.
        free: whether that payout was cancelled before any call: a new one takes over its key and
            number, whatever its content.
    """

    payout_id: int
    campaign_id: int
    state: State
    differences: tuple[tuple[str, str, str], ...]
    free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of some rows.

    Attributes:
        new: how many were added.
        known: how many were in the books already, with the same content.
        elsewhere: how many of those stand in another campaign, so that this one does not pay them.
    """

    new: int = 0
    known: int = 0
    elsewhere: int = 0

    def __add__(self, other: Submitted) -> Submitted:
        """What became of both."""
        return Submitted(
            new=self.new + other.new,
            known=self.known + other.known,
            elsewhere=self.elsewhere + other.elsewhere,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One row of the books.

    Attributes:
        id: the books' own number.
        name: unique in the books.
        merchant_id: the row of the merchant that pays.
        profile: which settings pay; opaque to the books.
        state: what was decided.
        open: whether anything in it can still be due.
        budget: fen that its rows may come to at most; None is no limit.
        rows: how many payouts it has.
        planned: fen that they come to.
        digest: of the rows' content, in their order.
        source: the list's name.
        source_digest: SHA-256 of the list's bytes.
        created_at: when its import began.
        created_by: who began it.
        approved_at: when somebody approved it.
        approved_by: who did.
        approved_digest: of the rows that were approved.
        stop: why nothing is sent, while it is paused.
        seq: how many decisions were made about it.
        parent_id: of a supplement: the row of the campaign that it belongs to.
        mandate: of a standing campaign: what programs may add to it; None of a list.
        added: what programs added to it on the last day on which they did.
        ended_at: since when it takes no more.
    """

    id: int
    name: str
    merchant_id: int
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

    @property
    def first_digest(self) -> bytes:
        """The digest that it had before its rows came."""
        return NO_ROWS if self.mandate is None else self.mandate.digest

    @property
    def takes_payouts(self) -> bool:
        """Whether programs may add to it, as far as people decided."""
        stands = self.mandate is not None and self.ended_at is None
        return stands and self.state not in GROWING | {CampaignState.CANCELLED}


def extend(digest: bytes, rows: Iterable[tuple[str, str, str, Fen, int, bytes]]) -> bytes:
    """The digest of a campaign after more rows.

    Args:
        digest: of the rows before, ``NO_ROWS`` if there are none.
        rows: (key, kind, payee, amount, people, digest of the terms), in their order.
    """
    for key, kind, payee, amount, people, terms in rows:
        # Texts stand behind their lengths, so that no two rows read as one.
        content = (
            f"{len(key)}:{key}{len(kind)}:{kind}{len(payee)}:{payee}{amount};{people};".encode()
        )
        digest = sha256(b"%b%b%b" % (digest, terms, content)).digest()
    return digest


_SHOWN = 4


def mask(payee: str) -> str:
    """``oABCDEFGHIJKL1234`` as ``oABC…1234``; a short one not at all."""
    return f"{payee[:_SHOWN]}…{payee[-_SHOWN:]}" if len(payee) > 2 * _SHOWN else "…"


def mask_key(key: str, payee: str) -> str:
    """A business key as it may be shown: many make theirs of the receiver, in any letter case."""
    if not payee or payee.lower() not in key.lower():
        return key
    masked = mask(payee)
    return re.sub(re.escape(payee), lambda _: masked, key, flags=re.IGNORECASE)


class _Addressed(Protocol):
    """A named tuple of a payment."""

    @property
    def payee(self) -> str:
        """Whom."""
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
    """Let a campaign come to no more than its budget.

    Raises:
        LedgerError: if it does.
    """
    if budget is not None and planned > budget:
        raise LedgerError(
            code=LedgerCode.OVER_BUDGET,
            problem=f"the rows of campaign {name} come to {planned} fen, and its budget is "
            f"{budget} fen",
            remedy="Shorten the list, or begin the import again with a larger budget.",
        )
