"""Books and worker without the calls: every payout is accepted at once, all else is real.

The whole path of a payout is measured: claim, policy, record, with its events and their chain, and
every commit on the disk. Several books take turns, so that their ratios are of the same minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from filled_books import fill
from hongbao.dispatch.ports import Bounds
from one_worker import Spent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROUNDS = 4
SECONDS_MAX = 180.0

_PROGRAM = Path(__file__).with_name("one_worker.py")
# A worker that is told to leave finishes what it has claimed, in each round: twice the bound when
# results wait for the books too. One that finds nothing left before its number is reached waits.
_SPARE = ROUNDS * 2 * Bounds().claimed


class Engine(NamedTuple):
    """One set of books, over several rounds.

    Attributes:
        per_second: payouts, the median.
        cpu_microseconds: of the worker's process for each payout, the median.
        spent: the rounds.
    """

    per_second: float
    cpu_microseconds: float
    spent: Sequence[Spent]

    @property
    def rates(self) -> list[float]:
        """Payouts a second, round by round."""
        return [spent.payouts / spent.seconds for spent in self.spent]

    @property
    def peak_megabytes(self) -> float:
        """Resident, of the worker's whole process."""
        return max(spent.peak_megabytes for spent in self.spent)


def fill_few(url: str, *, merchants: int, paid: int) -> None:
    """Put into books what will be paid in all rounds, and not much more."""
    fill(url, campaign="few", merchants=range(merchants), payouts=_each(merchants, paid))


def _each(merchants: int, paid: int) -> int:
    return (paid + _SPARE) // merchants


def in_turns(
    books: Mapping[str, str], *, payouts: int, others: Callable[[], None] = lambda: None
) -> dict[str, Engine]:
    """Pay from several books in turns.

    Args:
        books: URLs by name.
        payouts: how many to pay from each, in all rounds.
        others: called for their turns, at the end of each round.
    """
    rounds: dict[str, list[Spent]] = {name: [] for name in books}
    for _ in range(ROUNDS):
        for name, url in books.items():
            rounds[name].append(run_worker(url, payouts // ROUNDS))
        others()
    return {name: _typical(spent) for name, spent in rounds.items()}


def run_worker(url: str, payouts: int, *settings: str) -> Spent:
    """Have a worker in a process of its own pay so many."""
    command = [sys.executable, str(_PROGRAM), url, str(payouts), *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS_MAX)
    if done.returncode:
        raise RuntimeError(f"the worker failed: {done.stderr[-3000:]}")
    return Spent(*json.loads(done.stdout))


def _typical(rounds: Sequence[Spent]) -> Engine:
    return Engine(
        median(spent.payouts / spent.seconds for spent in rounds),
        median(spent.cpu_seconds / spent.payouts * 1e6 for spent in rounds),
        rounds,
    )
