"""What an audit of the books found: in words, and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import COLON, counted
from hongbao.ledger.audits.audit_report import AuditReport
from hongbao.ledger.model.payout import PAID
from hongbao.money import format_yuan
from hongbao.sentences import said, say
from hongbao.views.columns import in_columns
from hongbao.views.payout import event_cells, state_name

if TYPE_CHECKING:  # cryptography takes 50 ms
    from hongbao.checkpoint.payout_proof import PayoutProof

SHOWN_MAX = 50
"""Findings on a terminal; ``--json`` has as many as are kept."""

AGREES = say("The books agree with themselves: every chain, every fen.")


def text(report: AuditReport, *, good: str = AGREES) -> str:
    """What a person reads.

    Args:
        report: what was found.
        good: what is said if that is nothing.
    """
    looked = said(
        "Looked at: campaigns {campaigns}, payouts {payouts}, events {events}.",
        campaigns=report.campaigns,
        payouts=report.payouts,
        events=report.events,
    )
    lines = [looked, *_totals(report)]
    if not report.findings_count:
        return "\n".join([*lines, said(good)])
    lines += [
        said(counted(report.findings_count, "finding")).upper(),
        *map(_line, report.findings[:SHOWN_MAX]),
    ]
    if report.findings_count > SHOWN_MAX:
        lines.append("  " + said("... and {count} more", count=report.findings_count - SHOWN_MAX))
    lines.append(
        said("Stop all workers, keep a copy of the database, and pay nothing until it is clear.")
    )
    return "\n".join(lines)


def _totals(report: AuditReport) -> list[str]:
    """A line a state: how much is owed in it, and what of that was claimed or refunded."""
    if not report.totals:
        return []
    head = (said("state"), said("payouts"), said("yuan"), said("claimed"), said("refunded"))
    rows = [
        (
            said(state_name(state)), str(total.payouts), format_yuan(total.amount),
            *(format_yuan(fen) if state in PAID else "" for fen in (total.claimed, total.refunded)),
        )
        for state, total in report.totals.items()
    ]  # fmt: skip
    return [in_columns([head, *rows], right={1, 2, 3, 4}, indent="  ")]


def _line(finding: object) -> str:
    return f"  {said(str(finding))}"


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
        said(COLON, one=proof.mch_billno, two=counted(len(proof.events), "event")),
        in_columns([event_cells(event) for event in proof.events], indent="  ", right={0}),
        said(
            "They lead to leaf {index} of {size} in {path}.",
            index=proof.index,
            size=size,
            path=proof.kept.path,
        ),
        said(
            "With --json this is a proof for whoever has the public key: see "
            "examples/check_proof.py."
        ),
    ]
    return "\n".join(lines)
