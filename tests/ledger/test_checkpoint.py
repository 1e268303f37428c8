"""A checkpoint finds every change to what was there when it was taken, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from desk import accepted, refused, unknown
from hongbao.checkpoint.heads import HeadsFile
from hongbao.checkpoint.key_files import make_key, read_key, read_public
from hongbao.checkpoint.merkle import root_of
from hongbao.checkpoint.note import SigningKey
from hongbao.checkpoint.taking import take, verify
from hongbao.checkpoint.verified_checkpoint import heads_path, open_checkpoint
from hongbao.errors import ConfigurationError
from hongbao.ledger.audits import audit_page
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.event import Event, Subject
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.store.histories import payout_history
from hongbao.ledger.store.schema import DECISION
from tampering import disarmed, rewrite, rewrite_decisions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from desk import Desk

KEY = SigningKey.generate("shop.example/books")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the checkpoint stands."""
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder / "checkpoint"


@pytest.fixture
def books(desk: Desk, path: Path) -> Desk:
    """Books with a payout in each kind of state, and a checkpoint of them."""
    desk.campaign(amounts=[100, 200, 300, 400, 500])
    paid, no, lost = desk.jobs(3)
    desk.record((paid, accepted(paid)), (no, refused(no)), (lost, unknown(lost)))
    desk.campaign(2, name="autumn")
    taken = take(desk.book, path, KEY)
    assert taken.report.findings == ()
    return desk


def findings(desk: Desk, path: Path) -> list[str]:
    """What holding the books against the checkpoint finds."""
    _, report = verify(desk.book, path, KEY.verifying)
    assert report.findings_count == len(report.findings)
    return [
        f"{it.subject}: {it.words}" for it in report.findings if it.code is FindingCode.CHECKPOINT
    ]


def change(desk: Desk, statements: str, *more: Callable[[Connection], object]) -> None:
    """Change the books behind their back."""
    with desk.transaction() as connection, disarmed(connection):
        for statement in filter(None, map(str.strip, statements.split(";"))):
            assert connection.execute(text(statement)).rowcount, statement
        for one in more:
            one(connection)


def test_a_checkpoint_says_what_the_books_hold(books: Desk, path: Path) -> None:
    with open_checkpoint(path, KEY.verifying) as kept:
        checkpoint = kept.checkpoint
        assert kept.heads.size() == checkpoint.size == 10
        assert root_of(kept.heads.records(0, 10)) == checkpoint.root
    money = checkpoint.money
    assert (checkpoint.payouts, checkpoint.campaigns, checkpoint.previous) == (7, 2, None)
    assert (money.planned, money.paid, money.refused, money.in_doubt) == (1700, 100, 200, 300)
    assert money.planned == 100 + 200 + 300 + money.waiting + money.cancelled
    assert checkpoint.at == books.clock.now
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["shop.example/books", "10"]
    assert "time 2026-11-23T02:00:00.000000+00:00" in lines
    assert "planned 1700 fen" in lines


def test_no_receiver_and_no_key_stands_in_a_checkpoint(books: Desk, path: Path) -> None:
    written = b"".join(one.read_bytes() for one in path.parent.iterdir())
    payouts = list(books.payouts())
    assert len(list(path.parent.iterdir())) == 2
    assert not [it for it in payouts if it.payee.encode() in written or it.key.encode() in written]
    assert KEY.secret not in written


def test_what_goes_on_after_a_checkpoint_is_no_finding(books: Desk, path: Path) -> None:
    books.clock.pass_(700)
    jobs = books.jobs()
    assert {job.payout.state for job in jobs} == {State.SENT, State.IN_DOUBT}
    books.record(*((job, accepted(job)) for job in jobs if job.payout.state is State.IN_DOUBT))
    books.campaign(3, name="winter")
    books.book.pause("spring", by="anna", reason="lunch")
    checkpoint, report = verify(books.book, path, KEY.verifying)
    assert (checkpoint.payouts, report.payouts, report.findings) == (7, 10, ())


