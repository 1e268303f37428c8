"""The program: which commands there are, where each stands, and what holds for all of them.

None is loaded before it is called: so ``--help``, ``--version`` and a shell that completes a
command's name wait for none of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from hongbao.cli.answer import print_text
from hongbao.cli.examples import example
from hongbao.cli.exit_code import epilog
from hongbao.cli.group import HongbaoGroup
from hongbao.version import __version__


class Place(NamedTuple):
    """The place of a command in the code.

    Attributes:
        module: below ``hongbao.cli``.
        name: of the function, or of the Typer of a group, in it.
        told: what the list of commands says of it; its own help begins so too.
    """

    module: str
    name: str
    told: str


COMMANDS = {
    "demo": Place("demo.demo", "demo", "Pay a list of 300 on a simulated WeChat."),
    "simulator": Place("simulator", "simulator", "Run a simulated WeChat until Ctrl-C or SIGTERM."),
    "init": Place("init", "init", "Write a hongbao.toml to begin with."),
    "doctor": Place("doctor.doctor", "doctor", "Check key, certificate and connection."),
    "campaign": Place(
        "campaign.commands", "app", "Pay a list: check it, approve it, run it, report it."
    ),
    "worker": Place("worker", "worker", "Pay what is due, until Ctrl-C or SIGTERM."),
    "payout": Place("payout", "app", "Look at one payout, or act on it."),
    "audit": Place("audit", "app", "Prove that the books agree with themselves."),
    "merchant": Place("merchants", "app", "Show the merchants that pay."),
    "db": Place("db", "app", "Look at the schema of the books, or upgrade it."),
    "send": Place("send", "app", "Send one packet of any kind."),
    "query": Place("packet", "query", "Ask WeChat what became of a packet."),
    "claim-params": Place("packet", "claim_params", "Sign the claim of a mini-program packet."),
    "explain": Place("explain", "explain", "Say what a code means and what to do."),
    "explain-sign": Place(
        "explain_sign.explain_sign", "explain_sign", "Show what was signed and what is wrong."
    ),
}
"""In the order of ``--help``: what a newcomer tries first stands first."""


class Commands(HongbaoGroup):
    """The program: lists its commands as ``COMMANDS`` tells them, and loads the one that is called.

    Args:
        given: what Typer makes a group of.
    """

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  # the signature is Typer's
        super().__init__(**given)
        self.commands = {name: _listed(name) for name in COMMANDS}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # the same
        """The command that is called, itself."""
        if args[0] in COMMANDS:
            self.commands[args[0]] = _loaded(args[0])
        return super().resolve_command(ctx, args)


def _listed(name: str) -> TyperCommand:
    return TyperCommand(name, help=COMMANDS[name].told)


def _loaded(name: str) -> Any:  # noqa: ANN401  # Typer has no public name for it
    place = COMMANDS[name]
    found = getattr(import_module(f"hongbao.cli.{place.module}"), place.name)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.epilog = example(name)
    for its_name, its_command in getattr(command, "commands", {}).items():
        its_command.epilog = example(f"{name} {its_name}")
    return command


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
