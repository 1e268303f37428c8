"""``hongbao demo``: what the program does, on a simulated WeChat."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

from hongbao.cli.answer import print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import interrupting, unheeded
from hongbao.cli.options import AsJson, optional
from hongbao.cli.program import typed
from hongbao.sentences import said

LIST = "campaign.csv"
"""The list that comes with the package."""


def demo(
    *,
    keep: Annotated[
        bool,
        optional("--keep", "Keep the settings, books and report."),
    ] = False,
    verbose: Annotated[
        bool,
        optional("--verbose", "Show every command and its output."),
    ] = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Pay a list of 300 on a simulated WeChat.

    Replies get lost, the account runs dry, and a worker is killed. In the end nobody was paid
    twice, nobody was left out, and the books agree with WeChat's.
    """
    # The demo alone needs books and a process, and --help must be fast.
    from hongbao.cli.demo import proof  # noqa: PLC0415  # see above
    from hongbao.cli.demo.course import run  # noqa: PLC0415  # see above
    from hongbao.cli.demo.processes import Shows, SimulatorProcess  # noqa: PLC0415  # see above

    seen = Shows.TRANSCRIPT if verbose else Shows.STAGES
    shows = Shows.NOTHING if as_json else seen
    started = time.monotonic()
    recipients = as_file(files("hongbao.cli.demo") / LIST)
    with interrupting(), throwaway(kept=keep) as folder, recipients as path:
        with SimulatorProcess(folder) as simulator:
            course = run(folder, simulator.ready, path, shows)
        seconds = time.monotonic() - started
        code = ExitCode.DONE if course.proof.holds else ExitCode.UNEXPECTED
        if as_json:
            found = proof.document(course.proof, faults=course.faults, seconds=seconds)
            outcome = "agrees" if course.proof.holds else "differs"
            kept = str(folder) if keep else None
            print_json({"outcome": outcome, "exit_code": int(code), **found, "kept": kept})
        else:
            print_text("\n" + proof.shown(course.proof, faults=course.faults, seconds=seconds))
            if keep:
                print_text(said("Kept: {folder}", folder=folder))
            print_text(said("Next: {command} init for your own merchant.", command=typed()))
    return code


@contextmanager
def throwaway(*, kept: bool) -> Iterator[Path]:
    """A folder that is gone at the end, unless it is kept and all went well."""
    folder = Path(tempfile.mkdtemp(prefix="hongbao-demo-"))
    try:
        yield folder
    except BaseException:
        _remove(folder)
        raise
    if not kept:
        _remove(folder)


def _remove(folder: Path) -> None:
    with unheeded():
        shutil.rmtree(folder, ignore_errors=True)
