"""The program: what holds for all of its commands."""

import sys
from typing import Annotated

import typer

from hongbao.cli.answer import print_text
from hongbao.cli.commands import Commands
from hongbao.cli.exit_code import epilog
from hongbao.version import __version__

# Plain help: it reads the same in a terminal, a pipe and a ticket, and starts in half the time.
app = typer.Typer(
    cls=Commands,
    help="WeChat Pay cash red packets (微信现金红包), and a simulated WeChat to try them on.",
    epilog=epilog(),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # the signature is Typer's
    if wanted:
        print_text(__version__)
        raise typer.Exit


@app.callback()
def _begin(
    *,
    version: Annotated[  # noqa: ARG001  # the callback has acted on it
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese gets escapes rather than a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
