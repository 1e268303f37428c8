"""Campaigns are approved, by one person or by two, and approvals are withdrawn.

Each approval is a decision that binds what the approver saw: the list's bytes, the rows, their
count and sum, and who pays. What changes the draft afterwards makes it void.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.errors import IllegalTransition, LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.approval import identity
from hongbao.ledger.model.campaign import CampaignState, DecisionKind
from hongbao.ledger.model.draft_decisions import MADE, endorsements, rejection
from hongbao.ledger.model.step import SCHEDULED
from hongbao.ledger.operations import scheduling
from hongbao.ledger.store import channels, expiry
from hongbao.ledger.store.decisions import (
    STOP_COLUMNS,
    advance,
    campaign_named,
    campaign_with,
    decide,
    locked,
    starts_at,
)
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.phases import DONE, phase_of
from hongbao.ledger.store.schema import CAMPAIGN, DECISION
from hongbao.sentences import marked, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.approval import ApprovalPolicy
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Phase

_NOT_APPROVED: dict[str, object] = dict.fromkeys(
    ("approved_at", "approved_by", "approved_digest", *STOP_COLUMNS)
)
_EXPIRED = marked("approved more than a day before anything was sent: it needs a new approval")


def approve(
    connection: Connection,
    name: str,
    *,
    digest: bytes,
    stored: bytes,
    policy: ApprovalPolicy,
    by: str,
    now: Instant,
) -> Campaign:
    """Approve a campaign, if its rows are those that the approver saw.

    It is sent once as many have approved it as its policy, or the approver's, wants.

    Args:
        connection: the transaction.
        name: the campaign.
        digest: the digest of the rows that the approver saw.
        stored: the result of ``stored_digest`` before this transaction. Rows cannot be changed, and
            adding some changes the campaign's digest.
        policy: how the approver's settings want it to be approved.
        by: the approver.
        now: when.

    Returns:
        The campaign: still a draft, if another person has to approve it too.

    Raises:
        IllegalTransition: if it is not a draft.
        LedgerError: if its rows are not those that were shown, or there are none; if it is
            rejected; if another person has to; if it is a supplement of a cancelled campaign.
    """
    campaign = locked(connection, name)
    _check(connection, campaign, digest, stored)
    parent = _parent_of_approved(connection, campaign)
    wanted = campaign.policy.stricter(policy)
    earlier = _endorsements(connection, campaign, now) if wanted.strict else []
    _check_person(connection, campaign, by, earlier, apart=wanted.parts(campaign.at_stake))
    bound = _bound(campaign)
    if len(earlier) + 1 < wanted.needed(campaign.at_stake):
        kind = DecisionKind.ENDORSED
        decide(connection, campaign, kind, actor=by, now=now, changes={}, why=bound)
        return campaign_named(connection, name)
    approved = advance(
        connection, campaign, CampaignState.APPROVED, DecisionKind.APPROVED, by=by, now=now,
        why=bound, open=True, approved_at=now, approved_by=by, approved_digest=digest,
    )  # fmt: skip
    approved = _held_with(connection, approved, parent, by=by, now=now)
    channels.wake(connection, campaign.channel_id, now=now)
    return approved


def _bound(campaign: Campaign) -> dict[str, object]:
    """What an approval binds: what the approver saw."""
    return {
        "digest": campaign.digest.hex(), "source_digest": campaign.source_digest.hex(),
        "rows": campaign.rows, "planned": campaign.planned, "profile": campaign.profile,
        "channel_id": campaign.channel_id,
    }  # fmt: skip


def _check(connection: Connection, campaign: Campaign, digest: bytes, stored: bytes) -> None:
    name = campaign.name
    if campaign.state is not CampaignState.DRAFT:
        raise IllegalTransition(billno=name, earlier=campaign.state, later=CampaignState.APPROVED)
    if not campaign.rows and campaign.mandate is None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} has no rows", name=name),
            remedy=say("Import a list first."),
        )
    if not digest == campaign.digest == stored:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "campaign {name} is {digest}, its rows are {stored}, and approved was {approved}",
                name=name,
                digest=campaign.digest.hex(),
                stored=stored.hex(),
                approved=digest.hex(),
            ),
            remedy=say("Somebody changed the list: look at it again, then approve what it is now."),
        )
    _check_not_rejected(connection, campaign)


def _check_not_rejected(connection: Connection, campaign: Campaign) -> None:
    rejected = rejection(history(connection, DECISION, campaign.id))
    if rejected is not None:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} was rejected by {actor}", name=campaign.name, actor=rejected.actor
            ),
            remedy=say("Its history says why. Change its list; or withdraw the rejection first."),
        )


def _endorsements(connection: Connection, campaign: Campaign, now: Instant) -> list[Event]:
    return endorsements(history(connection, DECISION, campaign.id), now=now)


def _check_person(
    connection: Connection, campaign: Campaign, by: str, earlier: list[Event], *, apart: bool
) -> None:
    """Let nobody approve twice, nor, if others must, who has made the draft what it is."""
    problem = None
    own = next((it.actor for it in earlier if identity(it.actor) == identity(by)), None)
    if own is not None:
        problem = say("campaign {name} was approved by {by} already", name=campaign.name, by=own)
    elif apart and _has_made(connection, campaign, by):
        problem = say("campaign {name} has rows that {by} has stored", name=campaign.name, by=by)
    if problem is not None:
        raise LedgerError(
            code=LedgerCode.SAME_PERSON,
            problem=problem,
            remedy=say("Another person has to approve it."),
        )


def _has_made(connection: Connection, campaign: Campaign, person: str) -> bool:
    """Whether somebody has made a draft what it is."""
    made = DECISION.c.kind.in_(sorted(map(str, MADE)))
    makers = connection.scalars(
        select(DECISION.c.actor).where(DECISION.c.campaign_id == campaign.id, made).distinct()
    )
    return identity(person) in map(identity, makers)


def _parent_of_approved(connection: Connection, campaign: Campaign) -> Campaign | None:
    """The campaign that a supplement belongs to.

    Raises:
        LedgerError: if it is cancelled.
    """
    if campaign.parent_id is None:
        return None
    parent = campaign_with(connection, campaign.parent_id)
    if parent.state is CampaignState.CANCELLED:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} is cancelled, and with it its supplements", name=parent.name
            ),
            remedy=say("Make a campaign of its own of the list."),
        )
    return parent


def _held_with(
    connection: Connection, approved: Campaign, parent: Campaign | None, *, by: str, now: Instant
) -> Campaign:
    """What is approved waits for its time; what stops the campaign stops its supplement, too."""
    stopped = parent is not None and parent.state is CampaignState.PAUSED and parent.stop
    # Also while the campaign itself is a draft that has its time.
    family = [approved] if parent is None else [approved, parent]
    begins = max(starts_at(connection, it.id) or 0 for it in family)
    if begins > now and (not stopped or stopped.code == SCHEDULED):
        return scheduling.hold_until(connection, approved, begins, by=by, now=now)
    if not stopped or stopped.code == SCHEDULED:
        return approved
    # One resume lifts it.
    return advance(
        connection, approved, CampaignState.PAUSED, DecisionKind.PAUSED, by=by, now=now,
        stop_code=stopped.code, stop_reason=stopped.reason, stop_advice=stopped.advice,
    )  # fmt: skip


def reject(connection: Connection, name: str, *, by: str, reason: str, now: Instant) -> Campaign:
    """Give a draft back to who made it: it stays a draft, and nobody approves it as it is.

    Raises:
        LedgerError: if no reason is given, it is no draft, or it is rejected already.
    """
    check_reason(reason)
    campaign = locked(connection, name)
    if campaign.state is not CampaignState.DRAFT:
        phase = phase_of(connection, campaign)
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say(
                "campaign {name} is {state}, and cannot be rejected",
                name=name,
                state=phase.in_words,
            ),
            remedy=_instead(
                phase,
                say("Withdraw its approval while nothing was sent; else pause it, or cancel it."),
            ),
        )
    _check_not_rejected(connection, campaign)
    decide(
        connection, campaign, DecisionKind.REJECTED, actor=by, now=now, changes={},
        why={"reason": reason},
    )  # fmt: skip
    return campaign_named(connection, name)


def withdraw(connection: Connection, name: str, *, by: str, reason: str, now: Instant) -> Campaign:
    """Take back what was approved of a campaign of which nothing was sent: it is a draft again.

    A rejection is taken back so, too: the draft waits for its approval again.

    Raises:
        LedgerError: if no reason is given, nobody has approved or rejected it, or a call was made
            for it; if who made the list withdraws another person's rejection.
    """
    check_reason(reason)
    campaign = locked(connection, name)
    if campaign.state is CampaignState.DRAFT:
        rejected = rejection(history(connection, DECISION, campaign.id))
        if rejected is None and not _endorsements(connection, campaign, now):
            raise LedgerError(
                code=LedgerCode.WRONG_STATE,
                problem=say("campaign {name} is not approved", name=name),
                remedy=say("There is nothing to withdraw."),
            )
        if rejected is not None:
            _check_withdraws(connection, campaign, rejected, by)
        decide(
            connection, campaign, DecisionKind.WITHDRAWN, actor=by, now=now, changes={},
            why={"reason": reason},
        )  # fmt: skip
        return campaign_named(connection, name)
    if campaign.state not in {CampaignState.APPROVED, CampaignState.PAUSED}:
        phase = phase_of(connection, campaign)
        raise _not_withdrawn(
            name,
            say("is {state}", state=phase.in_words),
            _instead(phase, say("Pause it, or cancel it.")),
        )
    if _has_supplements(connection, campaign):
        raise _not_withdrawn(name, say("has supplements"), say("Pause it, or cancel it."))
    if campaign.mandate is not None or expiry.is_begun(connection, campaign.id):
        raise _not_withdrawn(
            name, say("has payouts that were sent, or may be"), say("Pause it, or cancel it.")
        )
    return _back_to_draft(connection, campaign, by=by, reason=reason, now=now)


def expire(connection: Connection, name: str, *, by: str, now: Instant) -> None:
    """Make a draft again of what nobody has begun to pay in time, if that is still so."""
    campaign = locked(connection, name)
    if expiry.is_expired(connection, campaign, now):
        _back_to_draft(connection, campaign, by=by, reason=_EXPIRED, now=now)


def _back_to_draft(
    connection: Connection, campaign: Campaign, *, by: str, reason: str, now: Instant
) -> Campaign:
    return advance(
        connection, campaign, CampaignState.DRAFT, DecisionKind.WITHDRAWN, by=by, now=now,
        why={"reason": reason}, open=False, **_NOT_APPROVED,
    )  # fmt: skip


def _check_withdraws(connection: Connection, campaign: Campaign, rejected: Event, by: str) -> None:
    """Let nobody who made the list withdraw another person's rejection of it."""
    if identity(by) != identity(rejected.actor) and _has_made(connection, campaign, by):
        raise LedgerError(
            code=LedgerCode.SAME_PERSON,
            problem=say(
                "campaign {name} was rejected by {actor}, and has rows that {by} has stored",
                name=campaign.name,
                actor=rejected.actor,
                by=by,
            ),
            remedy=say("Change its list; or another person withdraws the rejection."),
        )


def _has_supplements(connection: Connection, campaign: Campaign) -> bool:
    """Whether anything of it could be sent while it is a draft again."""
    live = CAMPAIGN.c.state != str(CampaignState.CANCELLED)
    query = select(CAMPAIGN.c.id).where(CAMPAIGN.c.parent_id == campaign.id, live)
    return connection.scalar(query.limit(1)) is not None


def _instead(phase: Phase, remedy: str) -> str:
    """What to do about a campaign that nobody has paid yet; if it is paid, nothing can be done."""
    if phase not in DONE:
        return remedy
    return say(
        "Nothing was changed. What is paid cannot be taken back; the report says who was paid."
    )


def _not_withdrawn(name: str, problem: str, remedy: str) -> LedgerError:
    return LedgerError(
        code=LedgerCode.WRONG_STATE,
        problem=say(
            "campaign {name} {problem}: its approval is not withdrawn", name=name, problem=problem
        ),
        remedy=remedy,
    )
