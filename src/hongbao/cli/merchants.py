"""``hongbao merchant list``: who pays, how fast, and why somebody does not."""

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.group import command_group
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.configuration.file import read_configuration
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.views import merchant
from hongbao.views.merchant import MerchantView

app = command_group("Show the merchants that pay.")


@app.callback()
def _group() -> None:
    """Make it a group: Typer makes none of one command alone."""


@app.command("list")
def list_merchants(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List merchants, their rates and stops."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        standings = {(it.number, it.rail): it for it in book.channels()}
    named: list[tuple[str | None, str, str, float | None]] = [
        (it.name, it.mch_id, RED_PACK.name, it.limits.rate)
        for it in configuration.profiles.values()
    ]
    known = {(number, rail) for _, number, rail, _ in named}
    named += [(None, *it, standings[it].rate) for it in standings if it not in known]
    payers = [MerchantView(*it, standings.get(it[1:3])) for it in named]
    found = {"merchants": [merchant.document(payer) for payer in payers]}
    text = merchant.text(payers)
    return CommandResult(found, text, as_json=as_json)
