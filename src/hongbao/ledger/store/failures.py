"""Turns a database's errors into the books' own, without the rows that they may quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from hongbao import beijing
from hongbao.errors import BookLocked, BookUnavailable, ConfigurationError, LedgerCode, LedgerError
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

# https://www.postgresql.org/docs/current/errcodes-appendix.html: a failed serialization and a
# deadlock. Nothing of the transaction is there: it can be done again.
_UNDONE_STATES = frozenset({"40001", "40P01"})
_LOCKED_STATES = frozenset({"55P03"})
# Connections, resources, an operator's hand, the system; a transaction that took too long because
# its process was stopped; a server that only reads, because another one has just taken over.
_PASSING_STATES = ("08", "53", "57", "58", "25P03", "25P04", "25006")
_FORBIDDEN_STATES = ("42501", "3F000")  # no right, or no schema where it has one
# What a message of this class says is wrong with a value, it says with the value.
_UNFIT_STATES = ("22",)
# A statement that was prepared on another connection, or is not there: see docs/postgresql.md.
_POOLED_STATES = frozenset({"42P05", "26000"})
# https://www.sqlite.org/rescode.html
_SQLITE_BUSY = 5
_SQLITE_PASSING = frozenset({6, 7, 10, 13, 14})  # locked, memory, I/O, full, no file
_SQLITE_FORBIDDEN = frozenset({8})
_SQLITE_SPOILT = frozenset({11, 26})


def explained(error: Exception) -> LedgerError | ConfigurationError:
    """The books' error for an error of the driver or of SQLAlchemy."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    # PostgreSQL's primary message names tables and constraints, and leaves the row to its details.
    diagnostic = getattr(cause, "diag", None)
    said = (diagnostic and diagnostic.message_primary) or str(cause).partition("\n")[0]
    problem = say("the database says: {message}", message=said)
    if state in _LOCKED_STATES or code == _SQLITE_BUSY:
        return locked()
    if state in _UNDONE_STATES:
        return BookUnavailable(problem=problem, undone=True)
    # Without a code it is the connection that failed.
    named = {kind.__name__ for kind in type(cause).__mro__}
    lost = not (state or code) and not named.isdisjoint({"OperationalError", "InterfaceError"})
    if lost or code in _SQLITE_PASSING or state.startswith(_PASSING_STATES):
        return BookUnavailable(problem=problem, undone=False)
    if state in _POOLED_STATES:
        return ConfigurationError(
            setting="database",
            problem=say(
                "{problem}: a pooler between gives each transaction another connection",
                problem=problem,
            ),
            remedy=say("Put ?prepare_threshold=none into the URL; see docs/postgresql.md."),
        )
    if state.startswith(_UNFIT_STATES):
        return _unwritable(f"SQLSTATE {state}")
    return LedgerError(code=LedgerCode.DATABASE, problem=problem, remedy=_remedy(state, code))


def locked(
    process: int | None = None,
    since: Instant | None = None,
    *,
    at_least: bool = False,
    remedy: str = say("Find out which process it is, and let it go on or end it."),
) -> BookLocked:
    """The error if others lock the books.

    Args:
        process: the process that does, if it is known.
        since: when it began, if that is known.
        at_least: whether it may have begun earlier.
        remedy: what to do about it.
    """
    who = say("another process") if process is None else say("process {process}", process=process)
    problem = say("the books are locked by {who}", who=who)
    if since is not None:
        when = beijing.text(since)
        problem = say("the books are locked by {who} since {when} (Beijing)", who=who, when=when)
        if at_least:
            problem = say("{problem} or before", problem=problem)
    return BookLocked(
        problem=problem,
        remedy=say("{remedy} Nothing was changed.", remedy=remedy),
        process=process,
        since=since,
    )


def unwritable(error: UnicodeEncodeError | OverflowError) -> LedgerError:
    """The error for a value that no driver can write: half a character, or more than 64 bits.

    The driver's own error would quote the value.
    """
    text = isinstance(error, UnicodeEncodeError)
    return _unwritable(say("a text is no Unicode") if text else say("a number is too large"))


def _unwritable(why: str) -> LedgerError:
    return LedgerError(
        code=LedgerCode.INVALID,
        problem=say("the database cannot hold a value that it was given ({why})", why=why),
        remedy=say("Nothing was changed."),
    )


def _remedy(state: str, code: int) -> str:
    if code in _SQLITE_FORBIDDEN or state in _FORBIDDEN_STATES:
        return say(
            "Nothing was changed. Let this user write the books: the file and its "
            "folder, or the rights of docs/howto/postgresql.md."
        )
    if code in _SQLITE_SPOILT:
        return say("The file holds no books, or holds them no more: look at it.")
    return say("Nothing was changed. It should not happen: please report it.")
