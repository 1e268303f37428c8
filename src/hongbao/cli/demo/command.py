"""``hongbao demo``: what the program does, on a simulated WeChat."""

import typer

from hongbao.cli.demo.calls import command as calls
from hongbao.cli.group import HongbaoGroup

app = typer.Typer(
    cls=HongbaoGroup,
    help="See it pay on a simulated WeChat.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("calls")(calls.demo)
