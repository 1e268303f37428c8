"""Finds business keys in other spellings: from earlier versions, or nearly the same.

A key is looked up by the number of its first attempt, which its other spellings do not have. So all
keys of a merchant are searched for them, many at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, text

from hongbao.business_key import is_normal, normal
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import PAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

    from hongbao.ledger.store.database import Database

_AT_ONCE = 5_000
"""Keys that are read together: a driver may keep all of an answer."""
_KEYS = (
    select(PAYOUT.c.id, PAYOUT.c.key)
    .where(PAYOUT.c.merchant_id == bindparam("merchant_id"), PAYOUT.c.id > bindparam("after"))
    .order_by(PAYOUT.c.id)
    .limit(_AT_ONCE)
)
# Keys beyond ASCII, or with blanks around them: only they can be in another spelling.
_UNUSUAL = _KEYS.where(
    text(
        "(octet_length(convert_to(key, 'UTF8')) <> char_length(key) "
        "OR key <> btrim(key, E' \\t\\r\\n'))"
    )
)
_UNUSUAL_IN_SQLITE = _KEYS.where(
    text("(length(CAST(key AS BLOB)) <> length(key) OR key <> trim(key, ' ' || x'090d0a'))")
)


class Spellings:
    """Looks for keys in other spellings.

    Args:
        database: the books' database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def outdated(self, merchant_id: int) -> dict[str, str]:
        """The keys that earlier versions stored unchanged, by their normal form."""
        with self._database.reading() as connection:
            return {normal(key): key for key in outdated(connection, merchant_id)}

    def keys(self, merchant_id: int) -> Iterator[list[str]]:
        """All keys of a merchant, in parts, each from a snapshot of its own."""
        after = 0
        while True:
            with self._database.reading() as connection:
                rows = _page(connection, _KEYS, merchant_id, after)
            if not rows:
                return
            yield [key for _, key in rows]
            after = rows[-1][0]


def outdated(connection: Connection, merchant_id: int) -> Iterator[str]:
    """The keys of a merchant that are not in their normal form."""
    statement = _UNUSUAL if is_postgresql(connection) else _UNUSUAL_IN_SQLITE
    after = 0
    while rows := _page(connection, statement, merchant_id, after):
        yield from (key for _, key in rows if not is_normal(key))
        after = rows[-1][0]


def _page(
    connection: Connection, statement: Select[int, str], merchant_id: int, after: int
) -> list[tuple[int, str]]:
    values = {"merchant_id": merchant_id, "after": after}
    return [(number, key) for number, key in connection.execute(statement, values)]
