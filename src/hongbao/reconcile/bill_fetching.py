"""Has WeChat's bills of the days that are missing, and stores them."""

from __future__ import annotations

import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from hongbao import beijing
from hongbao.client.fund_flow import Bill
from hongbao.errors import HongbaoError, OutcomeUnknown
from hongbao.ledger.model.bill import current
from hongbao.reconcile.bill_intake import date_of, take_in, take_in_nothing
from hongbao.wire.bill.request import NoBillReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from os import PathLike

    from hongbao.client.fund_flow import FundFlowAnswer
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.bill import StoredBill
    from hongbao.ledger.model.payout import Instant
    from hongbao.wire.bill.request import BillAccount

READY_MINUTE = 10 * 60
"""Of Beijing's day: WeChat's bills of the day before are there from 10:00 on."""
FETCHED_DAYS_MAX = 89
"""WeChat gives the bills of the last three months, of which the shortest have so many days."""
WARN_DAYS = FETCHED_DAYS_MAX - 30
"""A day without a bill that is older is reported: WeChat forgets it within 30 days."""
TOO_OFTEN = frozenset({"FREQUENCY_LIMITED", "FREQ_LIMIT"})
PAUSES = (1.0, 2.0, 5.0)
"""So many seconds later it is asked again after one of these codes."""
EMPTY_AGAIN_DAYS = 3
"""So long a day on which nothing moved is asked about again: its bill may have been late."""


class BillSource(Protocol):
    """Where bills come from: a ``RedPack``."""

    def download_fund_flow(
        self, bill_date: date, account: BillAccount | str, *, to: str | PathLike[str]
    ) -> FundFlowAnswer:
        """As ``RedPack.download_fund_flow``."""
        ...


class FetchEnd(StrEnum):
    """What came of asking for a bill."""

    STORED = "stored"
    CORRECTED = "corrected"
    """There was another bill of this account and day. Both are kept, and this one counts."""
    SAME = "same"
    """It is there already."""
    EMPTY = "empty"
    """Nothing moved on that day."""
    NOT_READY = "not_ready"
    """WeChat is still making it: ask again in half an hour."""
    FAILED = "failed"


class Fetched(NamedTuple):
    """One bill that was asked for.

    Attributes:
        account: of which account.
        day: of which Beijing day.
        end: what came of it.
        bill: as it is stored; None if none is.
        error: why there is none, if that is a failure.
    """

    account: str
    day: int
    end: FetchEnd
    bill: StoredBill | None = None
    error: HongbaoError | None = None


def last_ready_day(now: Instant) -> int:
    """The last Beijing day whose bill can be had."""
    ready = beijing.minute_of_day(now) >= READY_MINUTE
    return beijing.day_of(now) - (1 if ready else 2)


def missing_days(
    bills: Sequence[StoredBill], accounts: Sequence[str], *, began: Instant | None, now: Instant
) -> list[tuple[str, int]]:
    """The accounts and days of which there should be bills, and are none; oldest first.

    Args:
        bills: all of a merchant.
        accounts: those that it pays from.
        began: when its first campaign was approved; None if none was.
        now: the books' time.
    """
    if began is None:
        return []
    there = {(it.key.account, it.key.day) for it in current(bills)}
    days = range(beijing.day_of(began), last_ready_day(now) + 1)
    return [(account, day) for day in days for account in accounts if (account, day) not in there]


def asked_for(
    bills: Sequence[StoredBill], accounts: Sequence[str], *, began: Instant | None, now: Instant
) -> list[tuple[str, int]]:
    """What is fetched: missing days that WeChat still gives, and late ones that were empty."""
    since = beijing.day_of(now) - FETCHED_DAYS_MAX
    missing = missing_days(bills, accounts, began=began, now=now)
    empty = {
        (it.key.account, it.key.day)
        for it in current(bills)
        if not it.plain_bytes
        and it.key.account in accounts
        and last_ready_day(now) - EMPTY_AGAIN_DAYS < it.key.day
    }
    return sorted({it for it in missing if it[1] >= since} | empty, key=lambda it: it[::-1])


def fetch(
    book: Book,
    source: BillSource,
    *,
    merchant_id: int,
    wanted: Sequence[tuple[str, int]],
    by: str,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Fetched]:
    """Ask for bills one by one, and store each as it comes.

    An error of one does not keep the others from coming. WeChat answers three requests a second for
    V3's bills: what came too often is asked for again.

    Args:
        book: the books.
        source: where they come from.
        merchant_id: whose.
        wanted: accounts and days.
        by: who asks.
        pause: waits so many seconds.
    """
    with tempfile.TemporaryDirectory(prefix="hongbao-bill-") as folder:
        path = Path(folder, "bill.csv")
        for account, day in wanted:
            try:
                answer = _answered(source, account, day, path, pause)
                yield _taken(book, answer, account, day, merchant_id=merchant_id, by=by)
            except HongbaoError as error:
                yield Fetched(account, day, FetchEnd.FAILED, error=error)
            path.unlink(missing_ok=True)


def _answered(
    source: BillSource, account: str, day: int, path: Path, pause: Callable[[float], object]
) -> FundFlowAnswer:
    for seconds in PAUSES:
        try:
            return source.download_fund_flow(date_of(day), account, to=path)
        except OutcomeUnknown as error:
            if error.err_code not in TOO_OFTEN:
                raise
        pause(seconds)
    return source.download_fund_flow(date_of(day), account, to=path)


def _taken(
    book: Book, answer: FundFlowAnswer, account: str, day: int, *, merchant_id: int, by: str
) -> Fetched:
    if isinstance(answer, Bill):
        taken = take_in(
            book.bills, answer.path, merchant_id=merchant_id, account=account, day=day,
            source="downloadfundflow", by=by,
        )  # fmt: skip
        corrected = taken.corrects is not None and taken.corrects.plain_bytes > 0
        end = FetchEnd.CORRECTED if corrected else FetchEnd.STORED
        return Fetched(account, day, end if taken.new else FetchEnd.SAME, taken.bill)
    if answer.why is NoBillReason.BILL_CREATING:
        return Fetched(account, day, FetchEnd.NOT_READY)
    taken = take_in_nothing(
        book.bills, merchant_id=merchant_id, account=account, day=day,
        source=NoBillReason.NO_BILL_EXIST, by=by,
    )  # fmt: skip
    return Fetched(account, day, FetchEnd.EMPTY, taken.bill)
