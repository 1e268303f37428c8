"""``hongbao payout show`` and others: looks at one payout, and does what only a person may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.books import campaign_names, find_one
from hongbao.cli.options import AsJson, By, ConfigPath, Reason, argument, optional
from hongbao.cli.person import type_again
from hongbao.cli.program import typed
from hongbao.cli.signing import takes_key
from hongbao.ledger.model.payout import Payout
from hongbao.rails.known import RAILS
from hongbao.sentences import said, say
from hongbao.views import payout as views

if TYPE_CHECKING:
    from hongbao.ledger.book import Book

Which: TypeAlias = Annotated[
    str,
    argument("KEY|BILLNO", "Business key or order number of the payout."),
]
MchId: TypeAlias = Annotated[
    str | None,
    optional("--mch-id", "Number of the merchant, if several have a payout with this key."),
]


def show(
    *,
    which: Which,
    mch_id: MchId = None,
    voucher: Annotated[
        bool,
        optional(
            "--voucher",
            "With --json: include what the receiver needs to claim it. Treat it as money.",
        ),
    ] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Show where a payout stands, and its history."""
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        return _result(book, payout, "answered", voucher=voucher, as_json=as_json)


@takes_key
def query(
    *,
    which: Which,
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Have a worker query a payout now."""
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        book.query_now(payout.id, by=person.deciding(by, book))
        return _asked(book, payout, as_json=as_json)


@takes_key
def send(
    *,
    which: Which,
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Have a worker send a payout now.

    It keeps its order number.
    """
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        book.send_now(payout.id, by=person.deciding(by, book))
        return _asked(book, payout, as_json=as_json)


@takes_key
def cancel(
    *,
    which: Which,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Cancel without asking.")] = False,
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Take one person out of a campaign.

    It must be before any call that could pay. The others are paid. Nobody is paid under this key
    any more while the campaign lives: whoever is to be paid after all needs another key. It is
    recorded with your name.
    """
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        names = campaign_names(book)
        line = views.line(payout, campaign=names[payout.campaign_id])
        person.ask(f"{line}\n{said('Take it out for good?')}", yes=yes, instead="--yes")
        book.cancel_payout(payout.id, by=person.deciding(by, book), reason=reason)
        return _result(book, payout, "done", as_json=as_json)


@takes_key
def note(
    *,
    which: Which,
    text: Annotated[
        str,
        argument("TEXT", "What the history keeps; at most 1,000 characters."),
    ],
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:  # fmt: skip
    """Write a note into a payout's history.

    Nothing else changes. The payout's own receiver in the text is masked; name no other.
    """
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        book.note(payout.id, by=person.deciding(by, book), text=text)
        return _result(book, payout, "done", as_json=as_json)


@takes_key
def declare_dead(
    *,
    which: Which,
    reason: Reason,
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Declare that a payout was not paid.

    Allowed only when no call can pay it any more. It is recorded with your name.
    """
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        book.declare_dead(
            payout.id, by=person.deciding(by, book), reason=reason, windows=RAILS.windows
        )
        return _result(book, payout, "done", as_json=as_json)


@takes_key
def reopen(
    *,
    which: Which,
    reason: Reason,
    override: Annotated[
        bool,
        optional(
            "--override",
            "Reopen it although its number is not proven dead (it gets a new one), or "
            "although a later campaign pays the receiver the same. It MAY PAY TWICE. You are asked "
            "to type the payout's key.",
        ),
    ] = False,
    confirm: Annotated[
        str | None,
        optional(
            "--confirm", "With --override: the payout's key, where nobody can type it.", "KEY"
        ),
    ] = None,
    mch_id: MchId = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Have a refused payout sent again.

    Allowed only once a query has said, after the last refusal, that no order of its number lives. A
    number that WeChat does not know is sent again as it is; one that FAILED is replaced by a new
    number. A receiver whom a later campaign pays the same is not paid here too. It is recorded with
    your name.
    """
    if confirm is not None and not override:
        raise WrongCommandLine(say("--confirm goes with --override"))
    with books.opened(config) as book:
        payout = find_one(book, which, mch_id=mch_id)
        if override:
            question = say("This MAY PAY TWICE. Type the payout's business key to go on")
            type_again(question, payout.key, given=confirm, option="--confirm KEY")
        again = book.reopen(
            payout.id,
            by=person.deciding(by, book),
            reason=reason,
            override=override,
            windows=RAILS.windows,
        )
        return _asked(book, payout, as_json=as_json, note=views.reopened(again, payout))


def _asked(book: Book, payout: Payout, *, as_json: bool, note: str = "") -> CommandResult:
    hint = said("A worker does it at its next look: {program} worker", program=typed())
    return _result(book, payout, "done", hint=f"{note}\n{hint}" if note else hint, as_json=as_json)


def _result(
    book: Book,
    payout: Payout,
    outcome: str,
    *,
    as_json: bool,
    voucher: bool = False,
    hint: str = "",
) -> CommandResult:
    """Show it as it is by now."""
    (fresh,) = [it for it in book.find(payout.key) if it.id == payout.id]
    history = book.history(payout.id)
    names = {
        "campaign": campaign_names(book)[payout.campaign_id],
        "merchant": next(
            it.number for it in book.channels() if it.merchant_id == payout.merchant_id
        ),
    }
    now = book.now()
    text = views.text(fresh, history, now=now, **names)
    return CommandResult(
        views.document(fresh, history, now=now, voucher=voucher, **names),
        f"{text}\n{hint}" if hint else text,
        outcome=outcome,
        as_json=as_json,
    )
