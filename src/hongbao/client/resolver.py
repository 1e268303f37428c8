"""Addresses of a host, within a deadline, though the system's resolver knows none.

``getaddrinfo`` blocks and cannot be interrupted, so it runs in a daemon thread and those who wait
for it may leave. One thread an origin at most: meanwhile others wait for the same answer. Nothing
is cached.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.client.transport import Origin


class Address(NamedTuple):
    """Where to connect to."""

    family: int
    sockaddr: tuple[Any, ...]


Resolve: TypeAlias = Callable[[str, int], Sequence[Address]]
"""Host and port to addresses, the best first; raises OSError. Runs in a thread, and may block."""


def resolve_by_system(host: str, port: int) -> list[Address]:
    """As the operating system does it.

    Raises:
        OSError: if it finds none.
    """
    return _addresses(host, port, flags=0)


def _addresses(host: str, port: int, *, flags: int) -> list[Address]:
    # As bytes, or Python imports its IDNA codec: 3 ms and 1 MB, for names that are ASCII here.
    name = host.encode("ascii")
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in found]


def shares(
    addresses: Sequence[Address], deadline: float, clock: Callable[[], float]
) -> Iterator[tuple[Address, float]]:
    """Each address with its own deadline, so that none uses up the time of those behind it."""
    for index, address in enumerate(addresses):
        now = clock()
        yield address, now + (deadline - now) / (len(addresses) - index)


class Lookup:
    """One question to the resolver, under way or answered."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._callbacks: list[Callable[[], None]] | None = []
        self._addresses: Sequence[Address] = ()
        self._error: OSError | None = None

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call it once the answer is there: now, or from the resolver's thread."""
        with self._lock:
            if self._callbacks is not None:
                self._callbacks.append(callback)
                return
        callback()

    def addresses(self) -> Sequence[Address]:
        """The answer.

        Raises:
            OSError: the resolver's error.
        """
        if self._error is not None:
            # Each caller gets an exception of its own: several may wait for one answer.
            raise OSError(*self._error.args) from self._error
        return self._addresses

    def run(self, resolve: Resolve, origin: Origin) -> None:
        """Ask, blocking, and tell all who wait."""
        try:
            self._addresses = resolve(origin.host, origin.port)
            if not self._addresses:
                self._error = OSError(say("the name has no address"))
        except Exception as error:  # noqa: BLE001 - whatever a given resolver raises is handed on
            self._error = error if isinstance(error, OSError) else OSError(str(error))
        with self._lock:
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback()


class Resolver:
    """Asks ``resolve``, in one thread at most for each origin."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._lock = Lock()
        self._under_way: dict[Origin, Lookup] = {}

    def look_up(self, origin: Origin) -> Lookup:
        """Start to look up a host, or join who already does."""
        if _needs_no_network(origin.host):
            lookup = Lookup()
            lookup.run(resolve_by_system, origin)
            return lookup
        with self._lock:
            return self._under_way.get(origin) or self._start(origin)

    def _start(self, origin: Origin) -> Lookup:
        lookup = self._under_way[origin] = Lookup()
        lookup.when_done(lambda: self._forget(origin))
        task = (self._resolve, origin)
        try:
            Thread(target=lookup.run, args=task, name="hongbao-resolver", daemon=True).start()
        except RuntimeError as error:  # no more threads
            del self._under_way[origin]
            raise OSError(str(error)) from error
        return lookup

    def _forget(self, origin: Origin) -> None:
        with self._lock:
            del self._under_way[origin]


def _needs_no_network(host: str) -> bool:
    if host == "localhost":  # answered from the hosts file
        return True
    try:
        _addresses(host, 0, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return False
    return True
