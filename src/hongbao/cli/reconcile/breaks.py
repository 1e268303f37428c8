"""``hongbao reconcile breaks``, ``explain`` and ``close``: where bills and books differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, By, ConfigPath, Reason, optional
from hongbao.cli.reconcile.options import BreakId, OfMerchants
from hongbao.configuration.file import Configuration, read_configuration
from hongbao.ledger.model.bill import Learned
from hongbao.sentences import said
from hongbao.views import bill_break as views
from hongbao.views.bill_break import BreakView
from hongbao.views.explanation import Language

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.bill import Break


def breaks(
    *,
    merchant: OfMerchants = None,
    closed: Annotated[bool, optional("--all", "Show closed ones, too.")] = False,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """List where bills and books differ."""
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # the client

    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        now = book.now()
        found = [
            BreakView(it, bills.name, now)
            for bills in merchants_of(book, configuration, merchant)
            for it in book.bills.breaks(bills.merchant_id, only_open=not closed)
        ]
    differs = any(view.it.open for view in found)
    return CommandResult(
        {"breaks": [views.document(view) for view in found]},
        views.table(found) if found else said("0 breaks."),
        outcome="breaks" if differs else "agrees",
        code=ExitCode.BREAKS if differs else ExitCode.DONE,
        as_json=as_json,
    )


def explain(
    *,
    which: BreakId,
    lang: Annotated[Language, typer.Option(help="Language of the explanation.")] = Language.BOTH,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Say what a break means and what to do."""
    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        view = _view(book, configuration, book.bills.break_of(which))
    found = {**views.document(view), **views.words_document(view, lang)}
    return CommandResult(found, views.paragraph(view, lang), as_json=as_json)


def close(
    *,
    which: BreakId,
    reason: Reason,
    learned: Annotated[
        Learned | None,
        optional("--as", "Of an unknown kind: whose such movements are, from now on and before."),
    ] = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Close a break, with a reason.

    It stays closed unless it shows with other amounts. A break that shows no more is closed by the
    next run.
    """
    configuration, who = read_configuration(config), person.person(by)
    with books.open_books(configuration) as book:
        done = book.bills.close(which, by=who, reason=reason, learned=learned)
        view = _view(book, configuration, done)
    text = said(
        "Closed: break {id}, {kind}, {subject}.",
        id=done.id,
        kind=views.kind_name(done.difference.kind),
        subject=done.difference.subject,
    )
    return CommandResult(views.document(view), text, outcome="done", as_json=as_json)


def _view(book: Book, configuration: Configuration, it: Break) -> BreakView:
    from hongbao.reconcile.break_view import break_view  # noqa: PLC0415  # the client

    return break_view(book, configuration, it)
