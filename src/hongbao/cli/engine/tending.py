"""Watches a running worker, and returns when it shall leave."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable
from hongbao.ledger.model.campaign import SENDING
from hongbao.ledger.model.payout import PAID, State, Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hongbao.cli.engine.display import Display
    from hongbao.cli.engine.running import Running
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.standing import Standing

    Tend = Callable[[Running], Awaitable[None]]

IDLE_LOOK_SECONDS = 0.1
STANDING_LOOK_SECONDS = 0.25
"""How often it is looked how far a campaign is: a read of some rows."""

_ENDED = (*PAID, State.REFUSED, State.CANCELLED)


def until_idle(seconds: float | None) -> Tend:
    """Until nothing is due for so long; None is until a signal comes."""

    async def tend(running: Running) -> None:
        if seconds is None:
            await asyncio.Event().wait()
            return
        while True:
            with suppress(BookUnavailable):  # the worker itself knows how long to put up with it
                if await running.idle_for(seconds):
                    return
            await asyncio.sleep(IDLE_LOOK_SECONDS)

    return tend


def until_done(book: Book, name: str, display: Display, *, leave_idle: float) -> Tend:
    """Until nothing is left to do for a campaign, or nothing is due for so long."""

    def look() -> tuple[Standing, bool]:
        standing = book.standing(name)
        return standing, anything_left(book, standing)

    async def tend(running: Running) -> None:
        while True:
            with suppress(BookUnavailable):  # the same
                standing, left = await running.carrier(look)
                display.standing(standing, standing.total(*_ENDED).payouts)
                if not left or await running.idle_for(leave_idle):
                    return
            await asyncio.sleep(STANDING_LOOK_SECONDS)

    return tend


def anything_left(book: Book, standing: Standing) -> bool:
    """Whether there is anything to do for a campaign: to ask or to send, now or later, or to look.

    What is paid is looked at for days; only looks that are due by now count.
    """
    return any(_anything_left_of(book, it, standing) for it in standing.campaigns)


def _anything_left_of(book: Book, campaign: Campaign, standing: Standing) -> bool:
    due = book.next_due(campaign.id)
    stopped = standing.merchant_stop is not None or campaign.state not in SENDING
    if Task.QUERY in due or (Task.SEND in due and not stopped):
        return True
    return Task.LOOK in due and due[Task.LOOK] <= book.now()
