"""Takes a bill in: reads it once, to know what it says as a whole, and stores its bytes."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hongbao import beijing
from hongbao.errors import InvalidRequest
from hongbao.ledger.bills.bill_storing import compressed
from hongbao.ledger.model.bill import NO_ROWS, BillFacts, BillKey
from hongbao.reconcile.balance_chain import BalanceChain
from hongbao.sentences import say, sentence_of
from hongbao.wire.bill.body import BillBody
from hongbao.wire.bill.columns import BillColumn, Direction
from hongbao.wire.bill.reader import MalformedBill, read_bill
from hongbao.wire.bill.rows import BadLine, BadLineReason, BillEnd, BillRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.ledger.bills.bills import Bills
    from hongbao.ledger.model.bill import StoredBill
    from hongbao.money import Fen

_READ_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 8 * 1024 * 1024
_OUT = Direction.OUT.encode()
_DAY_CHARS = 10
_NO_ROW = {
    BadLineReason.COLUMNS: say("it has more or fewer cells than the header"),
    BadLineReason.TIME: say("its time is not of the form 2026-11-23 12:00:00"),
    BadLineReason.DIRECTION: say("its direction is neither 收入 nor 支出"),
    BadLineReason.AMOUNT: say("its amount is not yuan with at most two decimals"),
    BadLineReason.BALANCE: say("its balance is not yuan with at most two decimals"),
    BadLineReason.ROUNDED: say("a spreadsheet has rounded one of its numbers"),
    BadLineReason.SUMMARY: say("it stands where the totals belong"),
    BadLineReason.TOO_LONG: say("it is longer than any row can be"),
}
_EPOCH = date(1970, 1, 1).toordinal()
NOTHING_MOVED = b""
"""The bytes that stand for a day of which there is no bill, since nothing moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a bill.

    Attributes:
        bill: as it is stored.
        new: whether it was not there: equal bytes are the same bill.
        corrects: the bill of the same account and day that counted before it, if it is new.
    """

    bill: StoredBill
    new: bool
    corrects: StoredBill | None


def take_in(
    bills: Bills,
    path: Path,
    *,
    merchant_id: int,
    account: str,
    day: int | None,
    source: str,
    by: str,
    today: int | None = None,
) -> TakenIn:
    """Store the bill that is in a file, plain or in gzip.

    Args:
        bills: where.
        path: the file.
        merchant_id: whose, as the books number merchants.
        account: of which account.
        day: which Beijing day it must be of; None for the day of its rows.
        source: where it came from, for the history.
        by: who stores it.
        today: the Beijing day, for bills that come from a person; None if the day is known to be
            over.

    Raises:
        InvalidRequest: if it is no fund-flow bill, or not of one day, or not of that one; if that
            day is not over.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file, _read(file) as (reading, pieces):
        found = reading.day(day)
        if today is not None and found >= today:
            raise _no_bill(
                say("its day, {day}, is not over", day=beijing.date(found)),
                say("WeChat makes it at 10:00 on the next day."),
            )
        key = BillKey(merchant_id, account, found)
        return _store(bills, key, reading.facts(), pieces, reading=reading, source=source, by=by)


def take_in_nothing(
    bills: Bills, *, merchant_id: int, account: str, day: int, source: str, by: str
) -> TakenIn:
    """Store that nothing moved on a day."""
    key = BillKey(merchant_id, account, day)
    return _store(bills, key, NO_ROWS, iter(()), reading=_BillReading(), source=source, by=by)


def _store(
    bills: Bills,
    key: BillKey,
    facts: BillFacts,
    pieces: Iterator[bytes],
    *,
    reading: _BillReading,
    source: str,
    by: str,
) -> TakenIn:
    digest = reading.sha256.digest()
    there = bills.find(key, digest)
    if there is not None:
        return TakenIn(bill=there, new=False, corrects=None)
    before = [it for it in bills.of_merchant(key.merchant_id) if it.key == key]
    stored = bills.store(
        key, facts, pieces, sha256=digest, plain_bytes=reading.plain_bytes, source=source, by=by
    )
    return TakenIn(bill=stored, new=True, corrects=before[-1] if before else None)


@contextmanager
def _read(file: IO[bytes]) -> Iterator[tuple[_BillReading, Iterator[bytes]]]:
    """A bill that was read to its end, and its bytes as they are stored."""
    reading = _BillReading()
    # So that the books are locked for as long as it takes to write them, not to compress them.
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as kept:
        sizes = []
        try:
            for piece in compressed(reading.read(file)):
                kept.write(piece)
                sizes.append(len(piece))
        except MalformedBill as error:
            raise _no_bill(sentence_of(error)) from error
        kept.seek(os.SEEK_SET)
        yield reading, (kept.read(size) for size in sizes)


