"""Holds what is kept of payouts against what the decisions say of it. It needs no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from hongbao.english import counted
from hongbao.ledger.store.kept import digest_of, kept_facts
from hongbao.ledger.store.kept_schema import KEPT, KEPT_REQUEST
from hongbao.ledger.store.schema import PAYOUT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_COUNT = select(func.count()).select_from(KEPT)
_OF_NOBODY = select(KEPT_REQUEST.c.payout_id).where(
    ~exists().where(PAYOUT.c.id == KEPT_REQUEST.c.payout_id)
)


def kept_problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """Whose it is, and what is wrong with it, in words."""
    known = 0
    for campaign_id, name, fact in kept_facts(connection):
        first, last = fact["first"], fact["last"]
        rows = connection.execute(
            select(PAYOUT.c.row, KEPT.c.sealed)
            .join(KEPT, KEPT.c.payout_id == PAYOUT.c.id)
            .where(PAYOUT.c.campaign_id == campaign_id, PAYOUT.c.row.between(first, last))
            .order_by(PAYOUT.c.row)
        )
        sealed = [(row, bytes(it)) for row, it in rows]
        known += len(sealed)
        if digest_of(sealed) != fact["digest"]:
            yield (
                say("campaign {name}", name=name),
                say(
                    "what is kept of its rows {first} to {last} is not what was stored with them",
                    first=first,
                    last=last,
                ),
            )
    more = connection.execute(_COUNT).scalar_one() - known
    if more:
        what = counted(more, "payout")
        yield (
            say("kept columns"),
            say("something is kept of {what} more than any decision says", what=what),
        )
    for number in connection.scalars(_OF_NOBODY):
        yield (
            say("payout {number}", number=number),
            say("a request is kept of it, and the books do not have it"),
        )
