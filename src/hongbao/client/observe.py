"""What others may see of a call: one log record at its end, and the hooks of metrics and traces.

Never a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from hongbao.errors import InvalidRequest, NotSent, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.client.merchant import AnyMerchant
    from hongbao.wire.messages import Message

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")

_log = logging.getLogger("hongbao")


class Outcome(StrEnum):
    """How a call ended."""

    ACCEPTED = "accepted"
    """A send was accepted."""
    ANSWERED = "answered"
    """A query was answered."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """A send may or may not have paid, or a query failed. A cancelled call ends like this."""
    NOT_SENT = "not sent"
    """No byte left: a connection failed, or the message did not fit the merchant."""


class Call(NamedTuple):
    """A call that begins.

    Attributes:
        endpoint: such as ``"sendredpack"``.
        mch_id: who pays.
        mch_billno: the order number.
    """

    endpoint: str
    mch_id: str
    mch_billno: str


class End(NamedTuple):
    """How a call ended.

    Attributes:
        outcome: which of the ends.
        err_code: WeChat's code, where there was one.
        seconds: how long the whole call took.
    """

    outcome: Outcome
    err_code: str | None
    seconds: float


Hook: TypeAlias = Callable[[Call], Callable[[End], None]]
"""Called when a call begins; what it returns is called when the call has ended.

What a hook raises is logged and goes no further: it must not turn a packet that was paid into an
error.
"""


class Watch:
    """One call under observation."""

    __slots__ = ("_ends", "_merchant", "_message", "_started")

    def __init__(self, message: Message[Any], merchant: AnyMerchant, hooks: Sequence[Hook]) -> None:
        self._message = message
        self._merchant = merchant
        self._started = perf_counter()
        self._ends = [_guarded(hook, self._call()) for hook in hooks] if hooks else ()

    def succeeded(self) -> None:
        """The call returned a value."""
        moved_money = self._message.ENDPOINT.moves_money
        self._end(Outcome.ACCEPTED if moved_money else Outcome.ANSWERED, None, logging.INFO)

    def failed(self, error: BaseException) -> None:
        """The call raised; a cancellation or an interrupt leaves the outcome unknown."""
        self._end(_outcome(error), getattr(error, "err_code", None), logging.WARNING)

    def _call(self) -> Call:
        message = self._message
        return Call(message.ENDPOINT.name, self._merchant.mch_id, message.mch_billno)

    def _end(self, outcome: Outcome, err_code: str | None, level: int) -> None:
        if self._ends or _log.isEnabledFor(level):
            end = End(outcome, err_code, perf_counter() - self._started)
            _write(level, self._call(), end)
            for hook in self._ends:
                if hook is not None:
                    _guarded(hook, end)


def _write(level: int, call: Call, end: End) -> None:
    _log.log(
        level,
        "%s %s: %s%s in %.3f s",
        call.endpoint,
        call.mch_billno,
        end.outcome.value,
        f" ({end.err_code})" if end.err_code else "",
        end.seconds,
        extra={
            "hongbao_endpoint": call.endpoint,
            "hongbao_mch_id": call.mch_id,
            "hongbao_mch_billno": call.mch_billno,
            "hongbao_outcome": end.outcome.value,
            "hongbao_err_code": end.err_code,
            "hongbao_seconds": end.seconds,
        },
    )


def _outcome(error: BaseException) -> Outcome:
    match error:
        case Refused():
            return Outcome.REFUSED
        case OutcomeUnknown():
            return Outcome.UNKNOWN
        case NotSent() | InvalidRequest():  # the latter: the message did not fit the merchant
            return Outcome.NOT_SENT
        case _:
            return Outcome.UNKNOWN


def _guarded(function: Callable[[ArgumentT], ResultT], argument: ArgumentT) -> ResultT | None:
    try:
        return function(argument)
    except Exception:  # noqa: BLE001  # whatever a hook raises, the money has moved
        _log.exception("a hook failed; the call goes on")
        return None
