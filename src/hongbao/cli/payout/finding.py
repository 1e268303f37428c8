"""Which payout is meant by a key or an order number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import LedgerError
from hongbao.views import payout as views

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Payout


def find_one(book: Book, key_or_billno: str, *, mch_id: str | None) -> Payout:
    """The payout of a business key or an order number.

    Args:
        book: where.
        key_or_billno: which.
        mch_id: whose, if several merchants have one of this key.

    Raises:
        LedgerError: if there is none, or more than one.
    """
    numbers = {merchant.id: merchant.number for merchant in book.merchants()}
    found = [
        payout
        for payout in book.find(key_or_billno)
        if mch_id in (None, numbers.get(payout.merchant_id))
    ]
    if not found:
        raise LedgerError(
            problem="the books have no payout of this key or order number",
            remedy="Check it: letter case and leading zeros tell keys apart.",
        )
    if len(found) > 1:
        names = campaign_names(book)
        lines = "".join(
            f"\n  {views.line(it, campaign=names.get(it.campaign_id, '?'))}" for it in found
        )
        raise LedgerError(
            problem=f"{len(found)} payouts are called so:{lines}",
            remedy="Give the order number, or --mch-id.",
        )
    return found[0]


def campaign_names(book: Book) -> dict[int, str]:
    """The campaigns' names by their rows."""
    return {it.campaign.id: it.campaign.name for it in book.campaigns()}
