"""Books that an earlier version made are brought to the newest one where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from books import Clock

import old_books
from desk import HOUR, Desk, accepted, refused
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.event import Event
from hongbao.ledger.model.payout import SECOND, Payout, State
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.upgrade import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECOND_BOOKS_END = 1_795_489_906_000_000
"""The time of the last that was written by the second version."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes books of a version, with what it wrote in them; gives their URL."""
    server = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_servers").server(request.param)
    made: list[str] = []

    def make(version: str) -> str:
        url = f"sqlite:///{tmp_path / 'old.db'}"
        if server is not None:
            url = server.create(f"of_{version}")
            made.append(f"of_{version}")
        database = Database(url)
        with database.transaction() as connection:
            old_books.write(connection, version)
        database.close()
        return url

    yield make
    for name in made:
        request.getfixturevalue("postgres_servers").server(request.param).drop(name)


@pytest.fixture
def upgraded(old_url: Callable[[str], str]) -> Iterator[Desk]:
    """A desk at books of the second version that were upgraded, an hour later."""
    url, clock = old_url("0002"), Clock()
    clock.now = SECOND_BOOKS_END + HOUR * SECOND
    Book.upgrade(url)
    with Book.open(url, clock=clock) as book:
        desk = Desk(book, url, clock)
        yield desk
        desk.close()


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("0001", ["spring", "summer", "autumn"]),
        ("0002", ["spring", "summer", "autumn", "winter", "importing", "limited", "refunds"]),
    ],
)
def test_books_of_an_earlier_version_are_upgraded_in_place_and_sound(
    old_url: Callable[[str], str], version: str, names: list[str]
) -> None:
    url = old_url(version)
    assert version_of(url).found == version
    Book.upgrade(url)
    with Book.open(url) as book:
        assert book.audit().findings == ()
        assert [standing.campaign.name for standing in book.campaigns()] == names
        assert {standing.campaign.parent_id for standing in book.campaigns()} == {None}
        assert all(standing.adds_up for standing in book.campaigns())


def test_the_keys_that_a_cancelled_draft_of_the_first_version_held_are_free(
    old_url: Callable[[str], str],
) -> None:
    url, clock = old_url("0001"), Clock()
    Book.upgrade(url)
    with Book.open(url, clock=clock) as book:
        desk = Desk(book, url, clock)
        before = {payout.key: payout for payout in book.payouts_of("autumn")}
        put(desk, "winter", list(before))
        assert book.standing("winter").campaign.rows == len(before) == 2
        for payout in book.payouts_of("winter"):
            assert payout.billno == before[payout.key].billno
            assert payout.state is State.WAITING
        assert book.audit().findings == ()
        desk.close()


def put(desk: Desk, name: str, keys: list[str]) -> None:
    """A list with these keys."""
    plan = Plan(
        name=name, merchant_id=desk.merchant(), profile="demo", budget=None,
        source="list.csv", source_digest=bytes(32),
    )  # fmt: skip
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    entries = [Entry(key, "normal", "oUSER_new", 300, 1, terms_id) for key in keys]
    desk.book.submit(desk.book.begin_import(plan, by="anna").id, [entries], by="anna")


def test_each_payout_stands_where_it_stood_and_has_the_history_that_it_had(upgraded: Desk) -> None:
    rows = old_books.written("0002")
    before: dict[int, dict[str, Any]] = {row["id"]: row for row in rows["payout"]}
    assert len(before) == 24
    for payout in upgraded.payouts():
        facts = {name: getattr(payout, name) for name in Payout.__slots__}
        was = before.pop(payout.id)
        assert {name: it for name, it in facts.items() if it is not None} == was
        events = [Event(**row) for row in rows["event"] if row["payout_id"] == payout.id]
        assert upgraded.book.history(payout.id) == events
    assert before == {}


def test_a_number_that_was_taken_over_twice_before_the_upgrade_is_taken_over_again(
    upgraded: Desk,
) -> None:
    [holder] = upgraded.book.find("summer/0")
    upgraded.book.cancel("winter", by="anna", reason="typo")
    put(upgraded, "easter", ["summer/0", "summer/1", "autumn/1"])
    taken = list(upgraded.book.payouts_of("easter"))
    assert taken[0].billno == holder.billno
    assert [it.state for it in taken] == [State.WAITING] * 3
    assert upgraded.book.history(taken[0].id)[0].body.endswith(f'"took_over":{holder.id}}}')
    assert upgraded.book.audit().findings == ()


def test_a_campaign_that_was_being_imported_is_imported_to_its_end_and_paid(upgraded: Desk) -> None:
    campaign = upgraded.book.standing("importing").campaign
    [terms_id] = upgraded.book.terms([{"wishing": "新年快乐"}])
    rows = [Entry(f"importing/{row}", "normal", "oUSER_importing", 100, 1, terms_id)
            for row in range(3)]  # fmt: skip
    done = upgraded.book.submit(campaign.id, [rows], by="anna")
    assert (done.new, done.known) == (2, 1)
    draft = upgraded.book.finish_import("importing", by="anna")
    upgraded.book.approve("importing", digest=draft.digest, by="bert")
    jobs = upgraded.jobs()
    own = [job for job in jobs if job.payout.campaign_id == campaign.id]
    assert [job.payout.row for job in own] == [1, 2, 3]
    upgraded.record(*((job, accepted(job)) for job in own))
    assert upgraded.book.standing("importing").paid == 300
    assert upgraded.book.audit().findings == ()


def test_what_was_under_way_is_asked_about_and_what_waits_is_sent(upgraded: Desk) -> None:
    jobs = {job.payout.id: job for job in upgraded.jobs()}
    asked = [job for job in jobs.values() if job.payout.state is State.IN_DOUBT]
    assert [(it.payout.row, it.payout.attempt) for it in asked if it.payout.campaign_id == 1] == [
        (4, 2), (7, 1), (8, 1),
    ]  # fmt: skip
    upgraded.record(*((job, refused(job)) for job in asked))
    again = [upgraded.book.reopen(it.id, by="anna", reason="again")
             for it in upgraded.payouts() if it.state is State.REFUSED]  # fmt: skip
    assert {it.attempt for it in again} == {2, 3}
    assert upgraded.book.audit().findings == ()
