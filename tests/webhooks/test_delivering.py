"""A deliverer beside a worker: in a thread of its own, which ends with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deliverer_process import SECRET
from webhook_books import draft
from webhook_receiver import receiver

from hongbao.client.settings.secret import Secret
from hongbao.configuration.file import Configuration
from hongbao.configuration.webhooks import WebhookSettings
from hongbao.errors import ConfigurationError
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.webhooks.delivering import delivering

if TYPE_CHECKING:
    from hongbao.ledger.book import Book


def settings(secret: str = SECRET.written) -> Configuration:
    """Of an endpoint "shop"."""
    of_shop = WebhookSettings(
        name="shop",
        secret=Secret(setting="webhooks.shop.secret", inline=secret),
        allow_private=True,
    )
    nowhere = Secret(setting="database", inline="books.db")
    return Configuration(
        path=Path("hongbao.toml"), profiles={}, database=nowhere, webhooks={"shop": of_shop}
    )


def test_it_delivers_as_long_as_it_lasts(book: Book) -> None:
    hooks = book.through(WebhookBook)
    with receiver() as shop:
        hooks.add("shop", shop.url, by="anna")
        with delivering(settings(), hooks):
            draft(book, "spring", 3)
            deadline = time.monotonic() + 30
            while len(shop.received) < 3:
                assert time.monotonic() < deadline
                time.sleep(0.01)
    assert hooks.endpoint("shop").waiting == 0


def test_what_the_books_refuse_is_logged_and_the_worker_goes_on(
    book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    with book._database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE endpoint RENAME TO elsewhere")
    with delivering(settings(), book.through(WebhookBook)):
        deadline = time.monotonic() + 30
        while "webhooks are not delivered any more" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert book.now() > 0


def test_what_is_no_secret_is_reported_before_anything_begins(book: Book) -> None:
    with (
        pytest.raises(ConfigurationError, match="has a secret that must be"),
        delivering(settings("whsec_hunter2"), book.through(WebhookBook)),
    ):
        pass
