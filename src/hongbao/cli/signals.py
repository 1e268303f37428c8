"""What Ctrl-C, a kind kill and a closed terminal do, for as long as a context lasts.

Only in a process's main thread, as Python has it; in others nothing is changed.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_HANGUP = getattr(signal, "SIGHUP", None)
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


@contextmanager
def setting_an_event() -> Iterator[Event]:
    """They set an event, for whoever waits for it."""
    stop = Event()
    with _handled(lambda _number, _frame: stop.set()):
        yield stop


@contextmanager
def interrupting() -> Iterator[None]:
    """They all interrupt, as Ctrl-C does, so that everything on the way is tidied up."""
    with _handled(_interrupt):
        yield


@contextmanager
def counted(tell: Callable[[int], None]) -> Iterator[None]:
    """They tell a function how many have come by now, for whoever leaves in good order at first."""
    count = 0

    def came(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        tell(count)

    with _handled(came):
        yield


@contextmanager
def unheeded() -> Iterator[None]:
    """They do nothing: who tidies up is not to be disturbed, and must not take long."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _NUMBERS if _heeded(number)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _heeded(number: int) -> bool:
    """Whether a signal is not one that ``nohup`` has asked to outlive."""
    return number != _HANGUP or signal.getsignal(number) is not signal.SIG_IGN


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
