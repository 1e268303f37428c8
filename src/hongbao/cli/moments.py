"""Moments as people type them: a date in Beijing, or how long ago."""

from __future__ import annotations

import re

from hongbao import beijing
from hongbao.cli.answer import WrongCommandLine
from hongbao.ledger.model.payout import SECOND, Instant
from hongbao.sentences import say

_RULE = say("a time in Beijing such as '2026-11-11 08:00', or how long ago, such as 90m, 12h or 3d")
_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Moments:
    """Reads the times of a command line's options.

    Args:
        now: the books' time.

    Attributes:
        passing: what was said as so long ago, by option, as a date that stays where it is.
    """

    def __init__(self, now: Instant) -> None:
        self._now = now
        self.passing: dict[str, str] = {}

    def read(self, option: str, said: str | None) -> Instant | None:
        """The moment that an option says; None if it is not given.

        Raises:
            WrongCommandLine: if it is none.
        """
        if said is None:
            return None
        try:
            if (ago := _AGO.fullmatch(said.strip())) is not None:
                seconds = self._now // SECOND - int(ago[1]) * _SECONDS[ago[2]]
                self.passing[option] = beijing.text(seconds * SECOND)
                return seconds * SECOND
            return beijing.read(said)
        except (ValueError, OverflowError):
            raise WrongCommandLine(
                say(
                    "{option} must be {rule}; found {value!r}",
                    option=option,
                    rule=_RULE,
                    value=said[:32],
                )
            ) from None
