"""Business keys that the books hold in other spellings: of earlier versions, or nearly the same.

A key is looked up by the number of its first attempt, which its other spellings do not have: they
are looked for among all keys of a merchant, many at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from hongbao.business_key import is_normal, normal
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import is_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from hongbao.ledger.store.database import Database

# Keys beyond ASCII, or with blanks around them: only they can be in another spelling.
_UNUSUAL = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND (octet_length(convert_to(key, 'UTF8')) <> char_length(key) OR key <> btrim(key, E' \\t\\r\\n'))
"""
_UNUSUAL_IN_SQLITE = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND (length(CAST(key AS BLOB)) <> length(key) OR key <> trim(key, ' ' || x'090d0a'))
"""
# Letters beyond ASCII are compared as they are, in the one database as in the other.
_ALIKE = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND lower(ltrim(key, '0') COLLATE "C") IN (SELECT unnest(CAST(:folds AS text[])))
"""
_ALIKE_IN_SQLITE = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND lower(ltrim(key, '0')) IN (SELECT value FROM json_each(:folds))
"""


class Spellings:
    """Looks for keys in other spellings.

    Args:
        database: of the books.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def outdated(self, merchant_id: int) -> dict[str, str]:
        """The keys that earlier versions stored as they came, by their normal form."""
        with self._database.reading() as connection:
            return {normal(key): key for key in outdated(connection, merchant_id)}

    def alike(self, merchant_id: int, folds: list[str]) -> list[str]:
        """The keys that are one of these without their leading zeros and in small letters."""
        with self._database.reading() as connection:
            statement = _ALIKE if is_postgresql(connection) else _ALIKE_IN_SQLITE
            wanted = bulk.texts(connection, folds)
            values = {"merchant_id": merchant_id, "folds": wanted}
            return list(connection.scalars(text(statement), values))


def outdated(connection: Connection, merchant_id: int) -> Iterator[str]:
    """The keys of a merchant that are not in their normal form."""
    statement = _UNUSUAL if is_postgresql(connection) else _UNUSUAL_IN_SQLITE
    rows = connection.scalars(text(statement), {"merchant_id": merchant_id})
    return (key for key in rows if not is_normal(key))
