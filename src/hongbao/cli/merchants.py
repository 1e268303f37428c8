"""``hongbao merchant list``: who pays, how fast, and why somebody does not."""

import typer

from hongbao.cli import books
from hongbao.cli.answer import Answer, answer
from hongbao.cli.campaign.words import stop_document
from hongbao.cli.columns import in_columns
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.configuration.file import read_configuration

app = typer.Typer(
    cls=HongbaoGroup,
    help="Look at who pays.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Of one command alone Typer would make no group."""


@app.command("list")
def list_merchants(*, config: ConfigPath = None, as_json: AsJson = False) -> Answer:
    """List rates, and who is stopped why."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        standings = {standing.number: standing for standing in book.merchants()}
    named = [(it.name, it.mch_id, it.limits.rate) for it in configuration.profiles.values()]
    known = {number for _, number, _ in named}
    named += [("", number, it.rate) for number, it in standings.items() if number not in known]
    found, rows = [], [("merchant", "number", "calls a second", "state")]
    for name, number, rate in named:
        standing = standings.get(number)
        rate_now = rate if standing is None else standing.rate
        stop = None if standing is None else standing.stop
        slowed = standing is not None and standing.slowed
        found.append(
            {
                "name": name or None,
                "mch_id": number,
                "rate": None if rate_now is None else round(rate_now, 3),
                "slowed": slowed,
                "stop": stop_document(stop),
                "in_books": standing is not None,
            }
        )
        told = "unlimited" if rate_now is None else f"{rate_now:.4g}"
        state = "" if stop is None else f"stopped: {stop.code}: {stop.reason} {stop.advice}"
        missing = "" if name else "(not in the settings)"
        rows.append((name or missing, number, told + (" (slowed)" if slowed else ""), state))
    return answer(
        {"merchants": found},
        in_columns(rows),
        outcome="answered",
        code=ExitCode.DONE,
        as_json=as_json,
    )
