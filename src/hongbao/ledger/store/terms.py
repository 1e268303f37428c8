"""Stores what many requests of a campaign have in common, once for each distinct content."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, text

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import TERMS
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode

# Two that store the same content at once go one after the other: the second finds it.
_TURN = text("SELECT pg_advisory_xact_lock(1752133223, 0)")

# Made once: see ``daily_limits``.
_IDS = select(TERMS.c.digest, TERMS.c.id).where(
    TERMS.c.digest.in_(bindparam("digests", expanding=True))
)
_DIGESTS = select(TERMS.c.id, TERMS.c.digest).where(
    TERMS.c.id.in_(bindparam("ids", expanding=True))
)


def content(body: Mapping[str, object]) -> tuple[str, bytes]:
    """The stored form of a content, and the SHA-256 that identifies it."""
    written = _encode(body)
    return written, sha256(written.encode()).digest()


def store_terms(connection: Connection, bodies: Sequence[Mapping[str, object]]) -> list[int]:
    """Store what many requests have in common, each distinct content once.

    Returns:
        The id of each.
    """
    contents = [content(body) for body in bodies]
    wanted = {digest: text for text, digest in contents}
    ids = _by_digest(connection, list(wanted))
    if len(ids) < len(wanted):
        if is_postgresql(connection):
            connection.execute(_TURN)
            ids = _by_digest(connection, list(wanted))
        new = [(digest, body) for digest, body in wanted.items() if digest not in ids]
        bulk.insert(connection, TERMS, ("digest", "body"), new)
        ids = _by_digest(connection, list(wanted))
    return [ids[digest] for _, digest in contents]


def _by_digest(connection: Connection, digests: list[bytes]) -> dict[bytes, int]:
    found = connection.execute(_IDS, {"digests": digests})
    return {bytes(one): number for one, number in found}


def terms_body(connection: Connection, terms_id: int) -> dict[str, Any]:
    """What many requests have in common.

    Raises:
        LedgerError: if the books have no such row.
    """
    body = connection.scalar(select(TERMS.c.body).where(TERMS.c.id == terms_id))
    if body is None:
        raise _no_terms(terms_id)
    terms: dict[str, Any] = json.loads(body)
    return terms


def terms_digests(connection: Connection, ids: Collection[int]) -> dict[int, bytes]:
    """SHA-256 of each of these.

    Raises:
        LedgerError: if the books miss one.
    """
    if not ids:
        return {}
    rows = connection.execute(_DIGESTS, {"ids": list(ids)})
    found = {number: bytes(digest) for number, digest in rows}
    for missing in set(ids) - found.keys():
        raise _no_terms(missing)
    return found


def _no_terms(terms_id: int) -> LedgerError:
    return LedgerError(
        code=LedgerCode.NOT_FOUND,
        problem=say("the books have no terms with the id {terms_id}", terms_id=terms_id),
        remedy=say("Store them first."),
    )
