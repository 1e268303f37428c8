"""The course of the campaign's demo: import, approve, pay, be killed, run dry, go on, settle."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from hongbao.cli.demo.processes import Shows, Terminal, end
from hongbao.cli.demo.proof import DemoAudit, prove, stage_line, with_transfers
from hongbao.cli.demo.stage import SEED, Stage
from hongbao.cli.demo.transfers import TRANSFERS_NAME, TransferCourse
from hongbao.cli.exit_code import ExitCode
from hongbao.client.merchant import Merchant
from hongbao.client.sync import RedPack
from hongbao.errors import ConfigurationError
from hongbao.ledger.book import Book
from hongbao.ledger.model.bill import BreakKind
from hongbao.ledger.model.payout import State, Task
from hongbao.sentences import marked, said, say
from hongbao.simulator.settings import FOREIGN_PREFIX

NAME = "spring"
"""The campaign's."""
PROFILE = "demo"
"""The merchant's, in hongbao.toml."""
SENDER = "示例茶馆"
"""What the receivers read: the demo's teahouse."""
CALLS_PER_SECOND = 60
"""Twice what WeChat grants, so that nobody waits."""
LEASE_SECONDS = "4"
"""Short, so that nobody waits long for what a killed worker held."""
PATIENCE = ("--lease", LEASE_SECONDS, "--leave-idle", "2")
"""Options of a worker: what is due only in minutes, or when a lease ends, is left to the next."""

_OWN_SETTINGS = (
    "total_seconds = 2",  # no call may take longer than a lease
    f"rate = {CALLS_PER_SECOND}",
    'hours = "00:00-24:00"',  # whenever the demo is looked at
)
_KILLED_AFTER = 30  # percent of the list are paid
_DRY_AFTER = 60  # percent of the list's money are on the account
_DRY_RUNS_MAX = 3
_SETTLE_SECONDS = 600  # what was not found is sent again within minutes
_DAY = 25 * 3600  # after which what nobody opened goes back
# More of them than a quick machine needs: a timeout is one more call in doubt. Minutes come before
# days, for a number is sent again on its first day alone.
_MINUTES = (
    (_SETTLE_SECONDS, marked("Ten minutes later: what is lost, again")),
    *((_SETTLE_SECONDS, marked("Ten more minutes later")),) * 9,
)
_DAYS = (
    (11 * 60, marked("Ten minutes later")),
    (_DAY, marked("A day later")),
    *((_DAY, marked("Another day later")),) * 4,
)
_WATCH_SECONDS = 0.1
_WATCH_SECONDS_MAX = 60.0


class DemoRun(NamedTuple):
    """What the demo found, and how much went wrong on the way."""

    proof: DemoAudit
    faults: int


def run(folder: Path, ready: Mapping[str, Any], recipients: Path, shows: Shows) -> DemoRun:
    """Play the whole demo against a simulator that is ready.

    Args:
        folder: for its settings and books.
        ready: what the simulator said when it was.
        recipients: the list.
        shows: how much is seen on the way.

    Raises:
        ConfigurationError: if a command does not end as it must.
        ControlRefused: if the simulator's control port does not do as it should.
    """
    (mch_id, merchant), *_ = ready["merchants"].items()
    stage, terminal = Stage(ready["control_url"], mch_id), Terminal(folder, shows)
    configure(terminal, folder, merchant, ready["control_url"])
    draft(terminal, recipients)
    with Book.open(str(folder / "books.db")) as book:
        planned = book.standing(NAME).campaign.planned
        _tell(terminal, book, said("Imported twice, known once; approved"))
        stage.prepare(
            book.payouts_of(NAME),
            balance=planned * _DRY_AFTER // 100,
            calls_per_second=2 * CALLS_PER_SECOND,
        )
        _pay_until_killed(terminal, book)
        _pay_until_dry(terminal, stage, book)
        terminal.say(said("The account is topped up."))
        stage.top_up(planned)
        _pay_the_rest(terminal, stage, book)
        _settle(terminal, stage, book, merchant)
        breaks = _reconcile(terminal, stage, book)
        terminal.run("campaign", "report", NAME, "--output", "report.csv")
        proof = prove(
            book.payouts_of(NAME), book.standing(NAME), payments=stage.payments(),
            totals=stage.totals(), findings=(), breaks=breaks,
        )  # fmt: skip
        proof = _with_transfers(terminal, stage, book, folder, proof)
        audit = terminal.run("audit")
        findings: list[str] = (
            [] if audit == ExitCode.DONE else [say("hongbao audit has findings: see above")]
        )
        findings += [stage.audit()] if stage.audit() else []
    return DemoRun(replace(proof, findings=tuple(findings)), stage.faults())


def _with_transfers(
    terminal: Terminal, stage: Stage, book: Book, folder: Path, packets: DemoAudit
) -> DemoAudit:
    """Pay another list by transfers, and prove that, too."""
    payments, totals = stage.payments(), stage.totals()
    transfers = TransferCourse(terminal, stage.control, stage.mch_id, patience=PATIENCE)
    if not transfers.run(folder, book, seed=SEED):
        raise _astray(say("a command of the transfers failed"))
    return with_transfers(
        packets,
        book.payouts_of(TRANSFERS_NAME),
        payments={it: n for it, n in stage.payments().items() if it not in payments},
        before=totals,
        after=stage.totals(),
    )


def draft(terminal: Terminal, recipients: Path) -> None:
    """Import the list, twice as it happens, and approve it."""
    new = ("campaign", "new", str(recipients), "--merchant", PROFILE, "--name", NAME)
    _expect(terminal.run(*new, "--unit", "yuan"), ExitCode.DONE)
    terminal.say("\nThe same list again, as it happens:")
    _expect(terminal.run(*new, "--unit", "yuan"), ExitCode.DONE)
    _expect(terminal.run("campaign", "approve", NAME, "--yes"), ExitCode.DONE)


