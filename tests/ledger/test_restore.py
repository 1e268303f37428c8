"""The restore drill: yesterday's books, run again, send the numbers that were sent already.

The payer answers those without paying again. What the payer does is not tested here: only that the
books derive the same numbers, and that their histories go on.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest

from desk import LEASE_SECONDS, Desk, accepted, refused
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.standing import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock

    from hongbao.ledger.model.job import Job

DAY = 86_400


class Backup:
    """A copy of the books as they are at some moment, made with the database's own means.

    Args:
        url: where the books stand.
    """

    def __init__(self, url: str) -> None:
        self.url = f"{url}_yesterday"
        self._of = url

    def make(self) -> None:
        """Make it; nobody is connected."""
        if self._of.startswith("sqlite"):
            shutil.copy(self._of.removeprefix("sqlite:///"), self.url.removeprefix("sqlite:///"))
            return
        server, _, name = self._of.rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}_yesterday TEMPLATE {name}".encode())

    def remove(self) -> None:
        """Remove it; files go with their folder."""
        if not self._of.startswith("sqlite"):
            server, _, name = self._of.rpartition("/")
            with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
                connection.execute(
                    f"DROP DATABASE IF EXISTS {name}_yesterday WITH (FORCE)".encode()
                )


@pytest.fixture
def backup(book_url: str) -> Iterator[Backup]:
    """A backup that is yet to be made."""
    backup = Backup(book_url)
    yield backup
    backup.remove()


def sent(jobs: list[Job]) -> dict[str, str]:
    """The number that each key was sent with."""
    return {job.payout.key: job.payout.billno for job in jobs if job.task is Task.SEND}


def test_yesterdays_books_send_todays_numbers_again(
    book_url: str, backup: Backup, clock: Clock
) -> None:
    with Book.open(book_url, clock=clock) as book:
        desk = Desk(book, book_url, clock)
        desk.campaign(6)
        early = desk.jobs(2)
        desk.record(*((job, accepted(job)) for job in early))
    backup.make()

    with Book.open(book_url, clock=clock) as book:
        desk = Desk(book, book_url, clock)
        clock.pass_(60)
        late = desk.jobs()
        *paid, no = late
        desk.record((no, refused(no)), *((job, accepted(job)) for job in paid))
        book.reopen(no.payout.id, by="anna", reason="fixed")
        [second] = desk.jobs()
        desk.record((second, accepted(second)))
        assert book.standing("spring").phase is Phase.COMPLETE
    clock.pass_(DAY)

    with Book.open(backup.url, clock=clock) as book:
        desk = Desk(book, backup.url, clock)
        jobs = desk.jobs()
        assert sent(jobs) == sent(late), "the same numbers, and none for those paid before"
        *paid, no = [job for job in jobs if job.task is Task.SEND]
        desk.record((no, refused(no)), *((job, accepted(job)) for job in paid))
        again = book.reopen(no.payout.id, by="anna", reason="fixed again")
        assert again.billno == second.payout.billno, "a second attempt has the same number too"
        histories = [book.history(payout.id) for payout in desk.payouts()]
        assert min(len(history) for history in histories) >= 3
        assert book.audit().findings == ()


def test_a_list_that_came_after_the_backup_gets_the_same_numbers_again(
    book_url: str, backup: Backup, clock: Clock
) -> None:
    with Book.open(book_url, clock=clock) as book:
        Desk(book, book_url, clock).campaign(2, name="before")
    backup.make()

    numbers = []
    for url in (book_url, backup.url):
        with Book.open(url, clock=clock) as book:
            desk = Desk(book, url, clock)
            # In the restored books other campaigns may have come first: ids differ, numbers do not.
            if url == backup.url:
                desk.campaign(3, name="between")
            campaign = desk.campaign(4, name="after")
            jobs = desk.jobs()
            numbers.append(
                {key: billno for key, billno in sent(jobs).items() if key.startswith("after")}
            )
            assert campaign.rows == 4
            assert book.audit().findings == ()
    assert len(numbers[0]) == 4
    assert numbers[0] == numbers[1]


def test_a_call_that_the_backup_saw_begin_is_asked_about_and_not_repeated(
    book_url: str, backup: Backup, clock: Clock
) -> None:
    with Book.open(book_url, clock=clock) as book:
        desk = Desk(book, book_url, clock)
        desk.campaign()
        [begun] = desk.jobs()
    backup.make()
    clock.pass_(LEASE_SECONDS)
    with Book.open(backup.url, clock=clock) as book:
        [job] = Desk(book, backup.url, clock).jobs()
        assert (job.task, job.payout.billno) == (Task.QUERY, begun.payout.billno)
        assert job.payout.state is State.IN_DOUBT


def test_the_same_list_from_another_machine_gets_the_same_numbers(desk: Desk) -> None:
    # Books that are lost altogether: the list alone brings the numbers back. They are the ones that
    # were made when this test was written.
    desk.draft(2)
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    rows = [Entry(f"k{row}", "normal", f"oUSER{row}", 100, 1, terms_id) for row in range(2)]
    draft = desk.book.standing("spring").campaign
    desk.book.submit(draft.id, [rows], by="anna")
    numbers = {payout.key: payout.billno for payout in desk.book.payouts_of("spring")}
    assert numbers["k0"] == "cSniQnWdzXRHu7SHInl5hbsdyXvM"
    assert numbers["k1"] == "vdhV8jGvkSTMwE4dZn97vWfcVBBk"
