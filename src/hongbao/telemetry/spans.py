"""Tells OpenTelemetry of calls, workers and deliveries, through its API alone.

Without an SDK in the process the API does nothing; which SDK and which exporter there is, is the
program's business. Calls are reported by the hook of the clients.
"""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from hongbao.telemetry import instruments as names
from hongbao.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.client.observe import Call, End, Hook
    from hongbao.dispatch.progress import Progress, Watcher

_NAME = "hongbao"


def hooks() -> tuple[Hook, ...]:
    """The hook that tells OpenTelemetry of each call; none where its API is not installed."""
    made = _instruments()
    return () if made is None else (partial(_tell_of_call, made),)


def _tell_of_call(made: Mapping[str, Any], call: Call) -> Callable[[End], None]:
    """Begin a span; what is returned ends it."""
    where = {names.ENDPOINT: call.endpoint}
    span = made["tracer"].start_span(names.CALL_SPAN, attributes=where)
    made[names.CALL_ACTIVE].add(1, where)

    def ended(end: End) -> None:
        facts = {**where, **names.attributes_of(end)}
        made[names.CALL_ACTIVE].add(-1, where)
        made[names.CALL_DURATION].record(end.seconds, facts)
        span.set_attributes(facts)
        if end.err_code is not None:
            span.set_attribute(names.ERR_CODE, names.known_code(end.err_code))
        if names.ERROR_TYPE in facts:
            span.set_status(made["error"])
        span.end()

    return ended


def tell_of_worker(watcher: Watcher) -> Watcher:
    """A watcher that tells OpenTelemetry of a worker's results, and then calls another."""
    made = _instruments()
    if made is None:
        return watcher
    seen: Counter[str] = Counter()
    late = 0

    def watch(progress: Progress) -> None:
        nonlocal late
        for kind, count in progress.recorded.items():
            if count > seen[kind]:
                made[names.RESULT_COUNT].add(count - seen[kind], {names.OUTCOME: kind.value})
                seen[kind] = count
        if progress.late > late:
            made[names.LEASE_LOST].add(progress.late - late)
            late = progress.late
        watcher(progress)

    return watch


def tell_of_deliveries(*, arrived: int, failed: int) -> None:
    """Tell OpenTelemetry of tries to deliver webhooks."""
    made = _instruments()
    if made is not None:
        for outcome, count in (("arrived", arrived), ("failed", failed)):
            if count:
                made[names.DELIVERY_COUNT].add(count, {names.OUTCOME: outcome})


@cache
def _instruments() -> Mapping[str, Any] | None:
    """The tracer, the error status and the instruments by name; None without the API."""
    try:
        from opentelemetry import metrics, trace  # noqa: PLC0415  # an extra
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415  # the same
    except ModuleNotFoundError:
        return None
    meter = metrics.get_meter(_NAME, __version__)
    make: dict[str, Callable[..., Any]] = {
        "histogram": meter.create_histogram,
        "counter": meter.create_counter,
        "updowncounter": meter.create_up_down_counter,
    }
    return {
        "tracer": trace.get_tracer(_NAME, __version__),
        "error": Status(StatusCode.ERROR),
        **{
            name: make[it.kind](name, unit=it.unit, description=it.description)
            for name, it in names.INSTRUMENTS.items()
        },
    }
