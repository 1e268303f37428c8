"""Holds what bills say of a payout against what the books expect. Pure.

Rows are matched by number and direction alone, to the fen. Days only say when a bill is due that
must have a row: the day of the send or the one after, by either clock.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.ledger.model.bill import BreakKind, Difference
from hongbao.ledger.model.payout import PAID, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hongbao.ledger.model.bill import BookedMovement, Expected
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen
    from hongbao.rails.port import Locking

DAY_WINDOW = 1
"""How many days after the books' a movement may stand in a bill."""
LOOKED_AT_DAYS = 4
"""So long after a send the books may not have noticed yet that it came back: WeChat returns money
24 to 72 hours later, and looks at it take a day."""


class Horizon(NamedTuple):
    """What bills there are.

    Attributes:
        covered: whether the bills of a Beijing day are there, of all accounts.
        now: the books' time.
    """

    covered: Callable[[int], bool]
    now: Instant


def judge(
    expected: Expected,
    movements: Sequence[BookedMovement],
    horizon: Horizon,
    numbers: Mapping[int, str] | None = None,
    locking: Locking | None = None,
) -> list[Difference]:
    """How bills and books differ about one payout.

    Args:
        expected: what the books say.
        movements: what the bills that count say of all its numbers.
        horizon: which bills there are.
        numbers: its earlier numbers, by attempt.
        locking: how its rail locks money that is not paid yet; None if it does not.
    """
    paid = expected.state in PAID
    if len(movements) == 1 and paid and not expected.refunded:
        # As nearly all are.
        [only] = movements
        if only.outgoing and only.amount == expected.amount and only.attempt == expected.attempt:
            return []
    case = _PayoutCase(expected, movements, horizon, numbers or {}, locking)
    return list(case.differences())


