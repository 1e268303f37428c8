"""Checks a list against the settings and the books, and stores it unless it is a dry run."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from hongbao.campaign.check.findings import Findings
from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.ports import ListStage, Progress
from hongbao.campaign.storing import StoredList
from hongbao.cli import person
from hongbao.cli.books import open_books
from hongbao.cli.program import command_again
from hongbao.cli.progress import Steps
from hongbao.configuration.database import is_url
from hongbao.configuration.file import Configuration
from hongbao.engine.list_import import ListImport, checked, import_list
from hongbao.ledger.book import Book
from hongbao.sentences import marked, said

_WORDS = {
    ListStage.READ: marked("reading and checking"),
    ListStage.COMPARE: marked("comparing with the books"),
    ListStage.STORE: marked("storing"),
}


def run(
    configuration: Configuration, wanted: ListImport, *, by: str | None, dry: bool, quiet: bool
) -> tuple[Findings, StoredList | None]:
    """Check a list; store it if it has no problems, and unless it is but tried.

    Args:
        configuration: the settings.
        wanted: what is to be imported.
        by: who does it, if that was typed.
        dry: check alone.
        quiet: without a progress bar.

    Raises:
        ConfigurationError: if the list cannot be read at all, or the settings are wrong.
        LedgerError: if the books do not take it.
    """
    with ExitStack() as stack:
        book = _books(configuration, stack, dry=dry)
        who = person.who_decides(by, configuration.approval, book)
        progress = _shown_in(stack.enter_context(Steps(quiet=quiet)))
        if book is not None and not dry:
            return import_list(configuration, wanted, book, by=who, progress=progress)
        with checked(configuration, wanted, book, progress) as found:
            return found.findings, None


def ways_out(found: Findings, wanted: ListImport) -> dict[str, str]:
    """Commands for who has rows that repeat what other campaigns pay, by what they do."""
    again = found.again
    if again is None or wanted.meaning.pay_again is not None:
        return {}
    names = [place.campaign for place in again.places]
    ways = {}
    if wanted.purpose is Purpose.NEW and len(names) == 1 and "+" not in names[0]:
        instead = ("campaign", "extend", names[0])
        ways["extend"] = command_again(instead=instead, without={"--merchant", "--name"})
    excepted = [part for name in names for part in ("--except", name)]
    ways["leave_out"] = command_again(*excepted)
    ways["pay_again"] = command_again("--pay-again", "--reason", "WHY")
    return ways


def _shown_in(steps: Steps) -> Progress:
    """A progress that shows the stages as steps; how many rows there are is known once read."""
    total: int | None = None

    def tell(stage: ListStage, rows: int) -> None:
        nonlocal total
        if stage is ListStage.READ:
            total = rows
        steps.tell(said(_WORDS[stage]), rows, None if stage is ListStage.READ else total)

    return tell


def _books(configuration: Configuration, stack: ExitStack, *, dry: bool) -> Book | None:
    """The books; for a dry run none, if they would only be made by opening them."""
    database = configuration.database_url()
    if dry and not is_url(database) and not Path(database).exists():
        return None
    return stack.enter_context(open_books(configuration))
