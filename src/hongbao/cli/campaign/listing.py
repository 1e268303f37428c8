"""``hongbao campaign list`` and ``status``: where campaigns stand."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hongbao.cli import books
from hongbao.cli.answer import Answer, answer
from hongbao.cli.campaign import words
from hongbao.cli.due import due_of, wait_of
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, CampaignName, ConfigPath
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.ledger.model.payout import Instant, Task
from hongbao.ledger.model.standing import Standing

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.ledger.read.waiting import Wait


def list_campaigns(*, config: ConfigPath = None, as_json: AsJson = False) -> Answer:
    """List all campaigns."""
    with books.opened(config) as book:
        standings = book.campaigns()
    found = {"campaigns": [words.document(standing) for standing in standings]}
    text = words.list_text(standings)
    return answer(found, text, outcome="answered", code=ExitCode.DONE, as_json=as_json)


def status(
    *,
    name: CampaignName,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Exit with 9, 10 or 11 if it has refusals, sends nothing now, or is in doubt.",
            show_default=False,
        ),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> Answer:
    """Say where a campaign stands."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        outlook = Outlook.of(book, configuration, name)
    code = words.exit_code(outlook.standing, outlook.wait, outlook.now)
    return answer(
        outlook.document,
        outlook.text,
        outcome=outlook.standing.phase,
        code=code if check else ExitCode.DONE,
        as_json=as_json,
    )


class Outlook(NamedTuple):
    """Where a campaign stands, and what is done next.

    Attributes:
        standing: where it stands.
        due: what is due next, and may be done then.
        wait: why nothing of it is sent now.
        now: the books' time.
    """

    standing: Standing
    due: Mapping[Task, Instant]
    wait: "Wait | None"
    now: Instant

    @classmethod
    def of(cls, book: "Book", configuration: Configuration, name: str) -> "Outlook":
        """As the books and the merchant's settings have it now."""
        standing = book.standing(name)
        profile = configuration.profiles.get(standing.campaign.profile)
        limits = None if profile is None else profile.limits
        wait, due = wait_of(book, standing, limits), due_of(book, standing, limits)
        return cls(standing, due, wait, book.now())

    @property
    def text(self) -> str:
        """For people."""
        following = words.due_line(self.due, self.wait, now=self.now)
        return "\n".join(filter(None, (words.standing_text(self.standing), following)))

    @property
    def document(self) -> dict[str, object]:
        """For a program."""
        return {**words.outlook(self.due, self.wait), **words.document(self.standing)}
