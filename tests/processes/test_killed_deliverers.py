"""Deliverers that are killed at any moment lose nothing, and of each payout reverse nothing."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

from deliverer_process import SECRET, killed_deliverers
from standardwebhooks.webhooks import Webhook
from webhook_books import cancel, draft
from webhook_receiver import Received, Receiver, Reply, receiver

from hongbao.ledger.book import Book
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.webhooks.deliverer import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterable

PAYOUTS = 150
EVENTS = 2 * PAYOUTS + 1
SECONDS_MAX = 120.0


def versions(received: Iterable[Received]) -> dict[object, list[int]]:
    """The versions that came, in their order, by what they are about."""
    found: defaultdict[object, list[int]] = defaultdict(list)
    for it in received:
        data = it.document["data"]
        found[data.get("payout", data["campaign"])].append(data["version"])
    return found


def undergo(url: str, shop: Receiver) -> int:
    """Kill deliverers until all has arrived; give how many were killed."""
    killed, deadline = 0, time.monotonic() + SECONDS_MAX
    with Book.open(url) as book, killed_deliverers(url) as replace:
        hooks = book.through(WebhookBook)
        hooks.add("shop", shop.url, by="anna")
        draft(book, "spring", PAYOUTS)
        cancel(book, "spring")
        seen = 0
        while hooks.endpoint("shop").waiting or not shop.received:
            assert time.monotonic() < deadline, f"{len(shop.received)} have come"
            if len(shop.received) >= seen + 2 * AT_ONCE:  # some of it stands in the books
                replace()
                killed += 1
                seen = len(shop.received)
            time.sleep(0.01)
        time.sleep(0.3)  # what a dead one had sent may still be read
        assert hooks.endpoint("shop").position == book.last_position()
    return killed


def test_none_is_lost_and_no_version_comes_after_a_later_one(book_url: str) -> None:
    with receiver() as shop:

        def slow(_: Received) -> Reply:
            time.sleep(0.02)  # so that many are on their way when it dies
            return Reply()

        shop.answer = slow
        killed = undergo(book_url, shop)
        assert killed >= 4
        assert len({it.headers["webhook-id"] for it in shop.received}) == EVENTS
        found = versions(shop.received)
        assert len(found) == PAYOUTS + 1
        for its in found.values():
            assert its == sorted(its)
        for it in shop.received:
            assert Webhook(SECRET.written).verify(it.body, it.headers)
