"""Stores a list exactly as it was checked, in chunks; one that was interrupted goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.compare.receivers import Receivers
from hongbao.campaign.compare.same_people import again_words, find_repeats
from hongbao.campaign.ports import ListStage, unwatched
from hongbao.campaign.report.kept_cells import place_of
from hongbao.english import counted
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState, Plan
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.campaign.check.checking import CheckedList
    from hongbao.campaign.check.findings import Findings
    from hongbao.campaign.compare.same_people import Repeats
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.staging.staging import Staging
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.standing import Phase

_AT_ONCE = 2_000
"""Terms that are stored together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """What became of a list.

    Attributes:
        campaign: as it is now; None if there was nothing to make one of.
        new: how many payouts were added.
        known: how many were there already.
        phase: where the campaign stands, with its supplements, if nothing of the list is new.
    """

    campaign: Campaign | None
    new: int
    known: int
    phase: Phase | None = None


def store_list(
    checked: CheckedList, books: CampaignLedger, *, by: str, progress: Progress = unwatched
) -> StoredList:
    """Store a checked list as a draft. A list that is stored already changes nothing.

    Args:
        checked: the list.
        books: where to.
        by: who does it.
        progress: called now and then with how far it is.

    Raises:
        LedgerError: if the list has problems, if the books do not take it, or if they hold other
            rows under the name than were checked; ``KeyReused`` if a key was stored with other
            content since the check.
    """
    found, mark = checked.findings, checked.mark
    if found.digest is None:
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say(
                "the list has {problems}", problems=counted(found.problem_count, "problem")
            ),
            remedy=say("Correct them; nothing of it was stored."),
        )
    campaign = _named(books, mark.name)
    state = None if campaign is None else campaign.state
    same = campaign is not None and campaign.digest == found.digest
    replaces = checked.purpose is Purpose.REPLACE
    # What is kept is no part of the digest, so that it may be another.
    if replaces and same and state is CampaignState.DRAFT and not checked.findings.keeps:
        return _nothing_new(books, campaign, found)
    if not found.new.rows and state is not CampaignState.IMPORTING:
        # Of a supplement that there is no need of, the campaign is reported.
        campaign = campaign or (mark.named and _named(books, mark.named.name))
        return _nothing_new(books, campaign, found)
    return _store(checked, books, found.digest, by=by, progress=progress)


def _nothing_new(books: CampaignLedger, campaign: Campaign | None, found: Findings) -> StoredList:
    phase = None if campaign is None else books.standing(campaign.name).phase
    return StoredList(campaign=campaign, new=0, known=found.total.rows, phase=phase)


def _store(
    checked: CheckedList, books: CampaignLedger, digest: bytes, *, by: str, progress: Progress
) -> StoredList:
    found, payer = checked.findings, checked.payer
    plan = Plan(
        name=found.campaign,
        channel_id=books.set_channel(
            payer.number, payer.rail, payer.limits, by=by, keep=payer.approval.strict
        ),
        profile=payer.profile,
        budget=checked.budget,
        source=found.source,
        source_digest=found.source_digest,
        parent=checked.mark.parent,
        adds=checked.purpose is Purpose.EXTEND,
        why=_why(checked),
        policy=payer.approval,
    )
    if checked.purpose is Purpose.REPLACE:
        campaign = books.replace(
            plan, by=by, reason=say("replaced by {source}", source=found.source)
        )
    else:
        campaign = books.begin_import(plan, by=by)
    _store_terms(checked.staging, books)
    seal = payer.keyring().sealer(place_of(campaign.id)) if checked.findings.keeps else None
    submitted = books.submit(
        campaign.id,
        checked.staging.entries(seal),
        by=by,
        source_digest=found.source_digest,
        progress=partial(progress, ListStage.STORE),
        keeps=checked.findings.keeps,
    )
    _check_others(checked, books, campaign, by=by)
    campaign = books.finish_import(found.campaign, by=by)
    if campaign.digest != digest:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "campaign {name} holds other rows than were checked: somebody stored rows "
                "in the meantime",
                name=campaign.name,
            ),
            remedy=say(
                "Do not approve it. Import the same list again: that says what there is now."
            ),
        )
    return StoredList(campaign=campaign, new=submitted.new, known=submitted.known)


def _store_terms(staging: Staging, books: CampaignLedger) -> None:
    """Let the books have what the rows have in common, and note their numbers of it."""
    while waiting := staging.terms_without_id(_AT_ONCE):
        ids = books.terms([json.loads(body) for _, body in waiting])
        numbers = [number for number, _ in waiting]
        staging.set_terms_ids(zip(ids, numbers, strict=True))


def _check_others(
    checked: CheckedList, books: CampaignLedger, campaign: Campaign, *, by: str
) -> None:
    """Cancel the import again if another list was stored since the check that it repeats.

    Each of two imports at once has its own rows in the books before it looks for the other's, so
    that at least one of the two sees the other.
    """
    others = checked.mark.stored_since(books.campaigns(), campaign)
    repeats, _ = find_repeats(books, Receivers(checked.staging), others, known_too=True)
    if repeats is None:
        return
    name = campaign.name
    reason = say("another list that it repeats was stored at the same time")
    books.cancel(name, by=by, reason=reason)
    extends = checked.purpose is Purpose.EXTEND
    again = f"extend {name.rpartition('+')[0]}" if extends else f"replace {name}"
    raise LedgerError(
        code=LedgerCode.CHANGED,
        problem=say(
            "another list was stored while this one was checked; {repeats}",
            repeats=again_words(repeats),
        ),
        remedy=say(
            "{name} was cancelled, and nothing of it was sent. Check the list again: "
            "`hongbao campaign {command} FILE`.",
            name=name,
            command=again,
        ),
    )


def _why(checked: CheckedList) -> dict[str, object]:
    """What the decision says beside, and who approves it is shown again."""
    found = checked.findings
    facts: dict[str, object] = {}
    if found.again is not None:
        facts["pays_again"] = {**_facts(found.again), "reason": checked.pay_again}
    if found.again_with_keys is not None:
        facts["repeats_with_keys"] = _facts(found.again_with_keys)
    if found.left_out:
        facts["left_out"] = [
            {"of": it.name, "id": it.campaign_id, **it.sum._asdict()} for it in found.left_out
        ]
    if found.owners:
        standings = checked.mark.standings
        facts["elsewhere"] = [
            {"of": standings[number].campaign.name, "id": number, **it._asdict()}
            for number, it in found.owners.items()
        ]
    return facts


def _facts(repeats: Repeats) -> dict[str, object]:
    return {**repeats.sum._asdict(), "places": [str(place) for place in repeats.places]}


def _named(books: CampaignLedger, name: str) -> Campaign | None:
    found = (standing.campaign for standing in books.campaigns())
    return next((campaign for campaign in found if campaign.name == name), None)
