"""``hongbao campaign status``: where a campaign stands, and the exit code of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from hongbao.cli import books
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, CampaignName, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.ledger.model.campaign import GROWING, CampaignState, DecisionKind
from hongbao.ledger.model.draft_decisions import rejection
from hongbao.ledger.model.event import Event
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, Instant, State, Task
from hongbao.ledger.model.standing import Phase, Standing
from hongbao.ledger.model.wait import Wait
from hongbao.sentences import said, say
from hongbao.views import campaign as views
from hongbao.views import workers
from hongbao.views.codes import code_document, code_text, troubles

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.book import Book
    from hongbao.ledger.queue.heartbeat import WorkerAlive
    from hongbao.ledger.read.figures import CodeCount

_CODES = {
    Phase.COMPLETE: ExitCode.DONE,
    Phase.COMPLETE_WITH_REFUSALS: ExitCode.REFUSALS,
    Phase.IN_DOUBT: ExitCode.IN_DOUBT,
    Phase.AWAITING_USERS: ExitCode.DONE,
}
_ON_ITS_WAY = frozenset({Phase.APPROVED, Phase.RUNNING})
_SOON = 60 * SECOND
"""What is sent within a minute counts as sent now: a slow rate or a short back-off takes that."""


def status(
    *,
    name: CampaignName,
    check: Annotated[
        bool,
        optional(
            "--check",
            "Exit with 9, 10 or 11 if it has refusals, sends nothing now, or is in doubt.",
        ),
    ] = False,
    watch: Annotated[
        bool,
        optional("--watch", "Keep showing it, with its rate, until it is complete or cancelled."),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Show where a campaign stands.

    It says why what waits does so.
    """
    if watch and as_json:
        raise WrongCommandLine(say("--watch is for people; a program asks for --json again"))
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        outlook = Outlook.of(book, configuration, name)
        if watch:
            from hongbao.cli.campaign.watching import watched  # noqa: PLC0415  # draws

            outlook = watched(outlook, partial(Outlook.of, book, configuration, name))
    code = exit_code(outlook.standing, outlook.wait, outlook.now)
    return CommandResult(
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
        codes: how many of its payouts have which code, with an example each.
        workers: those that have said that they are alive.
        cancelled: the decision to cancel it, if there is one.
        rejected: the decision under which a draft is not approved as it is, if there is one.
    """

    standing: Standing
    due: Mapping[Task, Instant]
    wait: Wait | None
    now: Instant
    codes: Sequence[CodeCount]
    workers: Sequence[WorkerAlive]
    cancelled: Event | None = None
    rejected: Event | None = None

    @classmethod
    def of(cls, book: Book, configuration: Configuration, name: str) -> Outlook:
        """As the books and the merchant's settings have it now."""
        standing = book.standing(name)
        profile = configuration.profiles.get(standing.campaign.profile)
        limits = None if profile is None else profile.limits
        wait, due = _wait_of(book, standing, limits), _due_of(book, standing, limits)
        codes = troubles(book.codes(campaign=name))
        cancelled = rejected = None
        if standing.campaign.state in {CampaignState.CANCELLED, CampaignState.DRAFT}:
            latest = [it for of, it in book.latest_decisions(name) if of == name]
            rejected = rejection(latest)
            cancelled = next(
                (it for it in reversed(latest) if it.kind == DecisionKind.CANCELLED), None
            )
        workers = book.workers()
        return cls(standing, due, wait, book.now(), codes, workers, cancelled, rejected)

    @property
    def text(self) -> str:
        """The outlook as text."""
        lines = (
            views.standing_text(self.standing, program=typed()),
            self._approval_line,
            "" if self.cancelled is None else views.cancelled_line(self.cancelled),
            code_text(self.codes),
            views.due_line(
                self.due,
                self.wait,
                now=self.now,
                awaiting=bool(self.standing.total(State.AWAITING_USER).payouts),
            ),
            f"  {workers.line(self.workers)}" if self.workers else "",
        )
        return "\n".join(filter(None, lines))

    @property
    def _approval_line(self) -> str:
        if self.standing.phase is not Phase.DRAFT:
            return ""
        if self.rejected is not None:
            return views.rejected_line(self.rejected)
        name = self.standing.campaign.name
        return "  " + said("next: {program} campaign approve {name}", program=typed(), name=name)

    @property
    def document(self) -> dict[str, object]:
        """The outlook as a document."""
        return {
            **views.outlook(self.due, self.wait),
            **views.document(self.standing),
            "codes": [code_document(it) for it in self.codes],
            "workers": [workers.document(it) for it in self.workers],
        }


def exit_code(standing: Standing, wait: Wait | None, now: Instant) -> ExitCode:
    """What a script reads of where a campaign stands.

    Args:
        standing: of the campaign.
        wait: why nothing of it is sent; None if something is.
        now: the books' time.
    """
    if standing.phase not in _ON_ITS_WAY:
        return _CODES.get(standing.phase, ExitCode.STOPPED)
    waits = wait is not None and (wait.until is None or wait.until > now + _SOON)
    return ExitCode.STOPPED if waits else ExitCode.DONE


def exit_code_of_run(standing: Standing) -> ExitCode:
    """The exit code of a run that has ended: a campaign that is still on its way is not done."""
    if standing.phase in _ON_ITS_WAY and not standing.total(State.WAITING).payouts:
        return ExitCode.IN_DOUBT  # all that is left is with another worker, dead or alive
    return _CODES.get(standing.phase, ExitCode.STOPPED)


def _wait_of(book: Book, standing: Standing, limits: PayerLimits | None) -> Wait | None:
    """Why nothing of it is sent now; None if something is, or nothing is left to send.

    A supplement counts from its approval on.
    """
    approved = [it for it in standing.to_send if it.state not in GROWING]
    waits = [book.wait(it.id, limits=limits) for it in approved or [standing.campaign]]
    found = [it for it in waits if it is not None]
    if len(found) < len(waits):
        return None
    return min(found, key=lambda wait: (wait.until is None, wait.until or 0))


def _due_of(book: Book, standing: Standing, limits: PayerLimits | None) -> dict[Task, Instant]:
    """When each task may be done next, in the campaign or in a supplement."""
    found: dict[Task, Instant] = {}
    for campaign in standing.campaigns:
        due, wait = book.next_due(campaign.id), book.wait(campaign.id, limits=limits)
        for task, at in views.following(due, wait).items():
            found[task] = min(at, found.get(task, at))
    return found
