"""How often packets that were sent are looked at, and how soon all is settled: a simulation.

``looks.py [--packets N] [--rate N]``: virtual time, no books and no network. The policy, the
schedule of looks and the turns of sends and looks are the engine's own. What counts is how long
sending takes, so a tenth of the packets at a tenth of the rate gives the same figures sooner.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from heapq import heappop, heappush
from itertools import islice, product
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

from hongbao.dispatch.policy import decide
from hongbao.ledger.model.payout import SECOND, Payout, State, Task
from hongbao.ledger.model.weighted_round_robin import choose
from hongbao.rails.known import looking
from hongbao.rails.outcome import Found, OrderStatus, SendAccepted
from hongbao.rails.redpack.looks import LOOKS
from line import Line

if TYPE_CHECKING:
    from hongbao.rails.port import Rail

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_REFUND_SECONDS = 2 * _HOUR  # how long the money is on its way back
_BEGAN = 1_800_000_000 * SECOND
_CALLS_AT_ONCE = 25
_PATIENT = "next-day"
_MILLION, _CALLS_A_SECOND, _SHRUNK = 1_000_000, 25.0, 20
_SENT = Payout(
    id=1, merchant_id=1, campaign_id=1, key="1", row=1, kind="normal", payee="o", amount=100,
    people=1, terms_id=1, attempt=1, billno="1", state=State.SENT, task=None, due_at=None, lease=1,
    calls=1, answers=1, doubt=None, first_call_at=None, resend_until=None, tries=0, code=None,
    reason=None, listid="1", voucher=None, sent_at=None, settled_at=None, claimed=0, refunded=0,
    day=None, seq=1,
)  # fmt: skip


class Pattern(NamedTuple):
    """When receivers claim.

    Attributes:
        name: it, as the table calls it.
        shares: of all packets: the share, and from when to when they are claimed, in seconds after
            the send. The rest comes back.
    """

    name: str
    shares: tuple[tuple[float, int, int], ...]

    def claimed_after(self, dice: Random) -> float | None:
        """Seconds after the send; None if nobody claims it."""
        drawn = dice.random()
        for share, begin, end in self.shares:
            if drawn < share:
                return dice.uniform(begin, end)
            drawn -= share
        return None


_SOON = (0, 10 * _MINUTE)
_HOUR_LONG = (10 * _MINUTE, _HOUR)
_DAY_LONG = (_HOUR, _DAY)
PATTERNS = (
    Pattern("nearly all within an hour", ((0.75, *_SOON), (0.2, *_HOUR_LONG), (0.03, *_DAY_LONG))),
    Pattern("most within an hour", ((0.5, *_SOON), (0.25, *_HOUR_LONG), (0.15, *_DAY_LONG))),
    Pattern("half within an hour", ((0.3, *_SOON), (0.2, *_HOUR_LONG), (0.3, *_DAY_LONG))),
)


class Figures(NamedTuple):
    """What came of one campaign.

    Attributes:
        looks: a packet.
        hours: until all is settled, from the first send.
        sent_hours: until all is sent.
        news_half: minutes between a claim and the look that sees it: of half of the claims.
        news_most: the same, of nine in ten.
    """

    looks: float
    hours: float
    sent_hours: float
    news_half: float
    news_most: float


def simulate(pattern: Pattern, rail: Rail, *, packets: int, rate: float) -> Figures:
    """Pay so many packets at so many calls a second, and look until all is settled."""
    dice = Random(1)
    campaign = _Campaign(rail, [pattern.claimed_after(dice) for _ in range(packets)])
    now, step = _BEGAN, int(_CALLS_AT_ONCE / rate * SECOND)
    while campaign.settled < packets:
        now = max(now + step, campaign.idle_until)
        campaign.call(now)
    news = quantiles(campaign.news, n=10)
    return Figures(
        campaign.looks / packets,
        (now - _BEGAN) / SECOND / _HOUR,
        (campaign.last_sent_at - _BEGAN) / SECOND / _HOUR,
        news[4] / SECOND / _MINUTE,
        news[8] / SECOND / _MINUTE,
    )


class _Campaign:
    """A million packets, each a number, and what is due of them.

    Attributes:
        looks: how many looks there have been.
        settled: how many packets have come to an end.
        last_sent_at: when the last was sent.
        news: what lay between each claim and the look that saw it.
        idle_until: when something is due.
    """

    def __init__(self, rail: Rail, claimed_after: list[float | None]) -> None:
        self._rail = rail
        self.looks = self.settled = 0
        self.last_sent_at = self.idle_until = _BEGAN
        self.news: list[int] = []
        self._claimed_after = claimed_after
        self._unsent = iter(range(len(claimed_after)))
        self._next = list(islice(self._unsent, _CALLS_AT_ONCE))
        self._due: list[tuple[int, int, int]] = []  # when it is looked at, which, when it was sent
        self._turn = 0

    def call(self, now: int) -> None:
        """Make as many calls as are made at once."""
        looks: list[tuple[int, int, int]] = []
        while self._due and self._due[0][0] <= now and len(looks) < _CALLS_AT_ONCE:
            looks.append(heappop(self._due))
        due = {Task.SEND: [(now, number, now) for number in self._next], Task.LOOK: looks}
        chosen = choose(self._turn, _CALLS_AT_ONCE, due)
        self._turn += len(chosen)
        for task, (_, number, sent_at) in chosen:
            self._look(number, sent_at, now) if task is Task.LOOK else self._send(number, now)
        sent = sum(task is Task.SEND for task, _ in chosen)
        self._next = [*self._next[sent:], *islice(self._unsent, sent)]
        for one in looks[len(chosen) - sent :]:
            heappush(self._due, one)
        self.idle_until = now if self._next or not self._due else self._due[0][0]

    def _send(self, number: int, now: int) -> None:
        self.last_sent_at = now
        called = replace(_SENT, state=State.IN_DOUBT, answers=0, first_call_at=now, sent_at=None)
        step = decide(called, Task.SEND, SendAccepted(listid="1"), now, self._rail).step
        assert step.due_at is not None
        heappush(self._due, (step.due_at, number, now))

    def _look(self, number: int, sent_at: int, now: int) -> None:
        self.looks += 1
        outcome = self._found(number, sent_at, now)
        payout = replace(_SENT, first_call_at=sent_at, sent_at=sent_at)
        step = decide(payout, Task.LOOK, outcome, now, self._rail).step
        if step.due_at is not None:
            heappush(self._due, (step.due_at, number, sent_at))
            return
        self.settled += 1
        if outcome.settled_at is not None:
            self.news.append(now - outcome.settled_at)

    def _found(self, number: int, sent_at: int, now: int) -> Found:
        """What WeChat says of it by now."""
        claimed_after, age = self._claimed_after[number], (now - sent_at) / SECOND
        if claimed_after is not None and age >= claimed_after:
            claimed_at = sent_at + int(claimed_after * SECOND)
            return _found(OrderStatus.COLLECTED, claimed_at)
        if age < _DAY:
            return _found(OrderStatus.WAITING_FOR_USER)
        return _found(
            OrderStatus.RETURNING if age < _DAY + _REFUND_SECONDS else OrderStatus.RETURNED
        )


def _found(status: OrderStatus, settled_at: int | None = None) -> Found:
    return Found(
        status=status,
        said=status.value,
        amount=_SENT.amount,
        listid="1",
        reason="",
        claimed=0,
        refunded=0,
        settled_at=settled_at,
    )


def measure() -> list[Line]:
    """The looks a packet of a campaign of a million, for those who wait for news."""
    rail = looking(_PATIENT).of(_SENT.kind)
    packets, rate = _MILLION // _SHRUNK, _CALLS_A_SECOND / _SHRUNK
    found = [simulate(it, rail, packets=packets, rate=rate) for it in PATTERNS]
    return [
        Line(f"looks a packet, {_PATIENT}, {pattern.name}", it.looks, "", 1.5)
        for pattern, it in zip(PATTERNS, found, strict=True)
    ]


def main() -> None:
    """Simulate each pattern, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=_MILLION)
    parser.add_argument("--rate", type=float, default=_CALLS_A_SECOND, help="calls a second")
    asked = parser.parse_args()
    console = Console()
    table = Table(title=f"{asked.packets:,} packets, {asked.rate:g} calls a second")
    heads = ("looks", "claimed", "a packet", "hours: sent", "settled", "minutes to half", "to 90 %")
    for head in heads:
        table.add_column(head, justify="left" if head in heads[:2] else "right")
    for name, pattern in product(LOOKS, PATTERNS):
        rail = looking(name).of(_SENT.kind)
        found = simulate(pattern, rail, packets=asked.packets, rate=asked.rate)
        figures = (f"{found.looks:.2f}", f"{found.sent_hours:.1f}", f"{found.hours:.1f}")
        news = (f"{found.news_half:.0f}", f"{found.news_most:.0f}")
        table.add_row(name, pattern.name, *figures, *news)
    console.print(table)


if __name__ == "__main__":
    main()
