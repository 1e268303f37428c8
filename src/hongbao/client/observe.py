"""What others may see of a call: one log record at its end, and the hooks of metrics and traces.

Never a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

from hongbao.errors import InvalidRequest, NotSent, OutcomeUnknown, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

Ends: TypeAlias = "Sequence[Callable[[End], None]]"
"""What is to be reported of a call's end."""

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")

_log = logging.getLogger("hongbao")
# A library leaves it to the program whether and where anything is written.
_log.addHandler(logging.NullHandler())


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


class ObservedCall(Protocol):
    """A call of WeChat's, of any protocol."""

    @property
    def name(self) -> str:
        """Such as ``"sendredpack"``."""
        ...

    @property
    def moves_money(self) -> bool:
        """Whether its outcome is the merchant's concern."""
        ...


class Observed(Protocol):
    """What is reported on: a message, or what else is asked."""

    @property
    def ENDPOINT(self) -> ObservedCall:  # noqa: N802  # messages have it as a constant
        """The call."""
        ...

    @property
    def mch_billno(self) -> str:
        """The order number, or what stands for one."""
        ...


class Call(NamedTuple):
    """A call that begins.

    Attributes:
        endpoint: such as ``"sendredpack"``.
        mch_id: who pays.
        mch_billno: the order number; of a bill its day and account, as ``20261129/Basic``.
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


class Observer:
    """Tells the log and the hooks of a client's calls.

    Args:
        mch_id: who pays.
        hooks: whom to tell.
    """

    def __init__(self, mch_id: str, hooks: Sequence[Hook]) -> None:
        self._mch_id = mch_id
        self._hooks = tuple(hooks)

    def begin(self, message: Observed) -> Ends:
        """A call begins; what is returned goes to ``succeeded`` or ``failed``."""
        if not self._hooks:
            return ()
        call = self._call(message)
        return [end for hook in self._hooks if (end := _guarded(hook, call)) is not None]

    def succeeded(self, message: Observed, ends: Ends, started: float) -> None:
        """The call that began at the ``monotonic`` time ``started`` returned a value."""
        if ends or _log.isEnabledFor(logging.INFO):
            moved_money = message.ENDPOINT.moves_money
            outcome = Outcome.ACCEPTED if moved_money else Outcome.ANSWERED
            self._end(message, ends, End(outcome, None, monotonic() - started), logging.INFO)

    def failed(self, message: Observed, ends: Ends, started: float, error: BaseException) -> None:
        """It raised; a cancellation or an interrupt leaves the outcome unknown."""
        err_code = getattr(error, "err_code", None)
        end = End(_outcome(error), err_code, monotonic() - started)
        self._end(message, ends, end, logging.WARNING)

    def _end(self, message: Observed, ends: Ends, end: End, level: int) -> None:
        _write(level, self._call(message), end)
        for hook in ends:
            _guarded(hook, end)

    def _call(self, message: Observed) -> Call:
        return Call(message.ENDPOINT.name, self._mch_id, message.mch_billno)


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
            "hongbao_call": token_hex(8),  # whoever keeps lines in several places finds this one
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
