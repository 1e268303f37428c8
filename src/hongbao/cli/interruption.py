"""What breaks a command off: signals, what they do for as long as a context lasts, failing workers.

Signals are Ctrl-C, a kind kill and a closed terminal. They are handled in a process's main thread
alone, as Python has it; in others nothing is changed.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, current_thread, main_thread
from types import FrameType
from typing import Any, NoReturn


class Interrupted(Exception):
    """Ctrl-C or SIGTERM, in a command that sends nothing, or before it did."""


class SendInterrupted(Exception):
    """Ctrl-C or SIGTERM while a packet was on its way.

    Attributes:
        mch_billno: its number.
    """

    def __init__(self, mch_billno: str) -> None:
        super().__init__(mch_billno)
        self.mch_billno = mch_billno


class LeftAtOnce(Exception):
    """A second Ctrl-C: a worker left what was on its way behind, as a crash does.

    Attributes:
        lease_seconds: after so long another worker takes over.
    """

    def __init__(self, *, lease_seconds: float) -> None:
        super().__init__(lease_seconds)
        self.lease_seconds = lease_seconds


class WorkBroken(Exception):
    """A worker had begun when its command broke off; the cause is what broke it.

    Attributes:
        money: may money have moved? By what the worker did.
    """

    def __init__(self, *, money: str) -> None:
        super().__init__(money)
        self.money = money


class _Signalled(KeyboardInterrupt):
    """A signal, raised where the program was.

    It is no bare KeyboardInterrupt: CPython notes that one has left code that is compiled from a
    string (each dataclass is), and ``python -m`` then dies of SIGINT after the exit code was given.
    """


_Handler = Callable[[int, FrameType | None], Any] | signal.Handlers
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_HANGUP = getattr(signal, "SIGHUP", None)
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


@contextmanager
def setting_an_event() -> Iterator[Event]:
    """Let signals set an event, for whoever waits for it."""
    stop = Event()
    with _handled(lambda _number, _frame: stop.set()):
        yield stop


@contextmanager
def interrupting() -> Iterator[None]:
    """Let every signal interrupt as Ctrl-C does, so that everything under way is tidied up."""
    with _handled(_interrupt):
        yield


@contextmanager
def counting(tell: Callable[[int], None]) -> Iterator[None]:
    """Let signals call a function with their number so far: the first asks for good order."""
    count = 0

    def came(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        tell(count)

    with _handled(came):
        yield


@contextmanager
def unheeded() -> Iterator[None]:
    """Ignore signals while something is tidied up, which must not take long."""
    with _handled(signal.SIG_IGN):
        yield


def interrupt() -> None:
    """Let every signal interrupt as Ctrl-C does, for as long as this process lasts."""
    # Nothing is waited for in the end, when Python would give the signals back to the system, which
    # kills.
    atexit.register(_handle, signal.SIG_IGN)
    _handle(_interrupt)


def leaving(code: int) -> None:
    """Let any further signal end the process at once, with the exit code that it has anyway.

    All is said by now. Python itself takes a moment to end, longer if threads do, and would die of
    the signal meanwhile, with another code than what was said.
    """
    with suppress(OSError, ValueError):  # nobody reads it any more
        if sys.stdout is not None:  # it was closed from the beginning
            sys.stdout.flush()
    _handle(lambda _number, _frame: os._exit(code))


@contextmanager
def _handled(handler: _Handler) -> Iterator[None]:
    before = _handle(handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _handle(handler: _Handler) -> dict[int, Any]:
    """Handle the signals so from now on, if this is the main thread; gives what did before."""
    if current_thread() is not main_thread():
        return {}
    return {number: signal.signal(number, handler) for number in _NUMBERS if _heeded(number)}


def _heeded(number: int) -> bool:
    """Whether a signal is not one that ``nohup`` has asked to outlive."""
    return number != _HANGUP or signal.getsignal(number) is not signal.SIG_IGN


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Signalled
