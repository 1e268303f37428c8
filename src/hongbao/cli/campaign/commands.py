"""``hongbao campaign``: its commands. Each stands in a module of its own."""

from hongbao.cli.campaign import decisions, listing, lists, report, running, standing
from hongbao.cli.group import command_group

app = command_group("Pay a list: check it, approve it, run it, report it.")
app.command("new")(lists.new)
app.command("extend")(lists.extend)
app.command("replace")(lists.replace)
app.command("stand")(standing.stand)
app.command("approve")(decisions.approve)
app.command("run")(running.run)
app.command("status")(listing.status)
app.command("list")(listing.list_campaigns)
app.command("pause")(decisions.pause)
app.command("resume")(decisions.resume)
app.command("cancel")(decisions.cancel)
app.command("end")(standing.end)
app.command("report")(report.report)
