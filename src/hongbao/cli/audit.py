"""``hongbao audit``: proves that the books agree with themselves, or says where they do not."""

from typing import TYPE_CHECKING

from hongbao.cli import books
from hongbao.cli.answer import Answer, answer
from hongbao.cli.columns import in_columns
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.english import counted
from hongbao.ledger.payout import PAID
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from hongbao.ledger.audit_report import AuditReport

SHOWN_MAX = 50
"""Findings on a terminal; ``--json`` has as many as are kept."""


def audit(*, config: ConfigPath = None, as_json: AsJson = False) -> Answer:
    """Prove that the books agree with themselves.

    Reads everything and changes nothing; workers may go on.
    """
    from hongbao.cli.steps import Steps  # noqa: PLC0415  # only this command and two others

    with books.opened(config) as book, Steps(quiet=as_json) as steps:
        report = book.audit(progress=lambda done, total: steps.tell("auditing", done, total))
    sound = not report.findings_count
    return answer(
        _document(report),
        _text(report),
        outcome="sound" if sound else "findings",
        code=ExitCode.DONE if sound else ExitCode.FINDINGS,
        as_json=as_json,
    )


def _text(report: "AuditReport") -> str:
    looked = (
        f"Looked at: campaigns {report.campaigns}, payouts {report.payouts}, "
        f"events {report.events}."
    )
    lines = [looked, *_totals(report)]
    if not report.findings_count:
        return "\n".join([*lines, "The books agree with themselves: every chain, every fen."])
    lines += [counted(report.findings_count, "FINDING"), *map(_line, report.findings[:SHOWN_MAX])]
    if report.findings_count > SHOWN_MAX:
        lines.append(f"  ... and {report.findings_count - SHOWN_MAX} more")
    lines.append(
        "Stop all workers, keep a copy of the database, and pay nothing until it is clear."
    )
    return "\n".join(lines)


def _totals(report: "AuditReport") -> list[str]:
    """A line a state: how much is owed in it, and what of that was claimed or came back."""
    if not report.totals:
        return []
    head = ("state", "payouts", "yuan", "claimed", "came back")
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


def _document(report: "AuditReport") -> dict[str, object]:
    return {
        "campaigns": report.campaigns,
        "payouts": report.payouts,
        "events": report.events,
        "totals": {state: total._asdict() for state, total in report.totals.items()},
        "findings_count": report.findings_count,
        "findings": [finding._asdict() for finding in report.findings],
    }
