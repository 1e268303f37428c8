"""What a child process must not inherit: it forgets the connections, which stay the parent's.

Two processes that write on one TLS session destroy it, and one may read the other's reply.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Inheritable(Protocol):
    """Somebody who holds connections."""

    def forget_inherited(self) -> None:
        """Called in the child, in its only thread: drop connections and locks, disturb nothing."""
        ...


_INHERITABLE: WeakSet[Inheritable] = WeakSet()


def forget_in_child(inheritable: Inheritable) -> None:
    """Have it forget its connections in every child process; it is not kept alive by this."""
    _INHERITABLE.add(inheritable)


def _forget_all() -> None:
    for inheritable in tuple(_INHERITABLE):
        inheritable.forget_inherited()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_forget_all)
