"""``hongbao campaign new``, ``extend`` and ``replace``: a list is checked, then stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.campaign import list_options as o
from hongbao.cli.campaign.list_options import ListOptions, takes_list
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import read_yuan
from hongbao.cli.options import CampaignName
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import read_configuration
from hongbao.sentences import say

if TYPE_CHECKING:  # reading lists takes SQLAlchemy and SQLite, see _import
    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.table.table import Reading

TAB = "tab"
_SEPARATOR = "="


@takes_key
@takes_list
def new(
    *, merchant: o.ListMerchant, name: o.ListName, budget: o.Budget = None, given: ListOptions
) -> CommandResult:
    """Make a draft campaign of a list.

    Nothing is sent. All problems of the list are reported at once, and then nothing is stored.
    Importing the same list again changes nothing.
    """
    return _import("new", name, given, merchant=merchant, budget=budget)


@takes_key
@takes_list
def extend(
    *, name: CampaignName, budget: o.SupplementBudget = None, given: ListOptions
) -> CommandResult:
    """Add rows of a list to a campaign.

    Only rows that the campaign does not have are added. A draft grows. In any other campaign they
    become a supplement, which needs an approval of its own; what is approved already goes on
    meanwhile.
    """
    return _import("extend", name, given, merchant=None, budget=budget)


@takes_key
@takes_list
def replace(*, name: CampaignName, budget: o.Budget = None, given: ListOptions) -> CommandResult:
    """Replace a list of which nothing was sent.

    The old campaign is kept, cancelled, as NAME~1. Its keys are free for the new list.
    """
    return _import("replace", name, given, merchant=None, budget=budget)


def _import(
    purpose: str, name: str, given: ListOptions, *, merchant: str | None, budget: str | None
) -> CommandResult:
    """Check a list, and store it if it has no problems.

    Args:
        purpose: ``new``, ``extend`` or ``replace``.
        name: of the campaign.
        given: what else was given.
        merchant: the profile that pays; None for the campaign's.
        budget: as it was given.
    """
    # Reading lists and SQLAlchemy: only these commands need them.
    from hongbao.campaign.compare.bookmark import Purpose  # noqa: PLC0415  # see above
    from hongbao.cli.campaign import importing  # noqa: PLC0415  # see above
    from hongbao.engine.list_import import ListImport  # noqa: PLC0415  # see above
    from hongbao.views import list_check  # noqa: PLC0415  # see above

    wanted = ListImport(
        file=given.file,
        merchant=merchant,
        name=name,
        meaning=_meaning(given, budget),
        purpose=Purpose(purpose),
    )
    configuration = read_configuration(given.config)
    found, stored = importing.run(
        configuration, wanted, by=given.by, dry=given.dry_run, quiet=given.as_json
    )
    ways = importing.ways_out(found, wanted)
    return CommandResult(
        list_check.document(found, stored, ways_out=ways),
        list_check.text(found, stored, ways_out=ways, program=typed()),
        outcome=list_check.outcome(found, stored),
        code=ExitCode.DONE if found.ok else ExitCode.LIST,
        as_json=given.as_json,
    )


def _meaning(given: ListOptions, budget: str | None) -> Meaning:
    from hongbao.campaign.check.meaning import Meaning  # noqa: PLC0415  # see _import

    return Meaning(
        unit=given.unit,
        kind=None if given.kind is None else given.kind.replace("-", "_"),
        allow_repeats=given.allow_repeats,
        budget=None if budget is None else read_yuan("--budget", budget),
        columns=_columns(given.column or []),
        keep=tuple(given.keep or ()),
        reading=_reading(given),
        leave_out=tuple(given.leave_out or ()),
        pay_again=_reason(given.reason, pay_again=given.pay_again),
    )


def _reason(reason: str | None, *, pay_again: bool) -> str | None:
    """Why what other campaigns pay is paid again; None if it is not."""
    if pay_again and not (reason or "").strip():
        raise WrongCommandLine(say("--pay-again needs a --reason; it is shown again at approval"))
    if reason is not None and not pay_again:
        raise WrongCommandLine(say("--reason says why of --pay-again: give both, or neither"))
    return reason


def _reading(given: ListOptions) -> Reading:
    """How a file is to be read."""
    from hongbao.campaign.table.encoding import Encoding  # noqa: PLC0415  # see _import
    from hongbao.campaign.table.table import Reading  # noqa: PLC0415  # see _import

    return Reading(
        encoding=None if given.encoding is None else Encoding(given.encoding),
        delimiter="\t" if given.delimiter == TAB else given.delimiter,
        sheet=given.sheet,
        header_row=given.header_row,
        skip_last=given.skip_last,
    )


def _columns(given: list[str]) -> dict[str, str]:
    """The map of columns: the last ``=`` tells a column's name from its field.

    An empty name is that of the columns without one.
    """
    found: dict[str, str] = {}
    for text in given:
        column, separator, field = text.rpartition(_SEPARATOR)
        if not separator or not field.strip():
            raise WrongCommandLine(say("--map must be COLUMN=FIELD; found {value!r}", value=text))
        found[column.strip()] = field.strip()
    return found
