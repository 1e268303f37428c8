"""What an audit found, as values. It raises nothing unless it is asked to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hongbao.errors import BookCorrupt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.payout import Instant, State
    from hongbao.ledger.model.standing import Total

FINDINGS_MAX = 1_000
"""So many are kept; the others are counted."""


class FindingCode(StrEnum):
    """What kind of disagreement it is."""

    CHAIN = "chain"
    """A history is not what was written: an event is missing or was changed."""
    STEP = "step"
    """A history has a step that the table of states does not have."""
    REPLAY = "replay"
    """A row is not where its history says."""
    CONTENT = "content"
    """A payout is not what was submitted."""
    BILLNO = "billno"
    """A number is not the one that is derived from its payout's key."""
    ATTEMPTS = "attempts"
    """A payout's attempts are not those that it counts."""
    MONEY = "money"
    """Sums do not add up."""
    TALLY = "tally"
    """Running totals are not what the rows come to."""
    DIGEST = "digest"
    """A campaign's rows are not those that its digest, or its approval, was made of."""
    DECISION = "decision"
    """A campaign is not where the decisions about it say."""
    REFERENCE = "reference"
    """Something refers to nothing."""
    QUEUE = "queue"
    """Workers would look at a payout, a campaign or a merchant too late, too early or never."""
    MERCHANT = "merchant"
    """A merchant's limits, rate or stop are not those that were recorded, or cannot be."""
    SCHEMA = "schema"
    """A table, constraint, index or trigger is not as the migrations make it."""
    CHECKPOINT = "checkpoint"
    """What a checkpoint has is gone or was changed."""


Problem: TypeAlias = tuple[FindingCode, str]
"""What kind of disagreement, and what disagrees, in words."""


class AuditFinding(NamedTuple):
    """One disagreement.

    Attributes:
        code: of what kind.
        subject: which payout, by its number, or which campaign, or what else.
        words: what disagrees, without a receiver in full.
    """

    code: FindingCode
    subject: str
    words: str

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}: {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit looked at and what it found.

    Attributes:
        at: when, by the books' clock.
        campaigns: how many were looked at.
        payouts: how many were looked at.
        events: how many were looked at, without decisions.
        totals: of all payouts by state, counted anew.
        findings: the first of them.
        findings_count: how many there are.
    """

    at: Instant
    campaigns: int
    payouts: int
    events: int
    totals: Mapping[State, Total] = field(repr=False)
    findings: tuple[AuditFinding, ...]
    findings_count: int

    def check(self) -> None:
        """Let clean books pass.

        Raises:
            BookCorrupt: if anything was found.
        """
        if self.findings:
            raise BookCorrupt(findings=tuple(map(str, self.findings)))


class FindingCollector:
    """Takes findings, and keeps only as many as memory should hold."""

    def __init__(self) -> None:
        self.first: list[AuditFinding] = []
        self.count = 0

    def add(self, code: FindingCode, subject: str, words: str) -> None:
        """Take one."""
        self.count += 1
        if len(self.first) < FINDINGS_MAX:
            self.first.append(AuditFinding(code, subject, words))
