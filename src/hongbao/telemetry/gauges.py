"""What the books say at this moment, as gauges for Prometheus: read by SQL, whoever works where.

Many processes share one state, so it is read from the books in one place and not pushed by each.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from hongbao import beijing
from hongbao.ledger.model.bill import OVERDUE_DAYS, BreakKind
from hongbao.ledger.model.endpoint import EndpointState
from hongbao.ledger.model.payout import PAID, SECOND, State
from hongbao.ledger.model.standing import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.webhook_book import WebhookBook


class Gauge(NamedTuple):
    """A gauge.

    Attributes:
        description: what it says.
        labels: what it is divided by; each has few values.
    """

    description: str
    labels: tuple[str, ...] = ()


GAUGES = {
    "hongbao_payouts": Gauge("Payouts by their state.", ("state",)),
    "hongbao_payouts_fen": Gauge("Fen of the payouts by their state.", ("state",)),
    "hongbao_claimed_fen": Gauge("Fen that receivers have claimed."),
    "hongbao_returned_fen": Gauge("Fen that came back unclaimed."),
    "hongbao_unknown_payouts": Gauge("Payouts of which it is unknown whether they are paid."),
    "hongbao_unknown_oldest_seconds": Gauge("How long that is so of the oldest; 0 if of none."),
    "hongbao_needs_attention_payouts": Gauge("Payouts that wait for a person."),
    "hongbao_queue_payouts": Gauge("Payouts to be sent, now or later, of campaigns that may send."),
    "hongbao_queue_delay_seconds": Gauge("For how long the first call that has not begun is due."),
    "hongbao_campaigns": Gauge("Campaigns by their phase.", ("phase",)),
    "hongbao_campaigns_stopped": Gauge("Campaigns that workers or people stopped."),
    "hongbao_workers": Gauge("Workers that have not left, alive or silent.", ("state",)),
    "hongbao_webhook_waiting": Gauge("Deliveries that have not arrived.", ("endpoint",)),
    "hongbao_webhook_oldest_seconds": Gauge(
        "How old the oldest of those is; 0 without any.", ("endpoint",)
    ),
    "hongbao_webhook_disabled": Gauge("1 if nothing is posted to it any more.", ("endpoint",)),
    "hongbao_breaks": Gauge("Where WeChat's bills and the books differ, by kind.", ("kind",)),
    "hongbao_breaks_overdue": Gauge("Of these, those that are older than three days."),
    "hongbao_bill_age_seconds": Gauge(
        "How long ago the last day with a bill ended, of the merchant with the oldest; 0 of none."
    ),
}
"""All of them, by name."""


class Sample(NamedTuple):
    """A value of a gauge.

    Attributes:
        gauge: its name.
        labels: the values of its labels, in their order.
        value: how much it is.
    """

    gauge: str
    labels: tuple[str, ...]
    value: float


def samples(book: Book, hooks: WebhookBook) -> Iterator[Sample]:
    """What all gauges show now. It takes some milliseconds, however large the books are."""
    standings, now = book.campaigns(), book.now()
    yield from _of_payouts(standings)
    yield from _of_campaigns(standings)
    oldest = book.oldest_unknown()
    age = 0 if oldest is None or oldest.first_call_at is None else now - oldest.first_call_at
    yield Sample("hongbao_unknown_oldest_seconds", (), age / SECOND)
    queues = book.queues()
    yield Sample("hongbao_queue_payouts", (), sum(it.waiting for it in queues))
    delay = max((it.delay for it in queues), default=0)
    yield Sample("hongbao_queue_delay_seconds", (), delay / SECOND)
    workers = Counter(it.alive for it in book.workers())
    yield Sample("hongbao_workers", ("alive",), workers[True])
    yield Sample("hongbao_workers", ("silent",), workers[False])
    for it in hooks.endpoints():
        yield Sample("hongbao_webhook_waiting", (it.name,), it.waiting)
        waits = 0 if it.oldest is None else max(0, now - it.oldest)
        yield Sample("hongbao_webhook_oldest_seconds", (it.name,), waits / SECOND)
        disabled = it.state is EndpointState.DISABLED
        yield Sample("hongbao_webhook_disabled", (it.name,), int(disabled))
    yield from _of_bills(book, now)


def _of_bills(book: Book, now: Instant) -> Iterator[Sample]:
    standing = book.bills.open_breaks(older_than=beijing.day_of(now) - OVERDUE_DAYS)
    for kind in BreakKind:
        yield Sample("hongbao_breaks", (kind.value,), standing.kinds[kind])
    yield Sample("hongbao_breaks_overdue", (), standing.older)
    ends = [beijing.day_begins(day + 1) for day in book.bills.last_days().values()]
    age = max(0, now - min(ends, default=now)) / SECOND
    yield Sample("hongbao_bill_age_seconds", (), age)


def _of_payouts(standings: list[Standing]) -> Iterator[Sample]:
    for state in State:
        totals = [it.total(state) for it in standings]
        yield Sample("hongbao_payouts", (state.value,), sum(it.payouts for it in totals))
        yield Sample("hongbao_payouts_fen", (state.value,), sum(it.amount for it in totals))
    paid = [it.total(*PAID) for it in standings]
    yield Sample("hongbao_claimed_fen", (), sum(it.claimed for it in paid))
    yield Sample("hongbao_returned_fen", (), sum(it.refunded for it in paid))
    unknown = sum(it.doubtful.payouts for it in standings)
    yield Sample("hongbao_unknown_payouts", (), unknown)
    left = sum(it.handed_over for it in standings)
    yield Sample("hongbao_needs_attention_payouts", (), left)


def _of_campaigns(standings: list[Standing]) -> Iterator[Sample]:
    phases: Mapping[Phase, int] = Counter(it.phase for it in standings)
    for phase in Phase:
        yield Sample("hongbao_campaigns", (phase.value,), phases.get(phase, 0))
    yield Sample("hongbao_campaigns_stopped", (), sum(bool(it.stops) for it in standings))
