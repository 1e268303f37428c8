"""A payout that was cancelled before any call frees its key: another one takes key and number."""

from __future__ import annotations

import json
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from desk import accepted, postponed, refused, step
from hongbao.errors import KeyReused, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.schema import PAYOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk import Desk
    from hongbao.ledger.model.known import Submitted
    from hongbao.ledger.model.payout import Payout


def entries(desk: Desk, keys: Sequence[str], amount: int = 100, payee: str = "oNEW") -> list[Entry]:
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    return [Entry(key, "normal", f"{payee}_{key}", amount, 1, terms_id) for key in keys]


def put(desk: Desk, name: str, rows: Sequence[Entry], *chunks: Sequence[Entry]) -> Submitted:
    """Rows in another campaign."""
    plan = Plan(
        name=name, channel_id=desk.channel(), profile="demo", budget=None, source="other.csv",
        source_digest=bytes(32),
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="bert")
    submitted = desk.book.submit(begun.id, [rows, *chunks], by="bert")
    desk.book.finish_import(name, by="bert")
    return submitted


def of(desk: Desk, name: str) -> list[Payout]:
    return list(desk.book.payouts_of(name))


def last(desk: Desk, payout: Payout) -> tuple[str, dict[str, object]]:
    event = desk.book.history(payout.id)[-1]
    return event.kind, json.loads(event.body)


def test_what_was_cancelled_before_any_call_is_taken_over_with_its_number(desk: Desk) -> None:
    desk.draft(3)
    desk.book.cancel("spring", by="anna", reason="typo")
    assert put(desk, "summer", entries(desk, ["spring/0", "spring/2"], 250)).new == 2
    first, second, third = of(desk, "spring")
    taken = of(desk, "summer")
    assert [it.billno for it in taken] == [first.billno, third.billno]
    assert [(it.state, it.amount) for it in taken] == [(State.WAITING, 250)] * 2
    kind, facts = last(desk, first)
    assert (kind, facts["by"], facts["campaign"]) == (EventKind.TAKEN_OVER, taken[0].id, "summer")
    assert last(desk, taken[0])[1]["took_over"] == first.id
    assert last(desk, second)[0] == EventKind.CANCELLED
    assert desk.book.audit().findings == ()
    assert [it.id for it in desk.book.find("spring/0")] == [taken[0].id]
    assert desk.book.standing("spring").cancelled == 300


def test_a_number_that_was_taken_over_pays_once(desk: Desk) -> None:
    desk.draft(2)
    desk.book.cancel("spring", by="anna", reason="typo")
    put(desk, "summer", entries(desk, ["spring/0", "spring/1", "more"]))
    draft = desk.book.standing("summer").campaign
    desk.book.approve("summer", digest=draft.digest, by="bert")
    jobs = desk.jobs()
    assert len({job.payout.billno for job in jobs}) == 3
    desk.record(*((job, accepted(job)) for job in jobs))
    assert desk.book.standing("summer").paid == 300
    assert desk.book.audit().findings == ()


def test_it_may_be_taken_over_again_and_again_while_nothing_is_sent(desk: Desk) -> None:
    desk.draft(1)
    desk.book.cancel("spring", by="anna", reason="typo")
    for name in ("summer", "autumn", "winter"):
        assert put(desk, name, entries(desk, ["spring/0"], payee=f"o_{name}")).new == 1
        if name != "winter":
            desk.book.cancel(name, by="anna", reason="typo")
    assert len({it.billno for it in desk.payouts()}) == 1
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("outcome", ["not sent", "refused", "held back"])
def test_a_payout_with_any_call_keeps_its_key(desk: Desk, outcome: str) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    steps = {
        "not sent": step(job, EventKind.NOT_SENT, State.WAITING, task=Task.SEND, due_at=1),
        "refused": refused(job),
        "held back": postponed(job, after=60),
    }
    desk.record((job, steps[outcome]))
    desk.book.cancel("spring", by="anna", reason="enough")
    with pytest.raises(KeyReused):
        put(desk, "summer", entries(desk, ["spring/0"], 250))
    assert of(desk, "summer") == []
    assert desk.book.audit().findings == ()


