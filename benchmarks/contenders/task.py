"""What a contender is told and what it tells.

Imported in the environments of others as well, so it stands on the standard library alone.

A contender is a program: ``PROGRAM HOST PORT FOLDER WARM_UP CALLS AT_ONCE``. It makes ``WARM_UP``
calls that do not count and then ``CALLS`` that do, ``AT_ONCE`` of them at any time, and prints

    {"seconds": by the clock, "cpu_seconds": of its whole process, "versions": {name: version}}

The folder holds ``ca.pem``, ``cert.pem``, ``key.pem`` and ``cert.p12``; ``packet.json``, what is to
be sent and by whom; and ``request.bin``, the same as the bytes of one request.
"""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_LENGTH = b"Content-Length: "
HEAD_END = b"\r\n\r\n"


class Task(NamedTuple):
    """What is asked for, as on the command line."""

    host: str
    port: int
    folder: Path
    warm_up: int
    calls: int
    at_once: int

    @property
    def packet(self) -> dict[str, Any]:
        """The red packet, by the names of WeChat."""
        packet: dict[str, Any] = self._sent()["packet"]
        return packet

    @property
    def payer(self) -> dict[str, Any]:
        """``app_id``, ``mch_id``, ``key``, ``client_ip``."""
        payer: dict[str, Any] = self._sent()["payer"]
        return payer

    @property
    def request(self) -> bytes:
        """The bytes of one request."""
        return (self.folder / "request.bin").read_bytes()

    def _sent(self) -> dict[str, Any]:
        sent: dict[str, Any] = json.loads((self.folder / "packet.json").read_text(encoding="utf-8"))
        return sent


def asked() -> tuple[Task, list[str]]:
    """The task, and what is said to this contender alone."""
    host, port, folder, warm_up, calls, at_once, *own = sys.argv[1:]
    return Task(host, int(port), Path(folder), int(warm_up), int(calls), int(at_once)), own


@contextmanager
def measured(*packages: str) -> Iterator[None]:
    """Tell what the calls inside took; ``packages`` are those whose versions matter."""
    started, cpu = time.perf_counter(), time.process_time()
    yield
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - started
    versions = {"Python": platform.python_version(), **{name: version(name) for name in packages}}
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "versions": versions}))


def blocking(task: Task, call: Callable[[], object], *packages: str) -> None:
    """Make the calls of one that blocks; several at once in as many threads."""

    def loop(count: int) -> None:
        for _ in range(count):
            call()

    if task.at_once == 1:
        loop(task.warm_up)
        with measured(*packages):
            loop(task.calls)
        return
    with ThreadPoolExecutor(task.at_once) as pool:
        list(pool.map(loop, [task.warm_up // task.at_once] * task.at_once))
        with measured(*packages):
            list(pool.map(loop, [task.calls // task.at_once] * task.at_once))


async def awaited(task: Task, call: Callable[[int], Awaitable[object]], *packages: str) -> None:
    """Make the calls of one that is awaited; it is told which of those at once it is."""

    async def loop(number: int, count: int) -> None:
        for _ in range(count // task.at_once):
            await call(number)

    async def all_of(count: int) -> None:
        await asyncio.gather(*[loop(number, count) for number in range(task.at_once)])

    await all_of(task.warm_up)
    with measured(*packages):
        await all_of(task.calls)


def body_length(head: bytes) -> int:
    """As much of a reply's head as even the barest client must read."""
    at = head.index(_LENGTH) + len(_LENGTH)
    return int(head[at : head.index(b"\r\n", at)])
