"""``hongbao campaign list``: which campaigns there are, and where they stand."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.moments import Moments
from hongbao.cli.options import AsJson, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.ledger.model.payout import Instant
from hongbao.ledger.model.standing import Phase, Standing
from hongbao.views import campaign as views

_Phases: TypeAlias = Annotated[
    list[Phase] | None, optional("--phase", "In this phase. Repeatable.", "PHASE")
]
_Merchant: TypeAlias = Annotated[
    str | None, optional("--merchant", "Paid by this merchant of the settings.", "NAME")
]
_Attention: TypeAlias = Annotated[
    bool,
    optional(
        "--needs-attention",
        "Only those that wait for a person: stopped, in doubt, or with such payouts.",
    ),
]
_Since: TypeAlias = Annotated[str | None, optional("--since", "Begun then or later.", "TIME")]
_Until: TypeAlias = Annotated[str | None, optional("--until", "Begun before.", "TIME")]


def list_campaigns(
    *,
    phase: _Phases = None,
    merchant: _Merchant = None,
    needs_attention: _Attention = False,
    since: _Since = None,
    until: _Until = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """List campaigns.

    Of several filters, all must hold. Times are Beijing's, such as '2026-11-11 08:00', or how long
    ago, such as 90m, 12h or 3d.
    """
    with books.opened(config) as book:
        moments = Moments(book.now())
        begin, end = moments.read("--since", since), moments.read("--until", until)
        standings = book.campaigns()
    shown = [
        it
        for it in standings
        if (not phase or it.phase in phase)
        and merchant in {None, it.campaign.profile}
        and (not needs_attention or it.needs_attention)
        and _is_between(it, begin, end)
    ]
    found = {"campaigns": [views.document(standing) for standing in shown]}
    text = views.list_text(shown, program=typed(), all_of_them=len(shown) == len(standings))
    return CommandResult(found, text, as_json=as_json)


def _is_between(standing: Standing, begin: Instant | None, end: Instant | None) -> bool:
    at = standing.campaign.created_at
    return (begin is None or at >= begin) and (end is None or at < end)
