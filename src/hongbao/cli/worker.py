"""``hongbao worker``: pays what is due, of all approved campaigns, until it is asked to leave."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, ConfigPath, Lease, LeaveIdle, OnlyMerchants, optional
from hongbao.cli.working import worked
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said, sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.configuration.file import Configuration
    from hongbao.engine.assembly import Engine
    from hongbao.engine.ledger import Ledger
    from hongbao.engine.running import Until


Webhooks: TypeAlias = Annotated[
    bool,
    optional("--webhooks", "Deliver webhooks too, as webhooks run does."),
]
LogPath: TypeAlias = Annotated[
    Path | None,
    optional(
        "--log", "Append a JSON line for each call to this file, with an id of the call.", "FILE"
    ),
]


def worker(
    *,
    merchant: OnlyMerchants = None,
    leave_idle: LeaveIdle = None,
    lease: Lease = None,
    webhooks: Webhooks = False,
    log: LogPath = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Pay what is due, until Ctrl-C or SIGTERM.

    Any number of workers may run, with PostgreSQL on any number of machines. The first signal
    drains: calls in flight are finished and recorded. The second stops at once; nothing is lost by
    it either.
    """
    # asyncio, the client, SQLAlchemy: only who works needs them.
    from hongbao.cli.progress import Display, counts  # noqa: PLC0415  # see above
    from hongbao.cli.working import run  # noqa: PLC0415  # see above
    from hongbao.engine.assembly import prepare  # noqa: PLC0415  # see above
    from hongbao.telemetry.json_lines import logged_to  # noqa: PLC0415  # see above

    configuration = read_configuration(config)
    started = time.monotonic()
    with (
        worked() as work,
        books.open_books(configuration) as book,
        Display(quiet=as_json) as display,
        _delivering(configuration, book) if webhooks else nullcontext(),
        nullcontext() if log is None else logged_to(log),
    ):
        engine = prepare(
            configuration, book, merchant or list(configuration.profiles), lease_seconds=lease,
            left_out=None if merchant else lambda error: display.say(_left_out(error)),
        )  # fmt: skip
        if not as_json:
            display.say(_begins(engine))
        bills = _daily_bills(engine, display.say) if configuration.reconciles_daily else None
        progress, _ = run(engine, display, work, until=bills, leave_idle=leave_idle)
        seconds = time.monotonic() - started
        found = {
            "worker": engine.name, "claimed": progress.claimed,
            "recorded": dict(progress.recorded), "late": progress.late,
            "rejected": progress.rejected, "seconds": round(seconds, 3),
        }  # fmt: skip
        done = counts(progress.recorded)
        text = said("Drained after {seconds:.1f} s: {counts}.", seconds=seconds, counts=done)
        return CommandResult(found, text, outcome="drained", as_json=as_json)


def _begins(engine: Engine) -> str:
    return said(
        "{name} works for {merchants}. Ctrl-C drains.",
        name=engine.name,
        merchants=", ".join(engine.merchants),
    )


def _left_out(error: Exception) -> str:
    return said("Left out: {error}", error=said(sentence_of(error)))


def _delivering(configuration: Configuration, book: Ledger) -> AbstractContextManager[None]:
    # TLS and SQL: only who delivers needs them.
    from hongbao.ledger.webhook_book import WebhookBook  # noqa: PLC0415  # see above
    from hongbao.webhooks.delivering import delivering  # noqa: PLC0415  # see above

    return delivering(configuration, book.through(WebhookBook))


def _daily_bills(engine: Engine, say: Callable[[str], None]) -> Until:
    """What the worker does with WeChat's bills each day."""
    from hongbao.reconcile.daily_bills import DailyBills  # noqa: PLC0415  # few ask for it

    names = list(engine.merchants)
    return DailyBills(engine.book, engine.configuration, names, by=engine.name, say=say).beside
