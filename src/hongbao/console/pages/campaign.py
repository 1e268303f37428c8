"""One campaign: where it stands, live, what was decided, and what a person may do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.console.topics import live_part
from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.campaign import GROWING, CampaignState, DecisionKind
from hongbao.ledger.model.draft_decisions import rejection
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum
from hongbao.ledger.model.standing import Phase
from hongbao.sentences import marked as _
from hongbao.sentences import say
from hongbao.state_words import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.standing import Standing

_DECISIONS_SHOWN = 50
_PAUSES = frozenset({Phase.APPROVED, Phase.RUNNING})
_NO_TIME = _("Give a time in Beijing, such as 2027-02-06 00:00.")


def show(visit: Visit) -> Response:
    """The campaign of this name."""
    return _page(visit, "")


def _page(visit: Visit, problem: str) -> Response:
    name = visit.places["name"]
    standing = visit.book.standing(name)
    latest = visit.book.latest_decisions(name, limit=_DECISIONS_SHOWN)
    return visit.render(
        "campaign.html", status=422 if problem else 200, standing=standing,
        decisions=[
            (DECISIONS[DecisionKind(it.kind)], it, _why(it)) for _name, it in reversed(latest)
        ],
        live=live_part(visit, f"campaign/{name}"),
        may=frozenset(_possible(standing)),
        drafts=[it.name for it in standing.campaigns if it.state is CampaignState.DRAFT],
        rejected=rejection(visit.book.decisions(name))
        if standing.campaign.state is CampaignState.DRAFT else None,
        refused=standing.total(State.REFUSED).payouts,
        problem=visit.say(problem) if problem else "",
    )  # fmt: skip


def _possible(standing: Standing) -> Iterator[str]:
    """What can be done about it, by the last word of the address that does it."""
    campaign, phase = standing.campaign, standing.phase
    if phase in _PAUSES:
        yield "pause"
    if phase is Phase.PAUSED or standing.stops:
        yield "resume"
    waits = standing.total(State.WAITING).payouts
    cancelled = campaign.state is CampaignState.CANCELLED
    if (waits or campaign.takes_payouts or campaign.state in GROWING) and not cancelled:
        yield "cancel"
        yield "schedule"
    if campaign.state in {CampaignState.APPROVED, CampaignState.PAUSED} and campaign.approved_at:
        yield "withdraw"
    if standing.total(State.REFUSED).payouts and not cancelled:
        yield "retry"
    if campaign.mandate is None and campaign.parent_id is None:
        if not cancelled:
            yield "extend"
        if campaign.state in GROWING | {CampaignState.CANCELLED}:
            yield "replace"


def _why(decision: Event) -> str:
    """The reason that a person gave; a worker's is in the live part while it counts."""
    facts = json.loads(decision.body)
    reason = facts.get("reason") or (facts.get("pays_again") or {}).get("reason") or ""
    # A pause names the person in its reason, who stands beside it here.
    return str(reason or facts.get("stop_reason") or "").removeprefix(f"{decision.actor}: ")


def pause(visit: Visit) -> Response:
    """Send nothing more of it for now."""
    name = visit.places["name"]
    visit.book.pause(name, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/campaigns/{name}", done="paused")


def resume(visit: Visit) -> Response:
    """Go on, with the same order numbers."""
    name = visit.places["name"]
    visit.book.resume(name, by=visit.by)
    return visit.redirect(f"/campaigns/{name}", done="resumed")


def cancel(visit: Visit) -> Response:
    """Send nothing more of it for good; of a draft: take it back."""
    name = visit.places["name"]
    visit.book.cancel(name, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/campaigns/{name}", done="campaign-cancelled")


def withdraw(visit: Visit) -> Response:
    """Take an approval back while nothing was sent, or a rejection."""
    name = visit.places["name"]
    visit.book.withdraw_approval(name, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/campaigns/{name}", done="withdrawn")


def schedule(visit: Visit) -> Response:
    """Send nothing of it before a time."""
    name = visit.places["name"]
    try:
        at = beijing.read(visit.form.get("at", ""))
    except (ValueError, OverflowError):
        return _page(visit, _NO_TIME)
    visit.book.schedule(name, at=at, by=visit.by)
    return visit.redirect(f"/campaigns/{name}", done="scheduled")


def show_retry(visit: Visit) -> Response:
    """Which refused payouts would be sent again, and which not."""
    name = visit.places["name"]
    return visit.render("retry.html", name=name, plan=visit.book.retry_plan(name))


def retry(visit: Visit) -> Response:
    """Send those again that the page has shown; others by now are refused by the books."""
    name, form = visit.places["name"], visit.form
    count, fen = (whole_number(form.get(it, ""), digits=KEPT_DIGITS_MAX) for it in ("count", "fen"))
    if count is None or fen is None:
        rule = say("whole numbers, as the page has them")
        raise InvalidRequest(field="count, fen", rule=rule, found="others")
    visit.book.retry(
        name, expected=RefusedSum(count, fen), by=visit.by, reason=form.get("reason", "")
    )
    return visit.redirect(f"/campaigns/{name}", done="retried")
