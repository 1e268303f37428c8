"""Which of an origin's connections serves a call, and when they grow too old or too many.

Sans-IO: knows no socket, clock, lock or thread. Who drives it from several threads guards it, but
for ``pop_newest`` and ``put``: these are single operations on a list, which are atomic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from hongbao.client.transport import Limits


class Poolable(Protocol):
    """A connection.

    Attributes:
        stale_at: until when it may be used again, by the driver's clock.
    """

    stale_at: float


ConnectionT = TypeVar("ConnectionT", bound=Poolable)


class Pool(Generic[ConnectionT]):
    """One origin's connections: at most ``limits.connections_max``, the last used goes first.

    Last in, first out lets those that are not needed grow old, so that they can be closed.

    Attributes:
        connections: all that are open, idle or in use.
        pop_newest: takes the idle connection that was used last; IndexError if there is none. Look
            at its ``stale_at``.
    """

    __slots__ = (
        "_connections_max",
        "_idle",
        "_idle_seconds_max",
        "_slots_free",
        "connections",
        "pop_newest",
    )

    def __init__(self, limits: Limits) -> None:
        self._idle_seconds_max = limits.idle_seconds
        self._connections_max = limits.connections_max
        self._slots_free = limits.connections_max
        self._idle: list[ConnectionT] = []
        self.connections: set[ConnectionT] = set()
        self.pop_newest = self._idle.pop

    def has_idle(self) -> bool:
        """Whether ``pop_newest`` would find one."""
        return bool(self._idle)

    def put(self, connection: ConnectionT, now: float) -> bool:
        """Keep a connection whose exchange is over; True if the oldest here is stale by now."""
        connection.stale_at = now + self._idle_seconds_max
        self._idle.append(connection)
        try:
            return self._idle[0].stale_at <= now
        except IndexError:
            return False  # another thread has taken it already

    def pop_stale(self, now: float) -> list[ConnectionT]:
        """Those that were idle for too long; they leave the pool and are to be closed."""
        stale = [connection for connection in tuple(self._idle) if connection.stale_at <= now]
        return [connection for connection in stale if self.pop(connection)]

    def pop_idle(self) -> list[ConnectionT]:
        """All that are idle; they leave the pool and are to be closed."""
        return [connection for connection in tuple(self._idle) if self.pop(connection)]

    def pop(self, connection: ConnectionT) -> bool:
        """Take out one idle connection; False if it is not idle here."""
        try:
            self._idle.remove(connection)
        except ValueError:
            return False
        self.drop(connection)
        return True

    def in_use(self) -> bool:
        """Whether any connection is taken, or any right to open one."""
        return self._slots_free + len(self._idle) < self._connections_max

    def reserve(self) -> bool:
        """Take the right to open one more connection, if there is one left."""
        if self._slots_free <= 0:
            return False
        self._slots_free -= 1
        return True

    def unreserve(self) -> None:
        """Give the right back: nothing was opened."""
        self._slots_free += 1

    def add(self, connection: ConnectionT) -> None:
        """A connection was opened on a reserved right; it is in use."""
        self.connections.add(connection)

    def drop(self, connection: ConnectionT) -> None:
        """A connection that was taken is closed for good."""
        self.connections.remove(connection)
        self._slots_free += 1
