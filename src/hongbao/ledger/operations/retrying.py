"""All refused payouts of a campaign, or those with certain codes, are sent again by one decision.

Each by the same rule as a single one: only if a query has said, after its last refusal, that no
order of its number lives, and only if no later campaign pays its receiver the same.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, text

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_reason
from hongbao.ledger.model.campaign import CampaignState, DecisionKind
from hongbao.ledger.model.death import Proof, proof_of_death
from hongbao.ledger.model.event import Event, EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum, RetryPlan
from hongbao.ledger.operations.held import note_change
from hongbao.ledger.operations.reopening import reopening
from hongbao.ledger.store import bulk, merchants
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.decisions import (
    CAMPAIGNS,
    campaign_named,
    campaign_of,
    decide,
    locked_family,
)
from hongbao.ledger.store.laws import LISTED
from hongbao.ledger.store.rows import BOOKED, COLUMNS, PLACES, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, EVENT, PAYOUT, STANDING
from hongbao.money import format_yuan
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Instant, Payout

MOST = 5_000
"""One decision sends no more again: it is one transaction, and workers of the channel wait."""
_SEEN_MAX = 20_000
"""So many refused payouts are looked at."""
_AT_ONCE = 500
_STATE = COLUMNS[PLACES["state"]].element
_REFUSED = (
    select(STANDING.c.payout_id)
    .where(
        STANDING.c.campaign_id == bindparam("campaign_id"),
        STANDING.c.state == State.REFUSED.value,
        text(f"({LISTED})"),
        or_(STANDING.c.due_at.is_(None), STANDING.c.due_at <= bindparam("now")),
    )
    .order_by(STANDING.c.row)
)
_THESE = (
    select(*COLUMNS)
    .select_from(BOOKED)
    .where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(PAYOUT.c.id)
)
_EVENTS = (
    select(EVENT)
    .where(EVENT.c.payout_id.in_(bindparam("ids", expanding=True)))
    .order_by(EVENT.c.payout_id, EVENT.c.seq)
)
_LATER = (
    select(
        PAYOUT.c.id, PAYOUT.c.payee, PAYOUT.c.amount, PAYOUT.c.kind,
        func.coalesce(CAMPAIGN.c.parent_id, CAMPAIGN.c.id),
    )
    .select_from(BOOKED.join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id))
    .where(
        PAYOUT.c.id > bindparam("first"),
        PAYOUT.c.merchant_id == bindparam("merchant_id"),
        _STATE.not_in([str(State.REFUSED), str(State.CANCELLED)]),
        or_(CAMPAIGN.c.state != str(CampaignState.CANCELLED), str(State.WAITING) != _STATE),
    )
)  # fmt: skip
_IN_POSTGRESQL = _LATER.where(text("payout.payee = ANY(CAST(:payees AS text[]))"))
_IN_SQLITE = _LATER.where(text("payout.payee IN (SELECT value FROM json_each(:payees))"))


class _Candidate(NamedTuple):
    """A refused payout, the hash of its last event, and what is proven of its number."""

    payout: Payout
    last: bytes
    proof: Proof | None


def plan(connection: Connection, name: str, *, codes: Collection[str], now: Instant) -> RetryPlan:
    """What ``retry`` would send again now. Changes nothing.

    Args:
        connection: in a transaction.
        name: the campaign; its supplements are meant, too.
        codes: only those whose last outcome had one of these; none is any.
        now: the books' time.

    Raises:
        LedgerError: if there is no such campaign, or it is cancelled.
    """
    family = _family(connection, campaign_named(connection, name))
    return _sorted(connection, family, codes, now)[0]


def retry(
    connection: Connection,
    name: str,
    *,
    codes: Collection[str],
    expected: RefusedSum,
    by: str,
    reason: str,
    now: Instant,
) -> RetryPlan:
    """Send refused payouts again, if they are as many and come to as much as was expected.

    Returns:
        What was sent again, and what was not.

    Raises:
        LedgerError: if there is no such campaign, it is cancelled, or there is nothing to send
            again; with the code ``changed`` if the count or the sum is another. Nothing is changed.
        Again: if another transaction changed one of them meanwhile.
    """
    check_reason(reason)
    family = [it for it in locked_family(connection, name) if _sends(it)]
    _check(name, family)
    found, again = _sorted(connection, family, codes, now)
    _check_expected(name, found.again, expected)
    for campaign in family:
        own = [it for it in again if it.payout.campaign_id == campaign.id]
        if own:
            _decide(connection, campaign, own, by=by, reason=reason, now=now)
    number = merchants.number_of(connection, family[0].merchant_id)
    changes = Changes(by, now)
    for payout, last, proof in again:
        note_change(
            changes, family[0].channel_id, payout, last, EventKind.REOPENED,
            to=reopening(payout, number, proof, now), why={"reason": reason, "override": False},
        )  # fmt: skip
    changes.write(connection)
    return found


def _check_expected(name: str, again: RefusedSum, expected: RefusedSum) -> None:
    if again != expected:
        raise LedgerError(
            code=LedgerCode.CHANGED,
            problem=say(
                "{payouts} payouts of {yuan} yuan would be sent again, not {expected} of "
                "{expected_yuan} yuan",
                payouts=again.payouts,
                yuan=format_yuan(again.amount),
                expected=expected.payouts,
                expected_yuan=format_yuan(expected.amount),
            ),
            remedy=say("Look again at what would be sent, then confirm that."),
        )
    if not again.payouts:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} has no refused payout that may be sent again", name=name),
            remedy=say("What is not proven yet is queried first: hongbao payout query"),
        )


def _decide(
    connection: Connection,
    campaign: Campaign,
    again: Collection[_Candidate],
    *,
    by: str,
    reason: str,
    now: Instant,
) -> None:
    """Say it of each campaign by itself: what was complete is complete once more afterwards."""
    total = _sum(again)
    decide(
        connection, campaign, DecisionKind.RETRIED, actor=by, now=now, changes={},
        why={
            "reason": reason, "again": total.payouts, "fen": total.amount,
            "new_numbers": _new_numbers(again), "codes": dict(_codes(again)),
        },
    )  # fmt: skip


def _new_numbers(again: Collection[_Candidate]) -> int:
    return sum(it.proof is Proof.FAILED for it in again)


def _codes(again: Collection[_Candidate]) -> Counter[str]:
    return Counter(it.payout.code or "" for it in again)


def _family(connection: Connection, campaign: Campaign) -> list[Campaign]:
    rows = connection.execute(
        CAMPAIGNS.where(CAMPAIGN.c.parent_id == campaign.id).order_by(CAMPAIGN.c.id)
    )
    family = [it for it in [campaign, *map(campaign_of, rows)] if _sends(it)]
    _check(campaign.name, family)
    return family


def _sends(campaign: Campaign) -> bool:
    return campaign.state is not CampaignState.CANCELLED


def _check(name: str, family: Sequence[Campaign]) -> None:
    if not family:
        raise LedgerError(
            code=LedgerCode.WRONG_STATE,
            problem=say("campaign {name} is cancelled: nothing of it is sent any more", name=name),
            remedy=say("If it is still owed, give it another key, in another campaign."),
        )


def _sorted(
    connection: Connection, family: Sequence[Campaign], codes: Collection[str], now: Instant
) -> tuple[RetryPlan, list[_Candidate]]:
    """The refused payouts by what may be done with them, and those that are sent again."""
    refused = list(islice(_candidates(connection, family, codes, now), _SEEN_MAX + 1))
    beyond = len(refused) > _SEEN_MAX
    del refused[_SEEN_MAX:]
    proven = [it for it in refused if it.proof is not None]
    instead = paid_instead(connection, family, [it.payout for it in proven])
    again: list[_Candidate] = []
    for it in proven:
        if it.payout.id not in instead and len(again) < MOST:
            again.append(it)
    left = sum(it.payout.id not in instead for it in proven) - len(again)
    plan_ = RetryPlan(
        again=_sum(again),
        new_numbers=_new_numbers(again),
        unproven=_sum(it for it in refused if it.proof is None),
        paid_instead=_sum(it for it in proven if it.payout.id in instead),
        more=beyond or left > 0,
        codes=_codes(again),
    )
    return plan_, again


def _sum(some: Collection[_Candidate] | Iterator[_Candidate]) -> RefusedSum:
    found = RefusedSum()
    for it in some:
        found = found.plus(it.payout.amount)
    return found


def _candidates(
    connection: Connection, family: Sequence[Campaign], codes: Collection[str], now: Instant
) -> Iterator[_Candidate]:
    query = _REFUSED.where(STANDING.c.code.in_(sorted(codes))) if codes else _REFUSED
    for campaign in family:
        ids = connection.scalars(query, {"campaign_id": campaign.id, "now": now}).all()
        for begin in range(0, len(ids), _AT_ONCE):
            some = ids[begin : begin + _AT_ONCE]
            payouts = {
                it.id: it for it in map(payout_of, connection.execute(_THESE, {"ids": some}))
            }
            events: dict[int, list[Event]] = {
                number: list(its)
                for number, its in groupby(
                    map(Event._make, connection.execute(_EVENTS, {"ids": some})), itemgetter(0)
                )
            }
            for number in some:
                last = bytes(events[number][-1].hash)
                yield _Candidate(payouts[number], last, proof_of_death(events[number]))


def paid_instead(
    connection: Connection, family: Sequence[Campaign], payouts: Sequence[Payout]
) -> set[int]:
    """Those whose receiver a later campaign of another family pays the same: one search for all."""
    if not payouts:
        return set()
    wanted: dict[str, Any] = {
        "first": min(it.id for it in payouts),
        "merchant_id": family[0].merchant_id,
        "payees": bulk.texts(connection, sorted({it.payee for it in payouts})),
    }
    statement = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    own = family[0].parent_id or family[0].id
    later: dict[tuple[str, int, str], int] = {}
    for number, payee, amount, kind, of in connection.execute(statement, wanted):
        if of != own:
            place = (payee, amount, kind)
            later[place] = max(number, later.get(place, 0))
    return {it.id for it in payouts if later.get((it.payee, it.amount, it.kind), 0) > it.id}
