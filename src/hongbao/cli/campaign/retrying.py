"""``hongbao campaign retry``: refused payouts are sent again, once count and sum are confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.failure import read_yuan
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.configuration.file import read_configuration
from hongbao.ledger.model.retry import RefusedSum
from hongbao.sentences import say
from hongbao.views import retry as views

_Refused: TypeAlias = Annotated[
    bool, optional("--refused", "Send those again that were refused and are proven unpaid.")
]
_Returned: TypeAlias = Annotated[
    bool,
    optional(
        "--returned", "Pay those again whose money came back whole, by a supplement to approve."
    ),
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


@takes_key
def retry(
    *,
    name: CampaignName,
    refused: _Refused = False,
    returned: _Returned = False,
    code: _Codes = None,
    count: _Count = None,
    yuan: _Sum = None,
    reason: _Why = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Send refused or returned payouts again.

    First it says which, and changes nothing; --count and --yuan confirm that, and do it. A refused
    number that WeChat does not know is sent again as it is; only one that FAILED is replaced by
    another. What no query has proven unpaid, and whom a later campaign pays the same, is left out.
    Returned ones become a supplement with numbers of its own, which is approved like any list.
    """
    expected = _expected(count, yuan, reason)
    if refused is returned:
        raise WrongCommandLine(say("Say what is to be sent again: --refused, or --returned"))
    codes = code or ()
    if returned:
        if codes:
            raise WrongCommandLine(say("--code goes with --refused"))
        return _pay_again(name, expected, reason, by=by, config=config, as_json=as_json)
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


def _pay_again(
    name: str,
    expected: RefusedSum | None,
    reason: str | None,
    *,
    by: str | None,
    config: Path | None,
    as_json: bool,
) -> CommandResult:
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        plan, draft = book.returned_plan(name), None
        if expected is not None:
            who = person.who_decides(by, configuration.approval, book)
            draft = book.retry_returned(
                name, expected=expected, by=who, reason=reason or "", policy=configuration.approval
            )
    stored = None if draft is None else draft.name
    return CommandResult(
        {"campaign": name, **views.returned_document(plan, stored)},
        views.returned_text(plan, name, stored, program=typed()),
        outcome="checked" if stored is None else "stored",
        as_json=as_json,
    )


def _expected(count: int | None, yuan: str | None, reason: str | None) -> RefusedSum | None:
    if count is None and yuan is None:
        return None
    if count is None or yuan is None or reason is None:
        raise WrongCommandLine(say("Give --count, --yuan and --reason together"))
    return RefusedSum(count, read_yuan("--yuan", yuan))
