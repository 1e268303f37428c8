"""The options of ``hongbao campaign new``, ``extend`` and ``replace``, written once."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

import typer

from hongbao.campaign.rows.amounts import Unit
from hongbao.cli.answer import Answer
from hongbao.cli.options import AsJson, By, ConfigPath
from hongbao.rails.redpack.kinds import KINDS, NORMAL

if TYPE_CHECKING:
    ListKind: TypeAlias = str
else:  # Typer reads the choices from it
    ListKind = Literal[tuple(kind.option for kind in KINDS.values())]


class ListEncoding(StrEnum):
    """Of a CSV."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    BIG5 = "big5"
    UTF_16 = "utf-16"


def _text(option: str, help_text: str, metavar: str | None = None) -> object:
    return typer.Option(option, help=help_text, metavar=metavar, show_default=False)


def _rows(option: str, help_text: str, low: int) -> object:
    return typer.Option(option, help=help_text, metavar="N", min=low, max=1000, show_default=False)


ListFile: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", help="A CSV or XLSX list.", show_default=False)
]
ListMerchant: TypeAlias = Annotated[
    str, _text("--merchant", "Who pays: a merchant of the settings.", "NAME")
]
ListName: TypeAlias = Annotated[
    str, _text("--name", "The campaign's name; part of the keys that its rows do not say.")
]
ListUnit: TypeAlias = Annotated[
    Unit, typer.Option("--unit", help="Of the amounts; never guessed.", show_default=False)
]
Columns: TypeAlias = Annotated[
    list[str] | None,
    _text(
        "--map",
        "What a column holds whose name is not known; may be given several times. The field - "
        "leaves it out, and '=-' the columns without a name.",
        "COLUMN=FIELD",
    ),
]
Kind: TypeAlias = Annotated[
    ListKind, typer.Option("--kind", help="Of rows that do not say theirs.")
]
Budget: TypeAlias = Annotated[
    str | None, _text("--budget", "The list may not come to more, such as 5000.00.", "YUAN")
]
AllowRepeats: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--allow-repeats",
        help="A receiver may stand in several rows; the key tells them apart.",
        show_default=False,
    ),
]
Sheet: TypeAlias = Annotated[str | None, _text("--sheet", "Of an XLSX; the first one if left out.")]
Encoded: TypeAlias = Annotated[
    ListEncoding | None, _text("--encoding", "Of a CSV; found by reading it if left out.")
]
Delimiter: TypeAlias = Annotated[
    str | None, _text("--delimiter", "Of a CSV: , ; or tab; found by its header if left out.")
]
HeaderRow: TypeAlias = Annotated[
    int | None,
    _rows("--header-row", "The row that names the columns, where a title stands above it.", 1),
]
SkipLast: TypeAlias = Annotated[
    int,
    _rows("--skip-last", "So many rows at the end are no part of the list: totals, remarks.", 0),
]
Except: TypeAlias = Annotated[
    list[str] | None,
    _text(
        "--except",
        "Leave out every receiver who is in this campaign, or stands in this file; may be given "
        "several times.",
        "CAMPAIGN|FILE",
    ),
]
PayAgain: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--pay-again",
        help="Pay once more what other campaigns pay to the same receivers; needs --reason.",
        show_default=False,
    ),
]
WhyAgain: TypeAlias = Annotated[
    str | None, _text("--reason", "Why they are paid again; shown again at approval.")
]
SupplementBudget: TypeAlias = Annotated[
    str | None,
    _text(
        "--budget", "The new rows may not come to more; else what the campaign's leaves.", "YUAN"
    ),
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check it, and store nothing.", show_default=False)
]


_NAME = "given"


class ListOptions(NamedTuple):
    """What is given to a command that takes a list, besides its own: as ``--help`` says of each."""

    file: ListFile
    unit: ListUnit
    column: Columns = None
    kind: Kind = NORMAL.option
    allow_repeats: AllowRepeats = False
    sheet: Sheet = None
    encoding: Encoded = None
    delimiter: Delimiter = None
    header_row: HeaderRow = None
    skip_last: SkipLast = 0
    leave_out: Except = None
    pay_again: PayAgain = False
    reason: WhyAgain = None
    dry_run: DryRun = False
    by: By = None
    config: ConfigPath = None
    as_json: AsJson = False


def takes_list(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a command's parameter ``given``, its last, come as these options: Typer reads them so."""

    @wraps(command)
    def taking(**all_given: Any) -> Answer:  # noqa: ANN401  # what Typer has read of each option
        given = ListOptions(**{name: all_given.pop(name) for name in ListOptions._fields})
        return command(**all_given, given=given)

    own = [it for it in _parameters(command) if it.name != _NAME]
    shared = [it.replace(kind=it.KEYWORD_ONLY) for it in _parameters(ListOptions)]
    taking.__dict__["__signature__"] = inspect.Signature([*own, *shared])
    taking.__annotations__ = {it.name: it.annotation for it in [*own, *shared]}
    return taking


def _parameters(of: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(of, eval_str=True).parameters.values())
