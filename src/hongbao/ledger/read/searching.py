"""Payouts by whatever somebody holds in hand: a receiver, a key, or a number, without saying which.

Each is looked up along its own index, in all campaigns of all merchants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.business_key import normal
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.read import named
from hongbao.ledger.read.payouts import LIMIT_MAX, payouts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Payout


class Match(NamedTuple):
    """A payout that was found.

    Attributes:
        payout: which.
        by: what of it was searched for: ``key``, ``mch_billno``, ``send_listid`` or ``openid``.
    """

    payout: Payout
    by: str


def search(connection: Connection, wanted: str, *, limit: int) -> list[Match]:
    """The payouts of which something is ``wanted``; see ``Reader.search``."""
    if not wanted:
        return []
    found: dict[int, Match] = {}
    for by, asked in (
        ("key", PayoutFilter(key=wanted)),
        ("mch_billno", PayoutFilter(billno=wanted)),
        ("send_listid", PayoutFilter(listid=wanted)),
        ("openid", PayoutFilter(payee=wanted, newest_first=True)),
    ):
        for payout in _some(connection, asked, limit - len(found)):
            found.setdefault(payout.id, Match(payout, by))
    if not found and normal(wanted):
        # Keys that an earlier version stored in another spelling are in no index.
        return [Match(it, "key") for it in named.find(connection, wanted)[:limit]]
    return list(found.values())


def _some(connection: Connection, asked: PayoutFilter, limit: int) -> list[Payout]:
    found: list[Payout] = []
    cursor = None
    while len(found) < limit:
        wanted = min(limit - len(found), LIMIT_MAX)
        page = payouts(connection, asked, after=cursor, limit=wanted)
        found += page.items
        if (cursor := page.next) is None:
            break
    return found
