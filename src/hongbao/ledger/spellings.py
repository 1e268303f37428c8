"""Business keys that the books hold in other spellings: of earlier versions, or nearly the same.

A key is looked up by the number of its first attempt, so what is asked for has to be spelt out: the
other letter cases of a key, and its digits with so many leading zeros as any key has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from hongbao.billno import derive_billno
from hongbao.business_key import is_normal, normal
from hongbao.ledger.database import is_postgresql
from hongbao.ledger.keys import merchant_number, stored_by_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from hongbao.ledger.database import Database

# Keys beyond ASCII, or with blanks around them: only they can be in another spelling.
_UNUSUAL = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND (octet_length(convert_to(key, 'UTF8')) <> char_length(key) OR key <> btrim(key, E' \\t\\r\\n'))
"""
_UNUSUAL_IN_SQLITE = """
SELECT key FROM payout WHERE merchant_id = :merchant_id
AND (length(CAST(key AS BLOB)) <> length(key) OR key <> trim(key, ' ' || x'090d0a'))
"""
_PADDED = """
SELECT DISTINCT length(key) FROM payout
WHERE merchant_id = :merchant_id AND substr(key, 1, 1) = '0'
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

    def padded(self, merchant_id: int) -> list[int]:
        """How long the keys are that begin with a zero."""
        with self._database.reading() as connection:
            rows = connection.scalars(text(_PADDED), {"merchant_id": merchant_id})
            return sorted(rows)

    def holders(self, merchant_id: int, keys: Collection[str]) -> dict[str, int]:
        """The campaigns that have these keys, by the key; none for those that nobody has."""
        with self._database.reading() as connection:
            number = merchant_number(connection, merchant_id)
            billnos = [derive_billno(number, key) for key in keys]
            found = stored_by_key(connection, merchant_id, billnos)
            return {key: stored.campaign_id for key, stored in found.items()}


def outdated(connection: Connection, merchant_id: int) -> Iterator[str]:
    """The keys of a merchant that are not in their normal form."""
    statement = _UNUSUAL if is_postgresql(connection) else _UNUSUAL_IN_SQLITE
    rows = connection.scalars(text(statement), {"merchant_id": merchant_id})
    return (key for key in rows if not is_normal(key))


def variants(key: str, lengths: Iterable[int]) -> set[str]:
    """What a key may have been before a program changed its letters or leading zeros.

    Args:
        key: in its normal form.
        lengths: that keys with leading zeros have.
    """
    short = key.lstrip("0")
    found = {short or key}
    if key.isdigit():
        found.update(short.zfill(length) for length in lengths)
    else:
        found.update({key.lower(), key.upper(), key.capitalize()})
    return found - {key}
