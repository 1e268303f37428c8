"""What an import that broke off had stored of a list that extends a campaign, when it is finished.

What the campaign has already is taken out of such a list. What the import before had stored is
there, too, but it had not been compared with lists that were stored at the same time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao.campaign.key import KeyMaker
from hongbao.campaign.place import rows_and_yuan
from hongbao.ledger.model.campaign import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.campaign.finding import Sum
    from hongbao.campaign.ports import Books
    from hongbao.campaign.spool import Spool
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.event import Event

# Without terms, so that it is nothing to be stored.
_KEEP = """
INSERT INTO line (number, key, own, kind, payee, amount, people, terms, known)
VALUES (?, ?, ?, ?, ?, ?, 1, 0, 1)
"""


def take_interrupted(spool: Spool, books: Books, campaign: Campaign, name: str) -> None:
    """Put what the import had stored among the known rows of a list, under negative numbers.

    Args:
        spool: the list, which has nothing of this any more.
        books: where it is stored.
        campaign: whose import broke off.
        name: of the campaign that is extended, from which keys are derived.
    """
    before = _rows_before(books.decisions(campaign.name))
    keys = KeyMaker(name)
    database = spool.database
    for page in books.contents(campaign.id):
        database.execute("BEGIN")
        database.executemany(
            _KEEP,
            (
                (-it.row, it.key, not keys.ordinal(it.key), it.kind, it.payee, it.amount)
                for it in page
                if it.row > before
            ),
        )
        database.execute("COMMIT")


def cancel_first(name: str, found: Sum) -> str:
    """How rows are left out that are stored already.

    Args:
        name: of the campaign or supplement that has them.
        found: the rows.
    """
    return (
        f"of these, {rows_and_yuan(found)} stand in {name} already, from an import that was "
        f"interrupted: to leave them out, cancel that first (`hongbao campaign cancel {name}`)"
    )


def _rows_before(decisions: Iterable[Event]) -> int:
    """How many rows a campaign had before the import that broke off."""
    rows = before = 0
    for decision in decisions:
        rows = json.loads(decision.body).get("rows", rows)
        if decision.kind == DecisionKind.IMPORTED:
            before = rows
    return before
