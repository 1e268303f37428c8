"""Where a campaign stands, and what is done next: in words, and as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from hongbao import beijing
from hongbao.campaign.compare.places import finishing
from hongbao.english import COLON, SEMICOLON, counted, joined, said_together
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
from hongbao.sentences import marked, said, say
from hongbao.state_words import CAUSES, PAID_PART, PLANNED, parts_of, task_words
from hongbao.views.approval import decided_lines
from hongbao.views.columns import in_columns
from hongbao.views.kept import kept, stop_words


def standing_text(standing: Standing, *, program: str) -> str:
    """Where a campaign stands, in some lines.

    Args:
        standing: of the campaign.
        program: what the reader calls to do something about it.
    """
    campaign = standing.campaign
    lines = [
        said(
            "{name}: {phase}, paid by {payer}",
            name=campaign.name,
            phase=phase_words(standing),
            payer=_payer(standing),
        ),
        money_text(standing),
        *decided_lines(campaign),
        *(line for it in standing.supplements for line in _supplement_lines(it, program)),
        *_stop_lines(standing, program),
    ]
    return "\n".join([*lines, *(f"  {it}" for it in _troubles(standing, program))])


def _troubles(standing: Standing, program: str) -> Iterator[str]:
    """What somebody should look at."""
    campaign = standing.campaign
    if campaign.state is CampaignState.IMPORTING:
        yield said("if nobody imports it now, finish it: {command}", command=finishing(standing))
    if standing.in_doubt:
        yield said(
            "which are in doubt: {program} campaign report {name}",
            program=program,
            name=campaign.name,
        )
    if standing.handed_over:
        yield said(
            "{count} for a person to look at: the report says which, `{program} payout --help` "
            "what can be done",
            count=standing.handed_over,
            program=program,
        )
    if standing.clock_behind:
        yield said(
            "the books are {span} ahead of the clock, which is wrong, or was: let NTP run; the "
            "next worker brings forward what waits for then",
            span=shown_behind(standing.clock_behind),
        )
    if not standing.adds_up:
        yield said(
            "THE TOTALS DO NOT ADD UP: stop all workers, run `{program} audit`", program=program
        )


def _payer(standing: Standing) -> str:
    return f"{standing.campaign.profile} ({standing.merchant})"


def phase_words(standing: Standing) -> str:
    """Its phase, and whether it is held up all the same."""
    held = standing.sends and standing.merchant_stop is not None
    phase = standing.phase.in_words
    if standing.phase is Phase.COMPLETE_WITH_REFUSALS and not standing.total(State.REFUSED).payouts:
        phase = say("complete, but for what was cancelled")
    if standing.campaign.state is CampaignState.CANCELLED and standing.phase is not Phase.CANCELLED:
        phase = say("cancelled, and {phase}", phase=phase)
    return say("{phase} (stopped)", phase=phase) if held else phase


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
        said(
            "{task} {when}",
            task=task_words(task, awaiting=awaiting).of_many.said,
            when=say("now") if due[task] <= now else beijing.text(due[task]),
        )
        for task in Task
        if task in due
    ]
    lines = ["  " + said("next: {steps}", steps=said(joined(steps, SEMICOLON)))] if steps else []
    return "\n".join([*lines, *wait_lines(wait)])


def wait_lines(wait: Wait | None) -> list[str]:
    """Why nothing is sent now, of what goes on by itself."""
    if wait is None or wait.until is None:
        return []
    code = f" ({wait.code})" if wait.cause is Cause.RETRY and wait.code else ""
    return [
        "  "
        + said(
            "nothing is sent until {when}: {why}{code}",
            when=beijing.text(wait.until),
            why=CAUSES[wait.cause].said,
            code=code,
        )
    ]


def money_text(standing: Standing) -> str:
    """How many payouts, and how much money, in which state; a line each."""
    rows = [(PLANNED, standing.rows, standing.planned)]
    rows += [(words, it.payouts, it.amount) for words, it in parts_of(standing)]
    claimed = said(
        "claimed {claimed}, refunded {refunded}, unclaimed {unclaimed}",
        claimed=format_yuan(standing.claimed),
        refunded=format_yuan(standing.refunded),
        unclaimed=format_yuan(standing.unclaimed),
    )
    cells = [
        (
            words.said,
            str(count),
            format_yuan(fen),
            said("yuan"),
            claimed if words is PAID_PART else "",
        )
        for words, count, fen in rows
    ]
    return in_columns(cells, right={1, 2}, indent="  ")


def cancelled_line(decision: Event) -> str:
    """Who cancelled a campaign, when and why."""
    what = said("cancelled: {when} by {name}", when=beijing.text(decision.at), name=decision.actor)
    return _with_its_reason(what, decision)


def rejected_line(decision: Event) -> str:
    """Who rejected a draft, when and why."""
    what = said("rejected: {when} by {name}", when=beijing.text(decision.at), name=decision.actor)
    return _with_its_reason(what, decision)


def _with_its_reason(what: str, decision: Event) -> str:
    return "  " + said_together((what, json.loads(decision.body).get("reason")), COLON)


def _stop_lines(standing: Standing, program: str) -> list[str]:
    """Why nothing is sent, and what to do."""
    lines = []
    stops = [(said("stopped"), stop) for stop in standing.stops]
    if standing.merchant_stop is not None:
        stops.append(
            (
                said("all of {merchant} is stopped", merchant=standing.merchant),
                standing.merchant_stop,
            )
        )
    for what, stop in stops:
        lines += [
            "  " + said(COLON, one=what, two=stop_words(stop)),
            "  " + said("what to do: {advice}", advice=kept(stop.advice)),
        ]
    if any(stop.code not in {ALL_STOPPED, SCHEDULED} for _, stop in stops):
        lines.append(
            "  "
            + said(
                "then: {program} campaign resume {name}",
                program=program,
                name=standing.campaign.name,
            )
        )
    return lines


_HEAD = (
    marked("campaign"),
    marked("merchant"),
    marked("state"),
    marked("payouts"),
    marked("planned"),
    marked("paid"),
    marked("in doubt"),
    marked("to send"),
)


def list_text(standings: Sequence[Standing], *, program: str, all_of_them: bool = True) -> str:
    """A line a campaign.

    Args:
        standings: the campaigns.
        program: what the reader calls.
        all_of_them: whether the books have no others.
    """
    if not standings and not all_of_them:
        return said("There are no such campaigns.")
    if not standings:
        return said(
            "There are no campaigns. Begin with: {program} campaign new FILE --help",
            program=program,
        )
    head = tuple(map(said, _HEAD))
    rows = [
        (
            standing.campaign.name,
            standing.campaign.profile,
            said(phase_words(standing)),
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
    return (
        [said("texts, as receivers will see them"), *(f"  {line}" for line in lines)]
        if lines
        else []
    )


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


def stop_document(stop: Stop | None) -> dict[str, str] | None:
    """Why nothing is sent, for a program."""
    if stop is None:
        return None
    return {"code": stop.code, "reason": stop.reason, "advice": stop.advice}


def _supplement_lines(standing: Standing, program: str) -> list[str]:
    campaign = standing.campaign
    rows, yuan = counted(campaign.rows, "payout"), format_yuan(campaign.planned)
    lines = [
        "  "
        + said(
            "supplement {name}: {phase}, {rows}, {yuan} yuan",
            name=campaign.name,
            phase=standing.phase.in_words,
            rows=rows,
            yuan=yuan,
        ),
        *(f"  {line}" for line in decided_lines(campaign)),
    ]
    if campaign.state is CampaignState.DRAFT:
        lines.append(
            "    "
            + said(
                "nothing of it is sent before: {program} campaign approve {name}",
                program=program,
                name=campaign.name,
            )
        )
    return lines
