"""Looks up the numbers of a bill's rows, and stores the rows that are ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from hongbao.ledger.bills.bill_history import BillHistory, hold
from hongbao.ledger.model.bill import BillEventKind, BillMatch, BookedMovement, ForeignGroup
from hongbao.ledger.store import bulk
from hongbao.ledger.store.bill_schema import BILL_MATCH, MOVEMENT
from hongbao.ledger.store.database import driver_rows, is_postgresql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.bill import StoredBill
    from hongbao.ledger.model.payout import Instant

_MOVEMENT = BookedMovement._fields
_AT_ONCE = 5_000
# Each number is looked up by itself, which a join leaves to the planner.
_FIRST = """
SELECT wanted.billno, (
    SELECT payout.id FROM payout WHERE payout.merchant_id = :merchant_id
    AND payout.billno = wanted.billno AND payout.successor IS NULL
) FROM {wanted}
"""
_LATER = """
SELECT attempt.billno, attempt.payout_id, attempt.number FROM {wanted}
JOIN attempt ON attempt.merchant_id = :merchant_id AND attempt.billno = wanted.billno
"""
_IN_POSTGRESQL = "unnest(CAST(:billnos AS text[])) AS wanted (billno)"
_IN_SQLITE = "(SELECT value AS billno FROM json_each(:billnos)) AS wanted"
_QUERIES = {
    (is_server, later): text((_LATER if later else _FIRST).format(wanted=wanted))
    for is_server, wanted in ((True, _IN_POSTGRESQL), (False, _IN_SQLITE))
    for later in (False, True)
}


def numbers_of(
    connection: Connection, merchant_id: int, billnos: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """The payouts that have these numbers, or had them, each with the attempt.

    A number that no payout of the merchant ever had is left out.
    """
    on = is_postgresql(connection)
    wanted = {"merchant_id": merchant_id, "billnos": bulk.texts(connection, billnos)}
    first = driver_rows(connection, _QUERIES[on, False], wanted)
    found = {billno: (payout, 1) for billno, payout in first if payout is not None}
    rest = [billno for billno, payout in first if payout is None]
    if rest:
        wanted["billnos"] = bulk.texts(connection, rest)
        later = driver_rows(connection, _QUERIES[on, True], wanted)
        found.update({billno: (payout, number) for billno, payout, number in later})
    return found


def digested(movements: Iterable[BookedMovement]) -> bytes:
    """The bytes of movements that the digest of a bill's match is of."""
    return b"".join([b"%d,%d,%d,%d,%d,%d,%b\n" % (*it[1:7], it[7].encode()) for it in movements])


def movements_of(connection: Connection, bill_id: int) -> Iterator[list[BookedMovement]]:
    """All rows of a bill that are ours, some at a time, in its order."""
    query = (
        select(*(MOVEMENT.c[name] for name in _MOVEMENT))
        .where(MOVEMENT.c.bill_id == bill_id)
        .order_by(MOVEMENT.c.line)
        .execution_options(yield_per=_AT_ONCE)
    )
    with connection.execute(query) as rows:
        for page in rows.partitions():
            yield [BookedMovement._make(row) for row in page]


def matched_line(connection: Connection, bill_id: int) -> int:
    """The last line of a bill of which a movement is stored; 0 if there is none."""
    last = select(func.max(MOVEMENT.c.line)).where(MOVEMENT.c.bill_id == bill_id)
    return connection.scalar(last) or 0


def store_movements(
    connection: Connection, bill: StoredBill, movements: Sequence[BookedMovement]
) -> None:
    """Store rows of a bill that are ours, in its order; those that are there are left alone."""
    hold(connection, bill.key.merchant_id)
    there = matched_line(connection, bill.id)
    bulk.insert(connection, MOVEMENT, _MOVEMENT, [it for it in movements if it.line > there])


def store_match(
    connection: Connection, bill: StoredBill, match: BillMatch, *, by: str, now: Instant
) -> None:
    """Store that all rows of a bill were looked up; again does nothing."""
    history = BillHistory(connection, bill.key.merchant_id, by=by, now=now)
    there = select(BILL_MATCH.c.bill_id).where(BILL_MATCH.c.bill_id == bill.id)
    if connection.scalar(there) is not None:
        return
    figures = {
        "movements": match.movements,
        "amount_in": match.amount_in,
        "amount_out": match.amount_out,
        "body": _body(match),
    }
    connection.execute(
        insert(BILL_MATCH).values(bill_id=bill.id, at=now, digest=match.digest, **figures)
    )
    history.add(BillEventKind.MATCHED, {"bill": bill.id, "digest": match.digest.hex(), **figures})
    history.write()


def matches(connection: Connection, bill_ids: Sequence[int]) -> dict[int, BillMatch]:
    """What came of matching bills; those that are not matched yet are left out."""
    rows = connection.execute(select(BILL_MATCH).where(BILL_MATCH.c.bill_id.in_(bill_ids)))
    return {row.bill_id: _match(row) for row in rows}


def _body(match: BillMatch) -> str:
    foreign = [group._asdict() for group in match.foreign]
    return json.dumps(
        {"own": list(match.own), "foreign": foreign},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip


def _match(row: Any) -> BillMatch:  # noqa: ANN401  # a row of ``BILL_MATCH``
    said = json.loads(row.body)
    foreign = [
        ForeignGroup(
            **{**group, "prefixes": [(prefix, count) for prefix, count in group["prefixes"]]}
        )
        for group in said["foreign"]
    ]
    return BillMatch(
        row.movements, row.amount_in, row.amount_out, bytes(row.digest), said["own"], foreign
    )
