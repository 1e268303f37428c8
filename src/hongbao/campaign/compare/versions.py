"""What a draft's list changes of the list that had the name before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.notes import Sum

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.campaign.ports import CampaignLedger
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.standing import Standing
    from hongbao.money import Fen

ROWS_MAX = 50_000
"""Rows of both lists that are compared: a person waits for it, and more take over a second."""


class VersionDifference(NamedTuple):
    """How two lists of one name differ, payout by payout, by their business keys.

    Attributes:
        before: the name that the list before has now.
        then: its payouts.
        added: payouts that it did not have.
        removed: its payouts that are gone.
        changed: how many have another amount, receiver or kind.
        changed_by: fen by which those came to more; below 0 if to less.
        compared: whether the lists were compared row by row: not if they are long.
    """

    before: str
    then: Sum
    added: Sum = Sum()
    removed: Sum = Sum()
    changed: int = 0
    changed_by: Fen = 0
    compared: bool = True


def version_before(standings: Iterable[Standing], campaign: Campaign) -> Campaign | None:
    """The campaign that had this name last, before its list was replaced; None if none had."""
    begin = f"{campaign.name}~"
    old = [it.campaign for it in standings if it.campaign.name.startswith(begin)]
    return max(old, key=lambda it: it.id, default=None)


def difference(books: CampaignLedger, old: Campaign, new: Campaign) -> VersionDifference:
    """Compare a list with the one before.

    Args:
        books: both are in.
        old: the one before.
        new: the one that waits for its approval.
    """
    then = Sum(old.rows, old.planned)
    if old.rows + new.rows > ROWS_MAX:
        return VersionDifference(old.name, then, compared=False)
    left = {it.key: it for part in books.contents(old.id) for it in part}
    added, changed, changed_by = Sum(), 0, 0
    for part in books.contents(new.id):
        for it in part:
            before = left.pop(it.key, None)
            if before is None:
                added = added.plus(1, it.amount)
            elif (before.payee, before.amount, before.kind) != (it.payee, it.amount, it.kind):
                changed, changed_by = changed + 1, changed_by + it.amount - before.amount
    removed = Sum(len(left), sum(it.amount for it in left.values()))
    return VersionDifference(old.name, then, added, removed, changed, changed_by)
