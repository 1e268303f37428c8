"""Each test runs over all four lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lines import LINES, AsyncLine, BlockingLine

if TYPE_CHECKING:
    from lines import Line


@pytest.fixture(params=LINES.values(), ids=list(LINES))
def line(request: pytest.FixtureRequest) -> Line:
    """A client of either driver and the simulated WeChat that it talks to."""
    asynchronous, in_memory = request.param
    fixture = "wechat_in_memory" if in_memory else "wechat_simulator"
    wechat = request.getfixturevalue(fixture)
    return (AsyncLine if asynchronous else BlockingLine)(wechat, in_memory=in_memory)
