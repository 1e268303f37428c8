"""What the books have of a row of a list: one row, and what follows from it and its chunk."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from desk import LEASE_SECONDS, refused
from hongbao import new_billno
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import NO_ROWS, Entry, Plan
from hongbao.ledger.model.event import GENESIS, EventKind, chain
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.salt import book_salt, salted_hash
from hongbao.ledger.store.schema import ATTEMPT, EVENT, PAYOUT, STANDING, SUBMISSION
from hongbao.ledger.store.terms import terms_digests
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign

NUMBER = "1900012345"


def begin(desk: Desk, name: str = "spring") -> Campaign:
    """A campaign that takes rows."""
    plan = Plan(
        name=name, channel_id=desk.channel(NUMBER), profile="demo", budget=None,
        source="list.csv", source_digest=NO_ROWS,
    )  # fmt: skip
    return desk.book.begin_import(plan, by="anna")


def entries(desk: Desk, *rows: int) -> list[Entry]:
    """Rows for a user each."""
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    return [Entry(f"k{row}", "normal", f"oUSER{row:012d}", 100, 1, terms_id) for row in rows]


def test_a_row_is_stored_once_with_its_number_and_when_it_came(desk: Desk) -> None:
    campaign = begin(desk)
    [entry] = entries(desk, 1)
    entry = entry._replace(kind="迷你", people=3)
    assert desk.book.submit(campaign.id, [[entry]], by="anna").new == 1
    [payout] = desk.book.payouts_of("spring")
    assert (payout.key, payout.kind, payout.payee) == (entry.key, entry.kind, entry.payee)
    assert (payout.amount, payout.people, payout.terms_id) == (100, 3, entry.terms_id)
    assert (payout.row, payout.attempt, payout.seq) == (1, 1, 1)
    assert payout.billno == new_billno(NUMBER, "k1", 1)
    assert (payout.state, payout.task, payout.due_at) == (State.WAITING, Task.SEND, desk.clock.now)
    assert (payout.calls, payout.answers, payout.lease, payout.day) == (0, 0, None, None)
    with desk.transaction() as connection:
        [stored] = connection.execute(select(PAYOUT)).all()
        [came] = connection.execute(select(SUBMISSION)).all()
        rest = [connection.execute(select(it)).all() for it in (STANDING, ATTEMPT, EVENT)]
    assert (stored.billno, stored.successor) == (payout.billno, None)
    assert tuple(came) == (campaign.id, 1, desk.clock.now, "anna")
    assert rest == [[], [], []]


def test_the_first_event_says_what_was_submitted_without_the_receiver(desk: Desk) -> None:
    campaign = begin(desk)
    [entry] = entries(desk, 1)
    entry = entry._replace(kind='迷"你')
    desk.book.submit(campaign.id, [[entry]], by="安娜")
    [payout] = desk.book.payouts_of("spring")
    [event] = desk.book.history(payout.id)
    with desk.transaction() as connection:
        salt = book_salt(connection)
        terms = terms_digests(connection, [entry.terms_id])[entry.terms_id]
    facts = {
        "state": "waiting",
        "attempt": 1,
        "billno": payout.billno,
        "kind": '迷"你',
        "amount": 100,
        "people": 1,
        "payee": sha256(salt + entry.payee.encode()).hexdigest(),
        "terms": terms.hex(),
    }
    assert json.loads(event.body) == facts
    assert entry.payee not in event.body
    assert event == chain(
        GENESIS, payout_id=payout.id, seq=1, at=desk.clock.now, kind=EventKind.SUBMITTED,
        actor="安娜", facts=facts,
    )  # fmt: skip


def test_what_a_row_says_is_stored_character_by_character(desk: Desk) -> None:
    campaign = begin(desk)
    texts = ["a\tb", "a\nb", "a\rb", "a\\b", "\\N", "\\.", "恭喜", '"', "NULL", "{}", "𝄞\u2028", ""]
    rows = [
        entry._replace(key=f"k/{text}/k", kind=text, payee=f"o{text}")
        for text, entry in zip(texts, entries(desk, *range(len(texts))), strict=True)
    ]
    assert desk.book.submit(campaign.id, [rows], by="anna").new == len(rows)
    stored = list(desk.book.payouts_of("spring"))
    assert [(it.key, it.kind, it.payee) for it in stored] == [row[:3] for row in rows]
    assert desk.book.audit().findings == ()


def test_a_first_number_that_is_a_later_one_of_another_payout_is_refused(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    desk.book.reopen(job.payout.id, by="anna", reason="again")
    with desk.transaction() as connection:
        if desk.database.is_postgresql:
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER attempt_update")
        connection.execute(update(ATTEMPT).values(billno=new_billno(NUMBER, "k2")))
    campaign = begin(desk, "summer")
    rows = entries(desk, 0, 1, 2)
    with pytest.raises(LedgerError, match="a later number of another payout"):
        desk.book.submit(campaign.id, [rows], by="anna")
    assert desk.book.standing("summer").campaign.rows == 0


def test_two_books_hash_the_same_receiver_differently(desk: Desk, tmp_path: object) -> None:
    with desk.transaction() as connection:
        mine = book_salt(connection)
    assert len(mine) == 16
    assert salted_hash(mine, "o1") != salted_hash(b"x" * 16, "o1")


def test_rows_that_nobody_has_stored_are_not_sent(desk: Desk) -> None:
    """They are in no books of ours, so somebody has changed these."""
    campaign = desk.campaign(2)
    with desk.transaction() as connection, disarmed(connection):
        connection.execute(SUBMISSION.delete())
    with pytest.raises(LedgerError) as refusal:
        desk.jobs()
    assert refusal.value.problem == (
        f"the books do not say who stored row 1 of campaign {campaign.id}"
    )
    assert refusal.value.remedy == "Audit these books."
    assert {payout.calls for payout in desk.payouts()} <= {0}


def test_a_query_knows_when_its_row_was_stored(desk: Desk) -> None:
    """Not when others of its campaign were, nor those of another."""
    desk.campaign(3, name="earlier")
    desk.clock.pass_(10)
    campaign = begin(desk)
    stored_at = []
    for rows in ((1, 2), (3,), (4, 5)):
        desk.book.submit(campaign.id, [entries(desk, *rows)], by="anna")
        stored_at += [desk.clock.now] * len(rows)
        desk.clock.pass_(10)
    draft = desk.book.finish_import("spring", by="anna")
    desk.book.approve("spring", digest=draft.digest, by="bert")
    desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    asked = [job for job in desk.jobs() if job.payout.campaign_id == campaign.id]
    assert [job.task for job in asked] == [Task.QUERY] * 5
    asked.sort(key=lambda job: job.payout.row)
    assert [job.submitted_at for job in asked] == stored_at
    assert [desk.book.history(job.payout.id)[0].at for job in asked] == stored_at
