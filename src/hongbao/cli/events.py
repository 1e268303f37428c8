"""``hongbao events``: what happened to payouts and campaigns, a line each, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from hongbao.cli import books
from hongbao.cli.answer import print_lines
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import setting_an_event
from hongbao.cli.options import ConfigPath, optional
from hongbao.views import event as views

if TYPE_CHECKING:
    from threading import Event

    from hongbao.ledger.book import Book

LOOK_SECONDS = 0.5
"""How often ``--follow`` looks for new events."""


def events(
    *,
    follow: Annotated[
        bool,
        optional("--follow", "Go on with what happens, until Ctrl-C or SIGTERM."),
    ] = False,
    after: Annotated[
        int,
        optional(
            "--after",
            "Begin after this position. Default: 0, with all that the books have.",
            "POSITION",
            min=0,
        ),
    ] = 0,
    campaign: Annotated[
        str | None,
        optional("--campaign", "Only of this campaign.", "NAME"),
    ] = None,
    config: ConfigPath = None,
) -> ExitCode:
    """Print what happened, as lines of JSON.

    Whoever passes them on keeps the position of the last line that he has dealt with, and begins
    after it the next time. Lines of one position belong to one transaction.
    """
    with books.opened(config) as book, setting_an_event() as stop:
        if campaign is not None:
            book.standing(campaign)
        _print(book, after, campaign, stop, follow=follow)
    return ExitCode.DONE


def _print(book: Book, after: int, campaign: str | None, stop: Event, *, follow: bool) -> None:
    at = None
    while not stop.is_set():
        found, last = book.events(after=after, at=at)
        selected = (it for it in found if campaign in {None, it.data.get("campaign")})
        if not print_lines(map(views.line, selected)):
            return
        if last is not None:
            after, at = last.position, last.at
        elif not follow:
            return
        else:
            stop.wait(LOOK_SECONDS)
