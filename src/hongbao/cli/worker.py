"""``hongbao worker``: pays what is due, of all approved campaigns, until it is told to leave."""

import time

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, ConfigPath, Lease, LeaveIdle, OnlyMerchants
from hongbao.cli.working import worked
from hongbao.configuration.file import read_configuration


def worker(
    *,
    merchant: OnlyMerchants = None,
    leave_idle: LeaveIdle = None,
    lease: Lease = None,
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

    configuration = read_configuration(config)
    started = time.monotonic()
    with (
        worked() as work,
        books.open_books(configuration) as book,
        Display(quiet=as_json) as display,
    ):
        engine = prepare(
            configuration,
            book,
            merchant or list(configuration.profiles),
            lease_seconds=lease,
            left_out=None if merchant else lambda error: display.say(f"Left out: {error}"),
        )
        if not as_json:
            display.say(f"{engine.name} works for {', '.join(engine.merchants)}. Ctrl-C drains.")
        progress, _ = run(engine, display, work, leave_idle=leave_idle)
        seconds = time.monotonic() - started
        found = {
            "worker": engine.name,
            "claimed": progress.claimed,
            "recorded": dict(progress.recorded),
            "late": progress.late,
            "rejected": progress.rejected,
            "seconds": round(seconds, 3),
        }
        text = f"Drained after {seconds:.1f} s: {counts(progress.recorded)}."
        return CommandResult(found, text, outcome="drained", as_json=as_json)
