"""The options that several commands of ``hongbao reconcile`` have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from hongbao.cli.answer import WrongCommandLine
from hongbao.cli.options import optional
from hongbao.sentences import say

OfMerchants: TypeAlias = Annotated[
    list[str] | None,
    optional(
        "--merchant",
        "This merchant of the settings only. Repeatable. Default: all of them.",
        "NAME",
    ),
]
BreakId: TypeAlias = Annotated[
    int, typer.Argument(metavar="BREAK", help="Number of the break.", show_default=False)
]
_DAY = "as 2026-11-29, in Beijing"
Since: TypeAlias = Annotated[
    str | None,
    typer.Option("--since", metavar="DAY", help=f"The first day, {_DAY}.", show_default=False),
]
Until: TypeAlias = Annotated[
    str | None,
    optional("--until", f"The last day, {_DAY}.", "DAY"),
]
OfDay: TypeAlias = Annotated[
    str | None,
    optional("--day", f"The day that it must be of, {_DAY}.", "DAY"),
]


def read_day(option: str, given: str | None) -> int | None:
    """A Beijing day, as days since the epoch.

    Raises:
        WrongCommandLine: if it is no day.
    """
    if given is None:
        return None
    try:
        begins = datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        problem = say("{option} is no day: write it as 2026-11-29, in Beijing", option=option)
        raise WrongCommandLine(problem) from None
    return int(begins.timestamp()) // 86_400
