"""``hongbao merchant``: who pays, how fast, why somebody does not; limits, alone or by two."""

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
from hongbao.views.merchant import UNLIMITED, MerchantView, merchant_views

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.engine.ledger import Ledger

app = command_group("Show the merchants that pay, and set their limits.")

_Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the merchant in the settings.")
]
_Request: TypeAlias = Annotated[
    int, optional("--request", "The request that you have seen in `merchant list`.", "N")
]
_Reason: TypeAlias = Annotated[str, optional("--reason", "The reason, which is kept.", "TEXT")]
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
        payers = merchant_views(configuration.profiles, book.channels(), book.limits_requests())
    return _answer(payers, as_json=as_json)


@app.command("set")
@takes_key
def set_limits(
    *,
    name: _Name,
    rate: _Rate = None,
    day_max: _DayMax = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Hold a merchant to the limits of the settings, now.

    Change the settings first: workers that run heed the books at once, and those that start bring
    their settings. With --rate or --day-max nothing is set if the settings say otherwise. It is
    recorded with your name. Where money takes two people, limits do: see ask and accept.
    """
    configuration = read_configuration(config)
    profile = configuration.profile(name)
    _check("rate", rate, profile.limits.rate, name, read=float)
    _check("day_yuan_max", day_max, profile.limits.day_amount_max, name, read=parse_yuan)
    with books.open_books(configuration) as book:
        who = person.who_decides(by, configuration.approval, book)
        book.set_limits(
            profile.mch_id, profile.rail, profile.limits, by=who, policy=configuration.approval
        )
        return _one(configuration, book, name, as_json=as_json)


@app.command("ask")
@takes_key
def ask_limits(
    *,
    name: _Name,
    reason: _Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Ask to hold a merchant to the limits of the settings.

    Another person accepts it. Then they hold, and no worker's settings change them any more.
    """
    configuration = read_configuration(config)
    profile = configuration.profile(name)
    with books.open_books(configuration) as book:
        who = person.who_decides(by, configuration.approval, book)
        book.ask_limits(profile.mch_id, profile.rail, profile.limits, by=who, reason=reason)
        return _one(configuration, book, name, as_json=as_json)


@app.command("accept")
@takes_key
def accept_limits(
    *,
    name: _Name,
    request: _Request,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Accept the limits that another person asks for. They hold at once."""
    configuration = read_configuration(config)
    profile = configuration.profile(name)
    with books.open_books(configuration) as book:
        who = person.who_decides(by, configuration.approval, book)
        book.accept_limits(profile.mch_id, profile.rail, request=request, by=who)
        return _one(configuration, book, name, as_json=as_json)


@app.command("decline")
@takes_key
def decline_limits(
    *,
    name: _Name,
    request: _Request,
    reason: _Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Decline the limits asked for, or take your request back."""
    configuration = read_configuration(config)
    profile = configuration.profile(name)
    with books.open_books(configuration) as book:
        who = person.who_decides(by, configuration.approval, book)
        book.decline_limits(profile.mch_id, profile.rail, request=request, by=who, reason=reason)
        return _one(configuration, book, name, as_json=as_json)


def _one(configuration: Configuration, book: Ledger, name: str, *, as_json: bool) -> CommandResult:
    payers = [
        it
        for it in merchant_views(configuration.profiles, book.channels(), book.limits_requests())
        if it.name == name
    ]
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


def _answer(
    payers: list[MerchantView], *, as_json: bool, outcome: str = "answered"
) -> CommandResult:
    found = {"merchants": [merchant.document(payer) for payer in payers]}
    return CommandResult(found, merchant.text(payers), outcome=outcome, as_json=as_json)
