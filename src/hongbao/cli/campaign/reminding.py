"""``hongbao campaign remind``: who has not claimed yet, for the merchant's own message to them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, TypeAlias

from hongbao.cli import books, person
from hongbao.cli.answer import CommandResult
from hongbao.cli.campaign.report import Force, check_free
from hongbao.cli.options import AsJson, By, CampaignName, ConfigPath, optional
from hongbao.english import counted
from hongbao.money import format_yuan
from hongbao.sentences import said

_Output: TypeAlias = Annotated[
    Path | None,
    optional("--output", "The .csv or .xlsx file to write. Default: NAME-unclaimed.csv.", "FILE"),
]


def remind(
    *,
    name: CampaignName,
    output: _Output = None,
    force: Force = False,
    by: By = None,
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> CommandResult:
    """Write who has not claimed yet, with the hours left.

    Of transfers: who has not confirmed yet, so that nothing is paid. Receivers are written in full,
    so that you can send them a message of your own; it is recorded with your name. What can no
    longer be claimed is left out. As of the last time that a worker asked: have one look first.
    """
    # Only this command and the report need them.
    from hongbao.campaign.report.files import is_workbook  # noqa: PLC0415  # see above
    from hongbao.campaign.report.reminder import (  # noqa: PLC0415  # see above
        unclaimed,
        write_reminder,
    )

    path = output or Path(f"{name}-unclaimed.csv")
    is_workbook(path)
    check_free([path], force=force)
    reader = person.person(by)
    with books.opened(config) as book:
        now = book.now()
        found = list(unclaimed(book, name, now=now))
        if found:
            counts = Counter(it.payout.campaign_id for it in found)
            book.disclose(counts, what="campaign remind", by=reader)
        amount = write_reminder(path, found, now=now)
    text = said(
        "Written: {path}: {payouts}, {yuan} yuan unclaimed",
        path=path,
        payouts=counted(len(found), "payout"),
        yuan=format_yuan(amount),
    )
    document = {"written": str(path), "payouts": len(found), "unclaimed": amount}
    return CommandResult(document, text, outcome="done", as_json=as_json)
