"""What people and reports read: campaigns from their running totals, payouts as a stream."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, false, func, literal, or_, select, text

from hongbao.ledger.model.campaign import CampaignState, Content
from hongbao.ledger.model.death import SAYS_NOTHING
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import NOTHING, Standing, Total, with_supplements
from hongbao.ledger.read.channel_standings import stop_of
from hongbao.ledger.read.conditions import IN_A_CALL
from hongbao.ledger.store.clock import ahead
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import CAMPAIGNS, campaign_of, no_campaign
from hongbao.ledger.store.laws import HANDED_OVER
from hongbao.ledger.store.schema import (
    CALL_RANGE,
    CAMPAIGN,
    CHANNEL,
    EVENT,
    MERCHANT,
    PAYOUT,
    STANDING,
    TALLY,
)
from hongbao.ledger.store.terms import terms_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection


_CONTENTS_AT_ONCE = 5_000
_SAID_LAST = (
    select(EVENT.c.kind)
    .where(
        EVENT.c.payout_id == STANDING.c.payout_id,
        EVENT.c.kind.not_in(sorted(map(str, SAYS_NOTHING))),
    )
    .order_by(EVENT.c.seq.desc())
    .limit(1)
    .correlate(STANDING)
    .scalar_subquery()
)
_BEGUN = select(CAMPAIGN.c.begun).where(CAMPAIGN.c.id == bindparam("campaign_id")).scalar_subquery()
_STATE = case(
    (STANDING.c.payout_id.is_not(None), STANDING.c.state),
    (PAYOUT.c.row <= _BEGUN, literal(str(State.IN_DOUBT))),
    else_=literal(str(State.WAITING)),
)
"""Of a payout, beside its standing if it has one."""
_TAKEN_BACK = (
    select(CAMPAIGN.c.state == CampaignState.CANCELLED.value)
    .where(CAMPAIGN.c.id == bindparam("campaign_id"))
    .scalar_subquery()
)
_CONTENTS = (
    select(
        PAYOUT.c.row,
        PAYOUT.c.key,
        PAYOUT.c.kind,
        PAYOUT.c.payee,
        PAYOUT.c.amount,
        _STATE.label("state"),
        case(
            (
                STANDING.c.state == str(State.CANCELLED),
                and_(STANDING.c.attempt == 1, STANDING.c.calls == 0, _TAKEN_BACK),
            ),
            else_=false(),
        ).label("free"),
        case(
            (STANDING.c.state == str(State.REFUSED), str(EventKind.REFUSED) == _SAID_LAST),
            else_=false(),
        ).label("unproven"),
    )
    .select_from(PAYOUT.outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id))
    .where(PAYOUT.c.campaign_id == bindparam("campaign_id"), PAYOUT.c.row > bindparam("after"))
    .order_by(PAYOUT.c.row)
    .limit(_CONTENTS_AT_ONCE)
)
_SUMS = tuple(
    func.sum(column)
    for column in (TALLY.c.payouts, TALLY.c.amount, TALLY.c.claimed, TALLY.c.refunded)
)


def standings(connection: Connection, name: str | None = None) -> list[Standing]:
    """How far all campaigns are, each by itself, in the order in which they were begun.

    Args:
        connection: the transaction.
        name: only this one and its supplements.
    """
    which: list[ColumnElement[bool]] = []
    if name is not None:
        named = select(CAMPAIGN.c.id).where(CAMPAIGN.c.name == name).scalar_subquery()
        which = [or_(CAMPAIGN.c.id == named, CAMPAIGN.c.parent_id == named)]
    totals: dict[int, dict[State, Total]] = defaultdict(dict)
    for campaign_id, state, *sums in connection.execute(
        select(TALLY.c.campaign_id, TALLY.c.state, *_SUMS)
        .join(CAMPAIGN, CAMPAIGN.c.id == TALLY.c.campaign_id)
        .where(*which)
        .group_by(TALLY.c.campaign_id, TALLY.c.state)
    ):
        totals[campaign_id][State(state)] = Total(*map(int, sums))
    of_these = [STANDING.c.campaign_id.in_(select(CAMPAIGN.c.id).where(*which))] if which else []
    doubtful = [it for it, total in totals.items() if State.IN_DOUBT in total]
    on_the_way = _on_the_way(connection, doubtful)
    handed_over: dict[int, int] = dict(
        connection.execute(
            select(STANDING.c.campaign_id, func.count())
            .where(text(HANDED_OVER), *of_these)
            .group_by(STANDING.c.campaign_id)
        ).all()
    )
    at = now(connection)
    payers = select(CHANNEL, MERCHANT.c.number).join(MERCHANT)
    channels = {it.id: it for it in connection.execute(payers)}
    found = []
    for row in connection.execute(CAMPAIGNS.where(*which).order_by(CAMPAIGN.c.id)):
        campaign = campaign_of(row)
        channel = channels[campaign.channel_id]
        found.append(
            Standing(
                campaign=campaign, merchant=channel.number, merchant_stop=stop_of(channel),
                totals=totals[campaign.id], handed_over=handed_over.get(campaign.id, 0),
                on_the_way=on_the_way.get(campaign.id, NOTHING),
                clock_behind=ahead(channel.seen_at, at),
            )
        )  # fmt: skip
    return found


def names(connection: Connection) -> dict[int, str]:
    """The names of all campaigns, by their rows."""
    return {row.id: row.name for row in connection.execute(select(CAMPAIGN.c.id, CAMPAIGN.c.name))}


def _on_the_way(connection: Connection, campaign_ids: Sequence[int]) -> dict[int, Total]:
    """What workers are sending, by campaign: ``Payout.on_its_way``, in SQL."""
    if not campaign_ids:
        return {}
    at = now(connection)
    alone = (
        select(STANDING.c.campaign_id, func.count(), func.sum(STANDING.c.amount))
        .where(STANDING.c.campaign_id.in_(campaign_ids), STANDING.c.due_at > at, *IN_A_CALL)
        .group_by(STANDING.c.campaign_id)
    )
    sums = (func.sum(CALL_RANGE.c[name]) for name in ("open", "open_amount"))
    together = (
        select(CALL_RANGE.c.campaign_id, *sums)
        .where(CALL_RANGE.c.campaign_id.in_(campaign_ids), CALL_RANGE.c.due_at > at)
        .group_by(CALL_RANGE.c.campaign_id)
    )
    found: dict[int, Total] = {}
    for query in (alone, together):
        for it, count, amount in connection.execute(query):
            before = found.get(it, NOTHING)
            found[it] = Total(before.payouts + int(count), before.amount + int(amount), 0, 0)
    return found


def standing(connection: Connection, name: str) -> Standing:
    """How far a campaign is, with its supplements.

    Raises:
        LedgerError: if there is no campaign of that name.
    """
    parts = standings(connection, name)
    if not parts:
        raise no_campaign(name)
    return with_supplements(parts[0], parts[1:])


def contents(connection: Connection, campaign_id: int, *, after: int) -> list[Content]:
    """What the next payouts of a campaign say, in row order; empty at the end."""
    rows = connection.execute(_CONTENTS, {"campaign_id": campaign_id, "after": after})
    return list(map(Content._make, rows))


def first_terms(connection: Connection, name: str, count_max: int) -> list[dict[str, Any]]:
    """Some of what a campaign's requests have in common, in the order of its rows.

    Raises:
        LedgerError: if there is no such campaign.
    """
    campaign = connection.scalar(select(CAMPAIGN.c.id).where(CAMPAIGN.c.name == name))
    if campaign is None:
        raise no_campaign(name)
    first = func.min(PAYOUT.c.row)
    numbers = connection.scalars(
        select(PAYOUT.c.terms_id)
        .where(PAYOUT.c.campaign_id == campaign)
        .group_by(PAYOUT.c.terms_id)
        .order_by(first)
        .limit(count_max)
    ).all()
    return [terms_body(connection, number) for number in numbers]
