"""A campaign that was approved a day ago and not begun is not paid, and says what it needs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hongbao.ledger.book import Book
from hongbao.ledger.model.approval import APPROVED_FOR
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run


def test_a_run_pays_nobody_and_says_that_it_needs_another_approval(
    run: Run, office: Office, town: Town
) -> None:
    run(*office.new(office.write_list()))
    yesterday = int(time.time() * SECOND) - APPROVED_FOR
    with Book.open(str(office.folder / "books.db"), clock=lambda: yesterday) as book:
        draft = book.standing("spring").campaign
        book.approve("spring", digest=draft.digest, by="bert")
    ran = run("campaign", "run", "spring")
    assert ran.code == 10, ran
    assert "campaign approve spring" in ran.stdout, ran
    assert town.paid_once() == 0
    assert "approved more than a day before" in run("campaign", "history", "spring").stdout
    assert "批准已超过一天" in run("campaign", "history", "spring", "--lang", "zh").stdout
