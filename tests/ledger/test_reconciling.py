"""Stored bills are held against the books: by accounts, days, corrections, and what is in doubt."""

from __future__ import annotations

from itertools import count
from threading import Thread
from typing import TYPE_CHECKING

import pytest

import billing
from desk import DAY, refused, step, unknown
from hongbao import beijing
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.bill import BreakKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.reconcile.bill_intake import date_of, take_in
from hongbao.reconcile.reconciling import STOP_CODE, reconcile
from hongbao.wire.bill.writer import write_bill
from teller import BASIC, MERCHANT, OPERATION, Teller, paid

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk


@pytest.fixture
def teller(desk: Desk, tmp_path: Path) -> Teller:
    return Teller(desk, tmp_path)


def test_nothing_differs_where_all_bills_have_all_rows(teller: Teller) -> None:
    payouts = paid(teller, 3)
    teller.take([teller.row(it.billno) for it in payouts])
    teller.nothing(1)
    done = teller.reconcile()
    assert (done.bills, done.movements, done.opened) == (2, 3, [])
    assert teller.reconcile().bills == 0


def test_a_packet_of_23_59_may_stand_in_the_bill_of_the_next_day(teller: Teller) -> None:
    [payout] = paid(teller)
    teller.nothing(0)
    assert teller.reconcile().opened == []
    teller.take([teller.row(payout.billno)], 1)
    assert teller.reconcile().opened == []


def test_a_payment_is_missing_once_the_bills_of_both_days_are_there(teller: Teller) -> None:
    [payout] = paid(teller)
    teller.nothing(0)
    teller.reconcile()
    assert teller.kinds() == []
    teller.nothing(1)
    done = teller.reconcile()
    assert teller.kinds() == [(BreakKind.MISSING_IN_BILL, payout.billno)]
    # A worker looks at it now.
    assert (done.queries, teller.desk.payout(payout.id).due_at) == (1, teller.desk.clock.now)
    # A later bill closes it by itself.
    teller.take([teller.row(payout.billno)], 2)
    assert teller.reconcile().closed == 1
    assert teller.kinds() == []


def test_what_was_paid_before_the_first_bill_is_not_judged(teller: Teller) -> None:
    paid(teller)
    for later in (1, 2, 3):
        teller.nothing(later)
    assert teller.reconcile().opened == []


def test_both_accounts_are_needed_from_the_first_bill_of_each_on(teller: Teller) -> None:
    first, second = paid(teller, 2)
    teller.take([teller.row(first.billno)])
    teller.nothing(0, OPERATION)
    teller.nothing(1)
    teller.reconcile()
    assert teller.kinds() == []  # the other account's bill of the next day may have it
    teller.take([teller.row(second.billno)], 1, OPERATION)
    teller.reconcile()
    assert teller.kinds() == []


def test_a_corrected_bill_counts_in_place_of_the_one_before_it(teller: Teller) -> None:
    first, second = paid(teller, 2)
    teller.take([teller.row(first.billno), teller.row(second.billno, 101)])
    teller.nothing(1)
    teller.reconcile()
    assert teller.kinds() == [(BreakKind.AMOUNT, second.billno)]
    taken = teller.take([teller.row(second.billno)])
    assert taken.corrects is not None
    teller.reconcile()
    assert teller.kinds() == [(BreakKind.MISSING_IN_BILL, first.billno)]
    again = teller.take([teller.row(first.billno), teller.row(second.billno)])
    assert again.new
    teller.reconcile()
    assert teller.kinds() == []
    assert teller.desk.book.audit().findings == ()


def test_returned_money_of_a_group_on_several_days_is_summed_up(teller: Teller) -> None:
    [payout] = paid(teller)
    desk = teller.desk
    desk.clock.pass_(DAY)
    [job] = desk.jobs()
    settled = step(job, EventKind.FOUND, State.RECEIVED, claimed=30, refunded=70,
                   settled_at=desk.clock.now)  # fmt: skip
    desk.record((job, settled))
    teller.take([teller.row(payout.billno)])
    teller.take([teller.row(payout.billno, 40, out=False)], 1)
    teller.nothing(2)
    teller.reconcile()
    # Of a packet for one person this would be another amount.
    assert teller.kinds() == [(BreakKind.AMOUNT, f"{payout.billno}/in")]
    teller.take([teller.row(payout.billno, 30, out=False)], 3)
    teller.reconcile()
    assert teller.kinds() == []


