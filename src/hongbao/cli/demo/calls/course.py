"""The demo's course: prepare, send, claim, let days pass, ask, compare; and how it is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from hongbao.cli.demo.calls import books as accounts
from hongbao.cli.demo.calls import words
from hongbao.cli.demo.calls.payouts import Clients, send_row
from hongbao.cli.demo.calls.stage import Stage
from hongbao.cli.program import typed
from hongbao.client.merchant import Merchant
from hongbao.client.sync import RedPack
from hongbao.testing.control_client import ControlClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hongbao.cli.demo.calls.payouts import Payout
    from hongbao.cli.demo.calls.recipients import Recipient
    from hongbao.money import Fen


def run(
    ready: Mapping[str, Any],
    rows: Sequence[Recipient],
    balance: Fen,
    *,
    started: float,
    quiet: bool,
) -> words.Result:
    """Play the whole demo against a simulator that is ready.

    Args:
        ready: what the simulator said when it was.
        rows: whom to send what.
        balance: of the merchant's account, in fen.
        started: when the demo began, by the monotonic clock.
        quiet: without a progress bar.

    Raises:
        ControlRefused: if the simulator's control port does not do as it should.
        OutcomeUnknown: if a query fails.
    """
    merchant = next(iter(ready["merchants"].values()))
    with (
        RedPack(Merchant.from_toml(merchant["settings"])) as official,
        RedPack(Merchant.from_toml(merchant["mini_program_settings"])) as mini_program,
        _progress(quiet=quiet) as progress,
    ):
        clients = Clients(official=official, mini_program=mini_program)
        stage = Stage(ControlClient(ready["control_url"]), clients)
        stage.prepare(rows, balance=balance)
        payouts = _send(rows, clients, stage, progress)
        for payout in progress.track(payouts, description="users claim"):
            stage.claim(payout)
        stage.pass_a_day()
        stage.pass_two_more_days()
        return _settle(payouts, clients, stage, progress, started=started)


def show(
    result: words.Result, ready: Mapping[str, Any], *, process_id: int, kept: Path | None
) -> None:
    """Print the tables, and what to try next."""
    console = Console(highlight=False)
    for table in (
        words.kinds_table(result),
        words.reasons_table(result),
        words.books_table(result),
    ):
        console.print(table)
    console.print(words.closing(result), markup=False)
    console.print(f"\n{_what_next(ready, process_id, kept)}", markup=False, soft_wrap=True)


def _send(
    rows: Sequence[Recipient], clients: Clients, stage: Stage, progress: Progress
) -> list[Payout]:
    seen: set[str] = set()
    payouts = []
    for row in progress.track(rows, description="sending"):
        payouts.append(send_row(row, clients, seen=seen, wait=stage.pass_a_second))
        stage.pass_a_second()
    return payouts


def _settle(
    payouts: list[Payout], clients: Clients, stage: Stage, progress: Progress, *, started: float
) -> words.Result:
    numbers = len(accounts.numbers_told(payouts))
    task = progress.add_task("asking WeChat", total=numbers)

    def after_each() -> None:
        stage.pass_a_second()
        progress.advance(task)

    infos = accounts.ask_for_all(payouts, clients, after_each=after_each)
    books = accounts.by_kind(payouts, infos)
    return words.Result(
        payouts=payouts,
        infos=infos,
        books=books,
        ours=accounts.totals_of(books.values()),
        theirs=stage.totals(),
        audit=stage.audit(),
        seconds=time.monotonic() - started,
    )


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description:14}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )


def _what_next(ready: Mapping[str, Any], process_id: int, kept: Path | None) -> str:
    program = typed()
    if kept is None:
        tips = (
            (f"{program} demo calls --keep", "the same, and the simulator goes on"),
            (f"{program} simulator --dir sandbox", "a simulated WeChat for your own program"),
            (f"{program} explain NOTENOUGH --lang both", "a code, in English and Chinese"),
            (f"{program} doctor --merchant PATH", "is a merchant fit to pay?"),
            ("examples/", "ten lines of Python each"),
        )
        width = max(len(command) for command, _ in tips)
        return "\n".join(["Try next:", *[f"  {left:{width}}  {right}" for left, right in tips]])
    settings = next(iter(ready["merchants"].values()))["settings"]
    lines = [
        f"The simulator goes on: {ready['base_url']}, control {ready['control_url']}.",
        f"  {program} doctor --merchant {settings}",
        f"  curl {ready['control_url']}totals",
        f"Stop it with: kill {process_id} && rm -r {kept}",
    ]
    return "\n".join(lines)
