"""Books that an earlier version made are brought to the newest one where they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from books import Clock

import old_books
from desk import HOUR, Desk, accepted, refused
from hongbao.checkpoint.note import VerifyingKey
from hongbao.checkpoint.payout_proof import prove
from hongbao.checkpoint.taking import verify
from hongbao.checkpoint.verified_checkpoint import heads_path, open_checkpoint, read_note
from hongbao.errors import KeyReused, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.event import Event
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import SECOND, Payout, State, Task
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.schema import CHANNEL, CHANNEL_EVENT, MERCHANT
from hongbao.ledger.store.upgrade import version_of
from tampering import disarmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECOND_BOOKS_END = 1_795_489_906_000_000
"""The time of the last that was written by the second version."""
THIRD_BOOKS_END = 1_795_399_322_000_000
"""The same of the third."""
FOURTH_BOOKS_END = 1_795_399_261_000_000
"""The same of the fourth."""


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
    yield from at_books(old_url("0002"), SECOND_BOOKS_END + HOUR * SECOND)


@pytest.fixture
def third(old_url: Callable[[str], str]) -> Iterator[Desk]:
    """A desk at books of the third version that were upgraded at once."""
    yield from at_books(old_url("0003"), THIRD_BOOKS_END)


@pytest.fixture
def fourth(old_url: Callable[[str], str]) -> Iterator[Desk]:
    """A desk at books of the fourth version that were upgraded at once."""
    yield from at_books(old_url("0004"), FOURTH_BOOKS_END)


def kept_checkpoint(version: str) -> dict[str, Any]:
    """A checkpoint of a version's books, with its heads, and a proof of one of the payouts."""
    path = Path(__file__).with_name(f"checkpoint_of_{version}.json")
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def at_books(url: str, now: int) -> Iterator[Desk]:
    """A desk at books of an earlier version once they are upgraded."""
    clock = Clock()
    clock.now = now
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
        ("0003", ["spring", "limited", "spring+1", "summer", "autumn", "refunds"]),
        ("0004", ["spring", "transfers", "two", "rejected", "signed", "refunds"]),
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
        parents = {it.campaign.name: it.campaign.parent_id for it in book.campaigns()}
        assert {name for name, parent in parents.items() if parent} == {"spring+1"} & set(names)
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


