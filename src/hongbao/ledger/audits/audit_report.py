"""The findings of an audit, as values. Only ``check`` raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hongbao.errors import BookCorrupt
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.ledger.model.payout import Instant, State
    from hongbao.ledger.model.standing import Total

FINDINGS_MAX = 1_000
"""How many findings are kept; the others are only counted."""


class FindingCode(StrEnum):
    """The kind of a disagreement."""

    CHAIN = "chain"
    """A history was changed: an event is missing or differs from what was written."""
    STEP = "step"
    """A history has a step that the table of states does not allow."""
    REPLAY = "replay"
    """A row differs from the result of its history."""
    CONTENT = "content"
    """A payout differs from what was submitted."""
    BILLNO = "billno"
    """A number is not the one that is derived from its payout's key."""
    ATTEMPTS = "attempts"
    """A payout's attempts do not match its count of them."""
    MONEY = "money"
    """Sums do not add up."""
    TALLY = "tally"
    """Running totals differ from the sums over the rows."""
    DIGEST = "digest"
    """A campaign's rows do not match its digest or its approval."""
    DECISION = "decision"
    """A campaign differs from the result of the decisions about it."""
    REFERENCE = "reference"
    """Something refers to a row that is missing."""
    QUEUE = "queue"
    """Workers would look at a payout, a campaign or a merchant too late, too early or never."""
    MERCHANT = "merchant"
    """A merchant's limits, rate or stop are impossible, or not those that were recorded."""
    ENDPOINT = "endpoint"
    """A webhook endpoint is not as its history says."""
    SIGNATURE = "signature"
    """A decision is not what an operator has signed."""
    SCHEMA = "schema"
    """A table, constraint, index or trigger is not as the migrations make it."""
    CHECKPOINT = "checkpoint"
    """Something in a checkpoint is missing from the books or was changed."""


Problem: TypeAlias = tuple[FindingCode, str]
"""The kind of a disagreement, and the disagreement in words."""


class AuditFinding(NamedTuple):
    """One disagreement.

    Attributes:
        code: its kind.
        subject: the payout by its number, the campaign, or something else.
        words: what disagrees, never with a receiver in full.
    """

    code: FindingCode
    subject: str
    words: str

    def __str__(self) -> str:
        return say("{code}: {subject}: {words}", **self._asdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit checked and what it found.

    Attributes:
        at: when, by the books' clock.
        campaigns: how many campaigns were checked.
        payouts: how many payouts were checked.
        events: how many events of payouts were checked.
        totals: the totals of all payouts by state, counted again.
        findings: the first findings.
        findings_count: how many findings there are.
    """

    at: Instant
    campaigns: int = 0
    payouts: int = 0
    events: int = 0
    totals: Mapping[State, Total] = field(default_factory=dict, repr=False)
    findings: tuple[AuditFinding, ...]
    findings_count: int

    def check(self) -> None:
        """Raise if there are findings.

        Raises:
            BookCorrupt: if anything was found.
        """
        if self.findings:
            raise BookCorrupt(findings=tuple(map(str, self.findings)))


class FindingCollector:
    """Collects findings; it keeps the first and counts all."""

    def __init__(self) -> None:
        self.first: list[AuditFinding] = []
        self.count = 0

    def add(self, code: FindingCode, subject: str, words: str) -> None:
        """Add a finding."""
        self.count += 1
        if len(self.first) < FINDINGS_MAX:
            self.first.append(AuditFinding(code, subject, words))

    def report(self, at: Instant, **looked_at: Any) -> AuditReport:  # noqa: ANN401  # its fields
        """What was found, and the rest of an ``AuditReport``."""
        return AuditReport(
            at=at, findings=tuple(self.first), findings_count=self.count, **looked_at
        )


def whole_of(reports: Sequence[AuditReport]) -> AuditReport:
    """What all parts of an audit say together."""
    findings = chain.from_iterable(report.findings for report in reports)
    return AuditReport(
        at=reports[-1].at,
        campaigns=sum(report.campaigns for report in reports),
        payouts=sum(report.payouts for report in reports),
        events=sum(report.events for report in reports),
        totals=next((report.totals for report in reversed(reports) if report.totals), {}),
        findings=tuple(islice(findings, FINDINGS_MAX)),
        findings_count=sum(report.findings_count for report in reports),
    )
