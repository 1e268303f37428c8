"""``hongbao merchant list``: who pays, how fast, and why somebody does not."""

import typer

from hongbao.cli import books
from hongbao.cli.answer import CommandResult, answer
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.configuration.file import read_configuration
from hongbao.views import merchant
from hongbao.views.merchant import MerchantView

app = typer.Typer(
    cls=HongbaoGroup,
    help="Show the merchants that pay.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Of one command alone Typer would make no group."""


@app.command("list")
def list_merchants(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List merchants, their rates and stops."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        standings = {standing.number: standing for standing in book.merchants()}
    named: list[tuple[str | None, str, float | None]] = [
        (it.name, it.mch_id, it.limits.rate) for it in configuration.profiles.values()
    ]
    known = {number for _, number, _ in named}
    named += [(None, number, it.rate) for number, it in standings.items() if number not in known]
    payers = [MerchantView(*it, standings.get(it[1])) for it in named]
    found = {"merchants": [merchant.document(payer) for payer in payers]}
    text = merchant.text(payers)
    return answer(found, text, outcome="answered", code=ExitCode.DONE, as_json=as_json)
