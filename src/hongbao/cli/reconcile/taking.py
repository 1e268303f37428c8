"""``hongbao reconcile fetch`` and ``import``: bills come in, and are stored as they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hongbao import beijing
from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.options import AsJson, By, ConfigPath, argument, optional
from hongbao.cli.program import typed
from hongbao.cli.reconcile.options import OfDay, OfMerchants, Since, Until, read_day
from hongbao.configuration.file import read_configuration
from hongbao.english import COLON, COMMA, said_together
from hongbao.errors import ConfigurationError
from hongbao.sentences import marked, said, say, sentence_of
from hongbao.wire.bill.request import BillAccount

if TYPE_CHECKING:
    from hongbao.reconcile.bill_fetching import Fetched
    from hongbao.reconcile.bill_intake import TakenIn


ENDS = {
    "stored": marked("{count} stored"),
    "corrected": marked("{count} corrected"),
    "same": marked("{count} the same as before"),
    "empty": marked("{count} empty"),
    "not_ready": marked("{count} not ready yet"),
    "failed": marked("{count} failed"),
}
"""How many bills came to each end of ``FetchEnd``."""


def fetch(
    *,
    merchant: OfMerchants = None,
    since: Since = None,
    until: Until = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Fetch WeChat's bills that are missing.

    Those of the days since the first campaign was approved, as far back as WeChat has them. With
    --since it asks for all bills of those days, also for those that are there: WeChat may have
    corrected one.
    """
    # The client and SQLAlchemy: only who works with books needs them.
    from hongbao.reconcile.merchant_bills import merchants_of  # noqa: PLC0415  # see above

    first, last = _days(since, until)
    configuration, who = read_configuration(config), person.person(by)
    found: list[tuple[str, Fetched]] = []
    with books.open_books(configuration) as book:
        for bills in merchants_of(book, configuration, merchant):
            found += [(bills.name, it) for it in bills.fetch(by=who, since=first, until=last)]
    ends = Counter(str(it.end) for _, it in found)
    failed = [
        said(COLON, one=f"{name} {_called(it)}", two=sentence_of(it.error))
        for name, it in found
        if it.error is not None
    ]
    counts = (said(ENDS[end], count=count) for end, count in sorted(ends.items()))
    summary = said_together(counts, COMMA) or said("nothing to fetch")
    return CommandResult(
        {"bills": [_document(name, it) for name, it in found]},
        said("Bills: {summary}.", summary=summary)
        + "\n"
        + said("Next: {program} reconcile run", program=typed()),
        outcome="failed" if failed else "done",
        code=ExitCode.NOT_SENT if failed else ExitCode.DONE,
        failure="\n".join(failed) if failed else None,
        as_json=as_json,
    )


def import_bill(
    *,
    path: Annotated[Path, argument("FILE", "The bill, plain or gzip.")],
    merchant: Annotated[
        str,
        optional("--merchant", "Whose bill it is, by the name in the settings.", "NAME"),
    ],
    account: Annotated[
        BillAccount, typer.Option("--account", help="Which account's bill it is.")
    ] = BillAccount.BASIC,
    day: OfDay = None,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Store a bill that is in a file.

    It is a fund-flow bill (资金账单) of one day, as WeChat gave it. Equal bytes are stored once; a
    corrected bill of the same day is kept beside the earlier one, and counts from then on.
    """
    from hongbao.reconcile.bill_intake import take_in  # noqa: PLC0415  # as in ``fetch``
    from hongbao.reconcile.merchant_bills import MerchantBills  # noqa: PLC0415  # the same

    wanted = read_day("--day", day)
    configuration, who = read_configuration(config), person.person(by)
    with books.open_books(configuration) as book:
        of = MerchantBills(book, configuration, configuration.profile(merchant))
        try:
            taken = take_in(
                book.bills, path, merchant_id=of.merchant_id, account=of.account_in_files(account),
                day=wanted,
                source=path.name, by=who, today=beijing.day_of(book.now()),
            )  # fmt: skip
        except OSError as error:
            raise ConfigurationError(
                setting=str(path),
                problem=say("cannot be read ({strerror})", strerror=error.strerror),
                remedy=say("Check the path."),
            ) from None
    return _imported(merchant, taken, as_json=as_json)


def _imported(merchant: str, taken: TakenIn, *, as_json: bool) -> CommandResult:
    bill = taken.bill
    which = f"{merchant} {bill.key.account}/{beijing.date(bill.key.day)}"
    end = "stored" if taken.new else "same"
    text = (
        said("Stored: {which}, {rows} rows.", which=which, rows=bill.facts.rows)
        if taken.new
        else said("Known already: {which}.", which=which)
    )
    if taken.corrects is not None:
        end = "corrected"
        text += "\n" + said(
            "It corrects bill {id}: both are kept, and this one counts.", id=taken.corrects.id
        )
    if not bill.facts.whole:
        text += "\n" + said(
            "It is NOT whole: {bad_lines} lines are no rows, or its totals differ.",
            bad_lines=bill.facts.bad_lines,
        )
    found = {
        "merchant": merchant,
        "account": bill.key.account,
        "day": beijing.date(bill.key.day),
        "end": end,
        "bill": bill.id,
        "sha256": bill.sha256.hex(),
        "rows": bill.facts.rows,
        "whole": bill.facts.whole,
        "corrects": None if taken.corrects is None else taken.corrects.id,
    }
    text += "\n" + said("Next: {program} reconcile run", program=typed())
    return CommandResult(found, text, outcome="done", as_json=as_json)


def _days(since: str | None, until: str | None) -> tuple[int | None, int | None]:
    first, last = read_day("--since", since), read_day("--until", until)
    if first is None and last is not None:
        raise WrongCommandLine(say("Give --since too"))
    if first is not None and last is not None and not 0 <= last - first < _DAYS_MAX:
        raise WrongCommandLine(
            say("--until must be 0 to {count} days after --since", count=_DAYS_MAX - 1)
        )
    return first, last


_DAYS_MAX = 100
"""WeChat has the bills of three months."""


def _called(it: Fetched) -> str:
    return f"{it.account}/{beijing.date(it.day)}"


def _document(name: str, it: Fetched) -> dict[str, object]:
    return {
        "merchant": name,
        "account": it.account,
        "day": beijing.date(it.day),
        "end": it.end,
        "bill": None if it.bill is None else it.bill.id,
        "rows": None if it.bill is None else it.bill.facts.rows,
        "error": None if it.error is None else str(it.error),
    }
