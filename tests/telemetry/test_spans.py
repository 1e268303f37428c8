"""What OpenTelemetry is told: real calls against the simulator, read back by its SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hongbao import Call, End, Outcome
from hongbao.dispatch.progress import Progress
from hongbao.ledger.model.event import EventKind
from hongbao.telemetry import instruments, spans
from hongbao.wire.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

BILLNO = "HB20261123A000000000000000001"


class Told:
    """What the SDK has heard."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.exporter = InMemorySpanExporter()

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Attributes and values of a metric."""
        data: Any = self.reader.get_metrics_data()
        return [
            (dict(point.attributes or {}), point)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that have ended."""
        return self.exporter.get_finished_spans()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """An SDK for one test."""
    found = Told()
    meters = MeterProvider([found.reader], shutdown_on_exit=False)
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(found.exporter))
    monkeypatch.setattr(metrics, "get_meter", meters.get_meter)
    monkeypatch.setattr(trace, "get_tracer", tracers.get_tracer)
    spans._instruments.cache_clear()
    yield found
    spans._instruments.cache_clear()
    meters.shutdown()
    tracers.shutdown()


def call(end: End) -> None:
    [hook] = spans.hooks()
    hook(Call("sendredpack", "1900012345", BILLNO))(end)


@pytest.mark.parametrize(
    ("end", "outcome", "error"),
    [
        (End(Outcome.ACCEPTED, None, 0.1), "accepted", None),
        (End(Outcome.ANSWERED, None, 0.1), "answered", None),
        (End(Outcome.REFUSED, "MONEY_LIMIT", 0.1), "refused", "refused_no"),
        (End(Outcome.REFUSED, "NOTENOUGH", 0.1), "refused", "refused_open"),
        (End(Outcome.UNKNOWN, "SYSTEMERROR", 0.1), "unknown", "unknown"),
        (End(Outcome.UNKNOWN, None, 0.1), "unknown", "unknown"),
        (End(Outcome.NOT_SENT, None, 0.1), "not_sent", "not_sent"),
    ],
)
def test_the_type_of_an_error_is_what_it_means_for_the_money(
    told: Told, end: End, outcome: str, error: str | None
) -> None:
    call(end)
    wanted = {"hongbao.endpoint": "sendredpack", "hongbao.outcome": outcome}
    wanted |= {"error.type": error} if error else {}
    [(attributes, point)] = told.points(instruments.CALL_DURATION)
    assert (attributes, point.count, point.sum) == (wanted, 1, 0.1)
    [span] = told.spans
    code = {} if end.err_code is None else {"hongbao.wechat.err_code": end.err_code}
    assert dict(span.attributes or {}) == wanted | code
    assert span.status.is_ok is (error is None)
    assert [point.value for _, point in told.points(instruments.CALL_ACTIVE)] == [0]


def test_no_code_that_is_not_known_gets_into_a_span(told: Told) -> None:
    call(End(Outcome.REFUSED, "oUSER_or_whatever_else", 0.1))
    [span] = told.spans
    assert (span.attributes or {})[instruments.ERR_CODE] == "_OTHER"


@pytest.mark.parametrize("err_code", sorted({code.err_code for code in CODES}))
def test_every_code_that_is_known_is_reported_as_it_is(err_code: str) -> None:
    assert instruments.known_code(err_code) == err_code


def test_no_number_stands_in_anything_that_is_reported(told: Told) -> None:
    call(End(Outcome.ACCEPTED, None, 0.1))
    everything = [*told.spans, *told.points(instruments.CALL_DURATION)]
    assert BILLNO not in str([getattr(it, "attributes", it) for it in everything])
    assert "1900012345" not in str([getattr(it, "attributes", it) for it in everything])


def test_a_metric_has_the_attributes_of_its_table_and_no_others(told: Told) -> None:
    for outcome in Outcome:
        call(End(outcome, "SYSTEMERROR" if outcome is Outcome.UNKNOWN else None, 0.1))
    spans.tell_of_deliveries(arrived=2, failed=1)
    for name, it in instruments.INSTRUMENTS.items():
        for attributes, _ in told.points(name):
            assert set(attributes) <= set(it.attributes), name


def test_a_workers_results_are_counted_once(told: Told) -> None:
    seen: list[Progress] = []
    watch = spans.tell_of_worker(seen.append)
    for accepted, late in ((2, 0), (5, 1), (5, 1)):
        recorded = {EventKind.ACCEPTED: accepted}
        watch(Progress(9, 0, 0, recorded, late, 0, None, None))
    assert len(seen) == 3
    [(attributes, point)] = told.points(instruments.RESULT_COUNT)
    assert (attributes, point.value) == ({"hongbao.outcome": "accepted"}, 5)
    assert [point.value for _, point in told.points(instruments.LEASE_LOST)] == [1]


def test_without_the_api_nothing_is_reported_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spans, "_instruments", lambda: None)
    seen: list[Progress] = []
    assert spans.hooks() == ()
    assert spans.tell_of_worker(seen.append) == seen.append
    spans.tell_of_deliveries(arrived=1, failed=1)
