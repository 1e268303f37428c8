"""``hongbao stop-all`` and ``resume-all``: nothing is sent any more, for any merchant."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from hongbao import beijing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, print_text
from hongbao.cli.options import AsJson, By, ConfigPath, Reason
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.english import counted

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

_LOOK_SECONDS = 0.5
_WAIT_SECONDS = 120.0


@takes_key
def stop_all(
    *,
    reason: Reason,
    wait: Annotated[
        float,
        typer.Option(
            "--wait",
            metavar="SECONDS",
            help="How long to wait for the calls that are on their way.",
            min=0.0,
        ),
    ] = _WAIT_SECONDS,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Stop sending at once, for all merchants.

    It says when the last call ended. What is on its way cannot be called back; payouts whose
    outcome is unknown are queried all the same. Until `hongbao resume-all` nothing is sent,
    whatever campaigns are resumed.
    """
    with books.opened(config) as book:
        count = book.stop_all(by=person.deciding(by, book), reason=reason)
        begun, at = _on_the_way(book), book.now()
        stopped = f"Stopped at {beijing.text(at)}: {counted(count, 'merchant')}."
        if begun and not as_json:
            print_text(f"{stopped} {counted(begun, 'call')} on the way still.", error=True)
        left, until = begun, time.monotonic() + wait
        while left and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            left = _on_the_way(book)
        ended = book.now() if begun and not left else None
    calls = "No call was on its way."
    if begun:
        calls = f"{counted(left, 'call')} on the way still: run it again to see when they end."
    if ended is not None:
        calls = f"The last call ended at {beijing.text(ended)}."
    found = {
        "stopped": count, "at": beijing.iso(at), "on_the_way": left,
        "last_call_ended_at": beijing.iso(ended),
    }  # fmt: skip
    text = f"{stopped} {calls}\n  go on: {typed()} resume-all"
    return CommandResult(found, text, outcome="done", as_json=as_json)


@takes_key
def resume_all(
    *, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Send again for the merchants that stop-all has stopped.

    Campaigns that somebody or a worker paused stay so.
    """
    with books.opened(config) as book:
        count = book.resume_all(by=person.deciding(by, book))
    text = f"Resumed: {counted(count, 'merchant')}. Campaigns that are paused stay so."
    return CommandResult({"resumed": count}, text, outcome="done", as_json=as_json)


def _on_the_way(book: Book) -> int:
    return sum(it.on_the_way.payouts for it in book.campaigns())
