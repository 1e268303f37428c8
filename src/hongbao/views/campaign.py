"""Where a campaign stands, and what is done next: in words, and as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hongbao import beijing
from hongbao.campaign.compare.places import finishing
from hongbao.english import counted
from hongbao.ledger.model.campaign import (
    Campaign,
    CampaignState,
)
from hongbao.ledger.model.event import Event
from hongbao.ledger.model.payout import SECOND, Instant, State, Task
from hongbao.ledger.model.standing import Phase, Standing, shown_behind
from hongbao.ledger.model.step import ALL_STOPPED, SCHEDULED, Stop
from hongbao.ledger.model.wait import Cause, Wait
from hongbao.money import format_yuan
from hongbao.state_words import CAUSES, PAID_PART, PLANNED, parts_of, task_words
from hongbao.views.columns import in_columns

_HEX_SHOWN = 16


def standing_text(standing: Standing, *, program: str) -> str:
    """Where a campaign stands, in some lines.

    Args:
        standing: of the campaign.
        program: what the reader calls to do something about it.
    """
    campaign = standing.campaign
    lines = [
        f"{campaign.name}: {phase_words(standing)}, paid by {_payer(standing)}",
        money_text(standing),
        *_decided_lines(campaign),
        *(line for it in standing.supplements for line in _supplement_lines(it, program)),
        *_stop_lines(standing, program),
    ]
    if campaign.state is CampaignState.IMPORTING:
        lines.append(f"  if nobody imports it now, finish it: {finishing(standing)}")
    if standing.in_doubt:
        lines.append(f"  which are in doubt: {program} campaign report {campaign.name}")
    if standing.handed_over:
        lines.append(
            f"  {standing.handed_over} for a person to look at: the report says which, "
            f"`{program} payout --help` what can be done"
        )
    if standing.clock_behind:
        lines.append(
            f"  the books are {shown_behind(standing.clock_behind)} ahead of the clock, which is "
            "wrong, or was: let NTP run; the next worker brings forward what waits for then"
        )
    if not standing.adds_up:
        lines.append(f"  THE TOTALS DO NOT ADD UP: stop all workers, run `{program} audit`")
    return "\n".join(lines)


def _payer(standing: Standing) -> str:
    return f"{standing.campaign.profile} ({standing.merchant})"


def phase_words(standing: Standing) -> str:
    """Its phase, and whether it is held up all the same."""
    held = standing.sends and standing.merchant_stop is not None
    phase = str(standing.phase)
    if standing.phase is Phase.COMPLETE_WITH_REFUSALS and not standing.total(State.REFUSED).payouts:
        phase = f"{Phase.COMPLETE}, but for what was cancelled"
    if standing.campaign.state is CampaignState.CANCELLED and standing.phase is not Phase.CANCELLED:
        phase = f"{Phase.CANCELLED}, and {phase}"
    return f"{phase} (stopped)" if held else phase


def following(due: Mapping[Task, Instant], wait: Wait | None) -> dict[Task, Instant]:
    """When each task that is due next may be done; nothing that waits for a person is sent."""
    found = dict(due)
    if wait is not None and Task.SEND in found:
        if wait.until is None:
            del found[Task.SEND]
        else:
            found[Task.SEND] = wait.until
    return found


def due_line(
    due: Mapping[Task, Instant], wait: Wait | None, *, now: Instant, awaiting: bool = False
) -> str:
    """The line that says what is done next, when, and why not before; empty if nothing is.

    Args:
        due: when each task may be done.
        wait: why nothing is sent.
        now: the books' time.
        awaiting: whether payouts wait for their users to confirm them.
    """
    steps = [
        f"{task_words(task, awaiting=awaiting).of_many.en} "
        f"{'now' if due[task] <= now else beijing.text(due[task])}"
        for task in Task
        if task in due
    ]
    lines = [f"  next: {'; '.join(steps)}"] if steps else []
    return "\n".join([*lines, *wait_lines(wait)])


def wait_lines(wait: Wait | None) -> list[str]:
    """Why nothing is sent now, of what goes on by itself."""
    if wait is None or wait.until is None:
        return []
    code = f" ({wait.code})" if wait.cause is Cause.RETRY and wait.code else ""
    return [f"  nothing is sent until {beijing.text(wait.until)}: {CAUSES[wait.cause].en}{code}"]


def money_text(standing: Standing) -> str:
    """How many payouts, and how much money, in which state; a line each."""
    rows = [(PLANNED, standing.rows, standing.planned)]
    rows += [(words, it.payouts, it.amount) for words, it in parts_of(standing)]
    claimed = (
        f"claimed {format_yuan(standing.claimed)}, refunded {format_yuan(standing.refunded)}, "
        f"unclaimed {format_yuan(standing.unclaimed)}"
    )
    cells = [
        (words.en, str(count), format_yuan(fen), "yuan", claimed if words is PAID_PART else "")
        for words, count, fen in rows
    ]
    return in_columns(cells, right={1, 2}, indent="  ")


def cancelled_line(decision: Event) -> str:
    """Who cancelled a campaign, when and why."""
    reason = json.loads(decision.body).get("reason")
    return (
        f"  cancelled: {beijing.text(decision.at)} by {decision.actor}"
        f"{f': {reason}' if reason else ''}"
    )


def _stop_lines(standing: Standing, program: str) -> list[str]:
    """Why nothing is sent, and what to do."""
    lines = []
    stops = [("stopped", stop) for stop in standing.stops]
    if standing.merchant_stop is not None:
        stops.append((f"all of {standing.merchant} is stopped", standing.merchant_stop))
    for what, stop in stops:
        lines += [f"  {what}: {stop.code}: {stop.reason}", f"  what to do: {stop.advice}"]
    if any(stop.code not in {ALL_STOPPED, SCHEDULED} for _, stop in stops):
        lines.append(f"  then: {program} campaign resume {standing.campaign.name}")
    return lines


def list_text(standings: Sequence[Standing], *, program: str, all_of_them: bool = True) -> str:
    """A line a campaign.

    Args:
        standings: the campaigns.
        program: what the reader calls.
        all_of_them: whether the books have no others.
    """
    if not standings and not all_of_them:
        return "There are no such campaigns."
    if not standings:
        return f"There are no campaigns. Begin with: {program} campaign new FILE --help"
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
    """A document of what is due next, and why nothing is sent before."""
    waits = None if wait is None else {**wait._asdict(), "until": beijing.iso(wait.until)}
    return {
        "next": {task.name.lower(): beijing.iso(at) for task, at in due.items()},
        "waits": waits,
    }


def document(standing: Standing) -> dict[str, object]:
    """The standing as a document; amounts in fen."""
    campaign = standing.campaign
    return {
        "campaign": campaign_document(campaign) | {"phase": standing.phase},
        "supplements": [
            campaign_document(it.campaign) | {"phase": it.phase} for it in standing.supplements
        ],
        "mch_id": standing.merchant,
        "rail": standing.campaign.rail,
        "merchant_stop": stop_document(standing.merchant_stop),
        "payouts": {state: standing.total(state).payouts for state in State},
        "on_the_way": {
            "payouts": standing.on_the_way.payouts,
            "amount": standing.on_the_way.amount,
        },
        "money": {
            "planned": standing.planned,
            "paid": standing.paid,
            "awaiting_user": standing.awaiting,
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
        "sha256": campaign.digest.hex() if campaign.rows or campaign.mandate else None,
        "mandate": mandate_document(campaign),
        "source": campaign.source,
        "source_sha256": campaign.source_digest.hex(),
        "created_at": beijing.iso(campaign.created_at),
        "created_by": campaign.created_by,
        "approved_at": beijing.iso(campaign.approved_at),
        "approved_by": campaign.approved_by,
        "approved_sha256": approved.hex() if approved is not None else None,
        "approval": {
            "approvers": campaign.policy.needed(campaign.at_stake),
            "apart": campaign.policy.parts(campaign.at_stake),
        },
        "stop": stop_document(campaign.stop),
    }


def mandate_document(campaign: Campaign) -> dict[str, object] | None:
    """What programs may add to a standing campaign, and added on the last day, for a program."""
    mandate, added = campaign.mandate, campaign.added
    if mandate is None:
        return None
    return {
        "total": mandate.total,
        "day_amount": mandate.day_amount,
        "day_count": mandate.day_count,
        "largest": mandate.largest,
        "last_day": added
        and {"day": beijing.date(added.day), "amount": added.amount, "payouts": added.payouts},
        "ended_at": beijing.iso(campaign.ended_at),
    }


def mandate_lines(campaign: Campaign) -> list[str]:
    """The same in words, a line each; none of a list."""
    mandate, added = campaign.mandate, campaign.added
    if mandate is None:
        return []
    lines = [
        f"  standing: programs may add {format_yuan(mandate.total)} yuan in all",
        f"    at most {format_yuan(mandate.largest)} yuan for a single payout",
        f"    a day {format_yuan(mandate.day_amount)} yuan, {counted(mandate.day_count, 'payout')}",
    ]
    if added is not None:
        lines.append(
            f"  added on {beijing.date(added.day)}: {counted(added.payouts, 'payout')}, "
            f"{format_yuan(added.amount)} yuan"
        )
    if campaign.ended_at is not None:
        lines.append(f"  ended: {beijing.text(campaign.ended_at)}; programs add no more")
    return lines


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
    lines = mandate_lines(campaign)
    if campaign.budget is not None and campaign.mandate is None:
        lines.append(f"  budget: {format_yuan(campaign.budget)} yuan")
    what = "begun" if campaign.mandate is not None else f"list: {campaign.source}, imported"
    lines.append(f"  {what} {beijing.text(campaign.created_at)} by {campaign.created_by}")
    if campaign.approved_at is not None:
        shown = campaign.digest.hex()[:_HEX_SHOWN]
        lines.append(
            f"  approved: {beijing.text(campaign.approved_at)} by {campaign.approved_by}, "
            f"SHA-256 {shown}…"
        )
    elif campaign.rows or campaign.mandate is not None:
        lines.append(f"  SHA-256: {campaign.digest.hex()}")
    return lines


def _supplement_lines(standing: Standing, program: str) -> list[str]:
    campaign = standing.campaign
    rows, yuan = counted(campaign.rows, "payout"), format_yuan(campaign.planned)
    lines = [
        f"  supplement {campaign.name}: {standing.phase}, {rows}, {yuan} yuan",
        *(f"  {line}" for line in _decided_lines(campaign)),
    ]
    if campaign.state is CampaignState.DRAFT:
        lines.append(
            f"    nothing of it is sent before: {program} campaign approve {campaign.name}"
        )
    return lines
