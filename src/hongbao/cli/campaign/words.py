"""Where a campaign stands: for people and for programs, and as an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.cli.columns import in_columns
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.moments import beijing, iso
from hongbao.cli.program import typed
from hongbao.ledger.beijing import next_open
from hongbao.ledger.campaign import SENDING
from hongbao.ledger.payout import PAID, State, Task
from hongbao.ledger.standing import Phase
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.ledger.campaign import Campaign
    from hongbao.ledger.limits import Limits
    from hongbao.ledger.payout import Instant
    from hongbao.ledger.standing import Standing
    from hongbao.ledger.step import Stop

_CODES = {
    Phase.COMPLETE: ExitCode.DONE,
    Phase.COMPLETE_WITH_REFUSALS: ExitCode.REFUSALS,
    Phase.IN_DOUBT: ExitCode.IN_DOUBT,
    Phase.APPROVED: ExitCode.DONE,
    Phase.RUNNING: ExitCode.DONE,
}
_TASKS = {Task.QUERY: "to ask", Task.SEND: "to send", Task.LOOK: "to look"}
_HEX_SHOWN = 16


def exit_code(standing: Standing, due: Mapping[Task, Instant]) -> ExitCode:
    """What a script is told of where a campaign stands.

    Args:
        standing: of the campaign.
        due: when each task is. Where all that is not paid waits for a person, nothing is.
    """
    if standing.campaign.state in SENDING:
        left_to_people = standing.handed_over and not {Task.QUERY, Task.SEND} & due.keys()
        if standing.merchant_stop is not None or (standing.waiting and left_to_people):
            return ExitCode.STOPPED
    return _CODES.get(standing.phase, ExitCode.STOPPED)


def standing_text(standing: Standing) -> str:
    """Where a campaign stands, in some lines."""
    campaign = standing.campaign
    lines = [
        f"{campaign.name}: {phase_words(standing)}, paid by {_payer(standing)}",
        money_text(standing),
        *_decided_lines(campaign),
        *stop_lines(standing),
    ]
    if standing.in_doubt:
        lines.append(f"  which are in doubt: {typed()} campaign report {campaign.name}")
    if standing.handed_over:
        lines.append(
            f"  {standing.handed_over} for a person to look at: the report says which, "
            f"`{typed()} payout --help` what can be done"
        )
    if not standing.adds_up:
        lines.append(f"  THE TOTALS DO NOT ADD UP: stop all workers, run `{typed()} audit`")
    return "\n".join(lines)


def _payer(standing: Standing) -> str:
    return f"{standing.campaign.profile} ({standing.merchant})"


def phase_words(standing: Standing) -> str:
    """Its phase, and whether it is held up all the same."""
    held = standing.campaign.state in SENDING and standing.merchant_stop is not None
    return f"{standing.phase} (stopped)" if held else str(standing.phase)


def allowed(due: Mapping[Task, Instant], standing: Standing) -> dict[Task, Instant]:
    """What is due next and may be done: nothing is sent of a campaign that is held up."""
    sends = standing.campaign.state in SENDING and standing.merchant_stop is None
    return {task: at for task, at in due.items() if task is not Task.SEND or sends}


def due_line(due: Mapping[Task, Instant], *, now: Instant, limits: Limits | None) -> str:
    """What is done next, and when; empty if nothing is.

    Args:
        due: when each task is.
        now: the books' time.
        limits: of the merchant; None if the settings do not have it.
    """
    told = []
    for task in Task:
        if task in due:
            at = max(due[task], now)
            if task is Task.SEND and limits is not None:
                at = next_open(at, limits.opens, limits.closes)
            told.append(f"{_TASKS[task]} {'now' if at == now else beijing(at)}")
    return f"  next: {'; '.join(told)}" if told else ""


def money_text(standing: Standing) -> str:
    """How many payouts, and how much money, in which state; a line each."""
    total = standing.total
    rows = [("planned", standing.campaign.rows, standing.campaign.planned, "")]
    for name, states in (
        ("paid", tuple(PAID)),
        ("in doubt", (State.IN_DOUBT,)),
        ("refused", (State.REFUSED,)),
        ("cancelled", (State.CANCELLED,)),
        ("waiting", (State.WAITING,)),
    ):
        found = total(*states)
        rows.append((name, found.payouts, found.amount, ""))
    claimed = (
        f"claimed {format_yuan(standing.claimed)}, returned {format_yuan(standing.refunded)}, "
        f"unclaimed {format_yuan(standing.unclaimed)}"
    )
    cells = [
        (name, str(count), format_yuan(amount), "yuan", claimed if name == "paid" else "")
        for name, count, amount, _ in rows
    ]
    return in_columns(cells, right={1, 2}, indent="  ")


def stop_lines(standing: Standing) -> list[str]:
    """Why nothing is sent, and what to do."""
    lines = []
    for what, stop in (
        ("stopped", standing.campaign.stop),
        (f"all of {standing.merchant} is stopped", standing.merchant_stop),
    ):
        if stop is not None:
            lines += [f"  {what}: {stop.code}: {stop.reason}", f"  what to do: {stop.advice}"]
    if lines:
        lines.append(f"  then: {typed()} campaign resume {standing.campaign.name}")
    return lines


def list_text(standings: Sequence[Standing]) -> str:
    """A line a campaign."""
    if not standings:
        return f"There are no campaigns. Begin with: {typed()} campaign new FILE --help"
    head = ("campaign", "merchant", "state", "payouts", "planned", "paid", "in doubt", "to send")
    rows = [
        (
            standing.campaign.name,
            standing.campaign.profile,
            phase_words(standing),
            str(standing.campaign.rows),
            format_yuan(standing.campaign.planned),
            format_yuan(standing.paid),
            str(standing.total(State.IN_DOUBT).payouts),
            str(standing.total(State.WAITING).payouts),
        )
        for standing in standings
    ]
    return in_columns([head, *rows], right={3, 4, 5, 6, 7})


def document(standing: Standing, due: Mapping[Task, Instant] | None = None) -> dict[str, object]:
    """The same for a program; amounts in fen. With what is due next, if that was looked for."""
    campaign = standing.campaign
    following = {} if due is None else {task.name.lower(): iso(at) for task, at in due.items()}
    return {
        **({} if due is None else {"next": following}),
        "campaign": campaign_document(campaign) | {"phase": standing.phase},
        "mch_id": standing.merchant,
        "merchant_stop": stop_document(standing.merchant_stop),
        "payouts": {state: standing.total(state).payouts for state in State},
        "money": {
            "planned": campaign.planned,
            "paid": standing.paid,
            "in_doubt": standing.in_doubt,
            "refused": standing.refused,
            "cancelled": standing.cancelled,
            "waiting": standing.waiting,
            "claimed": standing.claimed,
            "refunded": standing.refunded,
            "unclaimed": standing.unclaimed,
        },
        "adds_up": standing.adds_up,
        "handed_over": standing.handed_over,
    }


def campaign_document(campaign: Campaign) -> dict[str, object]:
    """What was decided about a campaign, for a program."""
    approved = campaign.approved_digest
    return {
        "name": campaign.name,
        "merchant": campaign.profile,
        "state": campaign.state,
        "rows": campaign.rows,
        "planned": campaign.planned,
        "budget": campaign.budget,
        "sha256": campaign.digest.hex(),
        "source": campaign.source,
        "source_sha256": campaign.source_digest.hex(),
        "created_at": iso(campaign.created_at),
        "created_by": campaign.created_by,
        "approved_at": iso(campaign.approved_at),
        "approved_by": campaign.approved_by,
        "approved_sha256": approved.hex() if approved is not None else None,
        "stop": stop_document(campaign.stop),
    }


def stop_document(stop: Stop | None) -> dict[str, str] | None:
    """Why nothing is sent, for a program."""
    if stop is None:
        return None
    return {"code": stop.code, "reason": stop.reason, "advice": stop.advice}


def _decided_lines(campaign: Campaign) -> list[str]:
    lines = []
    if campaign.budget is not None:
        lines.append(f"  budget: {format_yuan(campaign.budget)} yuan")
    lines.append(
        f"  list: {campaign.source}, imported {beijing(campaign.created_at)} "
        f"by {campaign.created_by}"
    )
    if campaign.approved_at is not None:
        shown = campaign.digest.hex()[:_HEX_SHOWN]
        lines.append(
            f"  approved: {beijing(campaign.approved_at)} by {campaign.approved_by}, "
            f"SHA-256 {shown}…"
        )
    else:
        lines.append(f"  SHA-256: {campaign.digest.hex()}")
    return lines
