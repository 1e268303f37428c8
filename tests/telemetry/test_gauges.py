"""What Prometheus reads: the books as they stand at that moment, on both databases."""

from __future__ import annotations

import re
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from webhook_books import cancel, draft

from hongbao.errors import ConfigurationError
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.telemetry.gauges import GAUGES
from hongbao.telemetry.prometheus import serving

if TYPE_CHECKING:
    from books import Clock

    from hongbao.ledger.book import Book


def scraped(url: str) -> dict[str, float]:
    """What a scrape gives, by name and labels."""
    where = urlsplit(url)
    with closing(HTTPConnection(where.hostname or "", where.port or 0, timeout=20)) as connection:
        connection.request("GET", where.path)
        text = connection.getresponse().read().decode()
    found = re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, flags=re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_a_scrape_says_what_the_books_say(book: Book, clock: Clock) -> None:
    book.through(WebhookBook).add("shop", "https://shop.example/", by="anna", after=0)
    draft(book, "spring", 3)
    draft(book, "summer", 2)
    cancel(book, "summer")
    book.beat("w1")
    clock.pass_(60)
    book.through(WebhookBook).exchange([], {1: 1}, lease_seconds=30, by="d1")
    with serving(book, host="127.0.0.1", port=0) as url:
        found = scraped(url)
    assert found["hongbao_books_up"] == 1
    assert found['hongbao_payouts{state="waiting"}'] == 3
    assert found['hongbao_payouts_fen{state="cancelled"}'] == 200
    assert found['hongbao_campaigns{phase="draft"}'] == 1
    assert found['hongbao_workers{state="alive"}'] == 1
    assert found['hongbao_webhook_waiting{endpoint="shop"}'] == 8
    assert found['hongbao_webhook_oldest_seconds{endpoint="shop"}'] == 60
    assert found["hongbao_unknown_payouts"] == found["hongbao_unknown_oldest_seconds"] == 0


def test_a_scrape_has_every_gauge_and_no_other(book: Book) -> None:
    book.through(WebhookBook).add("shop", "https://shop.example/", by="anna")
    with serving(book, host="127.0.0.1", port=0) as url:
        names = {name.partition("{")[0] for name in scraped(url)}
    assert names == {*GAUGES, "hongbao_books_up"}


def test_books_that_cannot_be_read_are_said_to_be_down(book: Book) -> None:
    with serving(book, host="127.0.0.1", port=0) as url:
        with book._database.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE tally RENAME TO elsewhere")
        assert scraped(url) == {"hongbao_books_up": 0}
        with book._database.transaction() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO tally")
        assert scraped(url)["hongbao_books_up"] == 1


def test_a_port_that_is_taken_is_reported(book: Book) -> None:
    with serving(book, host="127.0.0.1", port=0) as url:
        port = urlsplit(url).port or 0
        with (
            pytest.raises(ConfigurationError, match="cannot be listened on"),
            serving(book, host="127.0.0.1", port=port),
        ):
            pass
