"""Finance closes days: totals tie to the fen, what is in the way is named, and later bills show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hongbao import beijing
from hongbao.checkpoint.note import SigningKey
from hongbao.checkpoint.taking import take, verify
from hongbao.errors import InvalidRequest, LedgerError
from hongbao.ledger.model.bill import BreakKind, Learned
from hongbao.ledger.model.outgoing import About
from hongbao.reconcile.period_closing import PeriodLook, close_period, look_at_period
from tampering import disarmed
from teller import BASIC, MERCHANT, OPERATION, Teller, paid

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk
    from hongbao.ledger.model.period import Period


@pytest.fixture
def teller(desk: Desk, tmp_path: Path) -> Teller:
    return Teller(desk, tmp_path)


def look(teller: Teller, days: int = 1) -> PeriodLook:
    return look_at_period(
        teller.desk.book.bills, MERCHANT, first=teller.day, last=teller.day + days - 1,
        accounts=[BASIC],
    )  # fmt: skip


def close(teller: Teller, days: int = 1, *, leave_open: bool = False) -> Period:
    bills, seen = teller.desk.book.bills, look(teller, days)
    return close_period(bills, MERCHANT, seen, leave_open=leave_open, by="fin")


@pytest.fixture
def agreed(teller: Teller) -> Teller:
    """A day of three packets, and one of another system; its bill agrees."""
    payouts = paid(teller, 3)
    rows = [teller.row(it.billno) for it in payouts]
    teller.take([*rows, teller.row("OTHERS1", 250, out=False)])
    teller.nothing(1)
    teller.reconcile()
    [foreign] = teller.desk.book.bills.breaks(MERCHANT)
    teller.desk.book.bills.close(foreign.id, by="fin", reason="the shop", learned=Learned.OTHERS)
    return teller


def test_closed_days_have_totals_that_tie_to_bills_and_books(agreed: Teller) -> None:
    period = close(agreed)
    [of] = period.facts.accounts
    assert (of.account, of.opening, of.own_out, of.own_in) == (BASIC, 100_000, 300, 0)
    assert (of.others_out, of.others_in, of.closing) == (0, 250, 99_950)
    assert (of.paid, of.unpaid_out, of.differs, of.ties) == (300, 0, 0, True)
    assert agreed.desk.book.bills.periods(MERCHANT) == [period]
    assert agreed.reconcile().opened == []
    assert agreed.desk.book.audit().findings == ()


def test_what_is_in_the_way_is_named(teller: Teller) -> None:
    assert look(teller).obstacles == ["there is no bill of these days"]
    [payout] = paid(teller)
    teller.take([teller.row(payout.billno, 101)])
    said = "; ".join(look(teller).obstacles)
    assert f"bills are missing: {BASIC}/{beijing.date(teller.day + 1)}" in said
    assert f"bills are not matched yet: {BASIC}/{beijing.date(teller.day)}" in said
    teller.nothing(1)
    teller.nothing(0, OPERATION)  # that one has bills from now on, too
    teller.reconcile()
    assert look(teller).obstacles == [
        f"bills are missing: {OPERATION}/{beijing.date(teller.day + 1)}"
    ]
    teller.nothing(1, OPERATION)
    teller.reconcile()
    seen = look(teller)
    assert seen.obstacles == []
    with pytest.raises(LedgerError, match="breaks of these days are open"):
        close(teller)
    period = close(teller, leave_open=True)
    assert list(period.facts.breaks) == [it.id for it in seen.open_breaks] != []
    [basic, _] = period.facts.accounts
    assert (basic.paid, basic.differs) == (100, 1)


def test_days_in_no_order_and_days_that_are_closed_are_not_closed(agreed: Teller) -> None:
    close(agreed)
    with pytest.raises(LedgerError, match="is closed already, as period 1"):
        close(agreed)
    with pytest.raises(InvalidRequest):
        look(agreed, 0)
    with pytest.raises(InvalidRequest):
        look(agreed, 400)


def test_a_bill_that_comes_later_and_changes_closed_days_is_a_break(agreed: Teller) -> None:
    bills, period = agreed.desk.book.bills, close(agreed)
    stale = look(agreed)
    agreed.nothing(0, OPERATION)
    agreed.reconcile()
    [it] = [it for it in bills.breaks(MERCHANT) if it.difference.kind is BreakKind.PERIOD_CHANGED]
    assert (it.difference.expected, it.difference.day) == (300, agreed.day)
    assert f'"period":{period.id}' in it.difference.detail
    again = bills.reopen_period(period.id, by="fin", reason="one account was forgotten")
    assert not again.stands
    with pytest.raises(LedgerError, match="a bill of these days has just come"):
        bills.close_period(MERCHANT, stale.facts, by="fin")
    with pytest.raises(LedgerError, match="open already"):
        bills.reopen_period(period.id, by="fin", reason="once more")
    assert agreed.reconcile().closed == 1
    agreed.nothing(1, OPERATION)
    assert close(agreed).id != period.id
    assert agreed.desk.book.audit().findings == ()


def test_bills_breaks_and_periods_are_told_to_other_programs(agreed: Teller) -> None:
    close(agreed)
    found, _ = agreed.desk.book.events(limit=1_000)
    of_bills = [it for it in found if it.about is About.RECONCILIATION]
    kinds = [str(it.type).partition(".")[2] for it in of_bills]
    assert kinds == [
        "completed", "completed", "break_opened", "break_resolved", "period_closed",
    ]  # fmt: skip
    bill, _, opened, resolved, period = (it.data for it in of_bills)
    number = agreed.desk.book.channels()[0].number
    assert (bill["merchant"], bill["account"], bill["out_fen"]) == (number, BASIC, 300)
    assert (opened["kind"], opened["bill_fen"], opened["state"]) == ("unknown_kind", 250, "open")
    assert (resolved["break"], resolved["closed_by"]) == (opened["break"], "fin")
    assert period["first_day"] == period["last_day"] == beijing.date(agreed.day)
    versions = [it.version for it in of_bills]
    assert versions == sorted(versions)


KEY = SigningKey.generate("shop.example/books")
TAMPERED = {
    "a bill's bytes": "UPDATE bill_piece SET body = x'00'",
    "a bill's facts": "UPDATE bill SET amount_out = amount_out + 1",
    "an event": "UPDATE reconciliation_event SET actor = 'nobody' WHERE seq = 1",
    "the last event": "DELETE FROM reconciliation_event WHERE kind = 'period_closed'",
    "the totals": "UPDATE bill_period SET last_day = last_day + 1",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_whoever_changes_bills_or_periods_behind_a_checkpoint_is_found_out(
    agreed: Teller, tmp_path: Path, what: str
) -> None:
    close(agreed)
    path = tmp_path / "checkpoint"
    taken = take(agreed.desk.book, path, KEY)
    assert taken.checkpoint is not None
    assert taken.checkpoint.bills == 1
    _tamper(agreed.desk, TAMPERED[what])
    _, report = verify(agreed.desk.book, path, KEY.verifying)
    assert report.findings


def test_a_history_of_bills_that_was_written_anew_is_not_that_of_the_checkpoint(
    agreed: Teller, tmp_path: Path
) -> None:
    """All of it is sound by itself; only the checkpoint remembers another one."""
    path = tmp_path / "checkpoint"
    take(agreed.desk.book, path, KEY)
    with agreed.desk.transaction() as connection, disarmed(connection):
        tables = ("bill_period", "bill_break", "bill_match", "movement", "bill_piece", "bill")
        for table in (*tables, "reconciliation_event", "reconciliation"):
            connection.execute(text(f"DELETE FROM {table}"))  # one of ours
        connection.execute(text("DELETE FROM outbox WHERE body LIKE '%reconciliation%'"))
    _, report = verify(agreed.desk.book, path, KEY.verifying)
    words = [f"{it.subject}: {it.words}" for it in report.findings]
    assert any(it.startswith("bills 1: it is missing") for it in words), words
    agreed.nothing(0)
    _, report = verify(agreed.desk.book, path, KEY.verifying)
    assert any(it.subject.startswith("bills ") for it in report.findings)


def _tamper(desk: Desk, statement: str) -> None:
    with desk.transaction() as connection, disarmed(connection):
        if connection.dialect.name == "postgresql":
            statement = statement.replace("x'00'", "'\\x00'::bytea")
        assert connection.exec_driver_sql(statement).rowcount
