"""``hongbao campaign retry``: refused payouts are sent again, once count and sum are confirmed."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.failure import read_yuan
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.ledger.model.retry import RefusedSum
from hongbao.views import retry as views

_Refused: TypeAlias = Annotated[
    bool, optional("--refused", "Send those again that were refused and are proven unpaid.")
]
_Codes: TypeAlias = Annotated[
    list[str] | None, optional("--code", "Only those with this code. Repeatable.", "CODE")
]
_Count: TypeAlias = Annotated[
    int | None,
    optional("--count", "Do it, if they are so many. Without it nothing is changed.", "N", min=1),
]  # fmt: skip
_Sum: TypeAlias = Annotated[
    str | None, optional("--yuan", "Do it, if they come to so much. Goes with --count.", "SUM")
]
_Why: TypeAlias = Annotated[
    str | None, optional("--reason", "The reason, as the history records it. Needed to do it.")
]


def retry(
    *,
    name: CampaignName,
    refused: _Refused = False,
    code: _Codes = None,
    count: _Count = None,
    yuan: _Sum = None,
    reason: _Why = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Send refused payouts of a campaign again.

    First it says which, and changes nothing; --count and --yuan confirm that, and do it. A number
    that WeChat does not know is sent again as it is; only one that FAILED is replaced by another.
    What no query has proven unpaid, and whom a later campaign pays the same, is left out.
    """
    expected = _expected(count, yuan, reason)
    if not refused:
        raise WrongCommandLine("Say what is to be sent again: --refused")
    codes = code or ()
    with books.opened(config) as book:
        if expected is None:
            plan = book.retry_plan(name, codes=codes)
        else:
            who = person.deciding(by, book)
            plan = book.retry(name, codes=codes, expected=expected, by=who, reason=reason or "")
    done = expected is not None
    return CommandResult(
        {"campaign": name, **views.document(plan)},
        views.text(plan, name, codes, done=done, program=typed()),
        outcome="done" if done else "checked",
        as_json=as_json,
    )


def _expected(count: int | None, yuan: str | None, reason: str | None) -> RefusedSum | None:
    if count is None and yuan is None:
        return None
    if count is None or yuan is None or reason is None:
        raise WrongCommandLine("Give --count, --yuan and --reason together")
    return RefusedSum(count, read_yuan("--yuan", yuan))
