"""What an error of a client means for a payout, whichever rail made the call.

A rail's ``translate`` says which fields come from the merchant's settings; the rest is alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao import errors
from hongbao.errors import (
    ConfigurationError,
    InvalidRequest,
    OutcomeUnknown,
    PacketNotFound,
    Refused,
    TransferNotFound,
)
from hongbao.rails.outcome import CallNotSent, NotFound, Refusal, Unanswered, Unknown, Unsendable
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Container

    from hongbao.errors import HongbaoError
    from hongbao.rails.outcome import QueryOutcome, SendOutcome


def send_failure(error: HongbaoError, of_the_settings: Container[str]) -> SendOutcome:
    """What an error of a send means for the money.

    Args:
        error: what the client raised.
        of_the_settings: the fields that no row of a list has.
    """
    match error:
        case Refused():
            return Refusal(
                disposition=error.disposition,
                code=error.err_code,
                text=error.err_code_des,
            )
        case errors.NotSent():
            return CallNotSent(why=error.why)
        case InvalidRequest() | ConfigurationError():
            return unsendable(error, of_the_settings)
        case OutcomeUnknown():
            return Unknown(code=error.err_code, why=error.why)
        case _:
            return Unknown(code=None, why=type(error).__name__)


def query_failure(error: HongbaoError, of_the_settings: Container[str]) -> QueryOutcome:
    """What an error of a query means for the payout; the arguments are as above."""
    if isinstance(error, PacketNotFound | TransferNotFound):
        return NotFound()
    return unanswered(error, of_the_settings)


def unanswered(
    error: HongbaoError, of_the_settings: Container[str]
) -> Unanswered | CallNotSent | Unsendable:
    """What an error of a call means that only asks; the arguments are as above."""
    match error:
        case errors.NotSent():
            return CallNotSent(why=error.why)
        case InvalidRequest() | ConfigurationError():
            return unsendable(error, of_the_settings)
        case OutcomeUnknown():
            return Unanswered(code=error.err_code, why=error.why)
        case _:
            return Unanswered(code=None, why=type(error).__name__)


def unsendable(
    error: InvalidRequest | ConfigurationError, of_the_settings: Container[str]
) -> Unsendable:
    """A call that cannot be made; the arguments are as above."""
    if isinstance(error, ConfigurationError):
        return Unsendable(why=f"{error.setting}: {error.problem}", settings=True)
    why = say(
        "{field} must be {rule}; found {found}",
        field=error.field,
        rule=error.rule,
        found=error.found,
    )
    return Unsendable(why=why, settings=error.field in of_the_settings)
