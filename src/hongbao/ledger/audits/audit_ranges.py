"""Checks that ranges of first calls, and how far campaigns have begun, say what their payouts do.

A payout without a standing waits, or is in doubt: that depends on these alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, func, select

from hongbao.english import counted
from hongbao.ledger.audits.audit_page import CallRange
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, CHANNEL, PAYOUT, STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

_AT_ONCE = 1_000
_RANGES = select(*CALL_RANGE.c).order_by(CALL_RANGE.c.campaign_id, CALL_RANGE.c.first)
_REACH = (
    select(CALL_RANGE.c.campaign_id, func.max(CALL_RANGE.c.last).label("last"))
    .group_by(CALL_RANGE.c.campaign_id)
    .subquery()
)
# No payout behind these rows has begun, whether by its campaign or by a range.
_REACHED = case((_REACH.c.last > CAMPAIGN.c.begun, _REACH.c.last), else_=CAMPAIGN.c.begun)
_OPEN = (
    select(PAYOUT.c.campaign_id, PAYOUT.c.row, PAYOUT.c.amount)
    .select_from(
        CAMPAIGN.join(CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id)
        .outerjoin(_REACH, _REACH.c.campaign_id == CAMPAIGN.c.id)
        .join(
            PAYOUT,
            and_(
                PAYOUT.c.campaign_id == CAMPAIGN.c.id,
                PAYOUT.c.merchant_id == CHANNEL.c.merchant_id,
                PAYOUT.c.row <= _REACHED,
            ),
        )
        .outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id)
    )
    .where(STANDING.c.payout_id.is_(None))
    .order_by(PAYOUT.c.campaign_id, PAYOUT.c.row)
)


class OpenCalls(NamedTuple):
    """Payouts without a standing in one range of first calls.

    Attributes:
        campaign: theirs.
        day: the Beijing day that they count for.
        payouts: how many.
        amount: fen.
    """

    campaign: int
    day: int
    payouts: int
    amount: Fen


class RangeWalk:
    """Meets the ranges of all campaigns, and the payouts that have begun and stand nowhere.

    Args:
        campaigns: by their numbers in the books.
        turns: the turn of each campaign's channel, which is the newest token of a lease.
        latest: the latest time that a lease may end.

    Attributes:
        open: what was met of payouts in ranges.
    """

    def __init__(
        self, campaigns: Mapping[int, Row[Any]], turns: Mapping[int, int], latest: Instant
    ) -> None:
        self._campaigns = campaigns
        self._turns = turns
        self._latest = latest
        self.open: list[OpenCalls] = []

    def problems(self, connection: Connection) -> Iterator[tuple[int, Problem]]:
        """Go through all of them: campaigns, and what is wrong with theirs."""
        payouts = iter(connection.execute(_OPEN.execution_options(yield_per=_AT_ONCE)))
        payout = next(payouts, None)
        for it, end in _ranges(connection):
            while payout is not None and (payout[0], payout[1]) < (it.campaign_id, it.first):
                yield from self._passed_over(payout[0], payout[1])
                payout = next(payouts, None)
            count = amount = 0
            while payout is not None and (payout[0], payout[1]) <= (it.campaign_id, end):
                count, amount = count + 1, amount + payout[2]
                payout = next(payouts, None)
            if count:
                self.open.append(OpenCalls(it.campaign_id, it.day, count, amount))
            for problem in self._of_range(it, end, count, amount):
                yield it.campaign_id, problem
        while payout is not None:
            yield from self._passed_over(payout[0], payout[1])
            payout = next(payouts, None)

    def _passed_over(self, campaign: int, row: int) -> Iterator[tuple[int, Problem]]:
        if row <= self._campaigns[campaign].begun:
            words = say(
                "nothing has happened to row {row}, but it has begun with later rows", row=row
            )
            yield campaign, (FindingCode.QUEUE, words)

    def _of_range(self, it: CallRange, end: int, count: int, amount: Fen) -> Iterator[Problem]:
        campaign, turn = self._campaigns.get(it.campaign_id), self._turns.get(it.campaign_id)
        if campaign is None or turn is None:
            yield FindingCode.REFERENCE, say("{calls} are those of no campaign", calls=_shown(it))
            return
        if (met := max(0, min(end, campaign.rows) - it.first + 1)) != it.last - it.first + 1:
            yield (
                FindingCode.REFERENCE,
                say("{calls} have {payouts}", calls=_shown(it), payouts=counted(met, "payout")),
            )
        if (count, amount) != (it.open, it.open_amount):
            yield (
                FindingCode.QUEUE,
                (
                    say(
                        "{calls}: {payouts} with {fen} fen have no standing, and it says {open} "
                        "with {open_fen} fen",
                        calls=_shown(it),
                        payouts=counted(count, "payout"),
                        fen=amount,
                        open=it.open,
                        open_fen=it.open_amount,
                    )
                ),
            )
        if it.due_at is not None and it.due_at > self._latest:
            yield (
                FindingCode.QUEUE,
                say("{calls}: the lease ends at {at}, too late", calls=_shown(it), at=it.due_at),
            )
        if it.last > campaign.begun:
            what = say(
                "{calls} are begun, but the campaign has begun up to row {row}",
                calls=_shown(it),
                row=campaign.begun,
            )
            yield FindingCode.QUEUE, what
        if it.lease is not None and not 0 < it.lease <= turn:
            yield (
                FindingCode.QUEUE,
                (
                    say(
                        "{calls} are leased with token {lease}, but the last token is {turn}",
                        calls=_shown(it),
                        lease=it.lease,
                        turn=turn,
                    )
                ),
            )


def _ranges(connection: Connection) -> Iterator[tuple[CallRange, int]]:
    """All ranges in order, each with the last row that no later one has as well."""
    before: CallRange | None = None
    for it in map(
        CallRange._make, connection.execute(_RANGES.execution_options(yield_per=_AT_ONCE))
    ):
        if before is not None:
            same = before.campaign_id == it.campaign_id
            yield before, min(before.last, it.first - 1) if same else before.last
        before = it
    if before is not None:
        yield before, before.last


def _shown(it: CallRange) -> str:
    return say("the first calls of rows {first} to {last}", first=it.first, last=it.last)
