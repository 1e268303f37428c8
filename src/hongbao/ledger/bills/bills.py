"""The door to the bills in the books: each verb is a transaction, or a page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.bills import bill_storing, breaks, expecting, movements
from hongbao.ledger.bills import periods as closing
from hongbao.ledger.bills.bill_history import events_after
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.store.database import now

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from hongbao.ledger.bills.breaks import Compared, OpenBreaks
    from hongbao.ledger.bills.expecting import ExpectedPage
    from hongbao.ledger.model.bill import (
        BillFacts,
        BillKey,
        BillMatch,
        BookedMovement,
        Break,
        BreakKind,
        Difference,
        Learned,
        StoredBill,
    )
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.period import Period, PeriodFacts
    from hongbao.ledger.store.database import Database
    from hongbao.money import Fen


class Bills:
    """Bills, and what differs between them and the books. No payout is ever changed here.

    Args:
        database: the books' database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(
        self,
        key: BillKey,
        facts: BillFacts,
        pieces: Iterable[bytes],
        *,
        sha256: bytes,
        plain_bytes: int,
        source: str,
        by: str,
    ) -> StoredBill:
        """Store a bill, unless there is one of the same bytes: see ``bill_storing.store_bill``."""
        check_actor(by)
        with self._database.transaction() as connection:
            return bill_storing.store_bill(
                connection, key, facts, pieces, sha256=sha256, plain_bytes=plain_bytes,
                source=source, by=by, now=now(connection),
            )  # fmt: skip

    def find(self, key: BillKey, sha256: bytes) -> StoredBill | None:
        """The bill with these bytes; None if it is not there."""
        with self._database.reading() as connection:
            return bill_storing.find_bill(connection, key, sha256)

    def of_merchant(self, merchant_id: int) -> list[StoredBill]:
        """All bills of a merchant, oldest first."""
        with self._database.reading() as connection:
            return bill_storing.bills(connection, merchant_id)

    def bill(self, bill_id: int) -> StoredBill | None:
        """A bill by its number; None if there is none."""
        with self._database.reading() as connection:
            return bill_storing.bill_of(connection, bill_id)

    def raw(self, bill_id: int, *, first: int = 0) -> Iterator[bytes]:
        """The bytes of a bill, unpacked, a piece at a time, from one of the pieces on."""
        seq = first
        while (piece := self._piece(bill_id, seq)) is not None:
            yield piece
            seq += 1

    def _piece(self, bill_id: int, seq: int) -> bytes | None:
        with self._database.reading() as connection:
            return bill_storing.piece(connection, bill_id, seq)

    def numbers_of(self, merchant_id: int, billnos: Sequence[str]) -> dict[str, tuple[int, int]]:
        """The payouts of these numbers, each with the attempt; see ``movements``."""
        with self._database.reading() as connection:
            return movements.numbers_of(connection, merchant_id, billnos)

    def add_movements(self, bill: StoredBill, rows: Sequence[BookedMovement]) -> None:
        """Store some rows of a bill that are ours, in its order, unless they are there."""
        self._database.run(lambda connection: movements.store_movements(connection, bill, rows))

    def matched(self, bill: StoredBill, match: BillMatch, *, by: str) -> None:
        """Store that all rows of a bill were looked up."""
        self._database.run(
            lambda connection: movements.store_match(
                connection, bill, match, by=check_actor(by), now=now(connection)
            )
        )

    def matches(self, bills: Iterable[StoredBill]) -> dict[int, BillMatch]:
        """What came of matching bills, by their numbers."""
        with self._database.reading() as connection:
            return movements.matches(connection, [bill.id for bill in bills])

    def page(self, ids: Sequence[int]) -> ExpectedPage:
        """What the books expect of some payouts, and what bills say of them."""
        with self._database.reading() as connection:
            return expecting.page_of(connection, ids)

    def touched(self, bill_id: int, *, counts: bool) -> Iterator[list[int]]:
        """The payouts that a bill has rows of and that need a look: see ``expecting.touched``."""
        with self._database.reading() as connection:
            yield from expecting.touched(connection, bill_id, counts=counts)

    def absent(self, merchant_id: int, *, since: Instant) -> Iterator[list[int]]:
        """Payouts of which bills say less than the books, a page at a time."""
        with self._database.reading() as connection:
            for campaign in expecting.campaigns_of(connection, merchant_id):
                yield from expecting.absent(connection, campaign, since=since)

    def suspect(self, merchant_id: int, *, since_day: int) -> Iterator[list[int]]:
        """Payouts that are looked at again: with open breaks, or with more back than is known."""
        with self._database.reading() as connection:
            yield from expecting.with_open_breaks(connection, merchant_id)
            yield from expecting.unsettled(connection, merchant_id, since_day=since_day)

    def unreturned(self, merchant_id: int, *, since_day: int) -> Iterator[list[int]]:
        """Payouts that may have been locked and not come back: see ``expecting.unreturned``."""
        with self._database.reading() as connection:
            yield from expecting.unreturned(connection, merchant_id, since_day=since_day)

    def began(self, merchant_id: int) -> Instant | None:
        """When the first campaign of a merchant was approved; None if none was."""
        with self._database.reading() as connection:
            return expecting.began_on(connection, merchant_id)

    def unseen(self, merchant_id: int, differences: Sequence[Difference]) -> list[Difference]:
        """Those that ``compare`` would open."""
        with self._database.reading() as connection:
            return breaks.unseen(connection, merchant_id, differences)

    def compare(
        self,
        merchant_id: int,
        differences: Sequence[Difference],
        *,
        payouts: Collection[int] | None,
        by: str,
    ) -> Compared:
        """Open breaks that are found and close those that are not: see ``breaks.compare``."""
        return self._database.run(
            lambda connection: breaks.compare(
                connection, merchant_id, differences, payouts=payouts, by=check_actor(by),
                now=now(connection),
            )
        )  # fmt: skip

    def close(self, break_id: int, *, by: str, reason: str, learned: Learned | None) -> Break:
        """Close a break on a person's word: see ``breaks.close``.

        Raises:
            LedgerError: if it cannot be closed so; it says why.
        """
        return self._database.run(
            lambda connection: breaks.close(
                connection, break_id, by=check_actor(by), reason=reason, learned=learned,
                now=now(connection),
            )
        )  # fmt: skip

    def break_of(self, break_id: int) -> Break:
        """A break by its number.

        Raises:
            LedgerError: if there is none.
        """
        with self._database.reading() as connection:
            return breaks.break_of(connection, break_id)

    def breaks(self, merchant_id: int | None = None, *, only_open: bool = True) -> Iterator[Break]:
        """Breaks in the order in which they were first found."""
        after = 0
        while True:
            with self._database.reading() as connection:
                page = breaks.breaks(
                    connection, merchant_id=merchant_id, only_open=only_open, after=after
                )
            if not page:
                return
            yield from page
            after = page[-1].id

    def open_kinds(self, merchant_id: int) -> Counter[BreakKind]:
        """How many breaks of each kind are open."""
        with self._database.reading() as connection:
            return breaks.open_kinds(connection, merchant_id)

    def open_breaks(self, *, older_than: int) -> OpenBreaks:
        """How many breaks are open, of all merchants: see ``breaks.all_open``."""
        with self._database.reading() as connection:
            return breaks.all_open(connection, older_than=older_than)

    def last_days(self) -> dict[int, int]:
        """The last Beijing day of which each merchant has a bill, by the books' numbers of them."""
        with self._database.reading() as connection:
            return bill_storing.last_days(connection)

    def learned(self, merchant_id: int) -> dict[str, Learned]:
        """Whose the kinds are that bills name, as far as people have said it."""
        with self._database.reading() as connection:
            return breaks.learned_kinds(connection, merchant_id)

    def close_period(self, merchant_id: int, facts: PeriodFacts, *, by: str) -> Period:
        """Close some days: see ``periods.close_period``.

        Raises:
            LedgerError: if they cannot be closed so; it says why.
        """
        return self._database.run(
            lambda connection: closing.close_period(
                connection, merchant_id, facts, by=check_actor(by), now=now(connection)
            )
        )

    def reopen_period(self, period_id: int, *, by: str, reason: str) -> Period:
        """Open some days again: see ``periods.reopen_period``.

        Raises:
            LedgerError: if there is no such period, or it is open.
        """
        return self._database.run(
            lambda connection: closing.reopen_period(
                connection, period_id, by=check_actor(by), reason=reason, now=now(connection)
            )
        )

    def periods(self, merchant_id: int | None = None) -> list[Period]:
        """All periods of a merchant, or of all, also those that were opened again."""
        with self._database.reading() as connection:
            return closing.periods(connection, merchant_id)

    def period(self, period_id: int) -> Period:
        """A period by its number.

        Raises:
            LedgerError: if there is none.
        """
        with self._database.reading() as connection:
            return closing.period_of(connection, period_id)

    def booked(self, bills: Iterable[StoredBill]) -> tuple[Fen, Fen]:
        """What the books say of the debits in some bills: see ``periods.booked``."""
        with self._database.reading() as connection:
            return closing.booked(connection, [bill.id for bill in bills])

    def events(self, merchant_id: int, *, after: int = 0, limit: int = 1_000) -> list[Event]:
        """What happened to a merchant's bills and breaks, in order.

        Args:
            merchant_id: whose.
            after: the ``seq`` of the last event that was read; 0 for all.
            limit: how many at most.
        """
        with self._database.reading() as connection:
            return events_after(connection, merchant_id, after=after, limit=limit)
