"""The options that several commands have, written once, in the kebab case of WeChat's names."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

MerchantPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--merchant",
        metavar="PATH",
        help="TOML file of the merchant. Default: environment variables HONGBAO_*.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document instead of text.", show_default=False),
]


def optional(option: str, help_text: str, metavar: str | None = None) -> Any:  # noqa: ANN401  # Typer's
    """An option that may be left out, and then says nothing."""
    return typer.Option(option, help=help_text, metavar=metavar, show_default=False)


# The payout engine's.
ConfigPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        help="Settings file of the payout engine. Default: HONGBAO_CONFIG, else ./hongbao.toml.",
        show_default=False,
    ),
]
CampaignName: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the campaign.", show_default=False)
]
By: TypeAlias = Annotated[
    str | None,
    optional("--by", "Who does this, as the history records it. Default: this user and machine."),
]
Reason: TypeAlias = Annotated[str, optional("--reason", "The reason, as the history records it.")]
Wait: TypeAlias = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        help="Keep trying for so many seconds while the books are locked. Default: about 7.",
        min=0.0,
        show_default=False,
    ),
]
OnlyMerchants: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--merchant",
        metavar="NAME",
        help="Work for this merchant of the settings only. Repeatable. Default: all of them.",
        show_default=False,
    ),
]
Lease: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--lease",
        metavar="SECONDS",
        help="Lease: how long before other workers take over from a silent one. Default: 90.",
        min=1.0,
        show_default=False,
    ),
]
LeaveIdle: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--leave-idle",
        metavar="SECONDS",
        help="Stop after so many seconds with nothing due. Default: keep waiting.",
        min=0.0,
        show_default=False,
    ),
]
RunLeaveIdle: TypeAlias = Annotated[
    float,
    typer.Option(
        "--leave-idle",
        metavar="SECONDS",
        help="Stop after so many seconds with nothing due.",
        min=0.0,
    ),
]
