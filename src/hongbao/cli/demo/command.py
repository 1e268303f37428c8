"""``hongbao demo``: what the program does, on a simulated WeChat."""

import time
from importlib.resources import as_file, files
from typing import Annotated

import typer

from hongbao.cli.answer import print_json, print_text
from hongbao.cli.demo.calls import command as calls
from hongbao.cli.demo.folder import throwaway
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.options import AsJson
from hongbao.cli.program import typed
from hongbao.cli.signals import interrupting

LIST = "campaign.csv"
"""The list that comes with the package."""

app = typer.Typer(
    cls=HongbaoGroup,
    help="""Pay a list of 300 on a simulated WeChat.

    Replies get lost, the account runs dry, a worker is killed; in the end nobody was paid twice,
    nobody was lost, and the books agree with WeChat's.
    """,
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.command("calls")(calls.demo)


@app.callback()
def demo(
    context: typer.Context,
    *,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Leave the settings, books and report.", show_default=False),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="Show every command and what it prints.", show_default=False
        ),
    ] = False,
    as_json: AsJson = False,
) -> ExitCode | None:
    """Pay a list of 300 on a simulated WeChat."""
    if context.invoked_subcommand is not None:
        return None
    # The demo alone needs books and a process, and --help must be fast.
    from hongbao.cli.demo.campaign import words  # noqa: PLC0415  # see above
    from hongbao.cli.demo.campaign.course import run  # noqa: PLC0415  # see above
    from hongbao.cli.demo.campaign.terminal import Shows  # noqa: PLC0415  # see above
    from hongbao.cli.demo.simulator_process import SimulatorProcess  # noqa: PLC0415  # see above

    seen = Shows.TRANSCRIPT if verbose else Shows.STAGES
    shows = Shows.NOTHING if as_json else seen
    started = time.monotonic()
    recipients = as_file(files("hongbao.cli.demo.campaign") / LIST)
    with interrupting(), throwaway(kept=keep) as folder, recipients as path:
        with SimulatorProcess(folder, kept=False, clock="real") as simulator:
            course = run(folder, simulator.ready, path, shows)
        seconds = time.monotonic() - started
        code = ExitCode.DONE if course.proof.holds else ExitCode.UNEXPECTED
        if as_json:
            found = words.document(course.proof, faults=course.faults, seconds=seconds)
            outcome = "agrees" if course.proof.holds else "differs"
            kept = str(folder) if keep else None
            print_json({"outcome": outcome, "exit_code": int(code), **found, "kept": kept})
        else:
            print_text("\n" + words.shown(course.proof, faults=course.faults, seconds=seconds))
            if keep:
                print_text(f"Kept: {folder}")
            print_text(f"Next: {typed()} demo calls, and {typed()} init for your own merchant.")
    return code
