"""``hongbao campaign history``: what was decided about a campaign, by whom, when and why."""

from typing import Annotated

import typer

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, CampaignName, ConfigPath
from hongbao.cli.program import typed
from hongbao.sentences import said
from hongbao.views import decisions as views

_LIMIT = 200


def history(
    *,
    name: CampaignName,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="Show the latest N decisions.", min=1)
    ] = _LIMIT,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Show what was decided, by whom and why.

    Decisions about its supplements stand among them. What happened to one payout, `hongbao payout
    show` says.
    """
    with books.opened(config) as book:
        found = book.latest_decisions(name, limit=limit + 1)
    more, shown = len(found) > limit, found[-limit:]
    text = views.text(shown)
    if more:
        hint = said(
            "There were more before: {program} campaign history {name} --limit {count}",
            program=typed(),
            name=name,
            count=10 * limit,
        )
        text = f"{text}\n{hint}"
    decisions = [views.document(*it) for it in shown]
    return CommandResult({"decisions": decisions, "more": more}, text, as_json=as_json)
