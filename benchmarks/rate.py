"""Whether several workers keep to a merchant's rate, and whether a slow merchant delays others."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from engine import in_turns
from filled_books import fill, merchant_number, postgresql_books
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from postgres_process import PostgresProcess

WORKERS = 3
RATE = 30
BURST = 5
SECONDS = 30
PACE_SECONDS = 5
PACE_CALLS = 4

_PROGRAM = Path(__file__).with_name("timed_worker.py")
_START_SECONDS = 3.0  # in which all processes are there


class Kept(NamedTuple):
    """How a rate was kept.

    Attributes:
        calls: in ``SECONDS`` from the first one on.
        worst_second: the most calls in any second.
    """

    calls: int
    worst_second: int


def kept(server: PostgresProcess) -> Kept:
    """Ask for 30 calls a second of several workers at once."""
    url = postgresql_books(server, "rate")
    limits = PayerLimits(rate=RATE, burst=BURST)
    payouts = int((SECONDS + _START_SECONDS) * RATE) + BURST
    try:
        fill(url, campaign="rate", merchants=range(1), payouts=2 * payouts, limits=limits)
        calls = _calls(url, workers=WORKERS, seconds=SECONDS + _START_SECONDS)
    finally:
        server.drop("rate")
    moments = sorted(moment for _, moment in calls)
    counted = [moment for moment in moments if moment < moments[0] + SECONDS]
    return Kept(len(counted), worst_second(moments))


def worst_second(moments: list[float]) -> int:
    """The most moments in any second, wherever it begins."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


class Crowd(NamedTuple):
    """What a worker makes of ten times as many merchants, of whom one in a hundred is throttled.

    Attributes:
        ratios: how many it pays a second, compared with a tenth of the merchants, round by round.
        beside: how late a call of the others was at most, in seconds.
        alone: the same without any that is throttled.
    """

    ratios: list[float]
    beside: float
    alone: float


def crowd(server: PostgresProcess, *, merchants: int, payouts: int) -> Crowd:
    """Pay for so many merchants, then throttle some of them and look at the others.

    Args:
        server: for the books.
        merchants: how many there are.
        payouts: how many each has.
    """
    tenth = merchants // 10
    few = postgresql_books(server, "crowd_few")
    fill(few, campaign="crowd", merchants=range(tenth), payouts=payouts)
    many = postgresql_books(server, "crowd_many", like="crowd_few")
    fill(many, campaign="crowd", merchants=range(tenth, merchants), payouts=payouts)
    delays = [
        _worst_delay(server, merchants, throttled=throttled) for throttled in (merchants // 100, 0)
    ]
    spent = in_turns({"many": many, "few": few}, payouts=tenth * payouts // 3)
    rounds = zip(spent["many"].rates, spent["few"].rates, strict=True)
    for name in ("crowd_many", "crowd_few"):
        server.drop(name)
    return Crowd([one / other for one, other in rounds], *delays)


def _worst_delay(server: PostgresProcess, merchants: int, *, throttled: int) -> float:
    """How late a call was at most for those who may call every five seconds.

    The throttled may call once in fifty seconds. All payouts of all are due. The first call of each
    says when its later ones are due.
    """
    url = postgresql_books(server, "delay", like="crowd_many")
    try:
        # Ten thousand decisions of people would take a minute, and are not what is measured.
        with psycopg.connect(url, autocommit=True) as connection:
            pace = 'UPDATE channel SET burst = 1, "interval" = %s'
            connection.execute(pace, (PACE_SECONDS * SECOND,))
        with Book.open(url) as book:
            slow = PayerLimits(rate=1 / 50, burst=1)
            for place in range(throttled):
                book.set_channel(merchant_number(place), "redpack", slow, by="anna")
            slow_ones = {it.id for it in book.channels() if it.number < merchant_number(throttled)}
        calls = _calls(url, workers=1, seconds=_START_SECONDS + PACE_CALLS * PACE_SECONDS)
    finally:
        server.drop("delay")
    moments: dict[int, list[float]] = defaultdict(list)
    for merchant, moment in calls:
        if merchant not in slow_ones:
            moments[merchant].append(moment)
    begin, end = calls[0][1], calls[-1][1]
    if len(moments) < merchants - throttled:
        return end - begin
    # A call that was not made is as late as it can be by then.
    return max(
        moment - (called[0] + turn * PACE_SECONDS)
        for called in moments.values()
        for turn, moment in enumerate([*called, *[end] * PACE_CALLS][:PACE_CALLS])
    )


def _calls(url: str, *, workers: int, seconds: float) -> list[tuple[int, float]]:
    until = time.time() + seconds
    processes = [
        subprocess.Popen(
            [sys.executable, str(_PROGRAM), url, f"worker-{number}", str(until)],
            stdout=subprocess.PIPE,
        )
        for number in range(workers)
    ]
    said = [process.communicate(timeout=seconds + 60)[0] for process in processes]
    return [(merchant, moment) for text in said for merchant, moment in json.loads(text)]
