"""The options that several commands have, written once, in the kebab case of WeChat's names."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer


def optional(option: str, help_text: str, metavar: str | None = None, **more: Any) -> Any:  # noqa: ANN401  # Typer's
    """An option whose default is said in its help, or goes without saying."""
    return typer.Option(option, help=help_text, metavar=metavar, show_default=False, **more)


def argument(metavar: str, help_text: str, **more: Any) -> Any:  # noqa: ANN401  # Typer's
    """An argument, of which the same holds."""
    return typer.Argument(metavar=metavar, help=help_text, show_default=False, **more)


MerchantPath: TypeAlias = Annotated[
    Path | None,
    optional(
        "--merchant", "TOML file of the merchant. Default: environment variables HONGBAO_*.", "PATH"
    ),
]
AsJson: TypeAlias = Annotated[
    bool,
    optional("--json", "Print one JSON document instead of text."),
]


# The payout engine's.
ConfigPath: TypeAlias = Annotated[
    Path | None,
    optional(
        "--config",
        "Settings file of the payout engine. Default: HONGBAO_CONFIG, else ./hongbao.toml.",
        "PATH",
    ),
]
CampaignName: TypeAlias = Annotated[str, argument("NAME", "Name of the campaign.")]
By: TypeAlias = Annotated[
    str | None,
    optional("--by", "Who does this, as the history records it. Default: this user and machine."),
]
Reason: TypeAlias = Annotated[str, optional("--reason", "The reason, as the history records it.")]
Wait: TypeAlias = Annotated[
    float,
    optional(
        "--wait",
        "Keep trying for so many seconds while the books are locked. Default: about 7.",
        "SECONDS",
        min=0.0,
    ),
]
OnlyMerchants: TypeAlias = Annotated[
    list[str] | None,
    optional(
        "--merchant",
        "Work for this merchant of the settings only. Repeatable. Default: all of them.",
        "NAME",
    ),
]
Lease: TypeAlias = Annotated[
    float | None,
    optional(
        "--lease",
        "Lease: how long before other workers take over from a silent one. Default: 90.",
        "SECONDS",
        min=1.0,
    ),
]
LeaveIdle: TypeAlias = Annotated[
    float | None,
    optional(
        "--leave-idle",
        "Stop after so many seconds with nothing due. Default: keep waiting.",
        "SECONDS",
        min=0.0,
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
