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
from hongbao.english import THEN, counted
from hongbao.ledger.model.payout import Instant
from hongbao.sentences import said

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
        stopped = said(
            "Stopped at {time}: {merchants}.",
            time=beijing.text(at), merchants=counted(count, "merchant"),
        )  # fmt: skip
        if begun and not as_json:
            still = said("{calls} on the way still.", calls=counted(begun, "call"))
            print_text(said(THEN, one=stopped, two=still), error=True)
        left, until = begun, time.monotonic() + wait
        while left and time.monotonic() < until:
            time.sleep(_LOOK_SECONDS)
            left = _on_the_way(book)
        ended = book.now() if begun and not left else None
    calls = _calls(begun, left, ended)
    found = {
        "stopped": count, "at": beijing.iso(at), "on_the_way": left,
        "last_call_ended_at": beijing.iso(ended),
    }  # fmt: skip
    go_on = said("go on: {program} resume-all", program=typed())
    text = said(THEN, one=stopped, two=calls) + f"\n  {go_on}"
    return CommandResult(found, text, outcome="done", as_json=as_json)


def _calls(begun: int, left: int, ended: Instant | None) -> str:
    """What became of the calls that were on their way."""
    if ended is not None:
        return said("The last call ended at {time}.", time=beijing.text(ended))
    if not begun:
        return said("No call was on its way.")
    return said(
        "{calls} on the way still: run it again to see when they end.",
        calls=counted(left, "call"),
    )


@takes_key
def resume_all(
    *, by: By = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Send again for the merchants that stop-all has stopped.

    Campaigns that somebody or a worker paused stay so.
    """
    with books.opened(config) as book:
        count = book.resume_all(by=person.deciding(by, book))
    text = said(
        "Resumed: {merchants}. Campaigns that are paused stay so.",
        merchants=counted(count, "merchant"),
    )
    return CommandResult({"resumed": count}, text, outcome="done", as_json=as_json)


def _on_the_way(book: Book) -> int:
    return sum(it.on_the_way.payouts for it in book.campaigns())
