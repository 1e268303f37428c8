"""``hongbao simulator``: a simulated WeChat that runs until it is told to stop."""

import json
import os
import time
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao.cli.answer import print_json, print_text
from hongbao.cli.connect_words import document, instructions
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson
from hongbao.cli.signals import setting_an_event
from hongbao.errors import ConfigurationError, InvalidRequest

if TYPE_CHECKING:
    from hongbao.simulator.app import App
    from hongbao.simulator.faults import Plan

PORT_MAX = 65_535
_STDIN = 0
_FAULTS_BYTES_MAX = 1024 * 1024  # a thousand rules, which is the most, are a tenth of it


class ClockKind(StrEnum):
    """How the simulated time goes."""

    REAL = "real"
    MANUAL = "manual"


Folder: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--dir",
        metavar="DIR",
        help="Its own folder: certificates and a demo merchant's files; made if missing.",
        show_default=False,
    ),
]
Port: TypeAlias = Annotated[
    int, typer.Option(help="WeChat's port; 0 for any that is free.", min=0, max=PORT_MAX)
]
ControlPort: TypeAlias = Annotated[
    int, typer.Option(help="The control port, on loopback; 0 for any.", min=0, max=PORT_MAX)
]
Host: TypeAlias = Annotated[
    str, typer.Option(help="Where WeChat's port listens; 0.0.0.0 for other machines too.")
]
Names: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="A further host name for the server's certificate; may be given several times.",
        show_default=False,
    ),
]
Clock: TypeAlias = Annotated[
    ClockKind, typer.Option(help="A manual clock stands still until the control port moves it.")
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option(help="Of all chance; drawn if left out.", show_default=False)
]
FaultsPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A script of faults in JSON.", show_default=False),
]
Keep: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--keep",
        help="Keep the world in DIR; started again it goes on, with its clock, chance and faults.",
        show_default=False,
    ),
]
StopWithStdin: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--stop-with-stdin",
        help="Stop when stdin ends, so as not to outlive what started it.",
        show_default=False,
    ),
]


def simulator(
    *,
    folder: Folder,
    port: Port = 8443,
    control_port: ControlPort = 8444,
    host: Host = "localhost",
    name: Names = None,
    clock: Clock = ClockKind.REAL,
    seed: Seed = None,
    faults: FaultsPath = None,
    keep: Keep = False,
    stop_with_stdin: StopWithStdin = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Run a simulated WeChat until Ctrl-C or SIGTERM."""
    # The server, its certificates and asyncio: this command alone needs them.
    from hongbao.simulator.clock import ManualClock, RealClock  # noqa: PLC0415  # see above
    from hongbao.simulator.simulator import Simulator  # noqa: PLC0415  # see above

    script = _read_faults(faults)
    time_of_day = ManualClock(time.time()) if clock is ClockKind.MANUAL else RealClock()
    with (
        setting_an_event() as stop,
        Simulator.start(
            folder,
            host=host,
            port=port,
            control_port_number=control_port,
            names=tuple(name or ()),
            clock=time_of_day,
            seed=seed,
            keep=keep,
        ) as running,
    ):
        if stop_with_stdin:
            Thread(target=_await_end_of_stdin, args=(stop,), daemon=True).start()
        if script is not None and not running.goes_on:
            _let_happen(running.simulation.app, script)
        if as_json:
            print_json(document(running))
        else:
            print_text(instructions(running))
        _wait(stop)
    return ExitCode.DONE


def _let_happen(app: "App", script: "Plan") -> None:
    with app.lock:
        app.script(script)
        if app.keep is not None:
            app.keep(everything=True)


def _read_faults(path: Path | None) -> "Plan | None":
    """The script of a file, read before anything is started.

    Raises:
        ConfigurationError: if it cannot be read.
        InvalidRequest: naming what is wrong in it.
    """
    from hongbao.simulator.fault_script import parse_plan  # noqa: PLC0415  # as above

    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            text = stream.read(_FAULTS_BYTES_MAX)
        return parse_plan(json.loads(text))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except ValueError as error:
        if isinstance(error, InvalidRequest):
            raise
        problem = "is no JSON"
    raise ConfigurationError(setting=str(path), problem=problem, remedy="See docs/simulator.md.")


def _await_end_of_stdin(stop: Event) -> None:
    # Past Python's own buffer, which a thread must not hold while the process ends.
    while os.read(_STDIN, 1024):
        pass
    stop.set()


def _wait(stop: Event) -> None:
    # On Windows a wait without an end would not let Ctrl-C through.
    while not stop.wait(3600):
        pass
