"""Checks that ranges of first calls, and how far campaigns have begun, say what their payouts do.

A payout without a standing waits, or is in doubt: that depends on these alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.english import counted
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.store.schema import CALL_RANGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.audits.audit_page import CallRange
    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen


class _RangesMet:
    """What was met of the ranges of one campaign, row by row."""

    __slots__ = ("amount", "met", "open", "problems", "range", "ranges")

    def __init__(self) -> None:
        self.range: CallRange | None = None
        self.ranges = 0
        self.met = 0
        self.open = 0
        self.amount = 0
        self.problems: list[Problem] = []


class RangeWalks:
    """What was met of the ranges of all campaigns.

    Args:
        begun: how far each campaign has begun.
        turns: the turn of each campaign's merchant, which is the newest token of a lease.
        latest: the latest time that a lease may end.
    """

    def __init__(self, begun: Mapping[int, int], turns: Mapping[int, int], latest: Instant) -> None:
        self._begun = begun
        self._turns = turns
        self._latest = latest
        self._walks: dict[int, _RangesMet] = {}

    def add(
        self, campaign: int, row: int, amount: Fen, found: CallRange | None, *, stands: bool
    ) -> str | None:
        """Meet the next payout of a campaign.

        Args:
            campaign: its campaign.
            row: its place in it.
            amount: fen.
            found: the range that it is in, if it is in one.
            stands: whether it has a standing.

        Returns:
            What is wrong with the payout, in words.
        """
        walk = self._walks.get(campaign)
        if walk is None:
            walk = self._walks[campaign] = _RangesMet()
        if found is None:
            if not stands and row <= self._begun[campaign]:
                return "nothing has happened to it, but its campaign has begun with later rows"
            return None
        if walk.range is None or found.first != walk.range.first:
            self._leave(walk)
            walk.range = found
        walk.met += 1
        if not stands:
            walk.open += 1
            walk.amount += amount
        return None

    def problems(self, connection: Connection) -> Iterator[tuple[int, Problem]]:
        """What is wrong after the last payout: campaigns, and what is wrong with theirs."""
        counts = select(CALL_RANGE.c.campaign_id, func.count()).group_by(CALL_RANGE.c.campaign_id)
        stored = {campaign: int(count) for campaign, count in connection.execute(counts)}
        for campaign in sorted(stored.keys() | self._walks.keys()):
            walk = self._walks.get(campaign, _RangesMet())
            self._leave(walk)
            for problem in walk.problems:
                yield campaign, problem
            if walk.ranges != (there := stored.get(campaign, 0)):
                words = f"it has {counted(there, 'range')} of first calls, and payouts of "
                yield campaign, (FindingCode.REFERENCE, f"{words}{walk.ranges}")

    def _leave(self, walk: _RangesMet) -> None:
        if walk.range is not None:
            walk.ranges += 1
            walk.problems += self._of_range(walk.range, walk)
        walk.range, walk.met, walk.open, walk.amount = None, 0, 0, 0

    def _of_range(self, it: CallRange, walk: _RangesMet) -> Iterator[Problem]:
        if walk.met != it.last - it.first + 1:
            yield FindingCode.REFERENCE, f"{_shown(it)} have {counted(walk.met, 'payout')}"
        if (walk.open, walk.amount) != (it.open, it.open_amount):
            yield (
                FindingCode.QUEUE,
                (
                    f"{_shown(it)}: {counted(walk.open, 'payout')} with {walk.amount} fen "
                    f"have no standing, and it says {it.open} with {it.open_amount} fen"
                ),
            )
        if it.due_at is not None and it.due_at > self._latest:
            yield FindingCode.QUEUE, f"{_shown(it)}: the lease ends at {it.due_at}, too late"
        if it.last > self._begun[it.campaign_id]:
            begun = f"but the campaign has begun up to row {self._begun[it.campaign_id]}"
            yield FindingCode.QUEUE, f"{_shown(it)} are begun, {begun}"
        turn = self._turns[it.campaign_id]
        if it.lease is not None and not 0 < it.lease <= turn:
            yield (
                FindingCode.QUEUE,
                (f"{_shown(it)} are leased with token {it.lease}, but the last token is {turn}"),
            )


def _shown(it: CallRange) -> str:
    return f"the first calls of rows {it.first} to {it.last}"
