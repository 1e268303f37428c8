"""The options that several commands have, written once, in the kebab case of WeChat's names."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

MerchantPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--merchant",
        metavar="PATH",
        help="The merchant's TOML file; without it, environment variables HONGBAO_*.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document.", show_default=False)
]


def _text(option: str, help_text: str) -> object:
    return typer.Option(option, help=help_text, show_default=False)


# The payout engine's.
ConfigPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        help="The engine's settings; without it HONGBAO_CONFIG, else ./hongbao.toml.",
        show_default=False,
    ),
]
CampaignName: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The campaign's name.", show_default=False)
]
By: TypeAlias = Annotated[
    str | None, _text("--by", "Who does it, for the history; else this user and machine.")
]
Reason: TypeAlias = Annotated[str, _text("--reason", "Why, for the history.")]
Wait: TypeAlias = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        help="If the books are locked, keep trying for so long; else give up after 7 seconds.",
        min=0.0,
        show_default=False,
    ),
]
OnlyMerchants: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--merchant",
        metavar="NAME",
        help="Work for this merchant of the settings alone; may be given several times.",
        show_default=False,
    ),
]
Lease: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--lease",
        metavar="SECONDS",
        help="After so long without a word, others take over what a worker had; 90.",
        min=1.0,
        show_default=False,
    ),
]
LeaveIdle: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--leave-idle",
        metavar="SECONDS",
        help="Leave when nothing is due for so long; without it, stay.",
        min=0.0,
        show_default=False,
    ),
]
RunLeaveIdle: TypeAlias = Annotated[
    float,
    typer.Option(
        "--leave-idle", metavar="SECONDS", help="Leave when nothing is due for so long.", min=0.0
    ),
]
