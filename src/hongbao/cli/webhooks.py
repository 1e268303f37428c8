"""``hongbao webhooks run``: delivers what happened to the endpoints, until it is asked to leave."""

from __future__ import annotations

from typing import Annotated

from hongbao.cli import books
from hongbao.cli.answer import CommandResult, print_text
from hongbao.cli.group import command_group
from hongbao.cli.interruption import setting_an_event
from hongbao.cli.options import AsJson, ConfigPath, optional
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said

app = command_group("Deliver webhooks.")


@app.callback()
def _group() -> None:
    """Make it a group: Typer makes none of one command alone."""


@app.command("run")
def run(
    *,
    leave_idle: Annotated[
        bool,
        optional("--leave-idle", "Stop when nothing is left that could be delivered now."),
    ] = False,
    lease: Annotated[
        float | None,
        optional(
            "--lease",
            "Lease: how long before others take over from a silent one. Default: 60.",
            "SECONDS",
            min=1.0,
        ),
    ] = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Deliver what happened to the endpoints, until Ctrl-C or SIGTERM.

    Any number may run. Each event arrives at least once; what is sent about one payout or campaign
    arrives in its order.
    """
    # asyncio, SQLAlchemy: only who delivers needs them.
    from hongbao.ledger.webhook_book import WebhookBook  # noqa: PLC0415  # see above
    from hongbao.webhooks.deliverer import LEASE_SECONDS  # noqa: PLC0415  # see above
    from hongbao.webhooks.delivering import deliver  # noqa: PLC0415  # see above

    configuration = read_configuration(config)
    with books.open_books(configuration) as book, setting_an_event() as stop:
        if not as_json:
            print_text(said("Delivering webhooks. Ctrl-C ends it."), error=True)
        progress = deliver(
            configuration,
            book.through(WebhookBook),
            stop,
            leave_idle=leave_idle,
            lease_seconds=LEASE_SECONDS if lease is None else lease,
        )
    found = {"arrived": progress.arrived, "failed": progress.failed}
    text = said(
        "{arrived} delivered, {failed} tries failed.",
        arrived=progress.arrived,
        failed=progress.failed,
    )
    return CommandResult(found, text, outcome="drained", as_json=as_json)
