"""Checks the names and reasons of those who change the books, for use in a history."""

from __future__ import annotations

from hongbao.errors import LedgerCode, LedgerError
from hongbao.sentences import say

_LENGTH_MAX = 100


def check_actor(name: str) -> str:
    """Return the name of a person or a worker if it is allowed.

    Raises:
        LedgerError: if it is no text or an empty one, longer than 100 characters, or contains a
            line feed or another unprintable character: line feeds separate the hashed parts of an
            event.
    """
    if not says_something(name) or len(name) > _LENGTH_MAX or not name.isprintable():
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say(
                "{name!r} cannot be the name of a person or a worker", name=str(name)[:_LENGTH_MAX]
            ),
            remedy=say(
                "Give 1 to {most} printable characters, such as a login name.", most=_LENGTH_MAX
            ),
        )
    return name


def check_reason(reason: str) -> None:
    """Accept a person's reason.

    Raises:
        LedgerError: if it is empty, or no text.
    """
    if not says_something(reason):
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("this needs a reason"),
            remedy=say("Give a reason; the history keeps it for ever."),
        )


def says_something(text: object) -> bool:
    """Whether it is a text with more than blanks."""
    return isinstance(text, str) and bool(text.strip())
