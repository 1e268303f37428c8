"""Workers say that they are alive, by the books' clock; whoever has ended is gone."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from hongbao.errors import LedgerError
from hongbao.ledger.store.schema import WORKER
from hongbao.version import __version__

if TYPE_CHECKING:
    from desk import Desk

WEEK = 7 * 24 * 3600


def test_a_worker_is_known_with_its_program_and_its_process(desk: Desk) -> None:
    began = desk.clock.now
    desk.book.beat("worker-1")
    desk.clock.pass_(30)
    [worker] = desk.book.workers()
    assert worker[:4] == ("worker-1", __version__, socket.gethostname(), os.getpid())
    assert (worker.since, worker.seen_at, worker.quiet) == (began, began, 30_000_000)
    assert worker.alive


def test_whoever_says_it_again_began_when_he_began(desk: Desk) -> None:
    began = desk.clock.now
    desk.book.beat("worker-1")
    desk.clock.pass_(119)
    desk.book.beat("worker-1")
    [worker] = desk.book.workers()
    assert (worker.since, worker.quiet) == (began, 0)


def test_a_worker_that_is_silent_grows_quiet_and_is_forgotten_after_a_week(desk: Desk) -> None:
    desk.book.beat("dead")
    desk.clock.pass_(121)
    [dead] = desk.book.workers()
    assert not dead.alive
    desk.clock.pass_(WEEK - 121)
    desk.book.beat("worker-1")
    assert [it.name for it in desk.book.workers()] == ["dead", "worker-1"]
    desk.clock.pass_(1)
    desk.book.beat("worker-2")
    assert [it.name for it in desk.book.workers()] == ["worker-1", "worker-2"]


def test_what_a_clock_that_was_ahead_has_written_is_forgotten_too(desk: Desk) -> None:
    desk.clock.pass_(WEEK)
    desk.book.beat("early")
    desk.clock.pass_(-WEEK)
    assert [it.quiet for it in desk.book.workers()] == [0]
    desk.book.beat("worker-1")
    assert [it.name for it in desk.book.workers()] == ["worker-1", "early"]
    desk.clock.pass_(-1)
    desk.book.beat("worker-2")
    assert [it.name for it in desk.book.workers()] == ["worker-2", "worker-1"]


def test_whoever_takes_leave_is_gone_and_others_stay(desk: Desk) -> None:
    desk.book.beat("worker-1")
    desk.book.beat("worker-2")
    desk.book.leave("worker-1")
    desk.book.leave("nobody")
    assert [it.name for it in desk.book.workers()] == ["worker-2"]


def test_those_that_began_together_come_in_the_order_of_their_names(desk: Desk) -> None:
    for name in ("worker-2", "worker-3", "worker-1"):
        desk.book.beat(name)
    assert [it.name for it in desk.book.workers()] == ["worker-1", "worker-2", "worker-3"]


def test_another_process_under_the_same_name_begins_anew(desk: Desk) -> None:
    desk.book.beat("worker-1")
    with desk.transaction() as connection:
        connection.execute(update(WORKER).values(process=WORKER.c.process + 1))
    desk.clock.pass_(5)
    desk.book.beat("worker-1")
    [worker] = desk.book.workers()
    assert (worker.process, worker.since) == (os.getpid(), desk.clock.now)


def test_a_name_that_a_history_cannot_hold_is_refused(desk: Desk) -> None:
    with pytest.raises(LedgerError):
        desk.book.beat("two\nlines")
    assert desk.book.workers() == []


def test_an_audit_does_not_mind_them(desk: Desk) -> None:
    desk.campaign()
    desk.book.beat("worker-1")
    assert desk.book.audit().findings == ()
