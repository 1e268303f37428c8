"""What a command's worker has done, so that whatever ends the command says where the money is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.cli.interruption import WorkBroken
from hongbao.english import counted
from hongbao.ledger.model.event import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hongbao.dispatch.progress import Progress


class Work:
    """Of one command.

    Attributes:
        progress: how far the command's worker is; None before there is one.
    """

    def __init__(self) -> None:
        self.progress: Callable[[], Progress | None] | None = None

    @property
    def money(self) -> str:
        """May money have moved, by what this worker did?"""
        progress = None if self.progress is None else self.progress()
        if progress is None:
            return _NOTHING
        accepted = progress.recorded.get(EventKind.ACCEPTED, 0)
        unknown = progress.recorded.get(EventKind.UNKNOWN, 0)
        open_calls = progress.in_flight + progress.unrecorded
        told = []
        if accepted:
            told.append(f"yes: {counted(accepted, 'payout')} accepted")
        if unknown or open_calls:
            told.append(
                f"maybe, for {counted(unknown + open_calls, 'payout')}: they stand as in doubt, "
                "and nobody is paid twice or lost"
            )
        if told:
            return "; ".join(told)
        return "no: of what was sent, nothing was accepted" if progress.claimed else _NOTHING


_NOTHING = "no: nothing was sent"


@contextmanager
def worked() -> Iterator[Work]:
    """For as long as a command has a worker, and until it has said what it did.

    Raises:
        WorkBroken: for whatever ends it, once the worker has begun.
    """
    work = Work()
    try:
        yield work
    except (Exception, KeyboardInterrupt) as error:
        if work.progress is None or work.progress() is None:
            raise
        raise WorkBroken(money=work.money) from error