@pytest.mark.parametrize("stops", [True, False])
def test_what_is_in_doubt_and_paid_by_the_bill_is_asked_about_and_nothing_stops(
    teller: Teller,
    stops: bool,  # noqa: FBT001
) -> None:
    desk = teller.desk
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, unknown(job, after=30 * DAY)))
    teller.take([teller.row(job.payout.billno)])
    done = teller.reconcile(stops=stops)
    assert (done.queries, done.stopped) == (1, False)
    assert teller.kinds() == [(BreakKind.MISSING_IN_LEDGER, job.payout.billno)]
    [again] = desk.jobs()
    assert again.task is Task.QUERY
    found = step(again, EventKind.FOUND, State.SENT, sent_at=again.at, answered=True)
    desk.record((again, found))
    assert teller.reconcile().closed == 1


def test_what_is_refused_and_paid_by_the_bill_stops_the_merchant(teller: Teller) -> None:
    desk = teller.desk
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    teller.take([teller.row(job.payout.billno)])
    assert not teller.reconcile(stops=False).stopped
    [it] = desk.book.bills.breaks(MERCHANT)
    desk.book.bills.close(it.id, by="anna", reason="to see it stop", learned=None)
    teller.take([teller.row(job.payout.billno, 200)])
    done = teller.reconcile()
    assert (done.queries, done.stopped) == (1, True)
    [channel] = desk.book.channels()
    assert channel.stop is not None
    assert channel.stop.code == STOP_CODE
    # No bill changes a payout: a query does, and it is due.
    assert desk.payout(job).state is State.REFUSED
    assert [it.task for it in desk.jobs()] == [Task.QUERY]


def test_a_bill_of_another_day_or_of_several_is_not_taken(teller: Teller) -> None:
    [payout] = paid(teller)
    path = teller.path
    moments = [beijing.moment(f"{beijing.date(teller.day + it)} 09:00:00") for it in (0, 1)]
    rows = [teller.row(payout.billno)._replace(booked_at=it) for it in moments]
    for these, day in ((rows, None), (rows[:1], teller.day + 1), ([], None)):
        path.write_bytes(write_bill(these))
        with pytest.raises(InvalidRequest):
            take_in(
                teller.desk.book.bills, path, merchant_id=MERCHANT, account=BASIC, day=day,
                source="", by="clerk",
            )  # fmt: skip
    assert teller.desk.book.bills.of_merchant(MERCHANT) == []
    assert date_of(teller.day).isoformat() == beijing.date(teller.day)


def test_several_that_reconcile_at_once_open_each_break_once(teller: Teller) -> None:
    payouts = paid(teller, 20)
    teller.take([teller.row(it.billno, 101) for it in payouts])
    teller.nothing(1)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            teller.reconcile(stops=False)
        except BaseException as error:  # noqa: BLE001  # for the test's own thread to see
            errors.append(error)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(teller.kinds()) == 20
    kinds = [it.kind for it in teller.desk.book.bills.events(MERCHANT)]
    assert kinds.count("opened") == len([*teller.desk.book.bills.breaks(MERCHANT)])
    assert teller.desk.book.audit().findings == ()


def test_a_reader_of_events_goes_on_where_it_was(teller: Teller) -> None:
    bills = teller.desk.book.bills
    paid(teller)
    billing.stored(teller.desk.book, MERCHANT)
    first = bills.events(MERCHANT)
    assert [it.seq for it in first] == [1]
    billing.stored(teller.desk.book, MERCHANT, b"another")
    assert [it.seq for it in bills.events(MERCHANT, after=first[-1].seq)] == [2]
    assert first[0].at >= SECOND * 1


class Interrupted(Exception):
    """Somebody ended the run."""


def test_a_run_that_was_interrupted_anywhere_is_made_good_by_the_next(teller: Teller) -> None:
    first, second, third = paid(teller, 3)
    teller.take([teller.row(first.billno, 101), teller.row(third.billno)])
    teller.nothing(1)
    for until in count(1):
        steps = count(1)

        def progress(_: int, until: int = until, steps: count[int] = steps) -> None:
            if next(steps) == until:
                raise Interrupted

        try:
            reconcile(teller.desk.book, MERCHANT, by="clerk", stops=True, progress=progress)
        except Interrupted:
            continue
        break
    assert until > 2
    assert set(teller.kinds()) == {
        (BreakKind.AMOUNT, first.billno), (BreakKind.MISSING_IN_BILL, second.billno),
    }  # fmt: skip
    assert teller.desk.book.audit().findings == ()
