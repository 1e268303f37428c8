"""Stores the rows of a list: what is done for each of a million, and nothing else.

PostgreSQL takes them as one text, and SQLite one by one from one statement.
"""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

from hongbao.ledger.store.database import is_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.numbering import Numbered
    from hongbao.ledger.model.campaign import Campaign

_COLUMNS = (
    '(id, merchant_id, campaign_id, "row", kind, key, payee, amount, people, terms_id, billno)'
)
_COPY = f"COPY payout {_COLUMNS} FROM STDIN"
_INSERT = f"INSERT INTO payout {_COLUMNS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - the schema's names
_TABS = _COLUMNS.count(",")
_AT_ONCE = 2_000
"""Lines that are sent together: the server stores them while the next are made."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def store(
    connection: Connection,
    campaign: Campaign,
    ids: Sequence[int],
    new: Sequence[Numbered],
    meanwhile: Callable[[], None],
) -> None:
    """Store new payouts as the next rows of a campaign that this transaction has locked.

    Args:
        connection: the transaction.
        campaign: as it was before.
        ids: of the payouts, ascending.
        new: the rows.
        meanwhile: called when the database works alone.
    """
    if is_postgresql(connection):
        # The server stores in a process of its own.
        meanwhile()
        _copy(connection, campaign, ids, new)
        return
    # SQLite gives Python's lock back for each row, and would wait for it as often.
    cursor: Any = connection.connection.cursor()
    with closing(cursor):
        cursor.executemany(_INSERT, _rows(campaign, ids, new))
    meanwhile()


def _rows(
    campaign: Campaign, ids: Sequence[int], new: Sequence[Numbered]
) -> Iterator[tuple[object, ...]]:
    # Made one by one, since a row as it is stored takes several times the memory of its entry.
    merchant, own = campaign.merchant_id, campaign.id
    for payout_id, row, (billno, entry) in zip(ids, count(campaign.rows + 1), new, strict=False):
        key, kind, payee, amount, people, terms = entry
        yield payout_id, merchant, own, row, kind, key, payee, amount, people, terms, billno


def _copy(
    connection: Connection, campaign: Campaign, ids: Sequence[int], new: Sequence[Numbered]
) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(_COPY) as copy:
        for begun in range(0, len(new), _AT_ONCE):
            some = new[begun : begun + _AT_ONCE]
            first = campaign.rows + 1 + begun
            copy.write(_text(campaign, first, ids[begun : begun + _AT_ONCE], some))


def _text(campaign: Campaign, first: int, ids: Sequence[int], new: Sequence[Numbered]) -> str:
    """Rows as PostgreSQL's COPY reads them."""
    text = "".join(_lines(campaign, first, ids, new))
    # Hardly a text holds what must be escaped: whoever counts need not look at each.
    if (text.count("\t"), text.count("\n")) == (_TABS * len(new), len(new)) and not (
        "\\" in text or "\r" in text
    ):
        return text
    escaped = [
        (billno, entry._replace(**{
            name: getattr(entry, name).translate(_ESCAPES) for name in ("key", "kind", "payee")
        }))
        for billno, entry in new
    ]  # fmt: skip
    return "".join(_lines(campaign, first, ids, escaped))


def _lines(
    campaign: Campaign, first: int, ids: Sequence[int], new: Sequence[Numbered]
) -> list[str]:
    own = f"{campaign.merchant_id}\t{campaign.id}"
    return [
        f"{payout_id}\t{own}\t{row}\t{kind}\t{key}\t{payee}\t{amount}\t{people}\t{terms}\t{billno}\n"
        for payout_id, row, (billno, (key, kind, payee, amount, people, terms)) in zip(
            ids, range(first, first + len(new)), new, strict=True
        )
    ]
