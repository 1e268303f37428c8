"""``hongbao reconcile run`` and ``status``: bills are held against the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, By, ConfigPath
from hongbao.cli.program import typed
from hongbao.cli.reconcile.options import OfMerchants
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said
from hongbao.views import bill_break as views

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.reconcile.merchant_bills import BillsStanding
    from hongbao.reconcile.reconciling import Reconciled


def run(
    *,
    merchant: OfMerchants = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Hold the stored bills against the books.

    Breaks that show no more are closed, new ones are opened, and a worker asks WeChat about each
    payout with a new one. No bill changes a payout. If a bill has a payment that the books call
    unpaid, the merchant's sending is stopped, unless reconcile_stops is false.
    """
    # The client and SQLAlchemy: only who works with books needs them.
    from hongbao.cli.progress import Steps  # noqa: PLC0415  # see above
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # see above

    configuration, who = read_configuration(config), person.person(by)
    done: dict[str, tuple[Reconciled, BillsStanding]] = {}
    with books.open_books(configuration) as book, Steps(quiet=as_json) as steps:
        for bills in merchants_of(book, configuration, merchant):
            reconciled = bills.reconcile(
                by=who, progress=lambda count: steps.tell(said("matching"), count, count)
            )
            done[bills.name] = reconciled, bills.standing()
    found = {"merchants": [_run_document(name, *it) for name, it in done.items()]}
    lines = [line for name, it in done.items() for line in _run_lines(name, *it)]
    return _result(found, lines, [it for _, it in done.values()], as_json=as_json)


def status(
    *, merchant: OfMerchants = None, config: ConfigPath = None, as_json: AsJson = False
) -> CommandResult:
    """Show which bills there are and what differs."""
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # as in ``run``

    configuration = read_configuration(config)
    with books.open_books(configuration) as book:
        of = merchants_of(book, configuration, merchant)
        standings = {bills.name: bills.standing() for bills in of}
    found = {"merchants": [_document(name, it) for name, it in standings.items()]}
    lines = [line for name, it in standings.items() for line in _lines(name, it)]
    return _result(found, lines, list(standings.values()), as_json=as_json)


def _result(
    found: Mapping[str, object], lines: list[str], standings: list[BillsStanding], *, as_json: bool
) -> CommandResult:
    differs = any(it.breaks for it in standings)
    if differs:
        lines.append(said("Look: {program} reconcile breaks", program=typed()))
    return CommandResult(
        found,
        "\n".join(lines) or said("The books have no merchant of the settings yet."),
        outcome="breaks" if differs else "agrees",
        code=ExitCode.BREAKS if differs else ExitCode.DONE,
        as_json=as_json,
    )


def _run_lines(name: str, done: Reconciled, standing: BillsStanding) -> list[str]:
    lines = [
        said(
            "{name}: {bills} new bills matched, {movements} movements of ours.",
            name=name,
            bills=done.bills,
            movements=done.movements,
        ),
        "  "
        + said(
            "Breaks opened: {count}; closed by themselves: {closed}.",
            count=len(done.opened),
            closed=done.closed,
        ),
    ]
    if done.queries:
        lines.append(
            "  " + said("Queries asked for: {queries}. A worker makes them.", queries=done.queries)
        )
    if done.stopped:
        lines.append(
            "  " + said("SENDING IS STOPPED: a bill has a payment that the books call unpaid.")
        )
    return [*lines, *_lines(name, standing)]


def _lines(name: str, it: BillsStanding) -> list[str]:
    if it.first_day is None or it.last_day is None:
        lines = [said("{name}: no bills yet.", name=name)]
    else:
        days = said(
            "{first} to {last}",
            first=beijing.date(it.first_day),
            last=beijing.date(it.last_day),
        )
        waiting = (
            said(", {unmatched} of them not matched yet", unmatched=it.unmatched)
            if it.unmatched
            else ""
        )
        lines = [
            said(
                "{name}: {stored} bills, {days}{waiting}: {counts}.",
                name=name,
                stored=it.stored,
                days=days,
                waiting=waiting,
                counts=views.counts(it.breaks),
            )
        ]
    if it.missing:
        account, day = it.missing[0]
        lines.append(
            "  "
            + said(
                "Missing: {count} bills, the first {account}/{day}. Run: {program} reconcile fetch",
                count=len(it.missing),
                account=account,
                day=beijing.date(day),
                program=typed(),
            )
        )
    if it.soon_lost:
        lines.append(
            "  "
            + said(
                "WeChat forgets {count} of them within 30 days, or has: it keeps bills for three "
                "months. The merchant site has older ones.",
                count=len(it.soon_lost),
            )
        )
    return lines


def _run_document(name: str, done: Reconciled, standing: BillsStanding) -> dict[str, object]:
    return {
        **_document(name, standing),
        "matched": done.bills,
        "movements": done.movements,
        "payouts": done.payouts,
        "opened": [it.id for it in done.opened],
        "closed": done.closed,
        "queries": done.queries,
        "stopped": done.stopped,
    }


def _document(name: str, it: BillsStanding) -> dict[str, object]:
    return {
        "merchant": name,
        "first_day": None if it.first_day is None else beijing.date(it.first_day),
        "last_day": None if it.last_day is None else beijing.date(it.last_day),
        "bills": it.stored,
        "unmatched": it.unmatched,
        "missing": [f"{account}/{beijing.date(day)}" for account, day in it.missing],
        "soon_lost": [f"{account}/{beijing.date(day)}" for account, day in it.soon_lost],
        "breaks": {str(kind): count for kind, count in sorted(it.breaks.items())},
    }
