"""Every span, metric and attribute that hongbao gives to OpenTelemetry: one table. Pure.

Names follow the rules of OpenTelemetry: a namespace of our own, no unit and no plural in a name,
seconds. No attribute holds an order's number, a receiver, a key or a body: each has a few values
that are known beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.client.observe import End, Outcome
from hongbao.errors import Disposition
from hongbao.wire import codes
from hongbao.wire.transfer import codes as transfer_codes

if TYPE_CHECKING:
    from hongbao.wire.codes import Code

CALL_SPAN = "hongbao.call"
CALL_DURATION = "hongbao.call.duration"
CALL_ACTIVE = "hongbao.call.active"
RESULT_COUNT = "hongbao.result.count"
LEASE_LOST = "hongbao.lease.lost"
DELIVERY_COUNT = "hongbao.webhook.delivery.count"

ENDPOINT, OUTCOME, ERROR_TYPE = "hongbao.endpoint", "hongbao.outcome", "error.type"
ERR_CODE = "hongbao.wechat.err_code"

OTHER = "_OTHER"
"""What stands for a value that is not among the known ones."""


class Instrument(NamedTuple):
    """A metric.

    Attributes:
        kind: "histogram", "counter" or "updowncounter".
        unit: as UCUM has it.
        description: what it says.
        attributes: what it is divided by.
    """

    kind: str
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


INSTRUMENTS = {
    CALL_DURATION: Instrument(
        "histogram", "s", "How long a call of WeChat's took.", (ENDPOINT, OUTCOME, ERROR_TYPE)
    ),
    CALL_ACTIVE: Instrument("updowncounter", "{call}", "Calls on their way.", (ENDPOINT,)),
    RESULT_COUNT: Instrument("counter", "{result}", "Results in the books.", (OUTCOME,)),
    LEASE_LOST: Instrument("counter", "{result}", "Results that came after their lease."),
    DELIVERY_COUNT: Instrument("counter", "{delivery}", "Tries to deliver webhooks.", (OUTCOME,)),
}


def attributes_of(end: End) -> dict[str, str]:
    """What a metric records of the end of a call.

    WeChat refuses with the HTTP status 200, so the error's type is what its code means for the
    money: ``refused_no`` (this attempt can never pay), ``refused_open`` (not now), ``unknown`` or
    ``not_sent``.
    """
    found = {OUTCOME: end.outcome.value.replace(" ", "_")}
    match end.outcome:
        case Outcome.REFUSED:
            rows = _rows_of(end.err_code or "")
            open_too = any(row.disposition is not Disposition.NO for row in rows)
            found[ERROR_TYPE] = "refused_open" if open_too else "refused_no"
        case Outcome.UNKNOWN | Outcome.NOT_SENT:
            found[ERROR_TYPE] = found[OUTCOME]
    return found


def known_code(err_code: str) -> str:
    """A code of WeChat's if it is a known one: nothing else gets into an attribute."""
    return err_code if _rows_of(err_code) else OTHER


def _rows_of(err_code: str) -> list[Code]:
    """What is known of a code, of red packets and of transfers."""
    return [*codes.rows_of(err_code), *transfer_codes.rows_of(err_code)]
