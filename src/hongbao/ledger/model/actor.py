"""Who does something to the books, and why: words that a history can hold."""

from __future__ import annotations

from hongbao.errors import LedgerCode, LedgerError

_LENGTH_MAX = 100


def check_actor(name: str) -> str:
    """The name of a person or a worker, as it is.

    Raises:
        LedgerError: if it is empty, longer than 100 characters, or holds a line feed or another
            character that is not printed: what is hashed of an event is told apart by line feeds.
    """
    if not name.strip() or len(name) > _LENGTH_MAX or not name.isprintable():
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=f"{name[:_LENGTH_MAX]!r} is no name for who does this",
            remedy=f"Give 1 to {_LENGTH_MAX} printable characters, such as a login name.",
        )
    return name


def check_reason(reason: str) -> None:
    """See whether it says why a person does something.

    Raises:
        LedgerError: if it says nothing.
    """
    if not reason.strip():
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem="this needs a reason",
            remedy="Say why; it stands in the history for ever.",
        )
