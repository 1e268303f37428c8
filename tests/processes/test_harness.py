"""What the proof stands on holds by itself: what was committed is kept, the killed are replaced."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import psycopg
from postgres_process import PostgresProcess

from crowd import Crowd

if TYPE_CHECKING:
    from pathlib import Path

_UNTIL_SIGTERM = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(sys.argv[1], flush=True)
signal.pause()
"""


def test_a_crashed_database_comes_back_with_what_was_committed() -> None:
    with PostgresProcess() as server:
        url = server.create("crash")
        with closing(psycopg.connect(url)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.commit()
            connection.execute("UPDATE kept SET answer = 43")
            server.crash()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]


def test_a_killed_worker_is_replaced_and_the_rest_leave_when_they_are_asked(tmp_path: Path) -> None:
    def command(name: str) -> list[str]:
        return [sys.executable, "-c", _UNTIL_SIGTERM, name]

    with Crowd(command, size=2, log=tmp_path / "log") as crowd:
        _wait_for(crowd, {"worker-1", "worker-2"})
        while not crowd.kill_one(Random(1)):
            time.sleep(0.02)
        _wait_for(crowd, {"worker-1", "worker-2", "worker-3"})
        assert crowd.drain() == [0, 0]
    assert crowd.killed == 1


def _wait_for(crowd: Crowd, names: set[str]) -> None:
    until = time.monotonic() + 20
    while set(crowd.said().split()) != names:
        crowd.tend()
        assert time.monotonic() < until, crowd.said()
        time.sleep(0.02)
