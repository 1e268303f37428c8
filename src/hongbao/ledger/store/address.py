"""Reads the address of the books: a path or a URL with settings for the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from hongbao.digits import whole_number
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection

PREPARE_THRESHOLD = "prepare_threshold"
_PREPARED_AFTER = 5  # psycopg's own: https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
_DIGITS_MAX = 9


def read_url(url: str) -> URL:
    """A database's URL, without the parameter that ``prepare_threshold`` reads.

    Raises:
        ConfigurationError: if the books cannot be there.
    """
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise _unfit(say("it is not a URL that can be read")) from None
    backend = read.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        read = read.difference_update_query([PREPARE_THRESHOLD])
        return read.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _unfit(say("it names {backend}, where the books cannot stand", backend=backend))
    if not read.database or read.database == ":memory:":
        raise _unfit(say("it names no file, and what stands in memory alone is forgotten"))
    return read


def shown(url: URL) -> str:
    """A URL without its password, which may also be one of its parameters."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def prepare_threshold(url: str) -> int | None:
    """After how many executions psycopg prepares a statement; None for never.

    SQLAlchemy drops a parameter without a value, and hands a value on as text, which psycopg cannot
    compare with a number.

    Raises:
        ConfigurationError: if it is neither a whole number nor empty nor ``none``.
    """
    parameters = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    values = [value for name, value in parameters if name == PREPARE_THRESHOLD]
    if not values:
        return _PREPARED_AFTER
    value = values[-1].strip().lower()
    if value in {"", "none"}:
        return None
    number = whole_number(value, digits=_DIGITS_MAX)
    if number is not None:
        return number
    raise ConfigurationError(
        setting="database",
        problem=say("{name} is not a whole number", name=PREPARE_THRESHOLD),
        remedy=say(
            "Write ?prepare_threshold=none to prepare no statement, or after how many "
            "executions one is prepared."
        ),
    )


def check_parameters(url: URL, known: Collection[str]) -> None:
    """Accept a URL whose driver knows all its connection parameters.

    Raises:
        ConfigurationError: naming the first unknown parameter.
    """
    for name in url.query:
        if name not in known:
            raise ConfigurationError(
                setting="database",
                problem=say("{name} is not a parameter of a PostgreSQL URL", name=name),
                remedy=say(
                    "Correct or remove it; "
                    "https://www.postgresql.org/docs/current/libpq-connect.html lists them."
                ),
            )


def _unfit(problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting="database",
        problem=problem,
        remedy=say("Give a path, sqlite:///path, or postgresql://user@host/database."),
    )
