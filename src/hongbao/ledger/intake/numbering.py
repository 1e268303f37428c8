"""Prepares rows for the books: each gets its order number.

This is the part that needs no lock, because a list may have a million rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlalchemy import select

from hongbao.billno import derive_first
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.campaign import Entry
from hongbao.ledger.store.decisions import no_campaign
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, MERCHANT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

Numbered: TypeAlias = tuple[str, Entry]
"""An order number and its row."""

_TYPES = (str, str, str, int, int, int, bytes)
"""Of an entry's facts."""


def check_types(entries: Sequence[Entry]) -> None:
    """Let nothing into the books that is not what it looks like, such as a True that is no 1.

    Raises:
        InvalidRequest: if a fact is of another type, or of one derived from it.
    """
    # Column by column: a list may have a million rows.
    for name, right, facts in zip(Entry._fields, _TYPES, zip(*entries, strict=True), strict=True):
        if wrong := set(map(type, facts)) - {right}:
            raise InvalidRequest(
                field=name,
                rule=say("a value of type {type}", type=right.__name__),
                found=say("one of type {type}", type=wrong.pop().__name__),
            )


class Numbering(NamedTuple):
    """What is needed for a row's number.

    Attributes:
        merchant_id: the number of the paying merchant in the books.
        mch_id: the merchant's number at WeChat.
    """

    merchant_id: int
    mch_id: str

    def apply(self, entries: Iterable[Entry]) -> list[Numbered]:
        """Number rows.

        Raises:
            InvalidRequest: if a key is empty, or a fact is of a wrong type.
        """
        rows = list(entries)
        if not rows:
            return []
        check_types(rows)
        return list(zip(derive_first(self.mch_id, [row.key for row in rows]), rows, strict=True))


def numbering_of(connection: Connection, campaign_id: int) -> Numbering:
    """How the rows of a campaign are numbered.

    Raises:
        LedgerError: if there is no such campaign.
    """
    merchant = connection.execute(
        select(MERCHANT.c.id, MERCHANT.c.number)
        .join(CHANNEL, CHANNEL.c.merchant_id == MERCHANT.c.id)
        .join(CAMPAIGN, CAMPAIGN.c.channel_id == CHANNEL.c.id)
        .where(CAMPAIGN.c.id == campaign_id)
    ).one_or_none()
    if merchant is None:
        raise no_campaign(campaign_id)
    return Numbering(merchant.id, merchant.number)
