"""``hongbao reconcile report``: the totals of each day, to the fen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.cli import books
from hongbao.cli.answer import CommandResult
from hongbao.cli.options import AsJson, ConfigPath
from hongbao.cli.reconcile.options import OfMerchants, Since, Until, read_day
from hongbao.configuration.file import read_configuration
from hongbao.sentences import said

if TYPE_CHECKING:
    from hongbao.reconcile.bill_report import BillDay


def report(
    *,
    merchant: OfMerchants = None,
    since: Since = None,
    until: Until = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Show the totals of each day.

    What went and came with the books' numbers, what other systems moved, and the balances, which
    tie to the fen. A day whose balances do not has a "!".
    """
    # The client and SQLAlchemy: only who works with books needs them.
    from hongbao.reconcile import bill_report  # noqa: PLC0415  # see above
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # see above

    first, last = read_day("--since", since), read_day("--until", until)
    configuration = read_configuration(config)
    found: dict[str, list[BillDay]] = {}
    with books.open_books(configuration) as book:
        for bills in merchants_of(book, configuration, merchant):
            found[bills.name] = bill_report.bill_days(
                book.bills, bills.merchant_id, since=first, until=last
            )
    document = [
        {"merchant": name, "days": bill_report.document(days)} for name, days in found.items()
    ]
    none = said("no bills matched yet")
    text = "\n\n".join(
        f"{name}\n{bill_report.text(days) if days else none}" for name, days in found.items()
    )
    return CommandResult({"merchants": document}, text, as_json=as_json)
