"""``hongbao demo calls``: a list of recipients, a simulated WeChat, three days in seconds."""

import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from hongbao.cli.answer import print_json, print_text
from hongbao.cli.demo.calls.recipients import Recipient, read_recipients
from hongbao.cli.demo.folder import throwaway
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson
from hongbao.cli.signals import interrupting
from hongbao.money import Fen, parse_yuan

RECIPIENTS = "calls.csv"
"""The list that comes with the package."""


def demo(
    *,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A CSV list such as examples/calls.csv, which is taken if left out.",
            show_default=False,
        ),
    ] = None,
    balance: Annotated[
        str, typer.Option(metavar="YUAN", help="What the merchant has on its account.")
    ] = "300.00",
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Leave the simulator running, and its folder.", show_default=False
        ),
    ] = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Send a list to a simulated WeChat."""
    rows = _read(file)
    fen = parse_yuan(balance)
    with interrupting(), throwaway(kept=keep) as folder:
        return _run(folder, rows, fen, keep=keep, as_json=as_json)


def _run(
    folder: Path, rows: tuple[Recipient, ...], balance: Fen, *, keep: bool, as_json: bool
) -> ExitCode:
    # The demo alone needs tables and a process, and --help must be fast.
    from hongbao.cli.demo.calls.course import run, show  # noqa: PLC0415  # see above
    from hongbao.cli.demo.simulator_process import SimulatorProcess  # noqa: PLC0415  # see above

    started = time.monotonic()
    with SimulatorProcess(folder, kept=keep) as simulator:
        if not as_json:
            where = f"{simulator.ready['base_url']}, process {simulator.process_id}"
            print_text(f"A simulated WeChat runs at {where}.", error=True)
        result = run(simulator.ready, rows, balance, started=started, quiet=as_json)
    code = ExitCode.DONE if result.agrees else ExitCode.UNEXPECTED
    facts = {"process_id": simulator.process_id, "folder": str(folder), **simulator.ready}
    kept = facts if keep else None
    outcome = "agrees" if result.agrees else "differs"
    if as_json:
        from hongbao.cli.demo.calls.words import document  # noqa: PLC0415  # see above

        print_json({"outcome": outcome, "exit_code": int(code), **document(result), "kept": kept})
    else:
        show(
            result, simulator.ready, process_id=simulator.process_id, kept=folder if keep else None
        )
    return code


def _read(file: Path | None) -> tuple[Recipient, ...]:
    if file is not None:
        return read_recipients(file)
    with as_file(files("hongbao.cli.demo.calls") / RECIPIENTS) as packaged:
        return read_recipients(packaged)
