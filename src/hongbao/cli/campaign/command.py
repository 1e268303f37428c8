"""``hongbao campaign``: its commands. Each stands in a module of its own."""

import typer

from hongbao.cli.campaign import approval, control, listing, lists, report, running
from hongbao.cli.group import HongbaoGroup

app = typer.Typer(
    cls=HongbaoGroup,
    help="Pay a list: check it, approve it, run it, report it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("new")(lists.new)
app.command("extend")(lists.extend)
app.command("replace")(lists.replace)
app.command("approve")(approval.approve)
app.command("run")(running.run)
app.command("status")(listing.status)
app.command("list")(listing.list_campaigns)
app.command("pause")(control.pause)
app.command("resume")(control.resume)
app.command("cancel")(control.cancel)
app.command("report")(report.report)
