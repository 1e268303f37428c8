"""Whether several workers keep to a merchant's rate, and whether a slow merchant delays others."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filled_books import fill, postgresql_books
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from postgres_process import PostgresProcess

WORKERS = 3
RATE = 30
BURST = 5
SECONDS = 30
OTHERS = 999
OTHERS_SECONDS = 5
OTHERS_CALLS = 4

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


class Delay(NamedTuple):
    """How late a call of 999 merchants was at most, in seconds.

    Attributes:
        beside: a merchant that may call once a second and has 10,000 payouts due.
        alone: beside the same merchant with one payout.
    """

    beside: float
    alone: float


def delay(server: PostgresProcess) -> Delay:
    """Let one merchant be throttled, and look at the others."""
    return Delay(beside=_worst_delay(server, 10_000), alone=_worst_delay(server, 1))


def _worst_delay(server: PostgresProcess, payouts: int) -> float:
    """How late a call of 999 merchants was at most, beside one that may call once a second.

    All payouts of that one are due, and for longer than the others'. Each of the others may
    call every five seconds; its first call says when its later ones are due.
    """
    url = postgresql_books(server, "delay")
    slow, quick = PayerLimits(rate=1, burst=1), PayerLimits(rate=1 / OTHERS_SECONDS, burst=1)
    try:
        fill(url, campaign="slow", merchants=range(1), payouts=payouts, limits=slow)
        others = range(1, 1 + OTHERS)
        fill(url, campaign="quick", merchants=others, payouts=OTHERS_CALLS, limits=quick)
        calls = _calls(url, workers=1, seconds=_START_SECONDS + OTHERS_CALLS * OTHERS_SECONDS)
    finally:
        server.drop("delay")
    moments: dict[int, list[float]] = defaultdict(list)
    for merchant, moment in calls:
        moments[merchant].append(moment)
    # Nobody called more than once a second for the slow one, who came first.
    del moments[min(moments)]
    if len(moments) != OTHERS:
        raise RuntimeError(f"{len(moments)} of {OTHERS} were called")
    return max(
        moment - (called[0] + turn * OTHERS_SECONDS)
        for called in moments.values()
        for turn, moment in enumerate(called)
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
