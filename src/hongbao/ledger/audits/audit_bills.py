"""Checks that bills are as they came, and that breaks stand as their history says."""

from __future__ import annotations

import json
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.bills.movements import digested, movements_of
from hongbao.ledger.model.bill import BillEventKind
from hongbao.ledger.model.event import GENESIS, Event, Subject
from hongbao.ledger.model.replay import broken
from hongbao.ledger.store.bill_schema import (
    BILL,
    BILL_BREAK,
    BILL_MATCH,
    BILL_PERIOD,
    BILL_PIECE,
    MOVEMENT,
    RECONCILIATION,
    RECONCILIATION_EVENT,
)
from hongbao.ledger.store.schema import MERCHANT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Row, Table

    from hongbao.ledger.audits.audit import Watch
    from hongbao.ledger.audits.audit_report import Problem

_AT_ONCE = 1_000
_PIECES = 8
_NOT_READ = say("its bytes cannot be read")


def bill_problems(
    connection: Connection, watch: Watch | None = None
) -> Iterator[tuple[FindingCode, str, str]]:
    """What is wrong with bills and breaks: the kind, the subject and the words.

    Args:
        connection: in a transaction that reads a single snapshot.
        watch: shown the history of each merchant that has bills.
    """
    logged = _BillFactsLogged(watch)
    owners_in_order = (
        select(RECONCILIATION, MERCHANT.c.number)
        .join(MERCHANT, MERCHANT.c.id == RECONCILIATION.c.merchant_id)
        .order_by(RECONCILIATION.c.merchant_id)
    )
    for owner in connection.execute(owners_in_order).all():
        whose = say("bills of merchant {number}", number=owner.merchant_id)
        for code, words in logged.read(connection, owner):
            yield code, whose, words
    owners = select(RECONCILIATION.c.merchant_id)
    stray = select(func.count()).where(RECONCILIATION_EVENT.c.merchant_id.not_in(owners))
    if connection.scalar(stray):
        yield FindingCode.REFERENCE, "bills", say("there is a history of no merchant")
    for table, name, facts in (
        (BILL, "bill", logged.bills),
        (BILL_MATCH, "bill", logged.matches),
        (BILL_BREAK, "break", logged.breaks),
        (BILL_PERIOD, "period", logged.periods),
    ):
        for number, words in _rows(connection, table, facts):
            yield FindingCode.REPLAY, f"{name} {number}", words
    for bill in connection.execute(select(BILL.c.id, BILL.c.sha256, BILL.c.plain_bytes)):
        changed = _bytes_problem(connection, *bill)
        if changed is not None:
            yield FindingCode.CONTENT, f"bill {bill.id}", changed
    yield from _movement_problems(connection, logged.matches)


class _BillFactsLogged:
    """What the histories say, by the numbers of bills and breaks."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self.bills: dict[int, dict[str, Any]] = {}
        self.matches: dict[int, dict[str, Any]] = {}
        self.breaks: dict[int, dict[str, Any]] = {}
        self.periods: dict[int, dict[str, Any]] = {}

    def read(self, connection: Connection, owner: Row[Any]) -> Iterator[Problem]:
        """Read one history, and say what is wrong with it."""
        own = select(RECONCILIATION_EVENT).where(
            RECONCILIATION_EVENT.c.merchant_id == owner.merchant_id
        )
        ordered = own.order_by(RECONCILIATION_EVENT.c.seq)
        last, count = GENESIS, 0
        seen: list[Event] = []
        with connection.execute(ordered.execution_options(yield_per=_AT_ONCE)) as rows:
            for page in rows.partitions():
                events = [Event._make((*row[:6], bytes(row[6]))) for row in page]
                seen += events if self._watch is not None else ()
                words = broken(events, last, begun=count)
                if words is not None:
                    yield FindingCode.CHAIN, words
                    break
                for event in events:
                    self._take(event)
                last, count = events[-1].hash, count + len(events)
            else:
                words = None
        if words is None and count != owner.seq:
            yield (
                FindingCode.CHAIN,
                say(
                    "it has {count} events, and should have {wanted}", count=count, wanted=owner.seq
                ),
            )
        if self._watch is not None:
            self._watch.history(Subject.BILLS, owner.merchant_id, owner.number, seen)

    def _take(self, event: Event) -> None:
        said: dict[str, Any] = json.loads(event.body)
        when = {"at": event.at, "actor": event.actor}
        match event.kind:
            case BillEventKind.STORED:
                said["sha256"] = bytes.fromhex(said["sha256"])
                self.bills[said.pop("bill")] = {"merchant_id": event.payout_id, **said, **when}
            case BillEventKind.MATCHED:
                said["digest"] = bytes.fromhex(said["digest"])
                self.matches[said.pop("bill")] = {**said, "at": event.at}
            case BillEventKind.PERIOD_CLOSED | BillEventKind.PERIOD_REOPENED:
                stands = self.periods.setdefault(said.pop("period"), {})
                stands.update({"merchant_id": event.payout_id, **said})
            case _:
                stands = self.breaks.setdefault(said.pop("break"), {})
                stands.update({"merchant_id": event.payout_id, **said})


def _rows(
    connection: Connection, table: Table, logged: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[int, str]]:
    """The rows that are not what their history says."""
    [key] = table.primary_key.columns
    seen = set()
    for row in connection.execute(select(table).order_by(key)).mappings():
        found = dict(row)
        number = found.pop(key.name)
        seen.add(number)
        said = logged.get(number)
        if said is None:
            yield number, say("no history has it")
            continue
        for name, value in found.items():
            if value != said.get(name):
                yield number, say("its {name} is not what its history says", name=name)
    for number in sorted(logged.keys() - seen):
        yield number, say("it is missing, but its history is not")


def _bytes_problem(
    connection: Connection, bill_id: int, sha: bytes, plain_bytes: int
) -> str | None:
    """What is wrong with the bytes of a bill, in words."""
    digest, size = sha256(), 0
    query = select(BILL_PIECE).where(BILL_PIECE.c.bill_id == bill_id).order_by(BILL_PIECE.c.seq)
    with connection.execute(query.execution_options(yield_per=_PIECES)) as pieces:
        for place, piece in enumerate(pieces):
            if piece.seq != place:
                return say("piece {place} of its bytes is missing", place=place)
            try:
                plain = zlib.decompress(piece.body)
            except zlib.error:
                return _NOT_READ
            digest.update(plain)
            size += len(plain)
    if digest.digest() != sha or size != plain_bytes:
        return say("its bytes have changed since they were stored")
    return None


def _movement_problems(
    connection: Connection, matches: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[FindingCode, str, str]]:
    for bill_id, said in sorted(matches.items()):
        digest, count = sha256(), 0
        for page in movements_of(connection, bill_id):
            digest.update(digested(page))
            count += len(page)
        if digest.digest() != said["digest"] or count != said["movements"]:
            words = say("its movements are not those that were found in it")
            yield FindingCode.CONTENT, f"bill {bill_id}", words
    known = select(BILL.c.id)
    strays = select(MOVEMENT.c.bill_id).where(MOVEMENT.c.bill_id.not_in(known)).limit(1)
    if connection.scalar(strays) is not None:
        yield FindingCode.REFERENCE, "movements", say("some are of a bill that is missing")
