"""Bars show how far long work is, and only long work, and only at a terminal."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from hongbao.cli.progress import LONG_SECONDS, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Terminal(io.StringIO):
    """A stderr that people look at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Puts one in stderr's place, for the rest of the test."""

    def begin() -> Terminal:
        found = Terminal()
        monkeypatch.setattr(sys, "stderr", found)
        monkeypatch.setenv("TERM", "xterm")
        return found

    return begin


def clock(*seconds: float) -> Iterator[float]:
    yield from seconds


def test_long_work_shows_how_far_it_is(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    times = clock(0.0, LONG_SECONDS, LONG_SECONDS + 1)
    with Steps(quiet=False, clock=lambda: next(times)) as steps:
        steps.tell("reading", 1)
        steps.tell("storing", 1, 2)
    assert "storing" in screen.getvalue()
    assert "1/2" in screen.getvalue()


def test_short_work_does_not_flicker(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    times = clock(0.0, LONG_SECONDS / 2)
    with Steps(quiet=False, clock=lambda: next(times)) as steps:
        steps.tell("reading", 1)
    assert screen.getvalue() == ""


def test_a_program_that_reads_sees_no_bar(terminal: Callable[[], Terminal]) -> None:
    screen = terminal()
    with Steps(quiet=True) as steps:
        steps.tell("reading", 1)
    assert screen.getvalue() == ""
