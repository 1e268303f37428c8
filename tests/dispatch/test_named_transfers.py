"""A transfer with a name: its request is stored before it is sent, and sent again byte for byte."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from hongbao import AsyncMerchantTransfer
from hongbao.dispatch.offload import inline
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.kept_request import KeptRequest
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import CallNotSent, Refusal, SendTaken, Unknown, Unsendable
from hongbao.rails.transfer.caller import TransferCaller
from hongbao.sealing import Keyring
from hongbao.simulator.settings import NameCompared
from policy_payouts import DAY, NOW, payout
from test_transfer_caller import ALICE, TERMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.ledger.book import Book
    from hongbao.rails.outcome import Outcome
    from hongbao.testing.wechat import SimulatedWeChat

T = TypeVar("T")
OLD, NEW = bytes(range(32)), bytes(range(1, 33))


class Killed(BaseException):
    """The worker's process ends here."""


class Requests:
    """Where requests are stored; the process can end before or after each step.

    Args:
        book: the books.
        dies_at: the step, counted from 1; 0 for none.
    """

    def __init__(self, book: Book, dies_at: int = 0) -> None:
        self._book = book
        self._left = dies_at
        self.steps = 0

    def kept_request(self, payout_id: int, attempt: int) -> KeptRequest | None:
        """As the books."""
        return self._step(lambda: self._book.kept_request(payout_id, attempt))

    def keep_request(self, payout_id: int, attempt: int, request: KeptRequest) -> KeptRequest:
        """As the books."""
        return self._step(lambda: self._book.keep_request(payout_id, attempt, request))

    def _step(self, act: Callable[[], T]) -> T:
        self._tick()
        found = act()
        self._tick()
        return found

    def _tick(self) -> None:
        self.steps += 1
        if self.steps == self._left:
            raise Killed


@pytest.fixture
def wechat(wechat_in_memory: SimulatedWeChat) -> SimulatedWeChat:
    """A WeChat to which a name that is encrypted anew is another request."""
    world = wechat_in_memory.world
    assert world.settings.transfer_name_compared is NameCompared.SEALED
    return wechat_in_memory


def job(wechat: SimulatedWeChat, **changes: Any) -> Job:
    said = {"state": State.IN_DOUBT, "task": Task.QUERY, "calls": 1, "payee": ALICE}
    given = {**said, "amount": 250_000, "billno": "Seven", "kind": "transfer", **changes}
    del wechat
    return Job(payout(**given), 1, Task.SEND, NOW, NOW + DAY, b"")


def call(
    wechat: SimulatedWeChat,
    requests: Any,
    *,
    keyring: Keyring | None = None,
    credentials: V3Credentials | None = None,
    sealed_by: Keyring | None = None,
    **changes: Any,
) -> Outcome:
    """Send it once, by a process of its own."""
    own = keyring or Keyring([OLD])
    credentials = credentials or wechat.credentials()
    about = (credentials.mch_id, ALICE, "user_name")
    body = {**TERMS, "user_name": (sealed_by or own).seal_text("张三", about=about)}

    async def run() -> Outcome:
        client = AsyncMerchantTransfer(
            credentials, transport=wechat.async_transport(), clock=wechat.world.clock.now
        )
        caller = TransferCaller(
            lambda _: client, terms=lambda _: body, carrier=inline, timeout_seconds=30,
            requests=requests, keyring=lambda: own,
        )  # fmt: skip
        try:
            return await caller.call(job(wechat, **changes))
        finally:
            await caller.aclose()

    return asyncio.run(run())


def stored(book: Book, attempt: int = 1) -> KeptRequest:
    found = book.kept_request(payout().id, attempt)
    assert found is not None
    return found


