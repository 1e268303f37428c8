"""Holds all stored bills of a merchant against the books, and records what differs."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.errors import LedgerError
from hongbao.ledger.model.bill import BreakKind, current
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.step import Scope, Stop
from hongbao.rails.known import RAILS
from hongbao.reconcile.bill_differences import changed_periods, foreign_rows, whole_bills
from hongbao.reconcile.bill_matching import match_bill
from hongbao.reconcile.judging import DAY_WINDOW, Horizon, judge
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hongbao.ledger.bills.bills import Bills
    from hongbao.ledger.bills.expecting import ExpectedPage
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.bill import (
        BillMatch,
        BookedMovement,
        Break,
        Difference,
        StoredBill,
    )
    from hongbao.rails.port import Locking, Rails

SUSPECT_DAYS = 14
"""So long money that came back is looked at again: WeChat returns it within three days."""
QUERIES_MAX = 1_000
"""How many queries one run asks for; an operator asks for others, and usually one cause is behind
so many."""
STOP_CODE = "RECONCILE_MISSING_IN_LEDGER"


@dataclass(kw_only=True)
class Reconciled:
    """What a run did.

    Attributes:
        bills: how many bills were matched.
        movements: how many of their rows have our numbers.
        payouts: how many payouts needed a look: most of a day have one debit, as they should.
        opened: breaks that are new, or show again.
        closed: how many breaks show no more.
        queries: how many queries were asked for.
        stopped: whether the merchant's sending was stopped.
    """

    bills: int = 0
    movements: int = 0
    payouts: int = 0
    opened: list[Break] = field(default_factory=list)
    closed: int = 0
    queries: int = 0
    stopped: bool = False

    @property
    def kinds(self) -> Counter[BreakKind]:
        """How many breaks of each kind are new."""
        return Counter(it.difference.kind for it in self.opened)


def reconcile(
    book: Book,
    merchant_id: int,
    *,
    by: str,
    stops: bool,
    rails: Rails = RAILS,
    progress: Callable[[int], None] = lambda _: None,
) -> Reconciled:
    """Match what is not matched yet, and hold payouts against bills.

    It takes many transactions, and none for long: workers go on. After an interruption, call it
    again to go on; a second call without new bills changes nothing.

    Args:
        book: the books.
        merchant_id: whose bills.
        by: who does it, for the histories.
        stops: whether a payment that the books do not know of stops the merchant's sending.
        rails: the ways of paying, which say what bills have of their payouts.
        progress: called with how many rows of a bill were looked up, then how many payouts were
            held against bills. What it raises ends the run.
    """
    run = _Reconciling(book, merchant_id, by=by, stops=stops, rails=rails, progress=progress)
    run.match()
    run.look()
    run.note_matches()
    run.look_at_bills()
    run.ask()
    return run.done


class _Reconciling:
    """One run for one merchant."""

    def __init__(
        self,
        book: Book,
        merchant_id: int,
        *,
        by: str,
        stops: bool,
        rails: Rails,
        progress: Callable[[int], None],
    ) -> None:
        self._book = book
        self._bills: Bills = book.bills
        self._merchant_id = merchant_id
        self._by = by
        self._stops = stops
        self._rails = rails
        self._progress = progress
        self._all = self._bills.of_merchant(merchant_id)
        self._current = current(self._all)
        self._counted = {bill.id for bill in self._current}
        self._new: dict[StoredBill, BillMatch] = {}
        self.done = Reconciled()

    def match(self) -> None:
        """Look up the numbers of all bills that count and are not matched."""
        for bill in self._current:
            if bill.matched_at is None:
                match = match_bill(self._bills, bill, progress=self._progress)
                self._new[bill] = match
                self.done.bills += 1
                self.done.movements += match.movements

    def look(self) -> None:
        """Hold payouts against bills: those of new bills, those due in them, and open breaks."""
        horizon = self._horizon()
        for ids in self._to_look_at(horizon):
            page = self._bills.page(ids)
            differences = list(self._judged(page, horizon))
            if self._stops:
                self._stop(page, differences)
            compared = self._bills.compare(self._merchant_id, differences, payouts=ids, by=self._by)
            self.done.opened += compared.opened
            self.done.closed += compared.closed
            self.done.payouts += len(ids)
            self._progress(self.done.payouts)

    def note_matches(self) -> None:
        """Store that bills are matched, and so that all of their payouts were looked at.

        Not before: a run that was interrupted begins with them again.
        """
        for bill, match in self._new.items():
            self._bills.matched(bill, match, by=self._by)

    def look_at_bills(self) -> None:
        """What is wrong with bills as a whole, and with numbers that are not ours."""
        matches = self._bills.matches(self._current)
        matched = [(bill, matches[bill.id]) for bill in self._current if bill.id in matches]
        learned = self._bills.learned(self._merchant_id)
        periods = self._bills.periods(self._merchant_id)
        differences = [
            *whole_bills(self._current),
            *foreign_rows(matched, learned),
            *changed_periods(self._current, periods),
        ]
        compared = self._bills.compare(self._merchant_id, differences, payouts=None, by=self._by)
        self.done.opened += compared.opened
        self.done.closed += compared.closed

    def ask(self) -> None:
        """Have workers ask WeChat about each payout with a new break, if there is what to ask.

        The bill itself changes nothing: what it says is a hint.
        """
        payouts = [it.difference.payout_id for it in self.done.opened]
        for payout in list(dict.fromkeys(it for it in payouts if it is not None))[:QUERIES_MAX]:
            # One that was never sent, or is settled for good, or is just being asked about.
            with suppress(LedgerError):
                self._book.query_now(payout, by=self._by)
                self.done.queries += 1

    def _stop(self, page: ExpectedPage, differences: Sequence[Difference]) -> None:
        """Send nothing more by a way whose payment a bill has and the books call unpaid.

        Before the break is stored: a run that is interrupted in between stops it again.
        """
        alarms = [it for it in differences if _alarms(it)]
        if not alarms:
            return
        campaigns = {it.payout_id: it.campaign_id for it in page.expected}
        for it in self._bills.unseen(self._merchant_id, alarms):
            stop = Stop(
                scope=Scope.MERCHANT,
                code=STOP_CODE,
                reason=say(
                    "WeChat's bill has {number} as paid, and the books do not", number=it.subject
                ),
                advice=say("Look: hongbao reconcile breaks"),
            )
            self._book.record(self._by, [], stops=[(campaigns[it.payout_id or 0], stop)])
            self.done.stopped = True

    def _horizon(self) -> Horizon:
        days: dict[str, set[int]] = {}
        for bill in self._current:
            days.setdefault(bill.key.account, set()).add(bill.key.day)
        began = {account: min(some) for account, some in days.items()}
        # An account counts from its first bill on.
        needed = [(began[account], some) for account, some in days.items()]
        first = min(began.values(), default=0)

        def covered(day: int) -> bool:
            return day >= first and all(day < since or day in some for since, some in needed)

        return Horizon(covered=covered, now=self._book.now())

    def _to_look_at(self, horizon: Horizon) -> Iterator[list[int]]:
        keys = {bill.key for bill in self._new}
        # The rows of a bill that was corrected are looked at once more: some may be gone.
        touched = [bill for bill in self._all if bill.key in keys]
        for bill in touched:
            yield from self._bills.touched(bill.id, counts=bill.id in self._counted)
        if self._new:
            since = beijing.day_begins(min(bill.key.day for bill in self._new) - 1)
            yield from self._bills.absent(self._merchant_id, since=since)
            yield from self._unreturned(min(bill.key.day for bill in self._new))
        since_day = beijing.day_of(horizon.now) - SUSPECT_DAYS
        yield from self._bills.suspect(self._merchant_id, since_day=since_day)

    def _unreturned(self, first_new: int) -> Iterator[list[int]]:
        """Payouts whose locked money may be known now not to have come back."""
        channels = [it for it in self._book.channels() if it.merchant_id == self._merchant_id]
        rails = [self._rails.named(it.rail) for it in channels]
        backs = [it.locking.back_seconds for it in rails if it is not None and it.locking]
        if backs:
            days = -(-max(backs) * beijing.SECOND // beijing.DAY) + DAY_WINDOW
            since_day = first_new - days
            yield from self._bills.unreturned(self._merchant_id, since_day=since_day)

    def _judged(self, page: ExpectedPage, horizon: Horizon) -> Iterable[Difference]:
        counted, movements, numbers = self._counted, page.movements, page.numbers
        for expected in page.expected:
            rows: Sequence[BookedMovement] = movements.get(expected.payout_id, ())
            if any(it.bill_id not in counted for it in rows):
                rows = [it for it in rows if it.bill_id in counted]
            earlier, locking = numbers.get(expected.payout_id), self._locking_of(expected.kind)
            yield from judge(expected, rows, horizon, earlier, locking)

    def _locking_of(self, kind: str) -> Locking | None:
        return self._rails.of(kind).locking


def _alarms(difference: Difference) -> bool:
    """Whether a payment shows that the books call unpaid; of one in doubt they say nothing."""
    in_doubt = f'"state":"{State.IN_DOUBT}"' in difference.detail
    return difference.kind is BreakKind.MISSING_IN_LEDGER and not in_doubt
