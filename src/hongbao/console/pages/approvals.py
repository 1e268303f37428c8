"""Approvals: which drafts wait, what exactly is approved, and the approval or rejection itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.check.findings import LOOKED_AT, sample_texts
from hongbao.campaign.compare.versions import difference, version_before
from hongbao.console.signing_in.identifying import is_fresh
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.approval import APPROVED_FOR, identity
from hongbao.ledger.model.campaign import CampaignState, DecisionKind
from hongbao.ledger.model.draft_decisions import MADE, endorsements, rejection
from hongbao.money import capital_yuan, parse_yuan
from hongbao.sentences import marked as _
from hongbao.state_words import DECISIONS
from hongbao.views.approval import warned
from hongbao.views.left_to_others import left_to_others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.approval import ApprovalPolicy
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Standing

_OTHER_SUM = _("This is not the sum above. Nothing was approved.")
_OTHER_LIST = _("The list has changed since this page was shown. Look at it again.")
_UNPRINTED = str.maketrans("", "", ",，¥￥ ")


class WaitingDraft(NamedTuple):
    """A draft, and what approvers have decided about it.

    Attributes:
        standing: where it stands.
        decisions: about it.
        rejected: the rejection under which it is.
        endorsed: approvals that wait for another person's.
    """

    standing: Standing
    decisions: Sequence[Event]
    rejected: Event | None
    endorsed: Sequence[Event]

    @classmethod
    def of(cls, visit: Visit, standing: Standing) -> WaitingDraft:
        """As the books have it now."""
        decisions = visit.book.decisions(standing.campaign.name)
        now = visit.book.now()
        return cls(standing, decisions, rejection(decisions), endorsements(decisions, now=now))

    @property
    def reason(self) -> str:
        """Why it is rejected."""
        return "" if self.rejected is None else str(json.loads(self.rejected.body)["reason"])

    @property
    def expires_at(self) -> Instant | None:
        """Until when another person has to approve it, once one has."""
        return min((it.at + APPROVED_FOR for it in self.endorsed), default=None)

    def is_own(self, person: str) -> bool:
        """Whether a person has stored rows of it."""
        makers = {identity(it.actor) for it in self.decisions if it.kind in MADE}
        return identity(person) in makers


def show(visit: Visit) -> Response:
    """All drafts, newest first: what waits for an approval, and what was rejected."""
    drafts = [
        WaitingDraft.of(visit, it)
        for it in reversed(visit.book.campaigns())
        if it.campaign.state is CampaignState.DRAFT
    ]
    return visit.render(
        "approvals.html",
        waiting=[it for it in drafts if it.rejected is None],
        rejected=[it for it in drafts if it.rejected is not None],
    )


def show_one(visit: Visit) -> Response:
    """What exactly would be approved."""
    return _page(visit, "")


def approve(visit: Visit) -> Response:
    """Approve what the page has shown, once its sum was typed."""
    name, form = visit.places["name"], visit.form
    campaign = visit.book.standing(name).campaign
    if _typed(form.get("sum", "")) != campaign.at_stake:
        return _page(visit, _OTHER_SUM)
    if form.get("digest", "") != campaign.digest.hex():
        return _page(visit, _OTHER_LIST)
    approved = visit.book.approve(
        name, digest=campaign.digest, by=visit.by, policy=_policy(visit, campaign)
    )
    done = "approved-by-one" if approved.approved_at is None else "approved"
    return visit.redirect(_campaign_path(approved), done=done)


def reject(visit: Visit) -> Response:
    """Give it back to who made it."""
    visit.book.reject(visit.places["name"], by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect("/approvals", done="rejected")


def _page(visit: Visit, problem: str) -> Response:
    standing = visit.book.standing(visit.places["name"])
    campaign = standing.campaign
    draft = WaitingDraft.of(visit, standing)
    standings = visit.book.campaigns()
    old = version_before(standings, campaign)
    policy = _policy(visit, campaign)
    left = [
        line.strip()
        for it in left_to_others(draft.decisions, standings)
        for line in it.lines(campaign, program="hongbao")
    ]
    return visit.render(
        "approval.html", status=422 if problem else 200,
        draft=draft, standing=standing, campaign=campaign,
        waits=campaign.state is CampaignState.DRAFT,
        capitals=capital_yuan(campaign.at_stake),
        texts=sample_texts(visit.book.first_terms(campaign.name, LOOKED_AT)),
        warnings=[*map(str.strip, warned(draft.decisions)), *left],
        difference=None if old is None else difference(visit.book, old, campaign),
        needed=policy.needed(campaign.at_stake),
        decisions=[(DECISIONS[DecisionKind(it.kind)], it) for it in reversed(draft.decisions)],
        fresh=visit.session is not None and is_fresh(visit.session, at=visit.at),
        problem=visit.say(problem) if problem else "",
    )  # fmt: skip


def _policy(visit: Visit, campaign: Campaign) -> ApprovalPolicy:
    """Here nobody approves what they have stored themselves, whatever the settings allow."""
    return replace(visit.site.configuration.approval.stricter(campaign.policy), apart=True)


def _typed(text: str) -> int | None:
    try:
        return parse_yuan(text.translate(_UNPRINTED))
    except InvalidRequest:
        return None


def _campaign_path(campaign: Campaign) -> str:
    """The page of a campaign; of a supplement, that of what it belongs to."""
    name = campaign.name if campaign.parent_id is None else campaign.name.rpartition("+")[0]
    return f"/campaigns/{name}"
