"""``hongbao campaign run``: a worker for one campaign, and its progress, until it is done."""

import time
from typing import TYPE_CHECKING

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.campaign.status import Outlook, exit_code_of_run
from hongbao.cli.failure import run_cut_short
from hongbao.cli.options import AsJson, CampaignName, ConfigPath, Lease, RunLeaveIdle
from hongbao.cli.program import typed
from hongbao.cli.working import Work, worked
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.standing import Phase, Standing
from hongbao.sentences import said

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

LEAVE_IDLE_SECONDS = 600.0
"""Who runs a campaign waits minutes for an answer, and not until tomorrow."""

_COMPLETE = frozenset({Phase.COMPLETE, Phase.COMPLETE_WITH_REFUSALS})


def run(
    *,
    name: CampaignName,
    leave_idle: RunLeaveIdle = LEAVE_IDLE_SECONDS,
    lease: Lease = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Pay an approved campaign until it is done.

    It is done when everybody on it is paid, or has a reason for not being paid. It works beside
    other workers, and for other campaigns of its merchant too. Ctrl-C finishes the calls in flight;
    run the command again to go on. To keep polling for days whether packets were claimed, run
    `hongbao worker`.
    """
    # asyncio, the client, SQLAlchemy: only who works needs them.
    from hongbao.engine.running import anything_left  # noqa: PLC0415  # see above

    configuration = read_configuration(config)
    started = time.monotonic()
    with worked() as work, books.open_books(configuration) as book:
        standing, asked = book.standing(name), False
        behind = standing.clock_behind
        if anything_left(book, standing):
            asked = _work(
                configuration, book, standing, lease, leave_idle, work=work, quiet=as_json
            )
        outlook = Outlook.of(book, configuration, name)
        standing, left = outlook.standing, anything_left(book, outlook.standing)
        cut_short = run_cut_short(work.money, typed()) if left and asked else None
        found = {**outlook.document, "seconds": round(time.monotonic() - started, 3)}
        # A worker has brought it forward since.
        found |= {"clock_behind_seconds": behind / SECOND}
        return CommandResult(
            {**found, **(cut_short.document() if cut_short else {})},
            outlook.text + _advice(standing, left=left),
            outcome=standing.phase,
            code=cut_short.code if cut_short else exit_code_of_run(standing),
            as_json=as_json,
            failure=cut_short.text() if cut_short else None,
        )


def _work(
    configuration: Configuration,
    book: "Book",
    standing: Standing,
    lease: float | None,
    leave_idle: float,
    *,
    work: Work,
    quiet: bool,
) -> bool:
    """Work until it is done; whether a signal came before."""
    from hongbao.cli.progress import Display  # noqa: PLC0415  # see above
    from hongbao.cli.working import run as work_until  # noqa: PLC0415  # see above
    from hongbao.configuration.payers import check_number  # noqa: PLC0415  # see above
    from hongbao.engine.assembly import prepare  # noqa: PLC0415  # see above
    from hongbao.engine.running import until_done  # noqa: PLC0415  # see above

    campaign = standing.campaign
    check_number(configuration, campaign.profile, standing.merchant, campaign.rail)
    with Display(quiet=quiet) as display:
        engine = prepare(configuration, book, [campaign.profile], lease_seconds=lease)
        until = until_done(book, campaign.name, display.standing, leave_idle=leave_idle)
        _, asked = work_until(engine, display, work, until=until)
        return asked


def _advice(standing: Standing, *, left: bool) -> str:
    name = standing.campaign.name
    if standing.phase is Phase.DRAFT:
        return "\n  " + said("first: {program} campaign approve {name}", program=typed(), name=name)
    if left:
        return "\n  " + said(
            "go on: {program} campaign run {name}, or {program} worker", program=typed(), name=name
        )
    if standing.phase is Phase.IN_DOUBT:
        return "\n  " + said(
            "A person must look; what can be done: {program} payout --help", program=typed()
        )
    if standing.awaiting:
        return "\n  " + said(
            "whether users confirm: {program} worker looks; have each open the page",
            program=typed(),
        )
    if standing.phase in _COMPLETE and standing.unclaimed:
        return "\n  " + said(
            "whether the rest is claimed: {program} worker looks, for some days", program=typed()
        )
    return ""
