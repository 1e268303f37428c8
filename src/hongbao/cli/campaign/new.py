"""``hongbao campaign new``: a list is checked as a whole, and becomes a draft."""

from pathlib import Path
from typing import TYPE_CHECKING

from hongbao.campaign.amount import Unit
from hongbao.cli import who
from hongbao.cli.answer import Answer, answer
from hongbao.cli.campaign import options as o
from hongbao.cli.configuration.file import read_configuration
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import WrongCommandLine
from hongbao.cli.options import AsJson, By, ConfigPath
from hongbao.errors import InvalidRequest
from hongbao.money import Fen, parse_yuan

if TYPE_CHECKING:
    from hongbao.campaign.checking import Meaning
    from hongbao.campaign.table.table import Reading

TAB = "tab"
_SEPARATOR = "="


def new(
    *,
    file: o.ListFile,
    merchant: o.ListMerchant,
    name: o.ListName,
    unit: o.ListUnit,
    column: o.Columns = None,
    kind: o.Kind = o.ListKind.NORMAL,
    budget: o.Budget = None,
    allow_repeats: o.AllowRepeats = False,
    sheet: o.Sheet = None,
    encoding: o.Encoded = None,
    delimiter: o.Delimiter = None,
    header_row: o.HeaderRow = None,
    skip_last: o.SkipLast = 0,
    leave_out: o.Except = None,
    pay_again: o.PayAgain = False,
    reason: o.WhyAgain = None,
    dry_run: o.DryRun = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Make a draft of a list; nothing is sent.

    All problems are told at once, and then nothing is stored. The same list again changes nothing.
    """
    meaning = meaning_of(
        unit=unit, column=column, kind=kind, budget=budget, allow_repeats=allow_repeats,
        reading=reading_of(encoding, delimiter, sheet, header_row, skip_last), leave_out=leave_out,
        pay_again=reason_of(reason, pay_again=pay_again),
    )  # fmt: skip
    return import_list(
        "new", file, name, meaning, merchant=merchant, dry=dry_run, by=by, config=config,
        as_json=as_json,
    )  # fmt: skip


def import_list(
    purpose: str,
    file: Path,
    name: str,
    meaning: "Meaning",
    *,
    merchant: str | None,
    dry: bool,
    by: str | None,
    config: Path | None,
    as_json: bool,
) -> Answer:
    """Check a list, and store it if it has no problems.

    Args:
        purpose: ``new``, ``extend`` or ``replace``.
        file: the list.
        name: of the campaign.
        meaning: how the list is meant.
        merchant: the profile that pays; None for the campaign's.
        dry: check alone.
        by: who does it.
        config: where the settings are.
        as_json: whether a program reads the answer.
    """
    # Reading lists and SQLAlchemy: only these commands need them.
    from hongbao.campaign.bookmark import Purpose  # noqa: PLC0415  # see above
    from hongbao.cli.campaign import importing, list_words  # noqa: PLC0415  # see above

    configuration = read_configuration(config)
    wanted = importing.Import(
        file=file, merchant=merchant, name=name, meaning=meaning, purpose=Purpose(purpose)
    )
    result = importing.run(configuration, wanted, by=who.person(by), dry=dry, quiet=as_json)
    return answer(
        list_words.document(result),
        list_words.text(result),
        outcome=list_words.outcome(result),
        code=ExitCode.DONE if result.findings.ok else ExitCode.LIST,
        as_json=as_json,
    )


def meaning_of(
    *,
    unit: Unit,
    column: list[str] | None,
    kind: o.ListKind,
    budget: str | None,
    allow_repeats: bool,
    reading: "Reading",
    leave_out: list[str] | None,
    pay_again: str | None,
) -> "Meaning":
    """How a list is meant, by the options that were given."""
    from hongbao.campaign.checking import Meaning  # noqa: PLC0415  # see import_list

    return Meaning(
        unit=unit,
        kind=kind.replace("-", "_"),
        allow_repeats=allow_repeats,
        budget=_budget(budget),
        columns=_columns(column or []),
        reading=reading,
        leave_out=tuple(leave_out or ()),
        pay_again=pay_again,
    )


def reason_of(reason: str | None, *, pay_again: bool) -> str | None:
    """Why what other campaigns pay is paid again; None if it is not."""
    if pay_again and not (reason or "").strip():
        raise WrongCommandLine("--pay-again needs a --reason; it is shown again at approval")
    if reason is not None and not pay_again:
        raise WrongCommandLine("--reason says why of --pay-again: give both, or neither")
    return reason


def reading_of(
    encoding: o.ListEncoding | None,
    delimiter: str | None,
    sheet: str | None,
    header_row: int | None,
    skip_last: int,
) -> "Reading":
    """How a file is to be read, by the options that were given."""
    from hongbao.campaign.table.encoding import Encoding  # noqa: PLC0415  # as above
    from hongbao.campaign.table.table import Reading  # noqa: PLC0415  # as above

    return Reading(
        encoding=None if encoding is None else Encoding(encoding),
        delimiter="\t" if delimiter == TAB else delimiter,
        sheet=sheet,
        header_row=header_row,
        skip_last=skip_last,
    )


def _budget(text: str | None) -> Fen | None:
    try:
        return None if text is None else parse_yuan(text)
    except InvalidRequest as error:
        raise WrongCommandLine(f"--budget must be {error.rule}; found {error.found}") from None


def _columns(given: list[str]) -> dict[str, str]:
    """The map of columns: the last ``=`` tells a column's name from its field.

    An empty name is that of the columns without one.
    """
    found: dict[str, str] = {}
    for text in given:
        column, separator, field = text.rpartition(_SEPARATOR)
        if not separator or not field.strip():
            raise WrongCommandLine(f"--map must be COLUMN=FIELD; found {text!r}")
        found[column.strip()] = field.strip()
    return found