def _pay_until_killed(terminal: Terminal, book: Book) -> None:
    worker = terminal.start("worker", "--lease", LEASE_SECONDS)
    try:
        deadline, before = time.monotonic() + _WATCH_SECONDS_MAX, 0
        rows = book.standing(NAME).campaign.rows
        while 100 * (sent := book.standing(NAME).total(State.SENT).payouts) < _KILLED_AFTER * rows:
            if sent > before:  # a busy machine is slow, and not at a standstill
                deadline, before = time.monotonic() + _WATCH_SECONDS_MAX, sent
            if worker.poll() is not None or time.monotonic() > deadline:
                raise _astray(say("the worker did not pay"))
            time.sleep(_WATCH_SECONDS)
        terminal.kill(worker)
    finally:
        end(worker)
    _expect(terminal.run("campaign", "status", NAME), None)
    _tell(terminal, book, said("A worker pays, and is killed with kill -9"))


def _pay_until_dry(terminal: Terminal, stage: Stage, book: Book) -> None:
    terminal.say(
        said("Another worker takes over what the dead one held, and asks before it sends:")
    )
    for _ in range(_DRY_RUNS_MAX):
        terminal.run("campaign", "run", NAME, *PATIENCE)
        if book.standing(NAME).merchant_stop is not None:
            _tell(terminal, book, said("The next one goes on; the account is dry"))
            return
        # Of a short list the dead worker may have held all that is left.
        stage.pass_time(_SETTLE_SECONDS)
    raise _astray(say("the account did not run dry"))


def _pay_the_rest(terminal: Terminal, stage: Stage, book: Book) -> None:
    _expect(terminal.run("campaign", "resume", NAME), ExitCode.DONE)
    terminal.run("campaign", "run", NAME, *PATIENCE)
    _tell(terminal, book, said("Topped up and resumed, the same numbers"))
    stage.calm()
    _pass_time(terminal, stage, book, _MINUTES, until_none=(Task.SEND, Task.QUERY))


def _settle(terminal: Terminal, stage: Stage, book: Book, merchant: Mapping[str, Any]) -> None:
    with RedPack(Merchant.from_toml(merchant["mini_program_settings"])) as mini_program:
        opened = stage.claim(book.payouts_of(NAME), mini_program)
    terminal.say(said("{opened} users open their packets; the others let them lie.", opened=opened))
    _tell(terminal, book, said("{opened} users open their packets", opened=opened))
    _pass_time(terminal, stage, book, _DAYS, until_none=Task)


def _reconcile(terminal: Terminal, stage: Stage, book: Book) -> int:
    """Hold WeChat's own bills against the books; how many breaks are left."""
    terminal.say(said("Two days later the last of WeChat's bills can be had:"))
    stage.pass_time(2 * _DAY)
    _expect(terminal.run("reconcile", "fetch"), ExitCode.DONE)
    terminal.run("reconcile", "run")
    terminal.say(said("The top-up is no packet; an operator says so, once:"))
    for it in list(book.bills.breaks()):
        if it.difference.kind is BreakKind.UNKNOWN_KIND:
            close_options = ("--as", "others", "--reason", said("money that we put in"))
            _expect(terminal.run("reconcile", "close", str(it.id), *close_options), ExitCode.DONE)
    terminal.run("reconcile", "run")
    breaks = sum(1 for _ in book.bills.breaks())
    _tell(terminal, book, said("WeChat's bills, to the fen: {breaks} breaks", breaks=breaks))
    return breaks


def _pass_time(
    terminal: Terminal,
    stage: Stage,
    book: Book,
    steps: Iterable[tuple[float, str]],
    *,
    until_none: Iterable[Task],
) -> None:
    """Let time pass and a worker run, step by step, while any of these tasks is left."""
    for seconds, words in steps:
        tasks = {it.task for it in book.payouts_of(NAME) if not it.payee.startswith(FOREIGN_PREFIX)}
        if tasks.isdisjoint(until_none):  # who can never be paid may be asked about for weeks
            return
        terminal.say(said("{what}:", what=said(words)))
        stage.pass_time(seconds)
        terminal.run("campaign", "run", NAME, *PATIENCE)
        _tell(terminal, book, said(words))


def _tell(terminal: Terminal, book: Book, stage: str) -> None:
    terminal.tell(stage_line(stage, book.standing(NAME)))


def configure(
    terminal: Terminal, folder: Path, merchant: Mapping[str, Any], control_url: str
) -> None:
    """Write the demo's settings."""
    _expect(
        terminal.run("init", "--merchant", merchant["settings"], "--name", PROFILE), ExitCode.DONE
    )
    settings = folder / "hongbao.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    ours = {line.partition(" ")[0]: line for line in _OWN_SETTINGS}
    lines = [line for line in lines if line.partition(" ")[0] not in ours]
    table = lines.index(f"[merchants.{PROFILE}]") + 1
    lines[table:table] = _OWN_SETTINGS
    # The books' time is the simulator's, so that days can pass in a moment.
    lines.insert(0, f'rehearsal_clock = "{control_url}"')
    lines += [f"[merchants.{PROFILE}.texts]", f'send_name = "{SENDER}"', ""]
    settings.write_text("\n".join(lines), encoding="utf-8")


def _expect(code: int, wanted: ExitCode | None) -> None:
    if wanted is not None and code != wanted:
        raise _astray(say("a command ended with exit code {code}", code=code))


def _astray(problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting="demo",
        problem=problem,
        remedy=say("Report it, with what `hongbao demo --verbose` prints."),
    )
