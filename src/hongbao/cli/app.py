"""The program: which commands there are. Each stands in a module of its own."""

import sys
from typing import Annotated

import typer

from hongbao.cli import audit, claim, db, explain, init, merchants, query, simulator, worker
from hongbao.cli.campaign import command as campaign
from hongbao.cli.demo import command as demo
from hongbao.cli.doctor import command as doctor
from hongbao.cli.exit_code import epilog
from hongbao.cli.explain_sign import command as explain_sign
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.payout import command as payout
from hongbao.cli.send import command as send
from hongbao.version import __version__

# Plain help: it reads the same in a terminal, a pipe and a ticket, and starts in half the time.
app = typer.Typer(
    cls=HongbaoGroup,
    help="WeChat Pay cash red packets (微信现金红包), and a simulated WeChat to try them on.",
    epilog=epilog(),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.add_typer(campaign.app, name="campaign")
app.command("worker")(worker.worker)
app.add_typer(payout.app, name="payout")
app.command("audit")(audit.audit)
app.add_typer(merchants.app, name="merchant")
app.add_typer(db.app, name="db")
app.add_typer(send.app, name="send")
app.command("query")(query.query)
app.command("claim-params")(claim.claim_params)
app.command("explain")(explain.explain)
app.command("explain-sign")(explain_sign.explain_sign)
app.command("doctor")(doctor.doctor)
app.command("simulator")(simulator.simulator)
app.add_typer(demo.app, name="demo")


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # the signature is Typer's
    if wanted:
        print(__version__)
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
