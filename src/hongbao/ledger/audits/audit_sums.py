"""Sums counted anew while an audit walks through the payouts, held against what the books say.

What it keeps grows with the campaigns and merchants, and not with the payouts.
"""

from __future__ import annotations

from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hongbao.english import counted
from hongbao.ledger.audits.audit_hourly import HourlyTotals
from hongbao.ledger.audits.audit_merchant import (
    campaign_problem,
    merchant_problems,
    partitions_of,
    workable,
)
from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.audits.audit_payout import Surroundings
from hongbao.ledger.audits.audit_queue import WAIT_MAX
from hongbao.ledger.audits.audit_ranges import RangeWalks
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.event import Subject
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import beyond_mandate, broken, replay_decisions
from hongbao.ledger.model.standing import Total
from hongbao.ledger.queue.due import next_due
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import DECIDED, plain
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.merchant_history import RECORDED, MerchantEventKind
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import (
    CAMPAIGN,
    DECISION,
    MERCHANT,
    MERCHANT_EVENT,
    TALLY,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_page import CallRange, Stored
    from hongbao.ledger.audits.audit_report import FindingCollector
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.queue.due import QueuePartition

(
    _MERCHANT, _CAMPAIGN, _STATE, _AMOUNT, _CLAIMED, _REFUNDED, _ROW, _KEY, _KIND, _PAYEE, _PEOPLE,
    _DAY, _CALLS,
) = (
    PLACES[name]
    for name in (
        "merchant_id", "campaign_id", "state", "amount", "claimed", "refunded", "row", "key",
        "kind", "payee", "people", "day", "calls",
    )
)  # fmt: skip
_TERMS = BESIDE["terms"]
_GIVEN_UP = frozenset({str(State.REFUSED), str(State.CANCELLED)})
_NOTHING = (0, 0, 0, 0)


class Sums:
    """Of all payouts that an audit has seen.

    Args:
        connection: the audit's.
        salt: the salt of the hashed receivers.
    """

    def __init__(self, connection: Connection, salt: bytes) -> None:
        self.now = now(connection)
        self._connection = connection
        self._campaigns: dict[int, Row[Any]] = {
            row.id: row for row in connection.execute(select(CAMPAIGN).order_by(CAMPAIGN.c.id))
        }
        self._merchants: dict[int, Row[Any]] = {
            row.id: row for row in connection.execute(select(MERCHANT).order_by(MERCHANT.c.id))
        }
        payers = {
            it.id: (
                it.id,
                Surroundings(it.number, it.turn, _counted_from(it), salt, self.now + WAIT_MAX),
            )
            for it in self._merchants.values()
        }
        self._payers = {it.id: payers.get(it.merchant_id) for it in self._campaigns.values()}
        self._ranges = RangeWalks(
            {it.id: it.begun for it in self._campaigns.values()},
            {campaign: payer[1].turn for campaign, payer in self._payers.items() if payer},
            self.now + WAIT_MAX,
        )
        self._today = {merchant.id: merchant.day for merchant in self._merchants.values()}
        self._by_state: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * 4)
        self._hourly = HourlyTotals()
        self._days: defaultdict[int, int] = defaultdict(int)
        self._calls: defaultdict[int, int] = defaultdict(int)
        self._last_days: defaultdict[int, int] = defaultdict(int)

    @property
    def campaigns(self) -> int:
        """How many there are."""
        return len(self._campaigns)

    @property
    def rows(self) -> int:
        """How many payouts the campaigns say that they have."""
        return sum(campaign.rows for campaign in self._campaigns.values())

    def around(self, row: Stored) -> Surroundings | None:
        """What a payout is held against; None if what it refers to is missing, or amiss."""
        payer = self._payers.get(row[_CAMPAIGN])
        return payer[1] if payer is not None and payer[0] == row[_MERCHANT] else None

    def add(self, row: Stored, called: CallRange | None, *, stands: bool) -> str | None:
        """Count a payout whose campaign is there.

        Args:
            row: the payout, with all columns.
            called: the range of first calls that it is in, if it is in one.
            stands: whether it has a standing of its own.

        Returns:
            What is wrong with it in the queue, in words.
        """
        campaign, state, amount = row[_CAMPAIGN], row[_STATE], row[_AMOUNT]
        sums = self._by_state[campaign, state]
        sums[0] += 1
        sums[1] += amount
        sums[2] += row[_CLAIMED]
        sums[3] += row[_REFUNDED]
        if row[_CALLS]:
            self._count_sent(row)
        self._hourly.add(row)
        return self._ranges.add(campaign, row[_ROW], amount, called, stands=stands)

    def _count_sent(self, row: Sequence[Any]) -> None:
        merchant, day = row[_MERCHANT], row[_DAY]
        self._calls[merchant] += row[_CALLS]
        if day is None:
            return
        self._last_days[merchant] = max(self._last_days[merchant], day)
        if day == self._today[merchant] and row[_STATE] not in _GIVEN_UP:
            self._days[merchant] += row[_AMOUNT]

    def totals(self) -> dict[State, Total]:
        """Of all payouts, by state."""
        return {
            state: Total(*map(sum, zip(_NOTHING, *found, strict=True)))
            for state in State
            if (found := [sums for (_, name), sums in self._by_state.items() if name == state])
        }

    def check(self, findings: FindingCollector, watch: Watch | None = None) -> None:
        """Hold the sums against what the books say.

        Args:
            findings: takes what disagrees.
            watch: is shown the decisions about each campaign.
        """
        self._check_tallies(findings)
        for campaign_id, words in self._hourly.problems(self._connection):
            findings.add(FindingCode.TALLY, self._name(campaign_id), words)
        for campaign_id, (code, words) in self._ranges.problems(self._connection):
            findings.add(code, self._name(campaign_id), words)
        due = next_due(self._connection, partitions_of(self._campaigns.values()), self.now)
        for campaign in self._campaigns.values():
            self._check_campaign(campaign, findings)
            decisions = self._check_decisions(campaign, findings)
            if watch is not None:
                watch.history(Subject.CAMPAIGN, campaign.id, campaign.name, decisions)
            if (problem := campaign_problem(campaign, due)) is not None:
                findings.add(FindingCode.QUEUE, self._name(campaign.id), problem)
        for merchant in self._merchants.values():
            self._check_merchant(merchant, due, findings)
            events = self._check_settings(merchant, findings)
            if watch is not None:
                watch.history(Subject.MERCHANT, merchant.id, merchant.number, events)

    def _check_merchant(
        self, merchant: Row[Any], due: Mapping[QueuePartition, Instant], findings: FindingCollector
    ) -> None:
        name, begun = f"merchant {merchant.number}", self._days[merchant.id]
        if merchant.day_amount != begun:
            findings.add(
                FindingCode.TALLY, name,
                f"{merchant.day_amount} fen were begun on its day, by its payouts {begun}",
            )  # fmt: skip
        problems = merchant_problems(
            merchant,
            first_due=workable(merchant, self._campaigns.values(), due),
            calls=self._calls[merchant.id],
            day=self._last_days[merchant.id],
            now=self.now,
        )
        for code, words in problems:
            findings.add(code, name, words)

    def _check_tallies(self, findings: FindingCollector) -> None:
        sums = (func.sum(TALLY.c[name]) for name in Total._fields)
        told = {
            (campaign, state): tuple(map(int, figures))
            for campaign, state, *figures in self._connection.execute(
                select(TALLY.c.campaign_id, TALLY.c.state, *sums).group_by(
                    TALLY.c.campaign_id, TALLY.c.state
                )
            )
        }
        for place in sorted(told.keys() | self._by_state.keys()):
            counted = tuple(self._by_state.get(place, _NOTHING))
            running = told.get(place, _NOTHING)
            if running != counted:
                findings.add(
                    FindingCode.TALLY, self._name(place[0]),
                    f"{place[1]} is {_shown(running)} by the running totals, and {_shown(counted)} "
                    "by its payouts",
                )  # fmt: skip

    def _check_campaign(self, campaign: Row[Any], findings: FindingCollector) -> None:
        # That paid = claimed + refunded + unclaimed needs no sums: no payout has come to more than
        # its amount, and none that is not paid has come to anything, or ``audit_payout`` says so.
        name = self._name(campaign.id)
        mine = {state: self._by_state.get((campaign.id, str(state)), _NOTHING) for state in State}
        payouts = sum(figures[0] for figures in mine.values())
        amount = sum(figures[1] for figures in mine.values())
        if (payouts, amount) != (campaign.rows, campaign.planned):
            findings.add(
                FindingCode.MONEY, name,
                f"planned are {campaign.planned} fen in {counted(campaign.rows, 'payout')}; paid, "
                f"in doubt, refused, cancelled and waiting are {amount} fen in {payouts}",
            )  # fmt: skip

    def _check_decisions(self, campaign: Row[Any], findings: FindingCollector) -> list[Event]:
        name = self._name(campaign.id)
        decisions = history(self._connection, DECISION, campaign.id)
        for problem in _unlike(campaign, decisions, DECIDED):
            findings.add(FindingCode.DECISION, name, problem)
        for problem in beyond_mandate(decisions):
            findings.add(FindingCode.DECISION, name, problem)
        facts = replay_decisions(decisions).facts
        if decisions and (decisions[0].at, decisions[0].actor) != (
            campaign.created_at,
            campaign.created_by,
        ):
            findings.add(FindingCode.DECISION, name, "it was begun by somebody else, or then")
        if facts.get("name", campaign.name) != campaign.name:
            findings.add(FindingCode.DECISION, name, f"its name was {facts['name']}")
        return decisions

    def _check_settings(self, merchant: Row[Any], findings: FindingCollector) -> list[Event]:
        events = history(self._connection, MERCHANT_EVENT, merchant.id)
        # Nobody has worked yet for one of an earlier version.
        if events or merchant.seq:
            slowed = (it.at for it in events if it.kind == MerchantEventKind.SLOWED)
            problems = [*_unlike(merchant, events, RECORDED)]
            # A clock that is put right brings it forward, and nothing puts it off.
            if (merchant.slowed_at or 0) > max(slowed, default=0):
                problems.append(f"slowed_at is {merchant.slowed_at}, later than it happened")
            for problem in problems:
                findings.add(FindingCode.MERCHANT, f"merchant {merchant.number}", problem)
        return events

    def _name(self, campaign_id: int) -> str:
        campaign = self._campaigns.get(campaign_id)
        return f"campaign {campaign_id if campaign is None else campaign.name}"


def _unlike(row: Row[Any], events: Sequence[Event], columns: Iterable[str]) -> Iterator[str]:
    """How a row differs from the history that alone says how its columns stand, in words."""
    problem = broken(events)
    if problem is None and len(events) != row.seq:
        problem = f"its history has {counted(len(events), 'event')} instead of {row.seq}"
    if problem is not None:
        yield problem
    facts = replay_decisions(events).facts
    for column in columns:
        is_now, was_recorded = plain(getattr(row, column)), facts.get(column)
        if is_now != was_recorded:
            yield f"{column} is {is_now}, recorded was {was_recorded}"


def _counted_from(merchant: Row[Any]) -> float:
    """The first day that counts for what a merchant's users get: around midnight, two do."""
    limits = (merchant.user_day_count_max, merchant.user_day_amount_max)
    return inf if limits == (None, None) else merchant.day - 1


def _shown(figures: Sequence[int]) -> str:
    payouts, amount, claimed, refunded = figures
    return f"{counted(payouts, 'payout')}, {amount} fen, {claimed} claimed, {refunded} returned"
