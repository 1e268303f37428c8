"""``hongbao campaign report``: a file with a line a payout, and a summary that adds up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from hongbao.campaign.report.columns import ReportHeaders
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult
from hongbao.cli.moments import Moments
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.cli.payout.filters import InStates, PaidSince, PaidUntil
from hongbao.cli.program import typed
from hongbao.configuration.file import read_configuration
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.payout import Instant, Payout, State
from hongbao.sentences import said, say
from hongbao.views import campaign as views

_Output: TypeAlias = Annotated[
    Path | None,
    optional("--output", "The .csv or .xlsx file to write. Default: NAME-report.csv.", "FILE"),
]
_InFull: TypeAlias = Annotated[
    bool,
    optional(
        "--in-full",
        "Write openids in full instead of masked, and the columns that the list kept. It is "
        "recorded with your name.",
    ),
]
_Headers: TypeAlias = Annotated[
    ReportHeaders,
    typer.Option("--headers", help="Language of the columns and of the words in them."),
]
_Codes: TypeAlias = Annotated[
    list[str] | None, optional("--code", "Whose last outcome had this code. Repeatable.", "CODE")
]
Force: TypeAlias = Annotated[bool, optional("--force", "Overwrite the file if it is there.")]


def report(
    *,
    name: CampaignName,
    output: _Output = None,
    in_full: _InFull = False,
    state: InStates = None,
    code: _Codes = None,
    paid_since: PaidSince = None,
    paid_until: PaidUntil = None,
    headers: _Headers = ReportHeaders.BOTH,
    force: Force = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Write a report: what became of each payout.

    Of several filters, all must hold. The summary is of the whole campaign in any case, and says
    how many payouts have a line.
    """
    # Only this command needs them.
    from hongbao.campaign.report.files import files_of  # noqa: PLC0415  # see above
    from hongbao.campaign.report.report import write_report  # noqa: PLC0415  # see above
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # see above

    path = output or Path(f"{name}-report.csv")
    check_free(files_of(path), force=force)
    reader = person.person(by)
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        if in_full:
            counts = {it.id: it.rows for it in book.standing(name).campaigns}
            book.disclose(counts, what="campaign report", by=reader)
        at = Moments(book.now()).read
        since, until = at("--paid-since", paid_since), at("--paid-until", paid_until)
        every = not state and not code and since is None and until is None
        only = None if every else _Shown(state or [], code or [], since, until)
        with Steps(quiet=as_json) as steps:
            standing = write_report(
                path, book, name, in_full=in_full, headers=headers, only=only,
                processes=books.processes(), keyring=configuration.keyring,
                progress=lambda done, total: steps.tell(said("writing"), done, total),
            )  # fmt: skip
    text = "\n".join(
        [said("Written: {path}", path=path), views.standing_text(standing, program=typed())]
    )
    found = {"written": str(path), **views.document(standing)}
    return CommandResult(found, text, outcome=standing.phase, as_json=as_json)


def check_free(files: Iterable[Path], *, force: bool) -> None:
    """Let nobody lose a file that is there.

    Raises:
        ConfigurationError: if one is, and must not be overwritten.
    """
    for file in files:
        if file.exists() and not force:
            raise ConfigurationError(
                setting=str(file),
                problem=say("is there already"),
                remedy=say("Give another file, or --force."),
            )


@dataclass(frozen=True, slots=True)
class _Shown:
    """Says which payouts get a line: a value, since other processes may write them."""

    states: Collection[State]
    codes: Collection[str]
    since: Instant | None
    until: Instant | None

    def __call__(self, payout: Payout) -> bool:
        paid = payout.sent_at
        return (
            (not self.states or payout.state in self.states)
            and (not self.codes or payout.code in self.codes)
            and (self.since is None or (paid is not None and paid >= self.since))
            and (self.until is None or (paid is not None and paid < self.until))
        )
