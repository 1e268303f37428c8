"""What the workers go through: each second one is killed, the database crashes, replies are lost.

Once every payout was sent or is on its way, nobody is killed any more, so that it ends.

Everything that is left to chance hangs on a seed, but for the moments at which processes run.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from crowd import Crowd
from filled_book import NAME
from hongbao.ledger.book import Book
from hongbao.ledger.payout import State

if TYPE_CHECKING:
    from postgres_process import PostgresProcess

    from wechat_process import WeChatProcess

KILL_SECONDS = 1.0
ODDS = {
    "lose_reply": 0.03,
    "lose_request": 0.02,
    "cut_reply": 0.01,
    "systemerror": 0.01,
    "http_502": 0.01,
}
"""Of each call. A lost reply is of a packet that was paid, or of a query."""

_PROGRAM = Path(__file__).with_name("worker_program.py")
_LOOK_SECONDS = 0.25


class Ordeal(NamedTuple):
    """How it went.

    Attributes:
        seconds: until nobody was in doubt any more.
        killed: workers.
        crashes: of the database.
    """

    seconds: float
    killed: int
    crashes: int


def undergo(
    url: str,
    wechat: WeChatProcess,
    folder: Path,
    *,
    workers: int,
    seed: int,
    seconds_max: float,
    database: PostgresProcess | None = None,
) -> Ordeal:
    """Have the campaign paid by workers to whom this happens.

    Args:
        url: of the books.
        wechat: who pays.
        folder: for logs.
        workers: how many at any time.
        seed: of the faults and of who is killed.
        seconds_max: it fails after that.
        database: to be crashed once, half way.
    """
    wechat.control.script_faults(seed=seed, odds=ODDS)
    settings = json.dumps(wechat.settings())

    def command(name: str) -> list[str]:
        return [sys.executable, str(_PROGRAM), url, name, settings]

    dice = Random(seed)
    began = time.monotonic()
    kill_at = began + KILL_SECONDS
    crashes = 0
    all_begun = False
    with Crowd(command, size=workers, log=folder / "workers.log") as crowd, Book.open(url) as book:
        while unsettled := _unsettled(book):
            crowd.tend()
            now = time.monotonic()
            assert now - began < seconds_max, f"{unsettled} are not settled: {book.standing(NAME)}"
            if database is not None and not crashes and _half_way(book):
                database.crash()
                database.start()
                crashes += 1
            # Who is killed faster than it starts gets nothing done: the rest is settled in peace.
            all_begun = all_begun or _all_begun(book)
            if now >= kill_at and not all_begun and crowd.kill_one(dice):
                kill_at = now + KILL_SECONDS
            time.sleep(_LOOK_SECONDS)
        seconds = time.monotonic() - began
        assert crowd.drain() == [0] * workers, crowd.said()
    return Ordeal(seconds, crowd.killed, crashes)


def _unsettled(book: Book) -> int:
    return book.standing(NAME).total(State.WAITING, State.IN_DOUBT).payouts


def _all_begun(book: Book) -> bool:
    return not book.standing(NAME).total(State.WAITING).payouts


def _half_way(book: Book) -> bool:
    standing = book.standing(NAME)
    return 2 * standing.total(State.WAITING).payouts < standing.campaign.rows