class _BillReading:
    """One pass through a bill."""

    def __init__(self) -> None:
        self.sha256 = sha256()
        self.plain_bytes = 0
        self._chain = BalanceChain()
        self._days: dict[bytes, int] = {}  # each with its first line
        self._bad_line: BadLine | None = None
        self._end: BillEnd | None = None

    def read(self, file: IO[bytes]) -> Iterator[bytes]:
        """Read it, and give its bytes, unpacked."""
        body = BillBody()
        seen: list[bytes] = []

        def plain() -> Iterator[bytes]:
            for piece in iter(lambda: file.read(_READ_BYTES), b""):
                yield from body.take(piece)
            yield from body.end()

        def counted_bytes() -> Iterator[bytes]:
            for piece in plain():
                self.sha256.update(piece)
                self.plain_bytes += len(piece)
                seen.append(piece)
                yield piece

        for part in read_bill(counted_bytes()):
            self._look(part)
            yield from seen
            seen.clear()
        yield from seen

    def day(self, wanted: int | None) -> int:
        """The Beijing day of all its rows.

        Raises:
            InvalidRequest: if there is none, or another one, or several.
        """
        days = {_day_of(text): line for text, line in self._days.items()}
        if wanted is None and len(days) == 1:
            return next(iter(days))
        if wanted is None and not days:
            raise self._no_day()
        other = [line for found, line in sorted(days.items()) if found != (wanted or min(days))]
        if other:
            raise _no_bill(
                say("line {line} is of another day than the first", line=other[0])
                if wanted is None
                else say("line {line} is of another day than that", line=other[0]),
                say("Take the bill of one day: the merchant site also gives several as one file."),
            )
        return wanted if wanted is not None else min(days)

    def _no_day(self) -> InvalidRequest:
        bad = self._bad_line
        if bad is None:
            found = say("it has no rows that would say of which day it is")
            return _no_bill(found, say("Give its day."))
        return _no_bill(
            say(
                "line {line} is no row, nor is any other: {why}",
                line=bad.line,
                why=_NO_ROW[bad.reason],
            ),
            say("Take the file that WeChat gave, not one that another program has saved."),
        )

    def facts(self) -> BillFacts:
        """What it says as a whole."""
        chain, end = self._chain.end(), self._end
        if end is None:
            raise _no_bill(say("it has no end"))
        counted = end.counted
        return BillFacts(
            rows=counted.rows,
            rows_out=counted.rows_out,
            amount_in=counted.amount_in,
            amount_out=counted.amount_out,
            whole=end.whole,
            bad_lines=end.bad_lines,
            bad_line=self._bad_line.line if self._bad_line else None,
            opening=chain.opening,
            closing=chain.closing,
            gaps=chain.gaps,
            gap_line=chain.line,
        )

    def _look(self, part: BillRows | BadLine | BillEnd) -> None:
        match part:
            case BillRows():
                self._chain.add(part.lines, signed_amounts(part), part.balances)
                for line, at in zip(part.lines, part.cells[BillColumn.BOOKED_AT], strict=True):
                    self._days.setdefault(at[:_DAY_CHARS], line)
            case BadLine():
                self._bad_line = self._bad_line or part
            case BillEnd():
                self._end = part


def signed_amounts(rows: BillRows) -> list[Fen]:
    """Fen of each row, negative if money went."""
    directions = rows.cells[BillColumn.DIRECTION]
    if directions.count(_OUT) == len(directions):
        return [-amount for amount in rows.amounts]
    return [
        -amount if direction == _OUT else amount
        for amount, direction in zip(rows.amounts, directions, strict=True)
    ]


def _day_of(text: bytes) -> int:
    return date.fromisoformat(text.decode()).toordinal() - _EPOCH


def _no_bill(found: str, remedy: str = "") -> InvalidRequest:
    rule = say("a fund-flow bill of one Beijing day, as WeChat gives it")
    if remedy:
        rule = say("{rule}. {remedy}", rule=rule, remedy=remedy.removesuffix("."))
    return InvalidRequest(field="bill", rule=rule, found=found)


def date_of(day: int) -> date:
    """A Beijing day of the books as a date."""
    return date.fromisoformat(beijing.date(day))
