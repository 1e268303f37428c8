"""Sums of all payouts, counted anew and held against what the books say of themselves.

What it keeps grows with the campaigns and channels, and not with the payouts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hongbao.english import counted
from hongbao.ledger.audits.audit_channel import (
    campaign_problem,
    channel_problems,
    partitions_of,
    workable,
)
from hongbao.ledger.audits.audit_counts import PayoutCounts
from hongbao.ledger.audits.audit_hourly import hourly_problems
from hongbao.ledger.audits.audit_queue import WAIT_MAX
from hongbao.ledger.audits.audit_ranges import RangeWalk
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.approval import ANYBODY
from hongbao.ledger.model.draft_decisions import wrong_approvals
from hongbao.ledger.model.event import Subject
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import beyond_mandate, broken, replay_decisions
from hongbao.ledger.model.standing import Total
from hongbao.ledger.queue.due import next_due
from hongbao.ledger.store import expiry
from hongbao.ledger.store.channel_history import FIRST_RAIL, RECORDED, ChannelEventKind
from hongbao.ledger.store.decisions import DECIDED, plain, policy_columns
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.schema import (
    CAMPAIGN,
    CHANNEL,
    CHANNEL_EVENT,
    DECISION,
    MERCHANT,
    TALLY,
)
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_report import FindingCollector
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

_NOTHING = (0, 0, 0, 0)
_CHANNELS = (
    select(CHANNEL, MERCHANT.c.number)
    .outerjoin(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
    .order_by(CHANNEL.c.id)
)


class Sums:
    """Of all payouts.

    Args:
        connection: in a transaction that reads a single snapshot.
        now: the books' time.
    """

    def __init__(self, connection: Connection, now: Instant) -> None:
        self._now = now
        self._connection = connection
        self._campaigns: dict[int, Row[Any]] = {
            row.id: row for row in connection.execute(select(CAMPAIGN).order_by(CAMPAIGN.c.id))
        }
        self._channels: dict[int, Row[Any]] = {row.id: row for row in connection.execute(_CHANNELS)}
        self._rails = Counter(it.number for it in self._channels.values())
        turns = {it.id: it.turn for it in self._channels.values()}
        walk = RangeWalk(
            self._campaigns,
            {it.id: turns.get(it.channel_id, 0) for it in self._campaigns.values()},
            now + WAIT_MAX,
        )
        days = {it.id: it.day for it in self._channels.values()}
        self._counts = PayoutCounts(connection, self._campaigns, days, walk)

    @property
    def campaigns(self) -> int:
        """How many there are."""
        return len(self._campaigns)

    @property
    def payouts(self) -> int:
        """How many there are."""
        return self._counts.payouts

    @property
    def unstored(self) -> int:
        """How many events payouts without a standing have."""
        return self._counts.unstored

    def totals(self) -> dict[State, Total]:
        """Of all payouts, by state."""
        return {
            state: Total(*map(sum, zip(_NOTHING, *found, strict=True)))
            for state in State
            if (
                found := [
                    sums for (_, name), sums in self._counts.by_state.items() if name == state
                ]
            )
        }

    def check(self, findings: FindingCollector, watch: Watch | None = None) -> None:
        """Hold the sums against what the books say.

        Args:
            findings: takes what disagrees.
            watch: is shown the decisions about each campaign.
        """
        self._check_tallies(findings)
        for campaign_id, words in hourly_problems(self._connection, self._counts.by_state):
            findings.add(FindingCode.TALLY, self._name(campaign_id), words)
        for campaign_id, (code, words) in self._counts.problems:
            findings.add(code, self._name(campaign_id), words)
        due = next_due(self._connection, partitions_of(self._campaigns.values()), self._now)
        for campaign in self._campaigns.values():
            self._check_campaign(campaign, findings)
            decisions = self._check_decisions(campaign, findings)
            if watch is not None:
                watch.history(Subject.CAMPAIGN, campaign.id, campaign.name, decisions)
            if (problem := campaign_problem(campaign, due)) is not None:
                findings.add(FindingCode.QUEUE, self._name(campaign.id), problem)
        # Whoever works makes drafts of these.
        expired = {it.id for it in expiry.expired(self._connection, now=self._now)}
        alive = [it for it in self._campaigns.values() if it.id not in expired]
        for channel in self._channels.values():
            self._check_channel(channel, workable(channel, alive, due), findings)
            events = self._check_settings(channel, findings)
            if watch is not None:
                watch.history(Subject.MERCHANT, channel.id, self._payer(channel), events)

    def _check_channel(
        self, channel: Row[Any], first_due: Instant | None, findings: FindingCollector
    ) -> None:
        name, begun = (
            say("merchant {payer}", payer=self._payer(channel)),
            self._counts.begun.get(channel.id, 0),
        )
        if channel.day_amount != begun:
            findings.add(
                FindingCode.TALLY,
                name,
                say(
                    "{fen} fen were begun on its day, by its payouts {begun}",
                    fen=channel.day_amount,
                    begun=begun,
                ),
            )
        problems = channel_problems(
            channel,
            first_due=first_due,
            calls=self._counts.calls.get(channel.id, 0),
            day=self._counts.last_days.get(channel.id, 0),
            now=self._now,
        )
        for code, words in problems:
            findings.add(code, name, words)

    def _check_tallies(self, findings: FindingCollector) -> None:
        sums = (func.sum(TALLY.c[name]) for name in Total._fields)
        counters = {
            (campaign, state): tuple(map(int, figures))
            for campaign, state, *figures in self._connection.execute(
                select(TALLY.c.campaign_id, TALLY.c.state, *sums).group_by(
                    TALLY.c.campaign_id, TALLY.c.state
                )
            )
        }
        for place in sorted(counters.keys() | self._counts.by_state.keys()):
            counted = tuple(self._counts.by_state.get(place, _NOTHING))
            running = counters.get(place, _NOTHING)
            if running != counted:
                findings.add(
                    FindingCode.TALLY,
                    self._name(place[0]),
                    say(
                        "{state} is {running} by the running totals, and {found} by its payouts",
                        state=place[1],
                        running=_shown(running),
                        found=_shown(counted),
                    ),
                )

    def _check_campaign(self, campaign: Row[Any], findings: FindingCollector) -> None:
        # That paid = claimed + refunded + unclaimed needs no sums: no payout has come to more than
        # its amount, and none that is not paid has come to anything, or ``audit_payout`` says so.
        name = self._name(campaign.id)
        mine = {
            state: self._counts.by_state.get((campaign.id, str(state)), _NOTHING) for state in State
        }
        payouts = sum(figures[0] for figures in mine.values())
        amount = sum(figures[1] for figures in mine.values())
        if (payouts, amount) != (campaign.rows, campaign.planned):
            findings.add(
                FindingCode.MONEY,
                name,
                say(
                    "planned are {planned} fen in {payouts}; paid, in doubt, refused, cancelled "
                    "and waiting are {fen} fen in {count}",
                    planned=campaign.planned,
                    payouts=counted(campaign.rows, "payout"),
                    fen=amount,
                    count=payouts,
                ),
            )

    def _check_decisions(self, campaign: Row[Any], findings: FindingCollector) -> list[Event]:
        name = self._name(campaign.id)
        decisions = history(self._connection, DECISION, campaign.id)
        # Versions before knew no policy, and their decisions name none.
        facts = {**policy_columns(ANYBODY), **replay_decisions(decisions).facts}
        # Versions up to 0003 named the merchant, which was a channel under the same number.
        facts.setdefault("channel_id", facts.get("merchant_id"))
        for problem in unlike(campaign, decisions, facts, DECIDED):
            findings.add(FindingCode.DECISION, name, problem)
        if broken(decisions) is None:
            for problem in (*beyond_mandate(decisions), *wrong_approvals(decisions)):
                findings.add(FindingCode.DECISION, name, problem)
        if decisions and (decisions[0].at, decisions[0].actor) != (
            campaign.created_at,
            campaign.created_by,
        ):
            findings.add(FindingCode.DECISION, name, say("it was begun by somebody else, or then"))
        if facts.get("name", campaign.name) != campaign.name:
            findings.add(FindingCode.DECISION, name, say("its name was {name}", name=facts["name"]))
        return decisions

    def _check_settings(self, channel: Row[Any], findings: FindingCollector) -> list[Event]:
        events = history(self._connection, CHANNEL_EVENT, channel.id)
        # Nobody has worked yet for one of an earlier version.
        if events or channel.seq:
            slowed = (it.at for it in events if it.kind == ChannelEventKind.SLOWED)
            facts = {"rail": FIRST_RAIL, **replay_decisions(events).facts}
            problems = [*unlike(channel, events, facts, RECORDED)]
            # A clock that is put right brings it forward, and nothing puts it off.
            if (channel.slowed_at or 0) > max(slowed, default=0):
                problems.append(
                    say("slowed_at is {at}, later than it happened", at=channel.slowed_at)
                )
            for problem in problems:
                findings.add(
                    FindingCode.MERCHANT,
                    say("merchant {payer}", payer=self._payer(channel)),
                    problem,
                )
        return events

    def _payer(self, channel: Row[Any]) -> str:
        """The merchant of a channel; and its rail, where the merchant pays by more than one."""
        alone = self._rails[channel.number] == 1
        return str(channel.number) if alone else f"{channel.number} ({channel.rail})"

    def _name(self, campaign_id: int) -> str:
        campaign = self._campaigns.get(campaign_id)
        return say("campaign {name}", name=campaign_id if campaign is None else campaign.name)


def unlike(
    row: Row[Any], events: Sequence[Event], facts: Mapping[str, Any], columns: Iterable[str]
) -> Iterator[str]:
    """How a row differs from the history that alone says how its columns stand, in words."""
    problem = broken(events)
    if problem is None and len(events) != row.seq:
        problem = say(
            "its history has {events} instead of {due}",
            events=counted(len(events), "event"),
            due=row.seq,
        )
    if problem is not None:
        yield problem
    for column in columns:
        is_now, was_recorded = plain(getattr(row, column)), facts.get(column)
        if is_now != was_recorded:
            yield say(
                "{name} is {found}, recorded was {was}", name=column, found=is_now, was=was_recorded
            )


def _shown(figures: Sequence[int]) -> str:
    payouts, amount, claimed, refunded = figures
    return say(
        "{payouts}, {fen} fen, {claimed} claimed, {refunded} returned",
        payouts=counted(payouts, "payout"),
        fen=amount,
        claimed=claimed,
        refunded=refunded,
    )
