"""Accounts of the console: in words, and as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.sentences import marked, said
from hongbao.views.columns import in_columns

if TYPE_CHECKING:
    from hongbao.ledger.model.account import UserAccount

_HEAD = (marked("user"), marked("roles"), marked("state"), marked("since"))


def text(accounts: Sequence[UserAccount], *, program: str) -> str:
    """A line an account."""
    if not accounts:
        return said(
            "There are no accounts. `{program} console` prints a link for the first admin.",
            program=program,
        )
    rows = [
        (it.name, ", ".join(sorted(it.roles)), said(state(it)), beijing.text(it.created_at))
        for it in accounts
    ]
    return in_columns([tuple(map(said, _HEAD)), *rows])


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
        return marked("disabled")
    return marked("invited") if account.password is None else marked("active")
