"""Finds the rows of a campaign that are not those that were stored, by the digests of its parts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.model.campaign import NO_ROWS, extend
from hongbao.ledger.model.replay import rows_after
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.decisions import mandate_of
from hongbao.ledger.store.schema import PAYOUT, TERMS
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.event import Event

_CONTENTS = (
    select(
        *(PAYOUT.c[name] for name in ("row", "key", "kind", "payee", "amount", "people")),
        TERMS.c.digest,
    )
    .join(TERMS, TERMS.c.id == PAYOUT.c.terms_id)
    .order_by(PAYOUT.c.row)
    .limit(1_000)
)


def no_rows(campaign: Row[Any]) -> bytes:
    """The digest of a campaign before its first row."""
    mandate = mandate_of(campaign)
    return NO_ROWS if mandate is None else mandate.digest


def changed_rows(connection: Connection, campaign: Row[Any], decisions: Iterable[Event]) -> str:
    """Where the rows of a campaign begin to be others than those that were stored, in words.

    A digest is known of all rows together after each part that was stored. Nothing says of a row
    behind the first that is another whether it is one, too.
    """
    digest, row, rows = no_rows(campaign), 0, 0
    contents = _contents(connection, campaign.id)
    for it in decisions:
        begun, rows = rows, rows_after(it, rows)
        while row < rows and (content := next(contents, None)) is not None:
            digest, row = extend(digest, (content,)), row + 1
        if rows > begun and digest.hex() != json.loads(it.body).get("digest"):
            return say(
                "its rows {begun} to {rows} are not those that were stored",
                begun=begun + 1,
                rows=rows,
            )
    return say("its rows are not those that its digest was made of")


def _contents(
    connection: Connection, campaign_id: int
) -> Iterator[tuple[str, str, str, int, int, bytes]]:
    done = 0
    query = _CONTENTS.where(PAYOUT.c.campaign_id == campaign_id)
    while rows := driver_rows(connection, query.where(PAYOUT.c.row > done)):
        for _, *content, terms in rows:
            key, kind, payee, amount, people = content
            yield key, kind, payee, amount, people, bytes(terms)
        done = rows[-1][0]
