"""What an audit of the books found: in words, and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import counted
from hongbao.ledger.audits.audit_report import AuditReport
from hongbao.ledger.model.payout import PAID
from hongbao.money import format_yuan
from hongbao.views.columns import in_columns
from hongbao.views.payout import event_cells

if TYPE_CHECKING:  # cryptography takes 50 ms
    from hongbao.checkpoint.payout_proof import PayoutProof

SHOWN_MAX = 50
"""Findings on a terminal; ``--json`` has as many as are kept."""

AGREES = "The books agree with themselves: every chain, every fen."


def text(report: AuditReport, *, good: str = AGREES) -> str:
    """What a person reads.

    Args:
        report: what was found.
        good: what is said if that is nothing.
    """
    looked = (
        f"Looked at: campaigns {report.campaigns}, payouts {report.payouts}, "
        f"events {report.events}."
    )
    lines = [looked, *_totals(report)]
    if not report.findings_count:
        return "\n".join([*lines, good])
    lines += [
        counted(report.findings_count, "finding").upper(),
        *map(_line, report.findings[:SHOWN_MAX]),
    ]
    if report.findings_count > SHOWN_MAX:
        lines.append(f"  ... and {report.findings_count - SHOWN_MAX} more")
    lines.append(
        "Stop all workers, keep a copy of the database, and pay nothing until it is clear."
    )
    return "\n".join(lines)


def _totals(report: AuditReport) -> list[str]:
    """A line a state: how much is owed in it, and what of that was claimed or refunded."""
    if not report.totals:
        return []
    head = ("state", "payouts", "yuan", "claimed", "refunded")
    rows = [
        (
            str(state), str(total.payouts), format_yuan(total.amount),
            *(format_yuan(fen) if state in PAID else "" for fen in (total.claimed, total.refunded)),
        )
        for state, total in report.totals.items()
    ]  # fmt: skip
    return [in_columns([head, *rows], right={1, 2, 3, 4}, indent="  ")]


def _line(finding: object) -> str:
    return f"  {finding}"


def document(report: AuditReport) -> dict[str, object]:
    """The audit as a document."""
    return {
        "campaigns": report.campaigns,
        "payouts": report.payouts,
        "events": report.events,
        "totals": {state: total._asdict() for state, total in report.totals.items()},
        "findings_count": report.findings_count,
        "findings": [finding._asdict() for finding in report.findings],
    }


def proven(proof: PayoutProof) -> str:
    """What a person reads of a proof."""
    size = proof.kept.checkpoint.size
    lines = [
        f"{proof.mch_billno}: {counted(len(proof.events), 'event')}",
        in_columns([event_cells(event) for event in proof.events], indent="  ", right={0}),
        f"They lead to leaf {proof.index} of {size} in {proof.kept.path}.",
        "With --json this is a proof for whoever has the public key: see examples/check_proof.py.",
    ]
    return "\n".join(lines)
