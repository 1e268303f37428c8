"""The program's door: it finds out whether the extra is there before anything needs it."""

from __future__ import annotations

import json
import sys

from hongbao.cli.collector import collect_seldom
from hongbao.cli.exit_code import ExitCode

_EXTRA = ("typer", "rich")


def main() -> None:
    """Run the program with the process's arguments, and exit."""
    try:
        import rich  # noqa: F401, PLC0415  # the demo needs it, later

        from hongbao.cli.app import app  # noqa: PLC0415  # needs the extra, which may be absent
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.exit(_without_extra())
    except KeyboardInterrupt:  # while it was still starting
        sys.exit(ExitCode.INTERRUPTED)
    collect_seldom()
    app(prog_name="hongbao")


def _without_extra() -> ExitCode:
    todo = "pip install 'hongbao[cli]'"
    happened = "The command line needs an extra that is not installed."
    print(f"{happened} Run: {todo}", file=sys.stderr)
    if "--json" in sys.argv:
        error = {"kind": "ConfigurationError", "happened": happened, "todo": todo}
        code = int(ExitCode.CONFIGURATION)
        print(json.dumps({"outcome": "configuration", "exit_code": code, "error": error}))
    return ExitCode.CONFIGURATION
