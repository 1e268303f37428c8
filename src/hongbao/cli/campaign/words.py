"""Where a campaign stands: for people and for programs, and as an exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hongbao.cli.columns import in_columns
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.moments import beijing, iso
from hongbao.cli.program import typed
from hongbao.english import counted
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import PAID, SECOND, State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.read.waiting import Cause
from hongbao.ledger.store import clock
from hongbao.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.model.step import Stop
    from hongbao.ledger.read.waiting import Wait

_CODES = {
    Phase.COMPLETE: ExitCode.DONE,
    Phase.COMPLETE_WITH_REFUSALS: ExitCode.REFUSALS,
    Phase.IN_DOUBT: ExitCode.IN_DOUBT,
}
_ON_ITS_WAY = frozenset({Phase.APPROVED, Phase.RUNNING})
_SOON = 60 * SECOND
"""What is sent within a minute is sent now: so long a slow rate or a short back-off takes."""
_CAUSES = {
    Cause.HOURS: "it is outside of the merchant's hours",
    Cause.RATE: "the merchant's rate allows no call before",
    Cause.DAY_LIMIT: "the merchant's money for a day (day_yuan_max) does not suffice for the next",
    Cause.USER_LIMIT: "the receivers have got what a user may have today",
    Cause.RETRY: "the next was tried, and is tried again then",
    Cause.CLOCK: "the books are ahead of the clock: the next was stored for then and never tried",
}
"""Why something waits that goes on by itself; the rest is told by stops and states."""
_TASKS = {Task.QUERY: "to ask", Task.SEND: "to send", Task.LOOK: "to look"}
_HEX_SHOWN = 16
_ONLY_IF_ANY = "on their way"


def exit_code(standing: Standing, wait: Wait | None, now: Instant) -> ExitCode:
    """What a script is told of where a campaign stands.

    Args:
        standing: of the campaign.
        wait: why nothing of it is sent; None if something is.
        now: the books' time.
    """
    if standing.phase not in _ON_ITS_WAY:
        return _CODES.get(standing.phase, ExitCode.STOPPED)
    waits = wait is not None and (wait.until is None or wait.until > now + _SOON)
    return ExitCode.STOPPED if waits else ExitCode.DONE


def exit_code_of_run(standing: Standing) -> ExitCode:
    """The same when a run has ended: a campaign that is on its way yet is not done."""
    if standing.phase in _ON_ITS_WAY and not standing.total(State.WAITING).payouts:
        return ExitCode.IN_DOUBT  # all that is left is with another worker, dead or alive
    return _CODES.get(standing.phase, ExitCode.STOPPED)


def standing_text(standing: Standing) -> str:
    """Where a campaign stands, in some lines."""
    campaign = standing.campaign
    lines = [
        f"{campaign.name}: {phase_words(standing)}, paid by {_payer(standing)}",
        money_text(standing),
        *_decided_lines(campaign),
        *(line for it in standing.supplements for line in _supplement_lines(it)),
        *stop_lines(standing),
    ]
    if standing.in_doubt:
        lines.append(f"  which are in doubt: {typed()} campaign report {campaign.name}")
    if standing.handed_over:
        lines.append(
            f"  {standing.handed_over} for a person to look at: the report says which, "
            f"`{typed()} payout --help` what can be done"
        )
    if standing.clock_behind:
        lines.append(
            f"  the books are {clock.shown(standing.clock_behind)} ahead of the clock, which is "
            "wrong, or was: let NTP run; the next worker brings forward what waits for then"
        )
    if not standing.adds_up:
        lines.append(f"  THE TOTALS DO NOT ADD UP: stop all workers, run `{typed()} audit`")
    return "\n".join(lines)


def _payer(standing: Standing) -> str:
    return f"{standing.campaign.profile} ({standing.merchant})"


def phase_words(standing: Standing) -> str:
    """Its phase, and whether it is held up all the same."""
    held = standing.sends and standing.merchant_stop is not None
    return f"{standing.phase} (stopped)" if held else str(standing.phase)


def following(due: Mapping[Task, Instant], wait: Wait | None) -> dict[Task, Instant]:
    """What is due next and may be done then; nothing is sent of what waits for a person."""
    found = dict(due)
    if wait is not None and Task.SEND in found:
        if wait.until is None:
            del found[Task.SEND]
        else:
            found[Task.SEND] = wait.until
    return found


def due_line(due: Mapping[Task, Instant], wait: Wait | None, *, now: Instant) -> str:
    """What is done next, and when, and why not before; empty if nothing is.

    Args:
        due: when each task may be done.
        wait: why nothing is sent.
        now: the books' time.
    """
    told = [
        f"{_TASKS[task]} {'now' if due[task] <= now else beijing(due[task])}"
        for task in Task
        if task in due
    ]
    lines = [f"  next: {'; '.join(told)}"] if told else []
    return "\n".join([*lines, *wait_lines(wait)])


def wait_lines(wait: Wait | None) -> list[str]:
    """Why nothing is sent now, of what goes on by itself."""
    if wait is None or wait.until is None:
        return []
    code = f" ({wait.code})" if wait.cause is Cause.RETRY and wait.code else ""
    return [f"  nothing is sent until {beijing(wait.until)}: {_CAUSES[wait.cause]}{code}"]


def money_text(standing: Standing) -> str:
    """How many payouts, and how much money, in which state; a line each."""
    total = standing.total
    rows = [("planned", standing.rows, standing.planned)]
    for name, found in (
        ("paid", total(*PAID)),
        (_ONLY_IF_ANY, standing.on_the_way),
        ("in doubt", standing.doubtful),
        ("refused", total(State.REFUSED)),
        ("cancelled", total(State.CANCELLED)),
        ("waiting", total(State.WAITING)),
    ):
        if found.payouts or name != _ONLY_IF_ANY:
            rows.append((name, found.payouts, found.amount))
    claimed = (
        f"claimed {format_yuan(standing.claimed)}, returned {format_yuan(standing.refunded)}, "
        f"unclaimed {format_yuan(standing.unclaimed)}"
    )
    cells = [
        (name, str(count), format_yuan(amount), "yuan", claimed if name == "paid" else "")
        for name, count, amount in rows
    ]
    return in_columns(cells, right={1, 2}, indent="  ")


def stop_lines(standing: Standing) -> list[str]:
    """Why nothing is sent, and what to do."""
    lines = []
    stops = [("stopped", stop) for stop in standing.stops]
    if standing.merchant_stop is not None:
        stops.append((f"all of {standing.merchant} is stopped", standing.merchant_stop))
    for what, stop in stops:
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
            str(standing.doubtful.payouts),
            str(standing.total(State.WAITING).payouts),
        )
        for standing in standings
    ]
    return in_columns([head, *rows], right={3, 4, 5, 6, 7})


def outlook(due: Mapping[Task, Instant], wait: Wait | None) -> dict[str, object]:
    """What is due next, and why nothing is sent before, for a program."""
    waits = None if wait is None else {**wait._asdict(), "until": iso(wait.until)}
    return {"next": {task.name.lower(): iso(at) for task, at in due.items()}, "waits": waits}


def document(standing: Standing) -> dict[str, object]:
    """The same for a program; amounts in fen."""
    campaign = standing.campaign
    return {
        "campaign": campaign_document(campaign) | {"phase": standing.phase},
        "supplements": [
            campaign_document(it.campaign) | {"phase": it.phase} for it in standing.supplements
        ],
        "mch_id": standing.merchant,
        "merchant_stop": stop_document(standing.merchant_stop),
        "payouts": {state: standing.total(state).payouts for state in State},
        "on_the_way": {
            "payouts": standing.on_the_way.payouts,
            "amount": standing.on_the_way.amount,
        },
        "money": {
            "planned": standing.planned,
            "paid": standing.paid,
            "in_doubt": standing.total(State.IN_DOUBT).amount,
            "refused": standing.refused,
            "cancelled": standing.cancelled,
            "waiting": standing.waiting,
            "claimed": standing.claimed,
            "refunded": standing.refunded,
            "unclaimed": standing.unclaimed,
        },
        "adds_up": standing.adds_up,
        "handed_over": standing.handed_over,
        "clock_behind_seconds": standing.clock_behind / SECOND,
    }


def text_lines(texts: Sequence[Mapping[str, str]]) -> list[str]:
    """Some texts that receivers will see, for a person to read."""
    lines = [", ".join(f"{name} {text!r}" for name, text in it.items()) for it in texts]
    return ["texts, as receivers will see them", *(f"  {line}" for line in lines)] if lines else []


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
        "sha256": campaign.digest.hex() if campaign.rows else None,
        "source": campaign.source,
        "source_sha256": campaign.source_digest.hex(),
        "created_at": iso(campaign.created_at),
        "created_by": campaign.created_by,
        "approved_at": iso(campaign.approved_at),
        "approved_by": campaign.approved_by,
        "approved_sha256": approved.hex() if approved is not None else None,
        "stop": stop_document(campaign.stop),
    }


def warned(decisions: Sequence[Event]) -> list[str]:
    """What whoever made a draft decided, and whoever approves it should know; a line each."""
    lines = []
    for decision in decisions:
        facts = json.loads(decision.body)
        again, keyed = facts.get("pays_again"), facts.get("repeats_with_keys")
        if again:
            lines.append(f"  pays again: {_repeated(again)}; {decision.actor}: {again['reason']}")
        if keyed:
            lines.append(f"  with keys of their own, but the same as: {_repeated(keyed)}")
    return lines


def _repeated(facts: Mapping[str, Any]) -> str:
    rows, yuan = counted(facts["rows"], "row"), format_yuan(facts["amount"])
    return f"{rows}, {yuan} yuan: {'; '.join(facts['places'])}"


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
    elif campaign.rows:
        lines.append(f"  SHA-256: {campaign.digest.hex()}")
    return lines


def _supplement_lines(standing: Standing) -> list[str]:
    campaign = standing.campaign
    rows, yuan = counted(campaign.rows, "payout"), format_yuan(campaign.planned)
    lines = [
        f"  supplement {campaign.name}: {standing.phase}, {rows}, {yuan} yuan",
        *(f"  {line}" for line in _decided_lines(campaign)),
    ]
    if campaign.state is CampaignState.DRAFT:
        lines.append(
            f"    nothing of it is sent before: {typed()} campaign approve {campaign.name}"
        )
    return lines