def test_merchants_are_looked_at_in_their_order_whichever_was_written_last(
    desk: Desk, path: Path
) -> None:
    numbers = [f"19000000{place:02}" for place in range(9)]
    for number in numbers:
        desk.campaign(name=number, number=number)
    assert take(desk.book, path, KEY).report.findings == ()
    for job in desk.jobs()[::-1]:
        desk.record((job, unknown(job)))
    assert findings(desk, path) == []


def test_the_next_checkpoint_takes_the_place_of_the_one_before(books: Desk, path: Path) -> None:
    before = path.read_bytes()
    [old_heads] = path.parent.glob("*.heads")
    books.campaign(1, name="winter")
    taken = take(books.book, path, KEY)
    assert taken.checkpoint is not None
    assert taken.checkpoint.previous is not None
    assert path.read_bytes() != before
    assert not old_heads.exists()
    assert len(list(path.parent.iterdir())) == 2
    again = take(books.book, path.with_name("elsewhere"), KEY, previous=path).checkpoint
    assert again is not None
    assert (again.root, again.size) == (taken.checkpoint.root, 12)
    assert findings(books, path.with_name("elsewhere")) == []


def test_a_checkpoint_of_empty_books_holds_for_whatever_comes(desk: Desk, path: Path) -> None:
    taken = take(desk.book, path, KEY)
    assert taken.checkpoint is not None
    assert (taken.checkpoint.size, taken.checkpoint.money.planned) == (0, 0)
    desk.campaign(2)
    assert findings(desk, path) == []


def test_books_with_findings_get_no_checkpoint_and_keep_the_one_before(
    books: Desk, path: Path
) -> None:
    before = {one: one.read_bytes() for one in path.parent.iterdir()}
    change(books, "UPDATE standing SET tries = 7 WHERE payout_id = 1")
    taken = take(books.book, path, KEY)
    assert (taken.checkpoint, taken.report.findings_count) == (None, 1)
    assert {one: one.read_bytes() for one in path.parent.iterdir()} == before


