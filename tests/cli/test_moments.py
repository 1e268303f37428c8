"""Times of a command line: what is none, or what nobody could show, is a wrong command line."""

from __future__ import annotations

import pytest

from hongbao.cli.answer import WrongCommandLine
from hongbao.cli.moments import Moments
from hongbao.ledger.model.payout import SECOND

NOW = 1_795_399_200 * SECOND  # 2026-11-23 10:00:00 in Beijing


@pytest.mark.parametrize(("said", "before"), [("90m", 5_400), ("12h", 43_200), ("3d", 259_200)])
def test_how_long_ago_is_read_and_stays_where_it_is(said: str, before: int) -> None:
    moments = Moments(NOW)
    assert moments.read("--since", said) == NOW - before * SECOND
    assert list(moments.passing) == ["--since"]


@pytest.mark.parametrize(
    "said", ["999999d", "9999999d", "²d", "-1d", "9999-12-31T23:59:59-12:00", "yesterday", ""]
)
def test_a_time_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(WrongCommandLine, match="--since must be a time in Beijing"):
        Moments(NOW).read("--since", said)