def put(desk: Desk, name: str, keys: list[str], *, rail: str = "redpack") -> None:
    """A list with these keys."""
    plan = Plan(
        name=name, channel_id=desk.channel(rail=rail), profile="demo", budget=None,
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


def test_a_merchant_of_the_third_version_pays_by_one_channel_that_is_as_it_was(third: Desk) -> None:
    rows = old_books.written("0003")
    before: dict[int, dict[str, Any]] = {row["id"]: row for row in rows["merchant"]}
    with third.transaction() as connection:
        assert {row.id: row.number for row in connection.execute(MERCHANT.select())} == {
            row["id"]: row["number"] for row in rows["merchant"]
        }
        for channel in connection.execute(CHANNEL.select()):
            facts = {name: it for name, it in channel._mapping.items() if it is not None}
            was = before.pop(channel.id)
            assert (facts.pop("merchant_id"), facts.pop("rail")) == (channel.id, "redpack")
            assert facts == {name: it for name, it in was.items() if name != "number"}
        assert before == {}
        for number in {row["merchant_id"] for row in rows["merchant_event"]}:
            events = [list(it.values()) for it in rows["merchant_event"]]
            was_said = [Event(*it) for it in events if it[0] == number]
            assert history(connection, CHANNEL_EVENT, number) == was_said
    campaigns = {it.campaign.id: it.campaign for it in third.book.campaigns()}
    for row in rows["campaign"]:
        it = campaigns[row["id"]]
        assert (it.channel_id, it.merchant_id, it.rail) == (row["merchant_id"],) * 2 + ("redpack",)


def test_what_is_under_way_in_books_of_the_third_version_is_recorded_after_the_upgrade(
    third: Desk,
) -> None:
    stopped, paying = sorted(third.book.channels(), key=lambda it: it.number, reverse=True)
    assert (stopped.stop is None, stopped.slowed, paying.stop) == (False, True, None)
    [under_way] = third.book.payouts(PayoutFilter(campaign="spring+1")).items
    job = Job(
        under_way, paying.id, Task.SEND, third.clock.now, under_way.due_at or 0,
        third.book.history(under_way.id)[-1].hash, None, 3,
    )  # fmt: skip
    assert third.record((job, accepted(job)), worker="worker-3") == frozenset()
    [paid] = third.book.payouts(PayoutFilter(campaign="spring+1")).items
    assert paid.state is State.SENT
    third.book.resume("limited", by="anna")
    third.book.resume("refunds", by="anna")
    third.clock.pass_(HOUR)
    claimed = {job.channel_id for job in third.jobs()}
    assert claimed == {stopped.id, paying.id}
    assert third.book.audit().findings == ()


def test_a_second_rail_begins_beside_what_books_of_the_third_version_have(third: Desk) -> None:
    [old] = [it for it in third.book.campaigns() if it.campaign.name == "spring"]
    new = third.campaign(2, name="transfers", rail="transfer")
    assert new.merchant_id == old.campaign.merchant_id
    assert new.channel_id not in {1, 2}
    with pytest.raises(KeyReused, match=r"rail was redpack \(campaign spring\)"):
        put(third, "spring again", ["spring/0"], rail="transfer")
    assert third.book.audit().findings == ()


def test_a_checkpoint_and_a_proof_of_the_third_version_hold_after_the_upgrade(
    third: Desk, tmp_path: Path
) -> None:
    kept = kept_checkpoint("0003")
    path, key = tmp_path / "checkpoint", VerifyingKey.read(kept["verifier"])
    path.write_text(kept["note"], encoding="utf-8")
    _, checkpoint = read_note(path, key)
    heads_path(path, checkpoint.root).write_bytes(bytes.fromhex(kept["heads"]))
    _, report = verify(third.book, path, key)
    assert report.findings == ()
    payout = third.payout(kept["payout"])
    with open_checkpoint(path, key) as opened:
        proof = prove(opened, payout, third.book.history(payout.id))
    assert proof.document() == kept["proof"]
    # What is taken out of a history since then is missed: the last stop of the slowed channel.
    with third.transaction() as connection, disarmed(connection):
        last = (CHANNEL_EVENT.c.channel_id == 2, CHANNEL_EVENT.c.seq == 5)
        connection.execute(CHANNEL_EVENT.delete().where(*last))
        connection.execute(CHANNEL.update().where(CHANNEL.c.id == 2).values(seq=4))
    _, report = verify(third.book, path, key)
    missed = "merchant 1900099999: it had 5 events, and has 4"
    assert missed in {f"{it.subject}: {it.words}" for it in report.findings}


def test_a_checkpoint_and_a_proof_of_the_fourth_version_hold_after_the_upgrade(
    fourth: Desk, tmp_path: Path
) -> None:
    kept = kept_checkpoint("0004")
    path, key = tmp_path / "checkpoint", VerifyingKey.read(kept["verifier"])
    path.write_text(kept["note"], encoding="utf-8")
    _, checkpoint = read_note(path, key)
    heads_path(path, checkpoint.root).write_bytes(bytes.fromhex(kept["heads"]))
    assert verify(fourth.book, path, key)[1].findings == ()
    payout = fourth.payout(kept["payout"])
    with open_checkpoint(path, key) as opened:
        proof = prove(opened, payout, fourth.book.history(payout.id))
    assert proof.document() == kept["proof"]


def test_what_waits_for_a_second_approval_and_what_is_locked_goes_on_in_books_of_the_fourth_version(
    fourth: Desk,
) -> None:
    draft = fourth.book.standing("two").campaign
    with pytest.raises(LedgerError, match="approved by bert@office already"):
        fourth.book.approve("two", digest=draft.digest, by="Bert")
    fourth.book.approve("two", digest=draft.digest, by="carl")
    fourth.clock.pass_(HOUR)
    looks = [job for job in fourth.jobs() if job.payout.state is State.AWAITING_USER]
    assert len(looks) == 1
    with pytest.raises(LedgerError, match="rejected by carl"):
        fourth.book.withdraw_approval("rejected", by="ANNA@home", reason="it is right")
    fourth.book.withdraw_approval("rejected", by="carl", reason="it is right")
    assert fourth.book.audit().findings == ()
