"""What a worker does with bills each day: it fetches them, and holds the books against them.

It runs beside the worker, in a thread of its own. Several workers may do it at once: what one has
stored the others find there.
"""

from __future__ import annotations

import asyncio
import logging
from threading import Event
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.errors import HongbaoError
from hongbao.reconcile.bill_fetching import READY_MINUTE, FetchEnd
from hongbao.reconcile.merchant_bills import merchants_of
from hongbao.sentences import said
from hongbao.views.bill_break import counts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hongbao.configuration.file import Configuration
    from hongbao.engine.running import WorkerRun
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Instant
    from hongbao.reconcile.merchant_bills import MerchantBills

AGAIN = 30 * beijing.MINUTE
"""When a bill that is late, or a call that failed, is asked for again: as WeChat's page says."""
LOOK_SECONDS = 20.0
"""How often it is looked whether it is time: the books' clock may be a simulator's."""

_LOG = logging.getLogger("hongbao.worker")


class _Leaving(Exception):
    """The worker ends."""


def next_run(now: Instant, *, late: bool) -> Instant:
    """When bills are asked for next.

    Args:
        now: when they were asked for.
        late: whether one is still to come.
    """
    if late:
        return now + AGAIN
    ready = beijing.day_begins(beijing.day_of(now)) + READY_MINUTE * beijing.MINUTE
    return ready if now < ready else ready + beijing.DAY


class DailyBills:
    """The daily work on bills.

    Args:
        book: the books.
        configuration: the settings.
        names: the merchants, by their names there.
        by: who does it: the worker's name.
        say: called with what came of it, a line each.
    """

    def __init__(
        self,
        book: Book,
        configuration: Configuration,
        names: Collection[str],
        *,
        by: str,
        say: Callable[[str], None],
    ) -> None:
        self._book, self._configuration, self._names = book, configuration, names
        self._by, self._say = by, say
        self._leaving = Event()

    async def beside(self, _running: WorkerRun) -> None:
        """Work for as long as the worker does: an ``Until`` that never comes."""
        due: Instant = 0
        try:
            while True:
                now = await asyncio.to_thread(self._book.now)
                if now >= due:
                    late = await asyncio.to_thread(self.work)
                    due = next_run(now, late=late)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._leaving.set()

    def work(self) -> bool:
        """Fetch and reconcile once.

        Returns:
            Whether a bill is still to come, or something failed that may go better later.
        """
        late = False
        try:
            with self._book.for_worker() as book:
                for merchant in merchants_of(book, self._configuration, self._names):
                    late |= self._work_for(merchant)
        except _Leaving:
            return True
        except HongbaoError as error:
            _LOG.warning("bills: %s", error)
            return True
        return late

    def _work_for(self, merchant: MerchantBills) -> bool:
        late = False
        for fetched in merchant.fetch(by=self._by):
            self._check()
            late |= fetched.end in {FetchEnd.NOT_READY, FetchEnd.FAILED}
            if fetched.error is not None:
                which = f"{fetched.account}/{beijing.date(fetched.day)}"
                _LOG.warning("bill %s of %s: %s", which, merchant.name, fetched.error)
        done = merchant.reconcile(by=self._by, progress=lambda _: self._check())
        if done.opened or done.closed:
            self._say(
                said(
                    "Bills of {name}: opened {counts}; closed by themselves: {closed}. See: "
                    "hongbao reconcile breaks",
                    name=merchant.name,
                    counts=counts(done.kinds),
                    closed=done.closed,
                )
            )
        return late

    def _check(self) -> None:
        if self._leaving.is_set():
            raise _Leaving
