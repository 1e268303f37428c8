"""The options of ``hongbao campaign new``, ``extend`` and ``replace``, written once."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

from hongbao.campaign.rows.amounts import Unit
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, By, ConfigPath, argument, optional
from hongbao.rails.redpack import kinds as red_packets
from hongbao.rails.transfer import kinds as transfers

if TYPE_CHECKING:
    ListKind: TypeAlias = str
else:  # Typer reads the choices from it
    ListKind = Literal[
        tuple(it.option for it in (*red_packets.KINDS.values(), *transfers.KINDS.values()))
    ]


class ListEncoding(StrEnum):
    """Encodings that a CSV file may have."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    BIG5 = "big5"
    UTF_16 = "utf-16"


def _text(option: str, help_text: str, metavar: str | None = None) -> object:
    return optional(option, help_text, metavar)


def _rows(option: str, help_text: str, low: int) -> object:
    return optional(option, help_text, "N", min=low, max=1000)


ListFile: TypeAlias = Annotated[Path, argument("FILE", "The list: a CSV or XLSX file.")]
ListMerchant: TypeAlias = Annotated[
    str, _text("--merchant", "The merchant that pays, by its name in the settings.", "NAME")
]
ListName: TypeAlias = Annotated[
    str, _text("--name", "Campaign name; also used to derive keys for rows without one.")
]
ListUnit: TypeAlias = Annotated[
    Unit,
    optional("--unit", "Unit of the amounts. It is never guessed."),
]
Columns: TypeAlias = Annotated[
    list[str] | None,
    _text(
        "--map",
        "Map an unrecognised column to a field. Repeatable. COLUMN=- ignores a column, and =- "
        "the columns without a name.",
        "COLUMN=FIELD",
    ),
]
Keep: TypeAlias = Annotated[
    list[str] | None,
    _text(
        "--keep",
        "Keep a column that is no part of the payments, sealed, for `campaign report --in-full`. "
        "Repeatable.",
        "COLUMN",
    ),
]
Kind: TypeAlias = Annotated[
    ListKind | None,
    optional(
        "--kind",
        "Kind for rows that do not specify one. Default: normal, or transfer of a merchant that "
        "pays by transfers.",
    ),
]
Budget: TypeAlias = Annotated[
    str | None,
    _text(
        "--budget",
        "Refuse the list if it comes to more than this, such as 5000.00. Default: no limit.",
        "YUAN",
    ),
]
AllowRepeats: TypeAlias = Annotated[
    bool,
    optional("--allow-repeats", "Allow a receiver in several rows, which their keys distinguish."),
]
Sheet: TypeAlias = Annotated[
    str | None, _text("--sheet", "Sheet of an XLSX file. Default: the first one.")
]
Encoded: TypeAlias = Annotated[
    ListEncoding | None,
    _text("--encoding", "Encoding of a CSV file. Default: found by reading it."),
]
Delimiter: TypeAlias = Annotated[
    str | None,
    _text("--delimiter", "Delimiter of a CSV file: , ; or tab. Default: found in its header."),
]
HeaderRow: TypeAlias = Annotated[
    int | None,
    _rows("--header-row", "Number of the row that names the columns. Default: the first row.", 1),
]
SkipLast: TypeAlias = Annotated[
    int,
    _rows(
        "--skip-last",
        "How many rows at the end are no part of the list: totals, remarks. Default: 0.",
        0,
    ),
]
Except: TypeAlias = Annotated[
    list[str] | None,
    _text(
        "--except",
        "Leave out every receiver who is in this campaign or in this file. Repeatable.",
        "CAMPAIGN|FILE",
    ),
]
PayAgain: TypeAlias = Annotated[
    bool,
    optional(
        "--pay-again", "Pay again what other campaigns pay to the same receivers. Needs --reason."
    ),
]
WhyAgain: TypeAlias = Annotated[
    str | None,
    _text("--reason", "Why they are paid again, as shown at approval. Needs --pay-again."),
]
SupplementBudget: TypeAlias = Annotated[
    str | None,
    _text(
        "--budget",
        "Refuse the new rows if they come to more. Default: what the campaign's budget leaves.",
        "YUAN",
    ),
]
DryRun: TypeAlias = Annotated[bool, optional("--dry-run", "Check the list and store nothing.")]


_NAME = "given"


class ListOptions(NamedTuple):
    """The options that every command with a list has, besides its own; ``--help`` explains each."""

    file: ListFile
    unit: ListUnit
    column: Columns = None
    keep: Keep = None
    kind: Kind = None
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


def takes_list(command: Callable[..., CommandResult]) -> Callable[..., CommandResult]:
    """Let a command's parameter ``given``, its last, come as these options: Typer reads them so."""

    @wraps(command)
    def taking(**all_given: Any) -> CommandResult:  # noqa: ANN401  # what Typer has read of each option
        given = ListOptions(**{name: all_given.pop(name) for name in ListOptions._fields})
        return command(**all_given, given=given)

    own = [it for it in _parameters(command) if it.name != _NAME]
    shared = [it.replace(kind=it.KEYWORD_ONLY) for it in _parameters(ListOptions)]
    taking.__dict__["__signature__"] = inspect.Signature([*own, *shared])
    taking.__annotations__ = {it.name: it.annotation for it in [*own, *shared]}
    return taking


def _parameters(of: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(of, eval_str=True).parameters.values())
