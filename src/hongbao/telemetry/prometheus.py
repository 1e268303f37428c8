"""Serves the gauges to Prometheus: each scrape reads the books."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from hongbao.errors import ConfigurationError, LedgerError
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.sentences import say
from hongbao.telemetry.gauges import GAUGES, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from hongbao.ledger.book import Book

UP = "hongbao_books_up"
"""1 if the books could be read for this scrape, else 0, and then it is all that there is."""


class BooksCollector(Collector):
    """Reads the books for a scrape.

    Args:
        book: the books, open.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    def collect(self) -> Iterator[Metric]:
        """What the gauges show now."""
        families = {
            name: GaugeMetricFamily(name, it.description, labels=it.labels)
            for name, it in GAUGES.items()
        }
        up = 1
        try:
            for sample in list(samples(self._book, self._book.through(WebhookBook))):
                families[sample.gauge].add_metric(sample.labels, sample.value)
        except LedgerError:
            up, families = 0, {}
        yield GaugeMetricFamily(UP, "1 if the books could be read.", value=up)
        yield from families.values()


@contextmanager
def serving(book: Book, *, host: str, port: int) -> Iterator[str]:
    """Serve them as long as this lasts; gives the URL.

    Raises:
        ConfigurationError: if it cannot listen there.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BooksCollector(book))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(
            setting=f"{host}:{port}",
            problem=say(
                "cannot be listened on ({value})", value=error.strerror or type(error).__name__
            ),
            remedy=say("Give another --port or --host."),
        ) from None
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
