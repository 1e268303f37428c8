"""What the workers go through: each second one is killed, the database crashes, replies are lost.

WeChat's process may be killed too, and goes on with the world that it has kept.

Once every payout was sent or is on its way there is peace, so that it ends: everybody must be paid.

Everything that is left to chance hangs on a seed, but for the moments at which processes run.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from crowd import Crowd
from filled_book import FOREIGN_EVERY, NAME, is_foreign
from hongbao.errors import BookUnavailable
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import PAID, State
from transfer_people import TransferPeople

if TYPE_CHECKING:
    from pathlib import Path

    from postgres_process import PostgresProcess

    from wechat_process import WeChatProcess

SEED = int(os.environ.get("HONGBAO_PROOF_SEED", "2026"))
KILL_SECONDS = 1.0
WECHAT_LIVES_FOR = (0.1, 0.3)
"""WeChat is killed when this share of the list has begun since its start, at least and at most.

By the list and not by the clock: it dies three times at the least, however fast the machine is. It
is away for as long as its start takes.
"""
ODDS = {
    "lose_reply": 0.03,
    "lose_request": 0.02,
    "cut_reply": 0.01,
    "systemerror": 0.01,
    "http_502": 0.01,
}
"""Of each call. A lost reply is of a packet that was paid, or of a query."""
TRANSFER_ODDS = {
    **ODDS,
    "unsigned_reply": 0.02,
    "probe_reply": 0.02,
    "wrong_signature": 0.01,
    "foreign_serial": 0.01,
}

_LOOK_SECONDS = 0.25
_SETTLED = PAID | {State.REFUSED}


class Ordeal(NamedTuple):
    """How it went.

    Attributes:
        seconds: until nobody was in doubt any more who can be paid.
        killed: workers.
        crashes: of the database.
        restarts: of WeChat, each after it was killed.
    """

    seconds: float
    killed: int
    crashes: int
    restarts: int


def undergo(
    url: str,
    wechat: WeChatProcess,
    folder: Path,
    *,
    workers: int,
    seed: int,
    seconds_max: float,
    database: PostgresProcess | None = None,
    kills_wechat: bool = False,
    transfers: bool = False,
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
        kills_wechat: whether WeChat is killed, too, now and then.
        transfers: whether it is paid by transfers, with people who confirm and take back.
    """
    wechat.control.script_faults(seed=seed, odds=TRANSFER_ODDS if transfers else ODDS)
    settings = wechat.credentials() if transfers else wechat.settings()
    settings.pop("work", None)  # WeCom packets are not sent here
    log = folder / "workers.log"
    began = time.monotonic()
    with Crowd(url, settings, size=workers, log=log) as crowd, Book.open(url) as book:
        people = TransferPeople(book, wechat, folder) if transfers else None
        hardships = _Hardships(crowd, book, wechat, people, dice=Random(seed))
        hardships.last_until_all_have_begun(began + seconds_max, database, kills_wechat)
        wechat.control.end_faults()
        rail = "transfer" if transfers else "redpack"
        book.set_channel(wechat.mch_id, rail, PayerLimits(), by="anna")
        while _unsettled(book) or not crowd.all_have_begun():
            hardships.look(began + seconds_max)
        seconds = time.monotonic() - began
        ends = crowd.drain()
        assert ends == [0] * workers, f"{ends}: {crowd.said()}"
        if people is not None:
            people.reckon()
            people.close()
    return Ordeal(seconds, crowd.killed, hardships.crashes, hardships.restarts)


class _Hardships:
    """What happens while the list is paid.

    Args:
        crowd: the workers.
        book: the books.
        wechat: who pays.
        people: who confirm and take back; None if it is not paid by transfers.
        dice: who is killed, and when WeChat is.

    Attributes:
        crashes: of the database, until now.
        restarts: of WeChat.
    """

    def __init__(
        self,
        crowd: Crowd,
        book: Book,
        wechat: WeChatProcess,
        people: TransferPeople | None,
        *,
        dice: Random,
    ) -> None:
        self.crashes = self.restarts = 0
        self._crowd = crowd
        self._book = book
        self._wechat = wechat
        self._people = people
        self._dice = dice
        self._kill_at = time.monotonic() + KILL_SECONDS
        self._wechat_until = dice.uniform(*WECHAT_LIVES_FOR)

    def last_until_all_have_begun(
        self,
        until: float,
        database: PostgresProcess | None,
        kills_wechat: bool,  # noqa: FBT001  # as ``undergo`` has it
    ) -> None:
        """Kill and crash, until everybody was called for at least once."""
        while (begun := _begun(self._book)) < 1:
            if database is not None and not self.crashes and begun > 1 / 2:
                _crash(database, self._book)
                self.crashes += 1
            if time.monotonic() >= self._kill_at and self._crowd.kill_one(self._dice):
                self._kill_at = time.monotonic() + KILL_SECONDS
            if kills_wechat and begun >= self._wechat_until:
                self._wechat.kill()
                self._wechat.start()
                self._wechat_until = begun + self._dice.uniform(*WECHAT_LIVES_FOR)
                self.restarts += 1
            self.look(until)

    def look(self, until: float) -> None:
        """Replace the dead, and have people act, once; fail if it takes too long."""
        assert time.monotonic() < until, self._book.standing(NAME)
        self._crowd.tend()
        if self._people is not None:
            self._people.act()
        time.sleep(_LOOK_SECONDS)


def _crash(database: PostgresProcess, book: Book) -> None:
    database.crash()
    database.start()
    with suppress(BookUnavailable):  # its connection broke with the database
        book.now()


def _unsettled(book: Book) -> int:
    """How many are neither paid nor refused and could be.

    Who can never be paid, and whose first call ended in the dark, stays in doubt for days: that a
    repeat is refused proves nothing about the first call. Where each call was refused a query says
    so within seconds, and it is waited for.
    """
    standing = book.standing(NAME)
    unsettled = standing.total(State.WAITING, State.IN_DOUBT, State.AWAITING_USER).payouts
    if unsettled > standing.campaign.rows // FOREIGN_EVERY:
        return unsettled
    unpaid = (payout for payout in book.payouts_of(NAME) if payout.state not in _SETTLED)
    return sum(payout.confirming or not is_foreign(payout.payee) for payout in unpaid)


def _begun(book: Book) -> float:
    """Which share of the list has been called for at least once."""
    standing = book.standing(NAME)
    return 1 - standing.total(State.WAITING).payouts / standing.campaign.rows
