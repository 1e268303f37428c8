"""The program: which commands there are, where each stands, and what holds for all of them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from hongbao.cli.answer import print_text
from hongbao.cli.exit_code import epilog
from hongbao.cli.lazy_group import LANGUAGE, LazyGroup, Place
from hongbao.sentences import Tongue
from hongbao.version import __version__

COMMANDS = {
    "demo": Place("demo.demo", "demo", "Pay a list of 300 on a simulated WeChat."),
    "simulator": Place("simulator", "simulator", "Run a simulated WeChat until Ctrl-C or SIGTERM."),
    "init": Place("init", "init", "Write a hongbao.toml to begin with."),
    "doctor": Place("doctor.doctor", "doctor", "Check key, certificate and connection."),
    "campaign": Place(
        "campaign.commands", "app", "Pay a list: check it, approve it, run it, report it."
    ),
    "worker": Place("worker", "worker", "Pay what is due, until Ctrl-C or SIGTERM."),
    "workers": Place("workers", "workers", "Show which workers are alive, and which are silent."),
    "stop-all": Place(
        "stopping",
        "stop_all",
        "Stop sending at once, for all merchants.",
    ),
    "resume-all": Place(
        "stopping", "resume_all", "Send again for the merchants that stop-all has stopped."
    ),
    "payout": Place("payout.commands", "app", "Find payouts, look at one, or act on it."),
    "events": Place("events", "events", "Print what happened, as lines of JSON."),
    "webhook": Place("webhook", "app", "Post what happens to URLs of other programs."),
    "webhooks": Place("webhooks", "app", "Deliver webhooks."),
    "metrics": Place("metrics", "metrics", "Serve what the books say now to Prometheus."),
    "notify": Place(
        "notify",
        "notify",
        "Take what WeChat posts when transfers end.",
    ),
    "console": Place("console", "app", "Serve the pages of those who make and approve campaigns."),
    "audit": Place("audit", "app", "Prove that the books agree with themselves."),
    "reconcile": Place("reconcile.commands", "app", "Hold WeChat's own bills against the books."),
    "merchant": Place("merchants", "app", "Show the merchants that pay, and set their limits."),
    "operator": Place("operators", "app", "Say whose keys sign decisions."),
    "db": Place("db", "app", "Look at the schema of the books, or upgrade or prune them."),
    "send": Place("send", "app", "Send one packet of any kind."),
    "query": Place("packet", "query", "Ask WeChat what became of a packet."),
    "claim-params": Place("packet", "claim_params", "Sign the claim of a mini-program packet."),
    "explain": Place("explain", "explain", "Say what a code means and what to do."),
    "explain-sign": Place(
        "explain_sign.explain_sign", "explain_sign", "Show what was signed and what is wrong."
    ),
}
"""In the order of ``--help``: what a newcomer tries first stands first."""


class Commands(LazyGroup):
    """The commands of the program."""

    places = COMMANDS

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # the signature is Typer's
        """The exit codes, in the language of the reader."""
        self.epilog = epilog()
        super().format_epilog(ctx, formatter)


# Plain help: it reads the same in a terminal, a pipe and a ticket, and starts in half the time.
app = typer.Typer(
    cls=Commands,
    help="WeChat Pay cash red packets (微信现金红包), and a simulated WeChat to try them on.",
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
    lang: Annotated[Tongue | None, LANGUAGE] = None,  # noqa: ARG001  # HongbaoGroup has acted on it
) -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese gets escapes rather than a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
