"""The books behind a PgBouncer that gives each transaction another connection."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from pgbouncer_process import PgBouncerProcess, program

from desk import LEASE_SECONDS, Desk, accepted
from hongbao.errors import ConfigurationError
from hongbao.ledger.book import Book
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock

REQUIRED = "HONGBAO_TEST_PGBOUNCER"
"""Set where it must be there, as in CI."""
FOLLOWS_PREPARED = (1, 21)
WORKERS = 3
WAIT_SECONDS = 30.0


@pytest.fixture
def bouncer(postgresql_url: str) -> Iterator[PgBouncerProcess]:
    """A PgBouncer before empty books."""
    if program() is None:
        if os.environ.get(REQUIRED):
            pytest.fail("pgbouncer is not installed, and must be")
        pytest.skip("pgbouncer is not installed")
    with PgBouncerProcess(postgresql_url, connections=WORKERS) as running:
        yield running


def test_three_workers_pay_a_list_behind_it_without_an_error(
    bouncer: PgBouncerProcess, clock: Clock
) -> None:
    url = f"{bouncer.url}?prepare_threshold="
    all_there = threading.Barrier(WORKERS + 1, timeout=30)

    def work(name: str) -> int:
        with Book.open(url, clock=clock) as book:
            all_there.wait()
            done = 0
            while jobs := book.claim(name, limit=7, lease_seconds=LEASE_SECONDS).jobs:
                recorded = book.record(name, [(job, accepted(job)) for job in jobs])
                done += len(jobs) - len(recorded.late)
            return done

    with Book.open(url, clock=clock) as book, ThreadPoolExecutor(WORKERS) as pool:
        desk = Desk(book, url, clock)
        for name in ("spring", "summer"):
            desk.campaign(200, name=name)
        working = [pool.submit(work, f"worker-{number}") for number in range(WORKERS)]
        all_there.wait()
        for number in range(20):
            desk.draft(5, name=f"list-{number}", number="1900000002")
            book.pause("summer", by="anna", reason="to look at it")
            book.resume("summer", by="anna")
        done = [one.result() for one in working]
        jobs = desk.jobs()  # what a pause kept from them
        desk.record(*((job, accepted(job)) for job in jobs))
        paid = [payout.state for payout in desk.payouts()].count(State.SENT)
        assert paid == sum(done) + len(jobs) == 400
        assert book.audit().findings == ()
        desk.close()


def test_two_that_upgrade_behind_it_go_one_after_the_other(bouncer: PgBouncerProcess) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(Book.upgrade, [f"{bouncer.url}?prepare_threshold=none"] * 2 * WORKERS))
    assert Book.version(f"{bouncer.url}?prepare_threshold=none").found is not None


def test_prepared_statements_behind_it_name_the_way_out(
    bouncer: PgBouncerProcess, clock: Clock
) -> None:
    if bouncer.version() >= FOLLOWS_PREPARED:
        pytest.skip("this one follows prepared statements")
    url = f"{bouncer.url}?prepare_threshold=0"
    told: list[ConfigurationError] = []

    def look() -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not told and time.monotonic() < end:
            # Opening the books may meet it, too.
            try:
                with Book.open(url, clock=clock) as book:
                    book.channels()
            except ConfigurationError as error:
                told.append(error)

    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(WORKERS):
            pool.submit(look)
    assert told
    assert "prepare_threshold=none" in told[0].remedy
