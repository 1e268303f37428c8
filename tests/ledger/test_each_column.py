"""Every column of every table, changed by hand, is found, or it is said here why it cannot be.

docs/explanation/books.md says it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kinds import ALL
from postgres_process import servers
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, select, update
from sqlalchemy.exc import DBAPIError

import billing
from desk import HOUR, accepted, awaiting, refused, step, unknown
from hongbao.checkpoint.note import SigningKey
from hongbao.checkpoint.taking import take
from hongbao.checkpoint.verified_checkpoint import open_checkpoint
from hongbao.checkpoint.watching import HeadsComparer
from hongbao.errors import Disposition
from hongbao.ledger.audits.audit import audit
from hongbao.ledger.model.account import BY_ACCOUNT, BrowserSession, Role
from hongbao.ledger.model.bill import BreakKind, Learned
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.period import AccountTotals, PeriodFacts
from hongbao.ledger.store.metadata import METADATA
from hongbao.ledger.store.schema import CALL_RANGE, PAYOUT, STANDING
from hongbao.ledger.webhook_book import WebhookBook
from tampering import disarmed
from test_signatures import Pen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from books import Clock
    from sqlalchemy import Column, Connection, Row, Table

    from desk import Desk
    from hongbao.checkpoint.verified_checkpoint import VerifiedCheckpoint
    from hongbao.ledger.model.job import Job

# The audit reads both databases by the same statements: ``make proof`` changes each column of both.
DATABASES = ["sqlite", *servers()] if ALL else ["sqlite"]
KEY = SigningKey.generate("shop.example/books")
IN_2286 = 9_999_999_999 * SECOND

_NOT_RECORDED = "no history has it; what is possible and makes nothing wait is not noticed"
_BREAKER = "the counters of the brake begin anew with each resume, and no history has them"
_CLOCK = "a clock may have been ahead of that time, and then these are right; nothing waits for it"
_NO_MONEY = "no money hangs on what waits for an endpoint; a replay tells all of it again"
_PLACE = "sums of several rows are compared, whichever of them has a figure"
_LINKS = "who can write there can let himself in; each act then stands in the history, with a name"
_SIGNED_IN = "it is gone after hours, and no money hangs on it: an approval asks for the password"
_FIRST_OPERATOR = "nobody could sign yet that there is a first operator"
UNSEEN = {
    "outbox.position": "the order of commits is not chained; only each payout's own is",
    "standing.due_at": "when something is due is no history; up to three days are not noticed",
    "standing.task": "whether a query or the same number comes next is the policy's choice",
    "standing.lease": "a token that its channel has given may be a worker's that asks right now",
    "operator.id": "nothing refers to an operator who has signed nothing",
    "operator.added_at": _FIRST_OPERATOR,
    "operator.added_by": _FIRST_OPERATOR,
    "call_range.id": "nothing refers to it once the calls are over",
    "call_range.due_at": "when something is due is no history; up to three days are not noticed",
    "channel.arrival": _NOT_RECORDED,
    "channel.turn": _NOT_RECORDED,
    "channel.ready_at": _NOT_RECORDED,
    "channel.day": _NOT_RECORDED,
    "channel.last_day": _CLOCK,
    "channel.seen_at": _CLOCK,
    "campaign.open": "the next claim closes it again if there is nothing to do",
    "tally.shard": _PLACE,
    "tally.state": "a row of zeros counts nothing, wherever it stands",
    "tally.campaign_id": "a row of zeros counts nothing, wherever it stands",
    "hourly.hour": _PLACE,
    "hourly.shard": _PLACE,
    "cause.code": _BREAKER,
    "cause.shard": _BREAKER,
    "cause.payouts": _BREAKER,
    "cause.campaign_id": _BREAKER,
    "console_account.factor_step": "a code of the past half minute could be used again",
    **{f"console_invitation.{column}": _LINKS for column in ("hash", "account_id", "expires_at")},
    **{f"console_recovery.{column}": _LINKS for column in ("account_id", "hash")},
    **{
        f"console_session.{column}": _SIGNED_IN
        for column in (
            "hash",
            "account_id",
            "created_at",
            "seen_at",
            "expires_at",
            "confirmed_at",
            "address",
            "agent",
        )
    },
    **{
        f"console_delay.{column}": _SIGNED_IN
        for column in ("subject", "failures", "quiet_until", "at")
    },
    **{f"console_form.{column}": _SIGNED_IN for column in ("hash", "expires_at")},
    "console_record.id": "a reference keeps it while there are acts",
    "endpoint.position": _NO_MONEY,
    "endpoint.turn": _NO_MONEY,
    "endpoint.failures": _NO_MONEY,
    "endpoint.quiet_until": _NO_MONEY,
    "endpoint.delivered_at": _NO_MONEY,
    "endpoint.answer": _NO_MONEY,
    **{
        f"delivery.{column}": _NO_MONEY
        for column in (
            "endpoint_id",
            "about",
            "subject",
            "seq",
            "kind",
            "position",
            "at",
            "tries",
            "due_at",
            "lease",
        )
    },
}
"""Columns of which some change, made alone, is found by nothing, and why."""


@pytest.fixture
def books(desk: Desk, book_url: str, clock: Clock) -> Desk:
    """Books with a payout in each state, a draft, a merchant with nothing to do, an endpoint."""
    desk.campaign(amounts=[100, 200, 300, 400, 500, 600, 700, 800, 900])
    taken, no, lost, came, dead, back, held, called_off = desk.jobs(8)
    doubtful = unknown(lost, after=2 * HOUR)._replace(doubt=Disposition.UNKNOWN)
    desk.record(
        (taken, accepted(taken, look_after=HOUR)._replace(voucher="sendid=1")),
        (no, refused(no)), (lost, doubtful), (came, accepted(came, look_after=1)),
        (dead, refused(dead)), (back, accepted(back, look_after=1)),
        (held, awaiting(held, look_after=HOUR)), (called_off, awaiting(called_off)),
    )  # fmt: skip
    _operators(desk, called_off)
    desk.clock.pass_(1)
    looks = desk.jobs(worker="w2")
    ends = {came.payout.id: State.RECEIVED, back.payout.id: State.RETURNED}
    for look in (look for look in looks if look.task is Task.LOOK):
        state = ends[look.payout.id]
        money = {"claimed" if state is State.RECEIVED else "refunded": look.payout.amount}
        over = step(look, EventKind.FOUND, state, settled_at=desk.clock.now, **money)
        desk.record((look, over), worker="w2")
    desk.book.reopen(no.payout.id, by="anna", reason="corrected")
    desk.draft(2, name="beside")
    desk.campaign(1, name="over", number="1900054321")
    desk.book.cancel("over", by="anna", reason="not wanted")
    _bills(desk)
    slowed = desk.channel("1900099999", PayerLimits(rate=30))
    desk.book.record("w1", [], slow=[slowed])
    with WebhookBook.open(book_url, clock=clock) as hooks:
        hooks.add("shop", "https://shop.example/hooks", by="anna", after=0)
        hooks.exchange([], {1: 1}, lease_seconds=30, by="d1")
    _console(desk)
    return desk


def _operators(desk: Desk, called_off: Job) -> None:
    """One who has signed that a payout is to be taken back, and one who was revoked."""
    pen = Pen()
    desk.book.add_operator("chen", pen.public, by="root@server")
    signing = desk.book.deciding(signer=pen, required=False)
    signing.add_operator("dai", Pen().public, by="-")
    signing.revoke_operator("dai", by="-", reason="left us")
    signing.cancel_payout(called_off.payout.id, by="-", reason="a mistake")


def _console(desk: Desk) -> None:
    """An account that is signed in, one that is invited, a link, and a failed sign-in."""
    accounts, at = desk.book.accounts, desk.clock.now
    accounts.invite(b"1" * 32, name=None, by="anna", at=at, expires_at=at + HOUR * SECOND)
    anna = accounts.accept(
        b"1" * 32, name="anna", password="hash", second_factor=b"sealed", factor_step=1,
        recovery=[b"2" * 32], at=at,
    )  # fmt: skip
    accounts.add("bo", {Role.MAKER, Role.VIEWER}, by="anna", at=at)
    accounts.invite(b"3" * 32, name="bo", by="anna", at=at, expires_at=at + HOUR * SECOND)
    session = BrowserSession(
        hash=b"4" * 32, account_id=anna.id, created_at=at, seen_at=at, confirmed_at=at,
        expires_at=at + HOUR * SECOND, address="127.0.0.1", agent="a browser",
    )  # fmt: skip
    accounts.begin_session(session, anna)
    accounts.try_sign_in({b"5" * 32: BY_ACCOUNT}, at=at)
    accounts.spend_form(b"6" * 32, at=at, expires_at=at + HOUR * SECOND)


def _bills(desk: Desk) -> None:
    """A bill that was corrected, a break of each sort, and days that are closed, and open again.

    A break is open, closed by itself, or closed by a person.
    """
    book = desk.book
    merchant = book.channels()[0].merchant_id
    first, second = (billing.stored(book, merchant, body) for body in (b"one", b"two"))
    for bill in (first, second):
        billing.matched(book, bill, billing.movement(bill, 2, 1), billing.movement(bill, 3, 2))
    amount = billing.difference()
    unknown = billing.difference(BreakKind.UNKNOWN_KIND, "交易/交易/in", payout_id=None)
    summary = billing.difference(BreakKind.SUMMARY, "Basic/2026-11-23", payout_id=None)
    book.bills.compare(merchant, [amount], payouts=[1], by="clerk")
    opened = book.bills.compare(merchant, [unknown, summary], payouts=None, by="clerk").opened
    book.bills.close(opened[0].id, by="anna", reason="trades", learned=Learned.OTHERS)
    book.bills.compare(merchant, [], payouts=None, by="clerk")
    totals = [AccountTotals("Basic", 1000, 200, 0, 0, 120, 920, 200, 0)]
    facts = PeriodFacts(first.key.day, first.key.day, totals, [second.id], [1])
    book.bills.reopen_period(
        book.bills.close_period(merchant, facts, by="fin").id, by="fin", reason="a bill is wrong"
    )
    book.bills.close_period(merchant, facts, by="fin")


def forgeries(column: Column[Any], value: object) -> Iterator[object]:
    """Other values of a column, plausible ones and wild ones."""
    if value is not None and column.nullable:
        yield None
    match column.type:
        case Boolean():
            yield not value
        case LargeBinary():
            yield bytes(32)
        case BigInteger() | Integer():
            now = value if isinstance(value, int) else 0
            yield from (now + 1, IN_2286) if column.type.__class__ is BigInteger else (now + 1,)
        case _:
            yield "forged"


def rows_of(connection: Connection, table: Table) -> list[Row[Any]]:
    """Some rows of a table: those that say where payouts stand, else the first and the last.

    Every third of payouts is enough, unless all is to be proven.
    """
    rows = list(connection.execute(select(table).order_by(*table.primary_key.columns)))
    if table in {PAYOUT, STANDING}:
        return rows[:: 1 if ALL else 3]
    return rows if table is CALL_RANGE else [*rows[:1], *rows[1:][-1:]]


def is_found(connection: Connection, kept: VerifiedCheckpoint) -> bool:
    """Whether an audit, or else a checkpoint, shows that something is wrong."""
    comparer = HeadsComparer(kept)
    report = audit(connection, watch=comparer)
    comparer.finish()
    return bool(report.findings_count + comparer.findings.count)


def unseen(
    connection: Connection, kept: VerifiedCheckpoint, table: Table, column: Column[Any]
) -> list[str]:
    """The changes of a column that nothing finds."""
    found = []
    for row in rows_of(connection, table):
        same = [key == row._mapping[key.name] for key in table.primary_key.columns]
        for forged in forgeries(column, row._mapping[column.name]):
            change = update(table).where(*same).values({column.name: forged})
            point = connection.begin_nested()
            try:
                with disarmed(connection, table.name):
                    connection.execute(change)
                if not is_found(connection, kept):
                    found.append(f"{tuple(row)[:2]}: {forged}")
            except DBAPIError:
                pass  # a constraint refuses it
            point.rollback()
    return found


@pytest.mark.long
@pytest.mark.parametrize("book_url", DATABASES, indirect=True)
@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: str(table.name))
def test_a_forged_value_is_found_or_said_here(books: Desk, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    assert take(books.book, path, KEY).report.findings == ()
    missed = {}
    with open_checkpoint(path, KEY.verifying) as kept, books.transaction() as connection:
        for column in table.columns:
            if what := unseen(connection, kept, table, column):
                missed[f"{table.name}.{column.name}"] = what
    excused = {name for name in UNSEEN if name.startswith(f"{table.name}.")}
    assert {name: what for name, what in missed.items() if name not in excused} == {}
    assert excused - missed.keys() == set(), "these are found: take them off the list"
