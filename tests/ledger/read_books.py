"""Books with payouts in each state, of two merchants, and what a filter says about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from desk import HOUR, accepted, awaiting, postponed, refused, step, unknown
from hongbao.errors import Disposition
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.model.payout_filter import PayoutFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk
    from hongbao.ledger.model.payout import Payout

BEGIN = 1_795_399_200 * SECOND
LOYAL = "oUSER_everywhere_0000000001"
OTHER = "1900099999"


def fill(desk: Desk) -> None:
    """Three campaigns, stored an hour after each other; the second is another merchant's."""
    for name, number in (("spring", "1900012345"), ("summer", OTHER), ("autumn", "1900012345")):
        _campaign(desk, name, number)
        desk.clock.pass_(HOUR)
    desk.draft(3, name="winter")
    desk.clock.pass_(HOUR)
    # What was left behind is asked about: two by a worker that asks at this moment.
    desk.jobs(2)


def _campaign(desk: Desk, name: str, number: str) -> None:
    payees = [f"oUSER_{name}_{row:02}" for row in range(24)]
    payees[5] = payees[17] = LOYAL
    campaign = desk.campaign(name=name, number=number, payees=payees)
    jobs = [job for job in desk.jobs() if job.payout.campaign_id == campaign.id]
    over = {"sent_at": desk.clock.now, "settled_at": desk.clock.now + SECOND}
    desk.record(
        *((job, accepted(job)._replace(listid=f"{name}-{job.payout.row}", code=None))
          for job in jobs[:6]),
        (jobs[6], step(jobs[6], EventKind.FOUND, State.RETURNED, refunded=100, **over)),
        *((job, step(job, EventKind.FOUND, State.RECEIVED, claimed=100, **over))
          for job in jobs[7:9]),
        (jobs[9], refused(jobs[9])), (jobs[10], refused(jobs[10], code="NO_AUTH")),
        (jobs[11], unknown(jobs[11], after=90 * HOUR)._replace(doubt=Disposition.UNKNOWN)),
        (jobs[12], step(jobs[12], EventKind.HANDED_OVER, State.IN_DOUBT, code="NOT_FOUND")),
        (jobs[13], step(jobs[13], EventKind.HANDED_OVER, State.WAITING, code="NO_AUTH")),
        # Two are left behind in their calls.
        *((job, postponed(job, after=90 * HOUR)._replace(code=None)) for job in jobs[17:23]),
        (jobs[16], awaiting(jobs[16])),
        (jobs[23], postponed(jobs[23], after=90 * HOUR)),
    )  # fmt: skip


def everything(desk: Desk) -> list[Payout]:
    """All payouts, campaign by campaign."""
    return list(desk.payouts())


class Known(NamedTuple):
    """What is known of all payouts.

    Attributes:
        now: the books' time.
        stored_at: when each was stored.
        campaigns: the names of campaigns by their rows.
        merchants: the numbers of merchants by their rows.
    """

    now: int
    stored_at: dict[int, int]
    campaigns: dict[int, str]
    merchants: dict[int, str]


def known(desk: Desk) -> Known:
    """What is known of the payouts of these books."""
    return Known(
        desk.clock.now,
        {it.id: desk.book.history(it.id)[0].at for it in desk.payouts()},
        {it.campaign.id: it.campaign.name for it in desk.book.campaigns()},
        {it.id: it.number for it in desk.book.channels()},
    )


def fits(payout: Payout, asked: PayoutFilter, of: Known) -> bool:
    """What the filter means, said once more, of one payout."""
    return all(_said(payout, asked, of.now, of.stored_at[payout.id])) and all(
        wanted in {None, there}
        for wanted, there in (
            (asked.campaign, of.campaigns[payout.campaign_id]),
            (asked.merchant, of.merchants[payout.merchant_id]),
            (asked.code, payout.code),
            (asked.kind, payout.kind),
            (asked.payee, payout.payee),
            (asked.listid, payout.listid),
            (asked.key, payout.key),
            (asked.billno, payout.billno),
        )
    )


def _said(payout: Payout, asked: PayoutFilter, now: int, at: int) -> Iterator[bool]:
    if asked.states:
        yield payout.state in asked.states and not payout.on_its_way(now)
    if asked.needs_attention:
        open_ones = {State.WAITING, State.IN_DOUBT, State.AWAITING_USER, State.SENT}
        yield payout.task is None and payout.state in open_ones
    if asked.unclaimed_since is not None:
        yield payout.state is State.SENT and (payout.sent_at or 0) <= asked.unclaimed_since
    for moment, since, until in (
        (at, asked.created_since, asked.created_until),
        (payout.sent_at, asked.sent_since, asked.sent_until),
        (payout.settled_at, asked.settled_since, asked.settled_until),
    ):
        if since is not None:
            yield moment is not None and moment >= since
        if until is not None:
            yield moment is not None and moment < until


def after(hours: float) -> int:
    """So many hours after the first campaign was stored."""
    return BEGIN + int(hours * HOUR) * SECOND


def filters() -> tuple[list[PayoutFilter], list[PayoutFilter]]:
    """Each field by itself, and pairs of different fields."""
    fields: list[dict[str, Any]] = [
        {},
        {"campaign": "summer"}, {"merchant": "1900012345"}, {"merchant": OTHER},
        *({"states": frozenset({state})} for state in State),
        {"states": frozenset({State.WAITING, State.SENT})},
        {"states": frozenset({State.IN_DOUBT, State.REFUSED, State.RETURNED})},
        {"needs_attention": True}, {"code": "NO_AUTH"}, {"code": "NOT_FOUND"},
        {"kind": "normal"}, {"kind": "group"},
        {"payee": LOYAL}, {"listid": "summer-3"}, {"key": "summer/4"},
        {"created_since": after(1)}, {"created_until": after(1.5)},
        {"created_since": after(1), "created_until": after(2.02)},
        {"sent_since": after(1)}, {"sent_until": after(2)},
        {"settled_since": after(1), "settled_until": after(2)}, {"unclaimed_since": after(1.5)},
    ]  # fmt: skip
    pairs = [
        {**one, **two}
        for place, one in enumerate(fields)
        for two in fields[place:]
        if not one.keys() & two.keys()
    ]
    alone, both = ([PayoutFilter(**it) for it in some] for some in (fields, pairs))
    return alone, both