def test_a_second_attempt_that_was_cancelled_before_its_call_keeps_its_key(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    desk.book.reopen(job.payout.id, by="anna", reason="again", override=True)
    desk.book.cancel("spring", by="anna", reason="enough")
    payout = desk.payout(job)
    assert (payout.state, payout.calls, payout.attempt) == (State.CANCELLED, 0, 2)
    with pytest.raises(KeyReused):
        put(desk, "summer", entries(desk, ["spring/0"], 250))


def test_what_waits_in_a_campaign_whose_cancel_was_cut_short_is_not_taken(desk: Desk) -> None:
    desk.draft(1)
    with pytest.raises(KeyReused):
        put(desk, "summer", entries(desk, ["spring/0"], 250))


def test_rows_that_are_taken_over_stand_among_new_and_known_ones(desk: Desk) -> None:
    desk.draft(2)
    desk.book.cancel("spring", by="anna", reason="typo")
    put(desk, "summer", entries(desk, ["a", "b"]))
    rows = entries(desk, ["n1", "a", "spring/1", "n2", "spring/0", "b"])
    found = put(desk, "autumn", rows)
    assert (found.new, found.known, found.elsewhere) == (4, 2, 2)
    assert [it.key for it in of(desk, "autumn")] == ["n1", "spring/1", "n2", "spring/0"]
    assert desk.book.audit().findings == ()


def test_two_that_take_over_at_once_do_it_once(desk: Desk, book_url: str) -> None:
    desk.draft(50)
    desk.book.cancel("spring", by="anna", reason="typo")
    rows = entries(desk, [f"spring/{row}" for row in range(50)])
    found: list[int] = []

    def one(name: str) -> None:
        with Book.open(book_url, clock=desk.clock) as book:
            plan = Plan(name=name, channel_id=desk.channel(), profile="demo", budget=None,
                        source="x", source_digest=bytes(32))  # fmt: skip
            begun = book.begin_import(plan, by=name)
            found.append(book.submit(begun.id, [rows], by=name).new)

    threads = [Thread(target=one, args=(name,)) for name in ("summer", "autumn")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 50]
    assert desk.book.audit().findings == ()


def test_the_database_moves_a_number_only_from_what_was_cancelled_before_any_call(
    desk: Desk,
) -> None:
    desk.draft(1)
    desk.draft(1, name="summer")
    one, two = desk.payouts()
    move = f"UPDATE payout SET successor = {two.id} WHERE id = {one.id}"
    with pytest.raises(LedgerError, match="only the number"), desk.transaction() as connection:
        connection.exec_driver_sql(move)
    desk.book.cancel("spring", by="anna", reason="typo")
    with desk.transaction() as connection:
        connection.exec_driver_sql(move)
    # It is not the number of that payout, which no trigger can see: the new one comes later.
    findings = desk.book.audit().findings
    assert one.billno in {it.subject for it in findings}
    for again in (move, f"UPDATE payout SET successor = NULL WHERE id = {one.id}"):
        with pytest.raises(LedgerError, match="only the number"), desk.transaction() as connection:
            connection.exec_driver_sql(again)


def test_an_audit_misses_the_number_of_a_payout_that_says_it_has_one(desk: Desk) -> None:
    desk.draft(1)
    desk.book.cancel("spring", by="anna", reason="typo")
    put(desk, "summer", entries(desk, ["spring/0"]))
    old, new = desk.payouts()
    with desk.transaction() as connection:
        if desk.database.is_postgresql:
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER payout_successor")
        for one, successor in ((new, old.id), (old, None)):
            change = update(PAYOUT).where(PAYOUT.c.id == one.id)
            connection.execute(change.values(successor=successor))
    codes = {(finding.code, finding.subject) for finding in desk.book.audit().findings}
    assert ("attempts", new.billno) in codes
