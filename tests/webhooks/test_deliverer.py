"""Deliverers: all that happens arrives, of each payout in order, whatever the receiver does."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from standardwebhooks.webhooks import Webhook
from webhook_books import cancel, draft
from webhook_receiver import Received, Receiver, Reply, receiver

from hongbao.ledger.book import Book
from hongbao.ledger.model.endpoint import EndpointState
from hongbao.ledger.model.outgoing import OutgoingType
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.webhooks.deliverer import Deliverer
from hongbao.webhooks.sender import Sender
from hongbao.webhooks.signature import SigningSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from books import Clock

SECRET = SigningSecret(bytes(range(32)))


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def hooks(book: Book, shop: Receiver) -> WebhookBook:
    """The books for webhooks, whose endpoint is the receiver."""
    found = book.through(WebhookBook)
    found.add("shop", shop.url, by="anna")
    return found


def sender(name: str, url: str) -> Sender | None:
    known = {"shop", "office"}
    return Sender(url, [SECRET], allow_private=True) if name in known else None


def deliverer(hooks: WebhookBook) -> Deliverer:
    return Deliverer(hooks, sender, dice=lambda: 0.5)


def deliver(hooks: WebhookBook) -> Deliverer:
    """Deliver all that can be delivered now."""
    found = deliverer(hooks)
    asyncio.run(found.run(asyncio.Event(), leave_idle=True))
    return found


def versions(shop: Receiver) -> dict[object, list[int]]:
    """The versions that arrived, in their order, by what they are about."""
    found = defaultdict(list)
    for it in shop.received:
        data = it.document["data"]
        found[data.get("payout", data.get("campaign"))].append(data["version"])
    return found


def test_all_that_happened_arrives_once_and_verified(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    draft(book, "spring", 100)
    cancel(book, "spring")
    done = deliver(hooks)
    assert (done.progress.arrived, done.progress.failed) == (201, 0)
    assert len({it.headers["webhook-id"] for it in shop.received}) == len(shop.received) == 201
    for it in shop.received:
        assert Webhook(SECRET.written).verify(it.body, it.headers)
    assert hooks.endpoint("shop").waiting == 0


def test_of_each_payout_one_event_arrives_after_the_other(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    draft(book, "spring", 50)
    cancel(book, "spring")
    deliver(hooks)
    of_payouts = [its for about, its in versions(shop).items() if isinstance(about, int)]
    assert of_payouts == [[1, 2]] * 50


def test_a_body_is_thin_and_names_no_receiver(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    draft(book, "spring", 1)
    deliver(hooks)
    [it] = shop.received
    assert it.document.keys() == {"type", "timestamp", "data"}
    assert it.document["data"] == {
        "payout": 1, "key": "spring/0", "campaign": "spring",
        "billno": it.document["data"]["billno"], "state": "waiting", "amount_fen": 100,
        "claimed_fen": 0, "refunded_fen": 0, "code": None, "version": 1,
    }  # fmt: skip
    assert b"oUSER" not in it.body
    assert len(it.body) < 20_000


def test_what_fails_comes_again_after_a_wait_with_the_same_id_and_the_same_body(
    book: Book, hooks: WebhookBook, shop: Receiver, clock: Clock
) -> None:
    shop.answer = lambda _: Reply(500)
    draft(book, "spring", 1)
    assert deliver(hooks).progress.failed == 1
    assert deliver(hooks).progress.failed == 0, "it is not due yet"
    shop.answer = lambda _: Reply()
    clock.pass_(5)
    assert deliver(hooks).progress.arrived == 1
    first, second = shop.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_a_receiver_that_asks_for_time_gets_it(
    book: Book, hooks: WebhookBook, shop: Receiver, clock: Clock
) -> None:
    shop.answer = lambda _: Reply(429, {"retry-after": "3600"})
    draft(book, "spring", 40)
    deliver(hooks)
    came = len(shop.received)
    clock.pass_(3599)
    deliver(hooks)
    assert len(shop.received) == came
    shop.answer = lambda _: Reply()
    clock.pass_(2)
    deliver(hooks)
    assert hooks.endpoint("shop").waiting == 0


def test_410_disables_the_endpoint_and_another_hears_of_it(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    shop.answer = lambda it: Reply(410 if it.path == "/hooks" else 204)
    hooks.add("office", f"{shop.url}/2", types=[OutgoingType.ENDPOINT_DISABLED], by="anna")
    draft(book, "spring", 1)
    deliver(hooks)
    assert hooks.endpoint("shop").state is EndpointState.DISABLED
    assert shop.types == ["payout.queued", "endpoint.disabled"]
    assert hooks.endpoint("shop").waiting == 1


def test_after_three_days_of_failures_the_endpoint_is_disabled_and_nothing_is_lost(
    book: Book, hooks: WebhookBook, shop: Receiver, clock: Clock
) -> None:
    shop.answer = lambda _: Reply(503)
    draft(book, "spring", 1)
    days = 0.0
    while hooks.endpoint("shop").state is EndpointState.ACTIVE:
        deliver(hooks)
        clock.pass_(3600)
        days += 1 / 24
    assert 2.9 < days < 3.6
    assert len(shop.received) == 11
    assert "failed for three days: 503" in hooks.endpoint_history("shop")[-1].body
    shop.answer = lambda _: Reply()
    hooks.enable("shop", by="anna")
    assert deliver(hooks).progress.arrived == 2, "and that it was disabled"
    assert hooks.endpoint("shop").waiting == 0


def test_one_payout_that_a_receiver_does_not_take_keeps_no_other_one(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    def choosy(it: Received) -> Reply:
        return Reply(400 if it.document["data"].get("key") == "spring/3" else 204)

    shop.answer = choosy
    draft(book, "spring", 10)
    cancel(book, "spring")
    done = deliver(hooks)
    assert done.progress.arrived == 19
    assert hooks.endpoint("shop").waiting == 2
    assert hooks.endpoint("shop").failures == 0


def test_a_slow_endpoint_does_not_keep_a_quick_one(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    going_on = threading.Event()

    def slow(it: Received) -> Reply:
        if it.path != "/hooks":
            assert going_on.wait(20)
        return Reply()

    shop.answer = slow
    hooks.add("office", f"{shop.url}/slow", by="anna")
    draft(book, "spring", 60)
    of_shop: Callable[[], int] = lambda: sum(it.path == "/hooks" for it in shop.received)  # noqa: E731

    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(deliverer(hooks).run(stop))
        while of_shop() < 60:  # noqa: ASYNC110  # a receiver in another thread sets no event
            await asyncio.sleep(0.01)
        going_on.set()
        stop.set()
        await running

    asyncio.run(asyncio.wait_for(run(), 20))
    assert of_shop() == 60


def test_an_endpoint_without_a_secret_is_left_to_others(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    hooks.add("stranger", f"{shop.url}/3", by="anna")
    draft(book, "spring", 2)
    deliver(hooks)
    assert {it.path for it in shop.received} == {"/hooks"}
    assert hooks.endpoint("stranger").position < hooks.endpoint("shop").position


def test_what_happens_while_it_runs_is_delivered_and_a_stop_waits_for_what_is_on_its_way(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(deliverer(hooks).run(stop))
        await asyncio.to_thread(draft, book, "spring", 20)
        while not shop.received:  # noqa: ASYNC110  # a receiver in another thread sets no event
            await asyncio.sleep(0.01)
        stop.set()
        progress = await running
        assert progress.arrived == len(shop.received)

    asyncio.run(asyncio.wait_for(run(), 20))
    deliver(hooks)
    assert shop.types.count("payout.queued") == 20


def test_an_endpoint_that_moves_gets_the_rest_at_its_new_url(
    book: Book, hooks: WebhookBook, shop: Receiver
) -> None:
    draft(book, "spring", 1)
    deliver(hooks)
    hooks.add("shop", f"{shop.url}/moved", by="anna")
    draft(book, "summer", 1)
    deliver(hooks)
    assert [it.path for it in shop.received] == ["/hooks", "/hooks/moved"]