class _PayoutCase:
    """One payout and what bills say of it."""

    def __init__(
        self,
        expected: Expected,
        movements: Sequence[BookedMovement],
        horizon: Horizon,
        numbers: Mapping[int, str],
        locking: Locking | None,
    ) -> None:
        self._expected = expected
        self._horizon = horizon
        self._numbers = numbers
        self._locking = locking
        rows = sorted(movements, key=lambda it: (it.booked_at, it.bill_id, it.line))
        self._dead = [it for it in rows if it.attempt != expected.attempt]
        live = [it for it in rows if it.attempt == expected.attempt]
        self._out = [it for it in live if it.outgoing]
        self._in = [it for it in live if not it.outgoing]

    def differences(self) -> Iterator[Difference]:
        """All of them."""
        yield from self._of_dead_numbers()
        yield from self._doubled(self._out, self._in)
        if self._expected.state in PAID:
            yield from self._sent()
            yield from self._returned()
        elif self._locking is not None:
            yield from self._locked(self._locking, self._out, self._in)
        elif self._out:
            amount = sum(it.amount for it in self._out)
            yield self._shown(BreakKind.MISSING_IN_LEDGER, self._out[0], 0, amount)
        elif self._in:
            yield self._shown(BreakKind.RETURN_UNEXPECTED, self._in[0], 0, _sum(self._in))

    def _of_dead_numbers(self) -> Iterator[Difference]:
        """A number that was proven dead, and that the bill says was paid."""
        for attempt in sorted({it.attempt for it in self._dead}):
            rows = [it for it in self._dead if it.attempt == attempt]
            out = [it for it in rows if it.outgoing]
            if self._locking is not None:
                back = [it for it in rows if not it.outgoing]
                yield from self._doubled(out, back)
                yield from self._locked(self._locking, out, back, dead=True)
                continue
            kind = BreakKind.MISSING_IN_LEDGER if out else BreakKind.RETURN_UNEXPECTED
            shown = out or rows
            yield self._shown(kind, shown[0], 0, sum(it.amount for it in shown))

    def _locked(
        self,
        locking: Locking,
        out: Sequence[BookedMovement],
        back: Sequence[BookedMovement],
        *,
        dead: bool = False,
    ) -> Iterator[Difference]:
        """A number that is not paid, and whose money may have been locked and come back."""
        amount, awaited = self._expected.amount, self._expected.state is State.AWAITING_USER
        if not out:
            # The lock stands in the bill of an earlier day, of which there may be none.
            if back and self._are_covered(back[0].booked_at - _back(locking), back[0].booked_at):
                yield self._shown(BreakKind.RETURN_UNEXPECTED, back[0], 0, _sum(back))
            return
        if not back and (dead or not awaited):
            was_there = dead or locking.may_follow(self._expected.code)
            locked_at = out[0].booked_at
            if not was_there or self._are_covered(locked_at, locked_at + _back(locking)):
                yield self._shown(BreakKind.MISSING_IN_LEDGER, out[0], 0, _sum(out))
                return
        if all(it.amount != amount for it in out):
            yield self._shown(BreakKind.AMOUNT, out[0], amount, out[0].amount)
        if back and _sum(back) != amount:
            yield self._shown(BreakKind.AMOUNT, back[0], amount, _sum(back), "in")
        elif back and awaited and not dead and self._is_late(back[-1].booked_at):
            yield self._shown(BreakKind.RETURN_UNEXPECTED, back[-1], 0, amount)

    def _is_late(self, since: Instant) -> bool:
        """Whether the books should have noticed by now what happened then."""
        return self._horizon.now >= since + LOOKED_AT_DAYS * beijing.DAY

    def _doubled(
        self, out: Sequence[BookedMovement], back: Sequence[BookedMovement]
    ) -> Iterator[Difference]:
        """Two debits of one number; or one return of money that stands there twice."""
        if len(out) > 1:
            total = sum(it.amount for it in out)
            yield self._shown(BreakKind.DUPLICATE, out[1], self._expected.amount, total)
        again = [it for place, it in enumerate(back) if _is_repeated(back, place)]
        if again:
            total = sum(it.amount for it in back)
            yield self._shown(BreakKind.DUPLICATE, again[0], _sum(back), total, "in")

    def _sent(self) -> Iterator[Difference]:
        expected, out = self._expected, self._out
        if out:
            if all(it.amount != expected.amount for it in out):
                yield self._shown(BreakKind.AMOUNT, out[0], expected.amount, out[0].amount)
        elif self._is_debit_due():
            if self._in and not expected.refunded:
                found = _sum(self._in)
                yield self._shown(BreakKind.DIRECTION, self._in[0], expected.amount, found)
            else:
                yield self._absent(BreakKind.MISSING_IN_BILL, expected.sent_at, expected.amount, 0)

    def _returned(self) -> Iterator[Difference]:
        expected, back = self._expected, _sum(self._in)
        if back == expected.refunded:
            return
        one_other_amount = expected.refunded and expected.people == 1 and len(self._in) == 1
        if one_other_amount or (back > expected.refunded > 0 and len(self._in) == 1):
            yield self._shown(BreakKind.AMOUNT, self._in[0], expected.refunded, back, "in")
        elif back > expected.refunded:
            if self._out or expected.refunded or not self._is_debit_due():
                yield from self._unexpected(back)
        elif self._are_covered(expected.sent_at, expected.settled_at):
            kind, at = BreakKind.RETURN_MISSING, expected.settled_at or expected.sent_at
            yield self._absent(kind, at, expected.refunded, back)

    def _is_debit_due(self) -> bool:
        expected = self._expected
        # What is locked first may be booked when it is locked, or when it is paid.
        paid_at = expected.sent_at if self._locking is None else expected.settled_at
        return self._are_covered(expected.first_call_at, paid_at)

    def _unexpected(self, back: Fen) -> Iterator[Difference]:
        expected = self._expected
        unseen = expected.state is State.SENT and expected.looked_at
        if not unseen or self._is_late(expected.sent_at or 0):
            row = self._in[-1]
            yield self._shown(BreakKind.RETURN_UNEXPECTED, row, expected.refunded, back)

    def _are_covered(self, since: Instant | None, until: Instant | None) -> bool:
        """Whether all bills are there in which a movement can stand."""
        ends = [it for it in (since, until) if it is not None]
        if not ends:
            return False
        first, last = beijing.day_of(min(ends)), beijing.day_of(max(ends)) + DAY_WINDOW
        return all(map(self._horizon.covered, range(first, last + 1)))

    def _shown(
        self, kind: BreakKind, row: BookedMovement, expected: Fen, found: Fen, more: str = ""
    ) -> Difference:
        number = self._number(row.attempt)
        return Difference(
            kind=kind,
            subject=f"{number}/{more}" if more else number,
            payout_id=self._expected.payout_id,
            bill_id=row.bill_id,
            line=row.line,
            day=beijing.day_of(row.booked_at),
            expected=expected,
            found=found,
            detail=_detail(state=self._expected.state, attempt=row.attempt),
        )

    def _absent(self, kind: BreakKind, at: Instant | None, expected: Fen, found: Fen) -> Difference:
        return Difference(
            kind=kind,
            subject=self._expected.billno,
            payout_id=self._expected.payout_id,
            bill_id=None,
            line=None,
            day=beijing.day_of(at or 0),
            expected=expected,
            found=found,
            detail=_detail(state=self._expected.state, attempt=self._expected.attempt),
        )

    def _number(self, attempt: int) -> str:
        if attempt == self._expected.attempt:
            return self._expected.billno
        return self._numbers.get(attempt, f"{self._expected.billno}#{attempt}")


def _detail(**facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _back(locking: Locking) -> Instant:
    return locking.back_seconds * beijing.SECOND


def _is_repeated(rows: Sequence[BookedMovement], place: int) -> bool:
    """Whether a row above says the same movement."""
    return any(it.flow == rows[place].flow for it in rows[:place])


def _sum(rows: Sequence[BookedMovement]) -> Fen:
    """What returned in all: each movement once, however often it stands there."""
    return sum({it.flow: it.amount for it in rows}.values())