def test_the_name_reaches_wechat_encrypted_and_is_stored_nowhere_else(
    wechat: SimulatedWeChat, book: Book
) -> None:
    assert isinstance(call(wechat, Requests(book)), SendTaken)
    transfer = wechat.world.transfers.find(wechat.mch_id, "Seven")
    assert transfer is not None
    assert transfer.name == "张三"
    kept = stored(book)
    assert kept.seq == 1
    assert "张三".encode() not in kept.body
    assert ALICE not in repr(kept)


def test_wherever_a_worker_is_killed_the_next_one_sends_the_same_bytes(
    wechat: SimulatedWeChat, book: Book
) -> None:
    counting = Requests(book)
    call(wechat, counting, billno="Counted", id=99, amount=1_000)
    assert counting.steps == 4
    for step in range(1, 5):
        of = step + 200
        more: dict[str, Any] = {"billno": f"Killed{step}", "amount": 1_000}
        with pytest.raises(Killed):
            call(wechat, Requests(book, step), id=of, **more)
        before = book.kept_request(of, 1)
        assert (before is None) == (step < 4)
        wechat.fail({"fault": "lose_reply", "endpoint": "transfer", "nth": 1})
        assert isinstance(call(wechat, Requests(book), id=of, **more), Unknown)
        after = book.kept_request(of, 1)
        assert before in {None, after}
        assert isinstance(call(wechat, Requests(book), id=of, **more), SendTaken)
        assert book.kept_request(of, 1) == after


def test_of_two_workers_the_one_that_stores_later_sends_what_the_other_has_stored(
    wechat: SimulatedWeChat, book: Book
) -> None:
    class Late(Requests):
        def kept_request(self, payout_id: int, attempt: int) -> KeptRequest | None:
            super().kept_request(payout_id, attempt)
            return None

    assert isinstance(call(wechat, Requests(book)), SendTaken)
    first = stored(book)
    assert isinstance(call(wechat, Late(book)), SendTaken)
    assert stored(book) == first


def test_another_number_of_the_same_payout_has_a_request_of_its_own(
    wechat: SimulatedWeChat, book: Book
) -> None:
    call(wechat, Requests(book))
    assert isinstance(call(wechat, Requests(book), billno="Eight", attempt=2), SendTaken)
    assert stored(book, 2).body != stored(book, 1).body


def test_books_that_lost_the_request_are_refused_and_nobody_is_paid_twice(
    wechat: SimulatedWeChat, book: Book
) -> None:
    call(wechat, Requests(book))
    lost = call(wechat, Requests(book), id=77)
    assert isinstance(lost, Refusal), "WeChat has the number, and a query says so"


def test_a_request_for_a_key_that_wechat_has_no_more_is_made_anew(
    wechat: SimulatedWeChat, book: Book
) -> None:
    gone = KeptRequest(1, "transfer", "PUB_KEY_ID_0000000000", b"{}")
    book.keep_request(payout().id, 1, gone)
    assert isinstance(call(wechat, Requests(book)), SendTaken)
    newest = wechat.credentials().wechat_keys.preferred(wechat.world.clock.now())
    assert newest is not None
    assert (stored(book).seq, stored(book).key_id) == (2, newest.serial)


def test_without_its_key_no_name_is_sent_and_the_settings_are_named(
    wechat: SimulatedWeChat, book: Book
) -> None:
    outcome = call(wechat, Requests(book), keyring=Keyring([NEW]), sealed_by=Keyring([OLD]))
    assert isinstance(outcome, Unsendable)
    assert outcome.settings
    assert "books.keep_key" in outcome.why
    assert Keyring([OLD]).key_id in outcome.why


def test_books_that_are_away_store_nothing_and_so_nothing_is_sent(
    wechat: SimulatedWeChat, book: Book
) -> None:
    class Away(Requests):
        def keep_request(self, payout_id: int, attempt: int, request: KeptRequest) -> KeptRequest:
            raise BookUnavailable(problem="the server is away", undone=True)

    assert call(wechat, Away(book)) == CallNotSent(why="the server is away")
    assert wechat.world.transfers.find(wechat.mch_id, "Seven") is None
