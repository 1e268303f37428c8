"""Stores bills as they came, compressed, and reads them again; their bytes are never changed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from hongbao.ledger.bills.bill_history import BillHistory
from hongbao.ledger.model.bill import BillEventKind, BillFacts, BillKey, StoredBill
from hongbao.ledger.store.bill_schema import BILL, BILL_MATCH, BILL_PIECE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

PIECE_BYTES = 1024 * 1024
"""How much of a bill is compressed together."""
_LEVEL = 6  # 1 million rows of 230 MB become 30 MB, at 90 MB/s

_FACTS = tuple(BILL.c[name] for name in BillFacts._fields)
_BILL = (
    select(
        BILL.c.id, BILL.c.merchant_id, BILL.c.account, BILL.c.day, BILL.c.sha256,
        BILL.c.plain_bytes, *_FACTS, BILL.c.source, BILL.c.at, BILL.c.actor,
        BILL_MATCH.c.at.label("matched_at"),
    )
    .outerjoin(BILL_MATCH, BILL_MATCH.c.bill_id == BILL.c.id)
    .order_by(BILL.c.id)
)  # fmt: skip


def compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a bill as they are stored: each piece compressed by itself."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE_BYTES:
            yield zlib.compress(waiting[:PIECE_BYTES], _LEVEL)
            del waiting[:PIECE_BYTES]
    if waiting:
        yield zlib.compress(waiting, _LEVEL)


def find_bill(connection: Connection, key: BillKey, sha256: bytes) -> StoredBill | None:
    """The bill that is stored with these bytes; None if there is none."""
    row = connection.execute(_BILL.where(*_is(key), BILL.c.sha256 == sha256)).one_or_none()
    return None if row is None else _stored(row)


def store_bill(
    connection: Connection,
    key: BillKey,
    facts: BillFacts,
    pieces: Iterable[bytes],
    *,
    sha256: bytes,
    plain_bytes: int,
    source: str,
    by: str,
    now: Instant,
) -> StoredBill:
    """Store a bill that is not there yet.

    Args:
        connection: in a transaction that writes.
        key: which it is.
        facts: what it says as a whole.
        pieces: its bytes, ``compressed``.
        sha256: of its bytes, unpacked.
        plain_bytes: how many those are.
        source: where it came from.
        by: who stores it.
        now: when.

    Returns:
        The stored bill; the one that is there, if there is one of these bytes.
    """
    history = BillHistory(connection, key.merchant_id, by=by, now=now)
    if (there := find_bill(connection, key, sha256)) is not None:
        return there
    own = {**key._asdict(), **facts._asdict(), "plain_bytes": plain_bytes, "source": source}
    made = connection.execute(
        insert(BILL).values(**own, sha256=sha256, at=now, actor=by).returning(BILL.c.id)
    )
    bill_id: int = made.scalar_one()
    for seq, piece in enumerate(pieces):
        connection.execute(insert(BILL_PIECE), {"bill_id": bill_id, "seq": seq, "body": piece})
    del own["merchant_id"]
    history.add(BillEventKind.STORED, {"bill": bill_id, **own, "sha256": sha256.hex()})
    history.write()
    return StoredBill(bill_id, key, sha256, plain_bytes, facts, source, now, by, None)


def bills(connection: Connection, merchant_id: int) -> list[StoredBill]:
    """All bills of a merchant, oldest first."""
    rows = connection.execute(_BILL.where(BILL.c.merchant_id == merchant_id))
    return [_stored(row) for row in rows]


def last_days(connection: Connection) -> dict[int, int]:
    """The last Beijing day of which each merchant has a bill."""
    query = select(BILL.c.merchant_id, func.max(BILL.c.day)).group_by(BILL.c.merchant_id)
    return {merchant_id: day for merchant_id, day in connection.execute(query)}  # noqa: C416  # rows are no tuples to mypy


def bill_of(connection: Connection, bill_id: int) -> StoredBill | None:
    """A bill by its number; None if there is none."""
    row = connection.execute(_BILL.where(BILL.c.id == bill_id)).one_or_none()
    return None if row is None else _stored(row)


def piece(connection: Connection, bill_id: int, seq: int) -> bytes | None:
    """A piece of a bill's bytes, unpacked; None behind the last."""
    body = connection.scalar(
        select(BILL_PIECE.c.body).where(BILL_PIECE.c.bill_id == bill_id, BILL_PIECE.c.seq == seq)
    )
    return None if body is None else zlib.decompress(body)


def _is(key: BillKey) -> tuple[Any, ...]:
    return tuple(BILL.c[name] == value for name, value in key._asdict().items())


def _stored(row: Any) -> StoredBill:  # noqa: ANN401  # a row of ``_BILL``
    bill_id, merchant_id, account, day, sha256, plain_bytes, *rest = row
    facts, (source, at, actor, matched_at) = rest[: len(_FACTS)], rest[len(_FACTS) :]
    return StoredBill(
        bill_id, BillKey(merchant_id, account, day), bytes(sha256), plain_bytes,
        BillFacts(*facts), source, at, actor, matched_at,
    )  # fmt: skip
