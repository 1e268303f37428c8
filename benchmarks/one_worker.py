"""A worker in a process of its own, as a program: what it used, and for what, as JSON.

``one_worker.py URL PAYOUTS [SETTINGS]``: pays so many payouts and leaves. With the settings of a
merchant it calls WeChat over TLS; without, every call is accepted at once and nothing is sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import AsyncRedPack, Merchant
from hongbao.cli.entry import collect_seldom
from hongbao.dispatch.offload import Threads
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book
from hongbao.ledger.model.event import EventKind
from hongbao.rails.known import RAILS
from hongbao.rails.outcome import SendAccepted
from hongbao.rails.redpack.caller import RedPackCaller
from process_use import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.model.causes import Causes
    from hongbao.ledger.model.job import ClaimedJobs, Job, Recorded
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.rails.port import Carrier
    from hongbao.rails.redpack.caller import Account


class Spent(NamedTuple):
    """What a worker's process used for so many payouts.

    Attributes:
        payouts: how many it paid.
        seconds: from its first claim to its last record.
        cpu_seconds: of the process in that time.
        claim_seconds: of it for claiming.
        record_seconds: of it for recording.
        loop_seconds: of it in the event loop: policy, and the client's calls.
        claims: how many transactions.
        records: how many transactions.
        peak_megabytes: resident, of the whole process.
    """

    payouts: int
    seconds: float
    cpu_seconds: float
    claim_seconds: float
    record_seconds: float
    loop_seconds: float
    claims: int
    records: int
    peak_megabytes: float


class AtOnce:
    """Accepts every send, without a byte on any wire."""

    timeout_seconds = 30.0

    def __init__(self) -> None:
        self._accepted = SendAccepted(listid="1000041701202611230000000000001")

    async def call(self, _job: Job) -> SendAccepted:
        """Accept it."""
        return self._accepted


class _Timed:
    """Books whose claims and records are timed, in CPU of the thread that does them."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.spent = {"claim": 0.0, "record": 0.0}
        self.count = {"claim": 0, "record": 0}

    def now(self) -> Instant:
        return self._book.now()

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        lease_seconds: float,
        horizon_seconds: float,
        channels: Collection[int],
    ) -> ClaimedJobs:
        started = time.thread_time()
        claim = self._book.claim(
            worker,
            limit=limit,
            lease_seconds=lease_seconds,
            horizon_seconds=horizon_seconds,
            channels=channels,
        )
        self._add("claim", started)
        return claim

    def beat(self, worker: str) -> None:
        self._book.beat(worker)

    def leave(self, worker: str) -> None:
        self._book.leave(worker)

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]],
        slow: Collection[int],
    ) -> Recorded:
        started = time.thread_time()
        recorded = self._book.record(worker, results, stops=stops, slow=slow)
        self._add("record", started)
        return recorded

    def terms_body(self, terms_id: int) -> dict[str, Any]:
        return self._book.terms_body(terms_id)

    def causes(self, campaign_id: int) -> Causes:
        return self._book.causes(campaign_id)

    def _add(self, what: str, started: float) -> None:
        self.spent[what] += time.thread_time() - started
        self.count[what] += 1


def _over_tls(book: _Timed, settings: dict[str, Any], carrier: Carrier) -> RedPackCaller:
    merchant = Merchant(**settings)

    def client(_account: Account) -> AsyncRedPack:
        return AsyncRedPack(merchant)

    return RedPackCaller(
        client,
        terms=book.terms_body,
        carrier=carrier,
        timeout_seconds=merchant.connect_seconds + merchant.total_seconds,
    )


async def pay(url: str, payouts: int, settings: dict[str, Any] | None) -> Spent:
    """Pay so many payouts that are due."""
    threads = Threads(2 if url.startswith("postgresql") else 1)
    with Book.open(url) as opened:
        book = _Timed(opened)
        over_tls = None if settings is None else _over_tls(book, settings, threads)

        def watch(progress: Progress) -> None:
            if progress.recorded.get(EventKind.ACCEPTED, 0) >= payouts:
                worker.drain()

        caller = over_tls or AtOnce()
        worker = Worker(
            book,
            {channel.id: caller for channel in opened.channels()},
            name="bench",
            rails=RAILS,
            carrier=threads,
            watcher=watch,
        )
        wall, cpu, loop = time.perf_counter(), time.process_time(), time.thread_time()
        await worker.run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        loop = time.thread_time() - loop
        if over_tls is not None:
            await over_tls.aclose()
    threads.close()
    return Spent(
        payouts=worker.progress.recorded[EventKind.ACCEPTED],
        seconds=wall,
        cpu_seconds=cpu,
        claim_seconds=book.spent["claim"],
        record_seconds=book.spent["record"],
        loop_seconds=loop,
        claims=book.count["claim"],
        records=book.count["record"],
        peak_megabytes=peak_megabytes(),
    )


if __name__ == "__main__":
    collect_seldom()  # as `hongbao worker` does
    _url, _payouts, *_settings = sys.argv[1:]
    _spent = asyncio.run(pay(_url, int(_payouts), json.loads(_settings[0]) if _settings else None))
    print(json.dumps(_spent))
