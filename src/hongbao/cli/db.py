"""``hongbao db``: the schema of the books, and what of them need not be kept for ever."""

from typing import Annotated

import typer

from hongbao import beijing
from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.group import command_group
from hongbao.cli.moments import Moments
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.cli.person import ask
from hongbao.cli.program import typed
from hongbao.configuration.database import shown
from hongbao.configuration.file import read_configuration
from hongbao.english import counted
from hongbao.sentences import said

app = command_group("Look at the schema of the books, or upgrade or prune them.")
_KEEP = "90d"


@app.command("upgrade")
def upgrade(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Upgrade the schema to the newest version."""
    from hongbao.ledger.book import Book  # noqa: PLC0415  # SQLAlchemy takes 0.2 s

    url = read_configuration(config).database_url()
    Book.upgrade(url)
    return _result(url, "done", as_json=as_json)


@app.command("version")
def version(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """Show which version the schema has."""
    return _result(read_configuration(config).database_url(), "answered", as_json=as_json)


@app.command("prune")
def prune(
    *,
    keep: Annotated[
        str,
        typer.Option("--keep", metavar="TIME", help="Keep what happened then or later."),
    ] = _KEEP,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Delete without asking.", show_default=False)
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Delete old rows of the outbox, from which events are passed on.

    No history and no payout is touched. What a webhook's endpoint has not read yet stays. A program
    that reads `hongbao events` must have read so far.
    """
    with books.opened(config) as book:
        until = Moments(book.now()).read("--keep", keep) or 0
        found = book.prunable(until=until)
        rows = counted(found.rows, "row")
        if found.rows:
            question = said(
                "Delete {rows} of the outbox, before position {before}, older than {time}?",
                rows=rows,
                before=found.before,
                time=beijing.text(until),
            )
            ask(question, yes=yes, instead="--yes")
        deleted = book.prune(until=until) if found.rows else 0
    document = {"deleted": deleted, "before": found.before}
    text = said("Deleted: {rows} of the outbox.", rows=counted(deleted, "row"))
    return CommandResult(document, text, outcome="done", as_json=as_json)


def _result(url: str, outcome: str, *, as_json: bool) -> CommandResult:
    from hongbao.ledger.book import Book  # noqa: PLC0415  # as above

    version = Book.version(url)
    found = {"database": shown(url), "version": version.found, "newest": version.newest}
    text = said(
        "{books}: version {version}", books=shown(url), version=version.found or said("none")
    )
    if version.found != version.newest:
        text += said(
            "; the newest is {newest}: {program} db upgrade", newest=version.newest, program=typed()
        )
    return CommandResult(found, text, outcome=outcome, as_json=as_json)
