"""``hongbao campaign list`` and ``status``: where campaigns stand."""

from collections.abc import Mapping
from typing import Annotated

import typer

from hongbao.cli import books
from hongbao.cli.answer import answer
from hongbao.cli.campaign import words
from hongbao.cli.configuration.file import Configuration, read_configuration
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, CampaignName, ConfigPath
from hongbao.ledger.payout import Instant, Task
from hongbao.ledger.standing import Standing


def list_campaigns(*, config: ConfigPath = None, as_json: AsJson = False) -> ExitCode:
    """List all campaigns."""
    with books.opened(config) as book:
        standings = book.campaigns()
    found = {"campaigns": [words.document(standing) for standing in standings]}
    text = words.list_text(standings)
    return answer(found, text, outcome="answered", code=ExitCode.DONE, as_json=as_json)


def status(
    *,
    name: CampaignName,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Exit with 9, 10 or 11 if it has refusals, is not sending, or is in doubt.",
            show_default=False,
        ),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> ExitCode:
    """Say where a campaign stands."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        standing = book.standing(name)
        now = book.now()
        due = words.allowed(book.next_due(standing.campaign.id), standing)
    code = words.exit_code(standing, due) if check else ExitCode.DONE
    text = following_text(standing, due, now, configuration)
    return answer(
        words.document(standing, due),
        text,
        outcome=standing.phase,
        code=code,
        as_json=as_json,
    )


def following_text(
    standing: Standing, due: Mapping[Task, Instant], now: Instant, configuration: Configuration
) -> str:
    """Where a campaign stands, and what is done next."""
    profile = configuration.profiles.get(standing.campaign.profile)
    limits = None if profile is None else profile.limits
    following = words.due_line(due, now=now, limits=limits)
    return "\n".join(filter(None, (words.standing_text(standing), following)))
