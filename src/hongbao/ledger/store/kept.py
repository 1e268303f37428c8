"""What is kept sealed beside payouts: stored with them, and read by whoever has the key.

Each decision that adds rows says which columns it keeps, and the SHA-256 of what is sealed: so it
is bound by the approval that comes after, and an audit needs no key.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.store import bulk
from hongbao.ledger.store.kept_schema import KEPT
from hongbao.ledger.store.schema import CAMPAIGN, DECISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

FACT = "kept"
"""What a decision calls it."""


def digest_of(sealed: Iterable[tuple[int, bytes]]) -> str:
    """The SHA-256 of what is kept of some rows: the number of each, and what is sealed."""
    found = sha256()
    for row, it in sealed:
        found.update(b"%d:%d:" % (row, len(it)))
        found.update(it)
    return found.hexdigest()


def facts(columns: Sequence[str], first: int, kept: Sequence[bytes]) -> dict[str, object]:
    """What the decision to add rows says of what is kept of them; nothing if nothing is.

    Args:
        columns: the names of the columns that are kept.
        first: the place of the first of the rows.
        kept: of each of them what is sealed; empty for nothing.
    """
    sealed = [(row, it) for row, it in enumerate(kept, first) if it]
    if not sealed:
        return {}
    fact = {
        "columns": list(columns), "first": first, "last": first + len(kept) - 1,
        "payouts": len(sealed), "digest": digest_of(sealed),
    }  # fmt: skip
    return {FACT: fact}


def store(connection: Connection, ids: Sequence[int], kept: Sequence[bytes]) -> None:
    """Store what is kept of new payouts."""
    rows = [(number, it) for number, it in zip(ids, kept, strict=True) if it]
    bulk.insert(connection, KEPT, ("payout_id", "sealed"), rows)


def sealed_between(connection: Connection, first: int, last: int) -> dict[int, bytes]:
    """What is kept of the payouts with these ids, sealed."""
    rows = connection.execute(select(KEPT).where(KEPT.c.payout_id.between(first, last)))
    return {number: bytes(sealed) for number, sealed in rows}


def kept_facts(
    connection: Connection, name: str | None = None
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """What decisions say of what is kept: of each the campaign's id and name, and the facts.

    Args:
        connection: a transaction.
        name: of a campaign, whose supplements count, too; None for all.
    """
    query = (
        select(CAMPAIGN.c.id, CAMPAIGN.c.name, DECISION.c.body)
        .join(DECISION, DECISION.c.campaign_id == CAMPAIGN.c.id)
        .where(
            CAMPAIGN.c.amount_max.is_(None),  # programs keep nothing
            DECISION.c.kind == str(DecisionKind.EXTENDED),
            DECISION.c.body.contains(f'"{FACT}"'),
        )
        .order_by(CAMPAIGN.c.id, DECISION.c.seq)
    )
    if name is not None:
        own = select(CAMPAIGN.c.id).where(CAMPAIGN.c.name == name).scalar_subquery()
        query = query.where((CAMPAIGN.c.id == own) | (CAMPAIGN.c.parent_id == own))
    for number, of, body in connection.execute(query):
        fact = json.loads(body).get(FACT)
        if fact is not None:
            yield number, of, fact


def kept_columns(connection: Connection, name: str) -> list[str]:
    """The columns that a campaign and its supplements keep, in the order in which they came."""
    found = (column for *_, fact in kept_facts(connection, name) for column in fact["columns"])
    return list(dict.fromkeys(found))
