"""``hongbao merchant list`` and ``set``: who pays, how fast, and why somebody does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.group import command_group
from hongbao.cli.options import AsJson, By, ConfigPath, optional
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.money import parse_yuan
from hongbao.sentences import say
from hongbao.views import merchant
from hongbao.views.merchant import MerchantView

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.book import Book

UNLIMITED = "unlimited"

app = command_group("Show the merchants that pay, and set their limits.")

_Rate: TypeAlias = Annotated[
    str | None,
    optional("--rate", "Only if the settings have this rate: calls a second, or unlimited.", "R"),
]
_DayMax: TypeAlias = Annotated[
    str | None,
    optional("--day-max", "Only if the settings have this day_yuan_max: yuan, or unlimited.", "M"),
]


@app.command("list")
def list_merchants(*, config: ConfigPath = None, as_json: AsJson = False) -> CommandResult:
    """List merchants, their rates and stops."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        payers = _payers(configuration, book)
    return _answer(payers, as_json=as_json)


@app.command("set")
@takes_key
def set_limits(
    *,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Name of the merchant in the settings."),
    ],
    rate: _Rate = None,
    day_max: _DayMax = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Have the books hold a merchant to the limits of the settings, now.

    Change the settings first: workers that run heed the books at once, and those that start bring
    their settings. With --rate or --day-max nothing is set if the settings say otherwise. It is
    recorded with your name.
    """
    configuration = read_configuration(config)
    profile = configuration.profile(name)
    _check("rate", rate, profile.limits.rate, name, read=float)
    _check("day_yuan_max", day_max, profile.limits.day_amount_max, name, read=parse_yuan)
    with books.open_books(configuration) as book:
        who = person.deciding(by, book)
        book.set_limits(profile.mch_id, profile.rail, profile.limits, by=who)
        payers = [it for it in _payers(configuration, book) if it.name == name]
    return _answer(payers, as_json=as_json, outcome="done")


def _check(
    setting: str, said: str | None, found: float | None, name: str, *, read: Callable[[str], float]
) -> None:
    """Let nobody believe that the books have what the settings have not."""
    if said is None:
        return
    try:
        wanted = None if said == UNLIMITED else read(said)
    except (ValueError, InvalidRequest):
        raise WrongCommandLine(
            say(
                "{value!r} is no {setting}: a number, or {unlimited}",
                value=said,
                setting=setting,
                unlimited=UNLIMITED,
            )
        ) from None
    if wanted != found:
        raise ConfigurationError(
            setting=f"merchants.{name}.{setting}",
            problem=say("is not {value} in the settings", value=said),
            remedy=say(
                "Change it there first, on every machine with workers: books and settings must "
                "not differ."
            ),
        )


def _payers(configuration: Configuration, book: Book) -> list[MerchantView]:
    standings = {(it.number, it.rail): it for it in book.channels()}
    known = {(it.mch_id, it.rail): it for it in configuration.profiles.values()}
    payers = [
        MerchantView(it.name, *place, it.limits.rate, standings.get(place), it.limits)
        for place, it in known.items()
    ]
    others = [place for place in standings if place not in known]
    return payers + [
        MerchantView(None, *place, standings[place].rate, standings[place]) for place in others
    ]


def _answer(
    payers: list[MerchantView], *, as_json: bool, outcome: str = "answered"
) -> CommandResult:
    found = {"merchants": [merchant.document(payer) for payer in payers]}
    return CommandResult(found, merchant.text(payers), outcome=outcome, as_json=as_json)
