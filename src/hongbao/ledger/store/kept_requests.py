"""Requests that cannot be made a second time with the same bytes: stored before they are sent.

A name in a request is encrypted with chance in it, so that the request that is sent again after a
crash must be the one that was stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger.model.kept_request import KeptRequest
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.kept_schema import KEPT_REQUEST
from hongbao.ledger.store.schema import PAYOUT

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = ("payout_id", "attempt", "seq", "call", "key_id", "body")


def find(connection: Connection, payout_id: int, attempt: int) -> KeptRequest | None:
    """The request of an attempt that is sent; None if none is stored."""
    last = connection.execute(
        select(KEPT_REQUEST)
        .where(KEPT_REQUEST.c.payout_id == payout_id, KEPT_REQUEST.c.attempt == attempt)
        .order_by(KEPT_REQUEST.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return None
    return KeptRequest(seq=last.seq, call=last.call, key_id=last.key_id, body=bytes(last.body))


def keep(connection: Connection, payout_id: int, attempt: int, request: KeptRequest) -> KeptRequest:
    """Store a request, unless another worker has stored one in its place.

    Args:
        connection: a transaction that writes.
        payout_id: whose.
        attempt: of which of its numbers.
        request: it follows the last one that is stored.

    Returns:
        The one that is to be sent.
    """
    if is_postgresql(connection):  # one after the other; SQLite has one writer anyway
        connection.execute(
            select(PAYOUT.c.id).where(PAYOUT.c.id == payout_id).with_for_update(key_share=True)
        )
    found = find(connection, payout_id, attempt)
    if found is not None and found.seq >= request.seq:
        return found
    bulk.insert(connection, KEPT_REQUEST, _COLUMNS, [(payout_id, attempt, *request)])
    return request
