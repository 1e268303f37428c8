"""``hongbao campaign schedule``: nothing of a campaign is sent before a time."""

from __future__ import annotations

from typing import Annotated

from hongbao import beijing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.sentences import said, say
from hongbao.views import campaign as views


@takes_key
def schedule(
    *,
    name: CampaignName,
    at: Annotated[
        str,
        optional("--at", "A time to come in Beijing, such as '2026-11-11 00:00'.", "TIME"),
    ],
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Send nothing of a campaign before a time.

    Then it goes on by itself. A draft still needs its approval. A worker must run then. To send it
    before, resume it.
    """
    try:
        begins = beijing.read(at)
    except (ValueError, OverflowError):
        problem = say(
            "--at must be a time in Beijing such as '2026-11-11 00:00'; found {value!r}",
            value=at[:32],
        )
        raise WrongCommandLine(problem) from None
    with books.opened(config) as book:
        book.schedule(name, at=begins, by=person.deciding(by, book))
        standing = book.standing(name)
    done = said("Scheduled: nothing of it is sent before {time}.", time=beijing.text(begins))
    return CommandResult(
        {"starts_at": beijing.iso(begins), **views.document(standing)},
        f"{done}\n{views.standing_text(standing, program=typed())}",
        outcome=standing.phase,
        as_json=as_json,
    )
