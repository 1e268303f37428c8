"""The program's door: it finds out whether the extra is there before anything needs it."""

from __future__ import annotations

import gc
import json
import sys

from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import interrupt, leaving
from hongbao.version import __version__

_EXTRA = ("typer", "rich")


_NEW_OBJECTS = 50_000


def main() -> None:
    """Run the program with the process's arguments, and exit."""
    if sys.argv[1:] == ["--version"]:  # which the client alone can say
        print(__version__)
        return
    try:
        interrupt()  # SIGTERM too: whatever is begun is tidied up, and said
        try:
            _main()
        except SystemExit as left:
            leaving(left.code if isinstance(left.code, int) else ExitCode.UNEXPECTED)
            raise
    except KeyboardInterrupt:  # while it was still starting, or when all was said
        leaving(ExitCode.INTERRUPTED)
        sys.exit(_interrupted())


def collect_seldom() -> None:
    """Look for circles of objects when there are many new ones, not after every 700.

    Batches of rows and results live for a while and hold no circles: looking at them again and
    again took a tenth of a worker's and of an import's time. Only programs do this, which own
    their process; the library leaves the collector as it finds it.
    """
    gc.set_threshold(_NEW_OBJECTS)


def _main() -> None:
    collect_seldom()  # what is imported makes no circles either
    try:
        import rich  # noqa: F401, PLC0415  # the demo needs it, later

        from hongbao.cli.app import app  # noqa: PLC0415  # needs the extra, which may be absent
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.exit(_without_extra())
    try:
        app(prog_name="hongbao")
    finally:
        gc.freeze()  # the process ends: Python would look for circles in all that was imported


def _interrupted() -> ExitCode:
    answers = sys.modules.get("hongbao.cli.answer")
    if answers is not None and answers.documents_said():
        return ExitCode.INTERRUPTED
    # What says it else may be what has not been loaded yet.
    _tell(
        "interrupted",
        ExitCode.INTERRUPTED,
        {
            "kind": "Interrupted",
            "happened": "Interrupted.",
            "money": "no: nothing was sent",
            "todo": "Run the command again when you like.",
        },
    )
    return ExitCode.INTERRUPTED


def _without_extra() -> ExitCode:
    from hongbao.cli.language import language  # noqa: PLC0415  # as in group, which is not there
    from hongbao.sentences import said_in, say  # noqa: PLC0415  # the same

    happened = say("The command line needs the extra 'cli', which is not installed.")
    todo = say("Install it: pip install '.[cli]' in a clone of hongbao.")
    tongue = language(sys.argv[1:])
    print(said_in(tongue, say("{happened} {todo}", happened=happened, todo=todo)), file=sys.stderr)
    error = {"kind": "ConfigurationError", "happened": happened, "todo": todo}
    _tell("configuration", ExitCode.CONFIGURATION, error)
    return ExitCode.CONFIGURATION


def _tell(outcome: str, code: ExitCode, error: dict[str, str]) -> None:
    if "--json" in sys.argv:
        print(json.dumps({"outcome": outcome, "exit_code": int(code), "error": error}), flush=True)
