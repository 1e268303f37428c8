"""``hongbao campaign status --watch``: how a campaign gets on, until it is over."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.cli.answer import at_terminal, harmless, print_text
from hongbao.cli.program import typed
from hongbao.ledger.model.payout import SECOND, Instant, State
from hongbao.ledger.model.standing import Phase, Standing
from hongbao.sentences import said
from hongbao.views import workers

if TYPE_CHECKING:
    from hongbao.cli.campaign.status import Outlook

EVERY_SECONDS = 2.0
WINDOW = 60 * SECOND
_OVER = frozenset({Phase.COMPLETE, Phase.COMPLETE_WITH_REFUSALS, Phase.CANCELLED})
_LEFT = (State.WAITING, State.IN_DOUBT)


class Pace:
    """How fast payouts of a campaign are settled, from looks at its totals in the last minute."""

    def __init__(self) -> None:
        self._looks: deque[tuple[Instant, int]] = deque()

    def look(self, standing: Standing, now: Instant) -> None:
        """Note where it stands now."""
        self._looks.append((now, standing.rows - standing.total(*_LEFT).payouts))
        while self._looks[0][0] < now - WINDOW:
            self._looks.popleft()

    @property
    def per_second(self) -> float | None:
        """Payouts a second that were paid or refused; None before there are two looks."""
        (begin, first), (end, last) = self._looks[0], self._looks[-1]
        return (last - first) * SECOND / (end - begin) if end > begin else None

    def end(self, standing: Standing, now: Instant) -> Instant | None:
        """When the rest is paid if it goes on like this; None if it does not go on."""
        rate, left = self.per_second, standing.total(State.WAITING).payouts
        return now + int(left / rate * SECOND) if rate and rate > 0 and left else None

    def line(self, standing: Standing, now: Instant) -> str:
        """The rate, and when it ends, in a line."""
        if self.per_second is None:
            return "  " + said("rate: not known yet")
        end = self.end(standing, now)
        done = (
            ""
            if end is None
            else said("; at this rate the rest is sent by {time}", time=beijing.text(end))
        )
        return "  " + said(
            "rate: {rate:.4g} a second over the last minute{done}",
            rate=self.per_second,
            done=done,
        )


def watched(first: Outlook, look: Callable[[], Outlook]) -> Outlook:
    """Show how a campaign gets on, on stderr, until it is complete or cancelled.

    Returns:
        Where it stands then.
    """
    outlook, pace, shown = first, Pace(), ""
    if outlook.standing.phase in _OVER:
        return outlook
    with ExitStack() as stack:
        show = _on_terminal(stack) if at_terminal(sys.stderr) else _in_lines
        while outlook.standing.phase not in _OVER:
            pace.look(outlook.standing, outlook.now)
            text = f"{outlook.text}\n{pace.line(outlook.standing, outlook.now)}"
            if not outlook.workers:
                text += f"\n  {workers.text([], program=typed())}"
            if text != shown:
                show(shown := text)
            time.sleep(EVERY_SECONDS)
            outlook = look()
    return outlook


def _in_lines(text: str) -> None:
    print_text(f"{text}\n", error=True)


def _on_terminal(stack: ExitStack) -> Callable[[str], None]:
    # 60 ms, and only for people at a terminal.
    from rich.console import Console  # noqa: PLC0415  # see above
    from rich.live import Live  # noqa: PLC0415  # see above
    from rich.text import Text  # noqa: PLC0415  # see above

    live = stack.enter_context(
        Live(console=Console(stderr=True), transient=True, auto_refresh=False)
    )
    return lambda text: live.update(Text(harmless(text)), refresh=True)
