"""``hongbao campaign new``: a list is checked as a whole, and becomes a draft."""

from dataclasses import replace
from typing import TYPE_CHECKING

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
    dry_run: o.DryRun = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Make a draft of a list; nothing is sent.

    All problems are told at once, and then nothing is stored. The same list again changes nothing.
    """
    # Reading lists and SQLAlchemy: only this command needs them.
    from hongbao.campaign.checking import Meaning  # noqa: PLC0415  # see above
    from hongbao.cli.campaign import importing, list_words  # noqa: PLC0415  # see above

    meaning = Meaning(
        unit=unit,
        kind=kind.replace("-", "_"),
        allow_repeats=allow_repeats,
        budget=_budget(budget),
        columns=_columns(column or []),
        reading=replace(
            _reading(encoding, delimiter, sheet), header_row=header_row, skip_last=skip_last
        ),
    )
    configuration = read_configuration(config)
    wanted = importing.Import(file=file, merchant=merchant, name=name, meaning=meaning)
    result = importing.run(configuration, wanted, by=who.person(by), dry=dry_run, quiet=as_json)
    return answer(
        list_words.document(result),
        list_words.text(result),
        outcome=list_words.outcome(result),
        code=ExitCode.DONE if result.findings.ok else ExitCode.LIST,
        as_json=as_json,
    )


def _reading(
    encoding: o.ListEncoding | None, delimiter: str | None, sheet: str | None
) -> "Reading":
    from hongbao.campaign.table.encoding import Encoding  # noqa: PLC0415  # as above
    from hongbao.campaign.table.table import Reading  # noqa: PLC0415  # as above

    return Reading(
        encoding=None if encoding is None else Encoding(encoding),
        delimiter="\t" if delimiter == TAB else delimiter,
        sheet=sheet,
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
