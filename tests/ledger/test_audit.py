"""An audit of clean books finds nothing; whatever is changed behind their back, it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from desk import accepted, refused, step, unknown
from hongbao.errors import BookCorrupt, ConfigurationError, Disposition
from hongbao.ledger.audits import audit as walking
from hongbao.ledger.audits import audit_page, audit_processes
from hongbao.ledger.audits.audit_report import FINDINGS_MAX, FindingCode, whole_of
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Total
from tampering import audited_after, disarmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk import Desk

Code = FindingCode
# Row 1 is paid and claimed, row 2 refused and reopened, row 3 in doubt, row 4 waits.
_PAID = "(SELECT id FROM payout WHERE campaign_id = 1 AND row = 1)"
_REOPENED = "(SELECT id FROM payout WHERE campaign_id = 1 AND row = 2)"
_DOUBTFUL = "(SELECT id FROM payout WHERE campaign_id = 1 AND row = 3)"
_WAITING = "(SELECT id FROM payout WHERE campaign_id = 1 AND row = 4)"
_WHERE = "WHERE campaign_id = 1 AND"


class Tampering(NamedTuple):
    """What somebody does to the database, and what an audit must say."""

    what: str
    statements: Sequence[str]
    found: set[FindingCode]


def one(what: str, statement: str, *found: FindingCode) -> Tampering:
    """A single statement."""
    return Tampering(what, [statement], set(found))


TAMPERINGS = [
    one("an event says something else",
        f"UPDATE event SET body = '{{}}' WHERE payout_id = {_PAID} AND seq = 3",
        Code.CHAIN, Code.REPLAY),
    one("an event was somebody else's",
        f"UPDATE event SET actor = 'eve' WHERE payout_id = {_PAID} AND seq = 3", Code.CHAIN),
    one("an event was earlier", f"UPDATE event SET at = at - 1 WHERE payout_id = {_PAID}",
        Code.CHAIN),
    one("an event was another",
        f"UPDATE event SET kind = 'found' WHERE payout_id = {_PAID} AND seq = 3", Code.CHAIN),
    one("an event is gone", f"DELETE FROM event WHERE payout_id = {_PAID} AND seq = 3",
        Code.CHAIN),
    one("the last event is gone", f"DELETE FROM event WHERE payout_id = {_PAID} AND seq = 4",
        Code.CHAIN, Code.REPLAY),
    one("all that is stored of a history is gone", f"DELETE FROM event WHERE payout_id = {_PAID}",
        Code.CHAIN, Code.REPLAY),
    one("an event belongs to nobody",
        f"UPDATE event SET payout_id = 999 WHERE payout_id = {_PAID} AND seq = 4",
        Code.REFERENCE),
    one("a payout that waits has an event",
        f"INSERT INTO event SELECT {_WAITING}, 2, at, kind, actor, body, hash FROM event "
        f"WHERE payout_id = {_PAID} AND seq = 3", Code.REPLAY),
    one("a payout is paid by magic", f"UPDATE standing SET state = 'sent' {_WHERE} row = 3",
        Code.REPLAY, Code.TALLY),
    one("a paid payout is to be paid again",
        "UPDATE standing SET state = 'waiting', task = 1, due_at = 1, claimed = 0 "
        f"{_WHERE} row = 1",
        Code.REPLAY, Code.TALLY),
    one("a claim is another", f"UPDATE standing SET claimed = 99 {_WHERE} row = 1",
        Code.REPLAY, Code.TALLY, Code.MONEY),
    one("something came back of what was never paid",
        f"UPDATE standing SET refunded = 1 {_WHERE} row = 3", Code.REPLAY, Code.MONEY),
    one("a call never was", f"UPDATE standing SET calls = calls + 1 {_WHERE} row = 3", Code.REPLAY),
    one("a doubt never was", f"UPDATE standing SET doubt = NULL {_WHERE} row = 3", Code.REPLAY),
    one("a payout has had more events", f"UPDATE standing SET seq = seq + 1 {_WHERE} row = 3",
        Code.CHAIN),
    one("the last event had another hash",
        f"UPDATE standing SET hash = (SELECT hash FROM standing {_WHERE} row = 1) {_WHERE} row = 3",
        Code.CHAIN),
    one("another amount stands", f"UPDATE standing SET amount = 301 {_WHERE} row = 3", Code.REPLAY),
    one("a standing is gone", f"DELETE FROM standing {_WHERE} row = 3", Code.REPLAY, Code.QUEUE),
    one("the standing of what waits is gone", f"DELETE FROM standing {_WHERE} row = 2",
        Code.REPLAY, Code.QUEUE, Code.TALLY),
    one("a standing is nobody's", f"UPDATE standing SET payout_id = 999 {_WHERE} row = 3",
        Code.REFERENCE, Code.REPLAY),
    one("an amount is another", f"UPDATE payout SET amount = 401 {_WHERE} row = 4",
        Code.TALLY, Code.MONEY, Code.DIGEST),
    one("an amount of a payout that was sent is another",
        f"UPDATE payout SET amount = 301 {_WHERE} row = 3", Code.CHAIN, Code.REPLAY, Code.DIGEST),
    one("a receiver is another", f"UPDATE payout SET payee = 'oEVE_secret_0001' {_WHERE} row = 4",
        Code.DIGEST),
    one("a receiver of a payout that was sent is another",
        f"UPDATE payout SET payee = 'oEVE_secret_0001' {_WHERE} row = 3", Code.CHAIN, Code.DIGEST),
    one("a kind is another", f"UPDATE payout SET kind = 'group' {_WHERE} row = 4", Code.DIGEST),
    one("it is shared among more", f"UPDATE payout SET people = 7 {_WHERE} row = 4", Code.DIGEST),
    one("a key is another", f"UPDATE payout SET key = 'eve' {_WHERE} row = 4",
        Code.BILLNO, Code.DIGEST),
    one("terms are others", f"UPDATE payout SET terms_id = 2 {_WHERE} row = 4", Code.DIGEST),
    one("terms say something else", "UPDATE terms SET body = '{}' WHERE id = 1", Code.CONTENT),
    one("terms are gone", "DELETE FROM terms WHERE id = 1", Code.REFERENCE),
    one("a payout is another campaign's", f"UPDATE payout SET campaign_id = 2 {_WHERE} row = 4",
        Code.DIGEST, Code.TALLY, Code.MONEY),
    one("a payout is no campaign's", f"UPDATE payout SET campaign_id = 999 {_WHERE} row = 4",
        Code.REFERENCE, Code.TALLY, Code.MONEY),
    one("a payout is another merchant's", f"UPDATE payout SET merchant_id = 2 {_WHERE} row = 4",
        Code.REFERENCE),
    one("a payout is gone", f"DELETE FROM payout WHERE id = {_PAID}",
        Code.REFERENCE, Code.DIGEST, Code.TALLY, Code.MONEY),
    Tampering("rows changed places", [
        f"UPDATE payout SET row = 99 {_WHERE} row = 3",
        f"UPDATE payout SET row = 3 {_WHERE} row = 4",
        f"UPDATE payout SET row = 4 {_WHERE} row = 99",
    ], {Code.DIGEST}),
    one("a payout is sent with another number",
        f"UPDATE payout SET billno = 'EVE' {_WHERE} row = 4", Code.BILLNO),
    one("another number is the live one", f"UPDATE standing SET billno = 'EVE' {_WHERE} row = 2",
        Code.BILLNO, Code.REPLAY),
    one("a payout is said to have given its number away",
        f"UPDATE payout SET successor = {_PAID} {_WHERE} row = 3", Code.ATTEMPTS),
    one("a payout that waits is said to have given its number away",
        f"UPDATE payout SET successor = {_PAID} {_WHERE} row = 4", Code.ATTEMPTS),
    one("an attempt has another number",
        f"UPDATE attempt SET billno = 'EVE' WHERE payout_id = {_REOPENED}", Code.BILLNO),
    one("an attempt is too many",
        f"INSERT INTO attempt SELECT {_DOUBTFUL}, 2, merchant_id, 'EVE' FROM payout "
        f"{_WHERE} row = 4",
        Code.BILLNO, Code.ATTEMPTS),
    one("a payout that waits has a later number",
        f"INSERT INTO attempt SELECT id, 2, merchant_id, 'EVE' FROM payout {_WHERE} row = 4",
        Code.BILLNO, Code.ATTEMPTS),
    one("a later number is another payout's first one",
        f"INSERT INTO attempt SELECT {_DOUBTFUL}, 2, merchant_id, billno FROM payout "
        f"{_WHERE} row = 4",
        Code.BILLNO, Code.ATTEMPTS),
    one("an attempt is gone", f"DELETE FROM attempt WHERE payout_id = {_REOPENED}", Code.ATTEMPTS),
    one("an attempt belongs to nobody",
        f"UPDATE attempt SET payout_id = 999 WHERE payout_id = {_REOPENED}",
        Code.REFERENCE, Code.ATTEMPTS),
    one("first calls were begun of more payouts", "UPDATE call_range SET last = last + 1",
        Code.QUEUE, Code.TALLY),
    one("first calls were begun of fewer payouts", "UPDATE call_range SET last = last - 1",
        Code.CHAIN),
    one("first calls were begun of others", "UPDATE call_range SET first = first + 1", Code.CHAIN),
    one("first calls were begun at another time", "UPDATE call_range SET at = at - 1", Code.CHAIN),
    one("first calls were begun by somebody else", "UPDATE call_range SET actor = 'eve'",
        Code.CHAIN),
    one("first calls count for another day", "UPDATE call_range SET day = day - 1", Code.CHAIN),
    one("first calls are another campaign's", "UPDATE call_range SET campaign_id = 2",
        Code.CHAIN, Code.QUEUE),
    one("first calls are under way again",
        "UPDATE call_range SET open = 1, open_amount = 1, due_at = at, lease = 1", Code.QUEUE),
    one("first calls were never begun", "DELETE FROM call_range", Code.CHAIN),
    one("first calls are begun of what waits",
        "INSERT INTO call_range SELECT 99, campaign_id, 4, 4, at, actor, day, 1, at, 1, 400 "
        "FROM call_range", Code.QUEUE, Code.TALLY),
    one("first calls were begun twice",
        "INSERT INTO call_range SELECT 99, campaign_id, 3, 3, at, actor, day, NULL, NULL, 0, 0 "
        "FROM call_range", Code.REFERENCE),
    one("first calls are begun of no payout",
        "INSERT INTO call_range SELECT 99, campaign_id, 98, 99, at, actor, day, 1, at, 2, 2 "
        "FROM call_range", Code.REFERENCE),
    one("a payout is passed over", "UPDATE campaign SET begun = 4 WHERE id = 1", Code.QUEUE),
    one("a payout is to be begun again", "UPDATE campaign SET begun = 2 WHERE id = 1", Code.QUEUE),
    one("a list was stored by somebody else",
        "UPDATE submission SET actor = 'eve' WHERE campaign_id = 2", Code.DECISION),
    one("a list that was sent was stored by somebody else",
        "UPDATE submission SET actor = 'eve' WHERE campaign_id = 1", Code.DECISION, Code.CHAIN),
    one("a list was stored at another time",
        "UPDATE submission SET at = at - 1 WHERE campaign_id = 2", Code.DECISION),
    one("nobody has stored the first row", "UPDATE submission SET first = 2 WHERE campaign_id = 2",
        Code.DECISION, Code.REFERENCE),
    one("nobody has stored a list", "DELETE FROM submission WHERE campaign_id = 2",
        Code.DECISION, Code.REFERENCE),
    one("a list was stored in parts",
        "INSERT INTO submission SELECT campaign_id, 2, at - 1, actor FROM submission "
        "WHERE campaign_id = 2", Code.DECISION),
    one("a running total is another",
        "UPDATE tally SET amount = amount + 1 WHERE state = 'waiting'", Code.TALLY),
    one("running totals are gone", "DELETE FROM tally", Code.TALLY),
    one("a day's money is another", "UPDATE channel SET day_amount = day_amount + 1", Code.TALLY),
    one("the last day is forgotten", "UPDATE channel SET last_day = 0", Code.QUEUE),
    one("a plan is another", "UPDATE campaign SET planned = planned + 1 WHERE id = 1",
        Code.MONEY, Code.DECISION),
    one("a campaign has more rows", "UPDATE campaign SET rows = rows + 1 WHERE id = 1",
        Code.MONEY, Code.DECISION),
    one("another digest was approved",
        "UPDATE campaign SET digest = source_digest, approved_digest = source_digest WHERE id = 1",
        Code.DIGEST, Code.DECISION),
    one("somebody else approved", "UPDATE campaign SET approved_by = 'eve' WHERE id = 1",
        Code.DECISION),
    one("a budget was lifted", "UPDATE campaign SET budget = NULL, profile = 'eve' WHERE id = 1",
        Code.DECISION),
    one("a draft is approved by magic",
        "UPDATE campaign SET state = 'approved', approved_by = 'eve', approved_digest = digest "
        "WHERE id = 2", Code.DECISION),
    one("a decision says something else", "UPDATE decision SET body = '{}' WHERE seq = 2",
        Code.DECISION),
    one("a decision is gone", "DELETE FROM decision WHERE campaign_id = 1 AND seq = 4",
        Code.DECISION),
]  # fmt: skip


@pytest.fixture
def books(desk: Desk) -> Desk:
    """Books with a payout in each kind of state, and a draft beside them."""
    desk.campaign(amounts=[100, 200, 300, 400])
    paid, no, lost = desk.jobs(3)
    doubtful = unknown(lost)._replace(doubt=Disposition.UNKNOWN)
    desk.record((paid, accepted(paid, look_after=1)), (no, refused(no)), (lost, doubtful))
    desk.book.pause("spring", by="anna", reason="lunch")
    desk.clock.pass_(1)
    [look] = desk.jobs(worker="w2")
    over = step(look, EventKind.FOUND, State.RECEIVED, claimed=100, settled_at=desk.clock.now)
    desk.record((look, over), worker="w2")
    desk.book.resume("spring", by="anna")
    desk.book.reopen(no.payout.id, by="anna", reason="fixed")
    desk.book.terms([{"wishing": "other"}])
    desk.draft(2, name="beside")
    desk.channel("1900099999")
    return desk


def test_clean_books_are_clean(books: Desk) -> None:
    told: list[tuple[int, int]] = []
    report = books.book.audit(progress=lambda done, of: told.append((done, of)))
    assert report.findings == ()
    assert (report.campaigns, report.payouts, report.events) == (2, 6, 14)
    assert report.totals == {
        State.RECEIVED: Total(1, 100, 100, 0),
        State.WAITING: Total(4, 800, 0, 0),
        State.IN_DOUBT: Total(1, 300, 0, 0),
    }
    report.check()
    assert told == [(6, 15), (12, 15), (15, 15)]


def test_empty_books_are_clean(desk: Desk) -> None:
    report = desk.book.audit()
    assert (report.campaigns, report.payouts, report.events) == (0, 0, 0)
    assert report.findings == ()


def test_each_tampering_is_found(books: Desk) -> None:
    missed = {}
    for what, statements, expected in TAMPERINGS:
        found = {finding.code for finding in audited_after(books, statements).findings}
        if not expected <= found:
            missed[what] = expected - found
    assert missed == {}
    assert books.book.audit().findings == (), "all was rolled back"


def test_no_finding_shows_a_receiver(books: Desk) -> None:
    payees = {payout.payee for payout in books.payouts()} | {"oEVE_secret_0001"}
    words = [
        str(finding)
        for _, statements, _ in TAMPERINGS
        for finding in audited_after(books, statements).findings
    ]
    assert words
    assert not [word for word in words if any(payee in word for payee in payees)]


def test_another_amount_of_what_waits_is_betrayed_by_the_approval(books: Desk) -> None:
    report = audited_after(
        books,
        [
            f"UPDATE payout SET amount = 1 {_WHERE} row = 4",
            "UPDATE campaign SET planned = planned - 399 WHERE id = 1",
        ],
    )
    found = {finding.code for finding in report.findings}
    assert found == {Code.DIGEST, Code.DECISION, Code.TALLY}


def test_found_disagreements_are_reported_as_an_error_where_that_is_wanted(books: Desk) -> None:
    report = audited_after(books, [f"UPDATE payout SET key = 'eve' {_WHERE} row = 4"])
    with pytest.raises(BookCorrupt) as told:
        report.check()
    assert told.value.findings == tuple(map(str, report.findings))
    [payout] = [payout for payout in books.payouts() if payout.row == 4]
    assert any(payout.billno in line for line in told.value.findings)


def test_an_audit_goes_page_by_page(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_page, "PAGE", 2)
    told: list[tuple[int, int]] = []
    report = books.book.audit(progress=lambda done, of: told.append((done, of)))
    assert (report.payouts, report.events, report.findings) == (6, 14, ())
    assert told == [(6, 15), (12, 15), (14, 15), (15, 15)], "numbers, lists, histories"
    gone = audited_after(books, [f"DELETE FROM payout WHERE id = {_REOPENED}"])
    assert Code.REFERENCE in {finding.code for finding in gone.findings}


def test_findings_without_end_are_counted_and_not_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongbao.ledger.audits.audit_report.FINDINGS_MAX", 3)
    desk.draft(10)
    report = audited_after(desk, ["UPDATE payout SET key = 'x' || key"])
    assert (len(report.findings), report.findings_count) == (3, 11)
    assert FINDINGS_MAX >= 3


def test_workers_may_go_on_while_the_books_are_audited(books: Desk) -> None:
    with books.database.reading() as connection:
        parts = walking.parts_of(connection, pieces=3)
        books.clock.pass_(500)
        jobs = books.jobs()
        assert jobs
        books.record(*((job, accepted(job)) for job in jobs if job.payout.state is State.IN_DOUBT))
        report = whole_of([part.look(connection, int) for part in parts])
    assert (report.payouts, report.events, report.findings) == (6, 14, ())
    assert books.book.audit().findings == ()


def test_each_part_of_an_audit_may_see_the_books_at_another_time(books: Desk) -> None:
    with books.database.reading() as connection:
        parts = walking.parts_of(connection, pieces=3)
    reports = []
    for part in parts:
        books.clock.pass_(500)
        books.record(*((job, accepted(job)) for job in books.jobs(1)))
        with books.database.reading() as connection:
            reports.append(part.look(connection, int))
    assert whole_of(reports).findings == ()


@pytest.mark.processes
def test_processes_that_share_an_audit_find_what_one_finds(
    books: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_processes, "MANY", 0)
    told: list[tuple[int, int]] = []
    shared = books.book.audit(processes=2, progress=lambda done, of: told.append((done, of)))
    assert shared == books.book.audit()
    assert told[-1] == (15, 15)
    with books.database.transaction() as connection, disarmed(connection):
        for table in ("event", "standing", "attempt", "call_range", "tally"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("UPDATE payout SET payee = 'oEVE_secret_0001'")
    shared = books.book.audit(processes=2)
    assert shared == books.book.audit()
    assert {Code.REPLAY, Code.DIGEST, Code.TALLY} & {finding.code for finding in shared.findings}


@pytest.mark.processes
def test_an_error_in_a_process_that_shares_an_audit_is_told(
    books: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_processes, "MANY", 0)
    monkeypatch.setattr(books.database, "url", "sqlite:////nowhere/books.db")
    with pytest.raises(ConfigurationError, match="nowhere"):
        audit_processes.audit_books(books.database, processes=2)
