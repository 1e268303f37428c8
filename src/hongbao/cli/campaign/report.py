"""``hongbao campaign report``: a file with a line a payout, and a summary that adds up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.errors import ConfigurationError
from hongbao.ledger.model.standing import Standing
from hongbao.views import campaign as views

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.book import Book


Force: TypeAlias = Annotated[bool, optional("--force", "Overwrite the file if it is there.")]


def report(
    *,
    name: CampaignName,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The .csv or .xlsx file to write. Default: NAME-report.csv.",
            show_default=False,
        ),
    ] = None,
    in_full: Annotated[
        bool,
        optional(
            "--in-full", "Write openids in full instead of masked. It is recorded with your name."
        ),
    ] = False,
    force: Force = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Write a report: what became of each payout."""
    from hongbao.campaign.report.files import files_of  # noqa: PLC0415  # only this command

    path = output or Path(f"{name}-report.csv")
    check_free(files_of(path), force=force)
    reader = person.person(by)
    with books.opened(config) as book:
        if in_full:
            counts = {it.id: it.rows for it in book.standing(name).campaigns}
            book.disclose(counts, what="campaign report", by=reader)
        standing = _write(book, path, name, in_full=in_full, quiet=as_json)
    text = f"Written: {path}\n{views.standing_text(standing, program=typed())}"
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
                problem="is there already",
                remedy="Give another file, or --force.",
            )


def _write(book: Book, path: Path, name: str, *, in_full: bool, quiet: bool) -> Standing:
    # Only this command needs them.
    from hongbao.campaign.report.report import write_report  # noqa: PLC0415  # see above
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # see above

    with Steps(quiet=quiet) as steps:
        return write_report(
            path, book, name, in_full=in_full,
            progress=lambda done, total: steps.tell("writing", done, total),
        )  # fmt: skip
