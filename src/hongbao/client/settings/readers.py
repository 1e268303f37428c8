"""How a setting's value is read: what it may be, and what is said if it is something else.

A reader takes what TOML has and gives the value, or raises ``Wrong``. None quotes what it found
unless it is a number: a key may stand in the wrong place.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.client.own_address import MACHINE
from hongbao.client.proxy import DIRECT, ENVIRONMENT, parse_proxy
from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.money import parse_yuan
from hongbao.sentences import say
from hongbao.wire.fields import CLIENT_IP

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.money import Fen
    from hongbao.wire.fields import Field

UNLIMITED = "unlimited"
"""What lifts a limit. Not 0: that could be read as "nobody may have any"."""

MINUTES_A_DAY = 24 * 60
_UNFILLED = "..."
"""How the values that ``hongbao init`` leaves to be filled in end: ``wx...``."""
RATE_MIN, RATE_MAX = 0.001, 10_000.0
"""Calls a second; WeChat grants 30, and once granted 83."""
_HOURS = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
_CONTROL_URL = re.compile(r"http://(?:127\.0\.0\.1|localhost):[0-9]{1,5}/_sim/?", re.ASCII)


class Wrong(Exception):
    """A value that cannot be.

    Attributes:
        problem: what is wrong with it.
        remedy: what to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Hours(NamedTuple):
    """When packets may be sent: minutes of Beijing's day, the last one not included."""

    opens: int
    closes: int


def text(value: object) -> str:
    """Any text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong(say("is not text"), say("Put it between quotes."))
    return value


def texts(value: object) -> tuple[str, ...]:
    """Some texts: a list, or as a variable has paths, with the system's sign between them."""
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts:
        raise Wrong(say("is not a list of texts"), say('Write it as ["one.pem", "two.pem"].'))
    return tuple(map(text, parts))


def proxy(value: object) -> str:
    """The way out: a proxy's URL, or a word in its place."""
    given = text(value)
    if given not in (DIRECT, ENVIRONMENT):
        try:
            parse_proxy("proxy", given)
        except ConfigurationError as error:
            raise Wrong(error.problem, error.remedy) from None
    return given


def address(value: object) -> str:
    """An IP address."""
    try:
        return str(ip_address(text(value)))
    except ValueError:
        raise Wrong(say("is not an IP address"), say("Write it as 127.0.0.1 or ::1.")) from None


def addresses(value: object) -> tuple[str, ...]:
    """Some IP addresses."""
    if not isinstance(value, list) or not value:
        raise Wrong(say("is not a list of IP addresses"), say('Write it as ["10.0.0.5"].'))
    return tuple(map(address, value))


def control_url(value: object) -> str:
    """Where a simulator's control port is: always on this machine."""
    if not isinstance(value, str) or _CONTROL_URL.fullmatch(value) is None:
        raise Wrong(
            say("is not a control port of a simulator"),
            say("Copy what the simulator says, such as http://127.0.0.1:8444/_sim/."),
        )
    return value


def password(value: object) -> str:
    """Any text, also none."""
    return "" if value == "" else text(value)


_COPIED = say("Copy it from the merchant platform.")


def as_wire(rule: Field, remedy: str = _COPIED) -> Callable[[object], str]:
    """A text that WeChat takes in a field of its own."""

    def read(value: object) -> str:
        if value == "":
            raise Wrong(say("is empty"), remedy)
        if not isinstance(value, str) or rule.problem(value) is not None:
            unfilled = isinstance(value, str) and value.endswith(_UNFILLED)
            raise Wrong(
                say("is still the placeholder")
                if unfilled
                else say("is not {rule}", rule=rule.rule),
                remedy,
            )
        return value

    return read


def client_ip(value: object) -> str:
    """The IPv4 that calls declare, or the word for this machine's own."""
    if value == MACHINE:
        return MACHINE
    return as_wire(CLIENT_IP, say("Give the IPv4 that WeChat sees."))(value)


def digits_as_wire(rule: Field) -> Callable[[object], str]:
    """A whole number that WeChat takes in a field of its own, as its digits."""

    def read(value: object) -> str:
        said = str(value) if type(value) is int else value
        if not isinstance(said, str) or rule.problem(said) is not None:
            raise Wrong(say("is not {rule}", rule=rule.rule), say("Fix it."))
        return said

    return read


def one_of(*choices: str) -> Callable[[object], str]:
    """One of a few words."""

    def read(value: object) -> str:
        if value not in choices:
            raise Wrong(
                say("is not one of {names}", names=", ".join(choices)), say("Choose one of them.")
            )
        return str(value)

    return read


def yes_or_no(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong(say("is neither true nor false"), say("Write true or false, without quotes."))
    return value


def seconds(value: object) -> float:
    """A time that is not nothing."""
    if type(value) not in (int, float) or not 0 < value < MINUTES_A_DAY:  # type: ignore[operator]  # it is a number by then
        raise Wrong(say("is not a number of seconds"), say("Give seconds, such as 5 or 30."))
    return float(value)  # type: ignore[arg-type]  # the same


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number within bounds."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise Wrong(
                say("is not a whole number from {low} to {high}", low=low, high=high),
                say("Fix it."),
            )
        return value

    return read


def or_unlimited(read: Callable[[object], Any]) -> Callable[[object], Any]:
    """What another reader takes, or the word that lifts the limit: None."""

    def read_or_lift(value: object) -> object:
        if value == UNLIMITED:
            return None
        try:
            return read(value)
        except Wrong as wrong:
            raise Wrong(
                wrong.problem,
                say(
                    '{remedy} "{unlimited}" lifts the limit.',
                    remedy=wrong.remedy,
                    unlimited=UNLIMITED,
                ),
            ) from None

    return read_or_lift


def rate(value: object) -> float:
    """Calls a second."""
    if type(value) not in (int, float) or not RATE_MIN <= value <= RATE_MAX:  # type: ignore[operator]  # it is a number by then
        raise Wrong(
            say(
                "is not a number of calls a second ({low:g} to {high:.0f})",
                low=RATE_MIN,
                high=RATE_MAX,
            ),
            say("Give a number, such as 25 or 0.5."),
        )
    return float(value)  # type: ignore[arg-type]  # the same


def yuan(value: object) -> Fen:
    """An amount as text, so that no float comes near money."""
    try:
        fen = parse_yuan(value) if isinstance(value, str) else 0
    except InvalidRequest:
        fen = 0
    if not fen:
        raise Wrong(
            say("is not an amount of yuan as text"),
            say('Put it between quotes, such as "1000.00".'),
        )
    return fen


def hours(value: object) -> Hours:
    """From when to when, Beijing time."""
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Wrong(say("are no hours"), say('Write them as "08:00-23:30", Beijing time.'))
    begin, begin_minute, end, end_minute = map(int, match.groups())
    found = Hours(begin * 60 + begin_minute, end * 60 + end_minute)
    if not found.opens < found.closes <= MINUTES_A_DAY:
        raise Wrong(
            say("do not end after they begin, on the same day in Beijing"),
            say('Write them as "08:00-23:30"; "00:00-24:00" is always.'),
        )
    return found
