"""``hongbao reconcile period``: finance closes days, whose totals stand from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.group import command_group
from hongbao.cli.options import AsJson, By, ConfigPath, Reason, optional
from hongbao.cli.reconcile.options import OfMerchants, read_day
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said, say

if TYPE_CHECKING:
    from hongbao.ledger.model.period import Period
    from hongbao.reconcile.period_closing import PeriodLook

app = command_group("Close days for finance, or open them again.")


@app.command("close")
def close(  # its options
    *,
    merchant: Annotated[
        str, optional("--merchant", "Whose days, by the name in the settings.", "NAME")
    ],
    since: Annotated[str, optional("--since", "The first day, as 2026-11-01.", "DAY")],
    until: Annotated[str, optional("--until", "The last day, as 2026-11-30.", "DAY")],
    leave_open: Annotated[
        bool, optional("--leave-open", "Leave breaks of these days open; the period names them.")
    ] = False,
    dry_run: Annotated[
        bool, optional("--dry-run", "Only show the totals, and what is in the way.")
    ] = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Close some days.

    Their bills must be there and matched, and so must be those of the day after. The totals are
    recorded, and tie to the fen. A bill that comes later and changes them is a break.
    """
    from hongbao.reconcile import period_view as view  # noqa: PLC0415  # SQLAlchemy, as elsewhere
    from hongbao.reconcile.merchant_bills import MerchantBills  # noqa: PLC0415  # the client

    first, last = read_day("--since", since), read_day("--until", until)
    if first is None or last is None or last < first:
        raise WrongCommandLine(say("--until must not be before --since"))
    configuration, who = read_configuration(config), person.person(by)
    with books.open_books(configuration) as book:
        bills = MerchantBills(book, configuration, configuration.profile(merchant))
        if dry_run:
            return _looked(bills.look_at_period(first, last), as_json=as_json)
        period = bills.close_period(first, last, leave_open=leave_open, by=who)
    closed = said("Closed: period {period}, {first} to {last}.", period=period.id, first=since,
                  last=until)  # fmt: skip
    text = f"{closed}\n{view.facts_text(period.facts)}"
    if period.facts.breaks:
        numbers = ", ".join(map(str, period.facts.breaks))
        text += "\n" + said("Left open: breaks {breaks}.", breaks=numbers)
    found = view.period_document(period, merchant)
    return CommandResult(found, text, outcome="closed", as_json=as_json)


def _looked(look: PeriodLook, *, as_json: bool) -> CommandResult:
    from hongbao.reconcile import period_view as view  # noqa: PLC0415  # as in ``close``

    numbers = ", ".join(str(it.id) for it in look.open_breaks)
    ways = [said("In the way: {obstacle}.", obstacle=it) for it in look.obstacles]
    lines = [view.facts_text(look.facts), *ways]
    lines += [said("Open breaks: {breaks}.", breaks=numbers)] if numbers else []
    ready = not look.obstacles and not look.open_breaks
    return CommandResult(
        {**view.facts_document(look.facts), "obstacles": list(look.obstacles)},
        "\n".join([*lines, said("It can be closed.")] if ready else lines),
        outcome="ready" if ready else "not_ready",
        code=ExitCode.DONE if ready else ExitCode.BREAKS,
        as_json=as_json,
    )


@app.command("list")
def list_periods(
    *, merchant: OfMerchants = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """List the days that were closed."""
    from hongbao.reconcile import period_view as view  # noqa: PLC0415  # as in ``close``
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # the same

    configuration = read_configuration(config)
    found: list[tuple[str, Period]] = []
    with books.open_books(configuration) as book:
        for bills in merchants_of(book, configuration, merchant):
            found += [(bills.name, it) for it in bills.periods()]
    return CommandResult(
        {"periods": [view.period_document(it, name) for name, it in found]},
        view.periods_text(found) if found else said("No days are closed."),
        as_json=as_json,
    )


@app.command("reopen")
def reopen(
    *,
    which: Annotated[
        int, typer.Argument(metavar="PERIOD", help="Number of the period.", show_default=False)
    ],
    reason: Reason,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Open closed days again, with a reason."""
    from hongbao.reconcile import period_view as view  # noqa: PLC0415  # as in ``close``
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # the same

    configuration, who = read_configuration(config), person.person(by)
    with books.open_books(configuration) as book:
        period = book.bills.reopen_period(which, by=who, reason=reason)
        of = merchants_of(book, configuration, None)
    names = [it.name for it in of if it.merchant_id == period.merchant_id]
    return CommandResult(
        view.period_document(period, names[0] if names else str(period.merchant_id)),
        said("Open again: period {period}.", period=period.id),
        outcome="reopened",
        as_json=as_json,
    )
