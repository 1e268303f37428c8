"""Accounts of the console: in words, and as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.views.columns import in_columns

if TYPE_CHECKING:
    from hongbao.ledger.model.account import UserAccount

_HEAD = ("account", "roles", "state", "since")


def text(accounts: Sequence[UserAccount], *, program: str) -> str:
    """A line an account."""
    if not accounts:
        return f"There are no accounts. `{program} console` prints a link for the first admin."
    rows = [
        (it.name, ", ".join(sorted(it.roles)), state(it), beijing.text(it.created_at))
        for it in accounts
    ]
    return in_columns([_HEAD, *rows])


def document(account: UserAccount) -> dict[str, object]:
    """An account for a program: nothing of its password."""
    return {
        "name": account.name,
        "roles": sorted(account.roles),
        "state": state(account),
        "created_at": beijing.iso(account.created_at),
    }


def state(account: UserAccount) -> str:
    """Whether it can sign in: ``active``, ``invited`` or ``disabled``."""
    if account.disabled:
        return "disabled"
    return "invited" if account.password is None else "active"
