"""The fixtures of the client's tests."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Runs a coroutine on a loop of its own, as ``asyncio.run``."""

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        gc.freeze()  # what was there before is not looked through after each run
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(coroutine)
        gc.collect()  # whatever was left open complains now, not in another test

    return run