def test_who_is_interrupted_leaves_the_checkpoint_before(
    books: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {one: one.read_bytes() for one in path.parent.iterdir()}
    monkeypatch.setattr(audit_page, "PAGE", 2)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(books.book, path, KEY, progress=stop)
    assert {one: one.read_bytes() for one in path.parent.iterdir()} == before


SENT_BY_FORGERY = """
    INSERT INTO standing (payout_id, campaign_id, row, amount, state, task, due_at, attempt, calls,
        answers, first_call_at, tries, listid, sent_at, claimed, refunded, day, seq, hash)
    SELECT 4, campaign_id, 4, 400, 'sent', 2, :due, 1, 1, 1, :at, 0, '1', :at, 0, 0, :day, 3, hash
    FROM standing WHERE payout_id = 1;
    UPDATE tally SET payouts = payouts - 1, amount = amount - 400
        WHERE campaign_id = 1 AND state = 'waiting' AND payouts > 0;
    UPDATE tally SET payouts = payouts + 1, amount = amount + 400
        WHERE campaign_id = 1 AND state = 'sent';
    UPDATE hourly SET paid = paid + 1, amount = amount + 400 WHERE campaign_id = 1;
    UPDATE channel SET day_amount = day_amount + 400, turn = turn + 1
"""


def forge_sent(desk: Desk, at: int) -> None:
    """Have a payout that waits be sent, with a history that holds and totals that are exact."""
    day = (at // SECOND + 8 * 3600) // 86_400
    statements = (
        SENT_BY_FORGERY.replace(":at", str(at)).replace(":day", str(day))
        .replace(":due", str(at + 600 * SECOND))
    )  # fmt: skip

    def forge(connection: Connection) -> None:
        [submitted] = payout_history(connection, 4)
        called = json.dumps({
            "calls": 1, "day": day, "first_call_at": at, "state": "in_doubt", "tries": 0,
        })  # fmt: skip
        sent = json.dumps({"answers": 1, "listid": "1", "sent_at": at, "state": "sent", "tries": 0})
        rewrite(connection, 4, [
            submitted,
            Event(4, 2, at, "called", "worker-1", called, b""),
            Event(4, 3, at, "accepted", "worker-1", sent, b""),
        ])  # fmt: skip

    change(desk, statements, forge)


def test_a_payout_that_was_paid_by_forgery_before_a_checkpoint_is_found(
    books: Desk, path: Path
) -> None:
    forge_sent(books, books.clock.now - 7200 * SECOND)
    assert books.book.audit().findings == (), "an audit alone cannot see it"
    [found] = findings(books, path)
    assert "dated before the checkpoint" in found


def test_what_is_forged_after_the_last_checkpoint_is_found_by_the_bill_alone(
    books: Desk, path: Path
) -> None:
    """docs/explanation/books.md says so."""
    forge_sent(books, books.clock.now)
    assert findings(books, path) == []


def test_a_payout_that_was_rolled_back_with_exact_totals_is_found(books: Desk, path: Path) -> None:
    def forge(connection: Connection) -> None:
        rewrite(connection, 1, payout_history(connection, 1)[:1])

    change(
        books,
        """UPDATE standing SET state = 'waiting', seq = 1, calls = 0, answers = 0, task = 1,
               due_at = (SELECT at FROM submission WHERE campaign_id = 1), lease = NULL,
               first_call_at = NULL, sent_at = NULL, listid = NULL, day = NULL, code = NULL
               WHERE payout_id = 1;
           UPDATE call_range SET first = 2 WHERE campaign_id = 1; DELETE FROM outbox;
           UPDATE tally SET payouts = payouts - 1, amount = amount - 100
               WHERE campaign_id = 1 AND state = 'sent';
           UPDATE tally SET payouts = payouts + 1, amount = amount + 100
               WHERE campaign_id = 1 AND state = 'waiting' AND payouts > 0;
           UPDATE hourly SET paid = paid - 1, amount = amount - 100 WHERE campaign_id = 1;
           UPDATE channel SET day_amount = day_amount - 100""",
        forge,
    )
    assert books.book.audit().findings == (), "an audit alone cannot see it"
    [found] = findings(books, path)
    assert "it had 3 events, and has 1" in found


def test_an_event_that_was_changed_with_all_hashes_after_it_is_found(
    books: Desk, path: Path
) -> None:
    def forge(connection: Connection) -> None:
        events = payout_history(connection, 1)
        rewrite(connection, 1, [events[0], events[1]._replace(actor="eve"), events[2]])
        connection.execute(text("UPDATE call_range SET first = 2 WHERE campaign_id = 1"))

    change(books, "", forge)
    assert books.book.audit().findings == (), "an audit alone cannot see it"
    [found] = findings(books, path)
    assert "its first 3 events have changed" in found


def test_a_decision_that_was_changed_with_all_hashes_after_it_is_found(
    books: Desk, path: Path
) -> None:
    def forge(connection: Connection) -> None:
        rows = connection.execute(DECISION.select().where(DECISION.c.campaign_id == 2)).all()
        decisions = sorted((Event._make(row) for row in rows), key=lambda it: it.seq)
        decisions[2] = decisions[2]._replace(actor="eve")
        rewrite_decisions(connection, 2, decisions)

    change(books, "", forge)
    assert books.book.audit().findings == (), "an audit alone cannot see it"
    [found] = findings(books, path)
    assert found.startswith("campaign autumn: its first")


def test_a_campaign_that_was_deleted_with_all_that_belongs_to_it_is_found(
    books: Desk, path: Path
) -> None:
    change(
        books,
        """DELETE FROM submission WHERE campaign_id = 2;
            DELETE FROM payout WHERE campaign_id = 2; DELETE FROM tally WHERE campaign_id = 2;
            DELETE FROM payee_tail WHERE campaign_id = 2;
            DELETE FROM decision WHERE campaign_id = 2; DELETE FROM campaign WHERE id = 2;
            DELETE FROM outbox""",
    )
    assert books.book.audit().findings == (), "an audit alone cannot see it"
    assert findings(books, path) == [
        "payout 6: it is missing; it had 1 event",
        "payout 7: it is missing; it had 1 event",
        "campaign 2: it is missing; it had 4 events",
    ]


def test_an_older_copy_of_the_books_is_found(books: Desk, path: Path) -> None:
    books.record(*((job, accepted(job)) for job in books.jobs()))
    newer = path.with_name("newer")
    assert take(books.book, newer, KEY).checkpoint is not None
    change(books, "DELETE FROM event WHERE seq > 1")
    assert len(findings(books, newer)) >= 5


@pytest.mark.parametrize("spoil", ["note", "heads", "cut", "gone", "no note"])
def test_a_checkpoint_that_was_changed_is_not_trusted(books: Desk, path: Path, spoil: str) -> None:
    [beside] = path.parent.glob("*.heads")
    data = beside.read_bytes()
    match spoil:
        case "note":
            path.write_text(path.read_text(encoding="utf-8").replace("paid 100", "paid 900"))
        case "heads":
            beside.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        case "cut":
            beside.write_bytes(data[:-1])
        case "gone":
            beside.unlink()
        case _:
            path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError) as told:
        verify(books.book, path, KEY.verifying)
    assert str(path) in told.value.setting


def test_a_checkpoint_that_another_key_signed_is_not_trusted(books: Desk, path: Path) -> None:
    other = SigningKey.generate(KEY.name)
    with pytest.raises(ConfigurationError, match="not signed with the key"):
        verify(books.book, path, other.verifying)
    with pytest.raises(ConfigurationError, match="not signed with the key"):
        take(books.book, path, other)


def test_a_note_of_something_else_is_no_checkpoint(books: Desk, path: Path) -> None:
    path.write_text(KEY.sign("shop.example/books\n1\nAAAA\n"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no checkpoint of books"):
        verify(books.book, path, KEY.verifying)


def test_a_key_stands_in_a_file_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    path = tmp_path / "books.key"
    key = make_key(path, "shop.example/books")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == key
    assert read_public(str(key.verifying)) == key.verifying
    with pytest.raises(ConfigurationError, match="is there already"):
        make_key(path, "shop.example/books")
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others may read"):
        read_key(path)


@pytest.mark.parametrize("text_", ["", "PRIVATE+KEY+x", "\x00"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text_: str) -> None:
    path = tmp_path / "books.key"
    path.touch(mode=0o600)
    path.write_text(text_)
    with pytest.raises(ConfigurationError):
        read_key(path)
    with pytest.raises(ConfigurationError):
        read_key(tmp_path / "none")
    with pytest.raises(ConfigurationError):
        make_key(tmp_path / "none" / "key", "shop")
    with pytest.raises(ConfigurationError):
        make_key(tmp_path / "other", "two words")
    with pytest.raises(ConfigurationError):
        read_public(text_)


def test_a_checkpoint_is_written_only_where_that_is_possible(books: Desk, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        take(books.book, tmp_path / "none" / "checkpoint", KEY)


def test_heads_are_found_by_their_numbers(books: Desk, path: Path) -> None:
    with open_checkpoint(path, KEY.verifying) as kept:
        for index, head in enumerate(kept.heads.heads()):
            assert kept.heads.find(head.of, head.number) == (index, head)
        assert kept.heads.find(Subject.PAYOUT, 8) is None
        assert isinstance(kept.heads, HeadsFile)
        assert heads_path(path, kept.checkpoint.root).exists()
