"""Why sending stops until a person has looked, in words: what was seen, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.step import Scope, Stop
from hongbao.wire.codes import rows_of

if TYPE_CHECKING:
    from hongbao.dispatch.handlings import Handling

RESUME = "Then resume: it goes on with the same numbers."


def of_code(row: Handling, code: str | None, text: str, *, advice: str = "") -> Stop | None:
    """The stop of a row of the table, if it has one.

    Args:
        row: the handling of the code.
        code: WeChat's.
        text: WeChat's, or what was seen.
        advice: what to do; the code's own if left out.
    """
    if row.stop is None or code is None:
        return None
    advice = advice or rows_of(code)[0].advice
    return Stop(
        scope=row.stop,
        code=code,
        reason=f"WeChat answered {code}: {text}",
        advice=f"{advice} {RESUME}",
    )


def unreachable(why: str, times: int) -> Stop:
    """Nothing gets through."""
    return Stop(
        scope=Scope.MERCHANT,
        code="UNREACHABLE",
        reason=f"No byte of {times} sends of one payout in a row left this machine: {why}",
        advice=f"Look at the network, DNS and the certificate with `hongbao doctor`. {RESUME}",
    )


def unsendable(why: str) -> Stop:
    """The merchant's settings make no request."""
    return Stop(
        scope=Scope.CAMPAIGN,
        code="UNSENDABLE",
        reason=f"No request can be made with the merchant's settings: {why}",
        advice=f"Mend hongbao.toml and start the workers again. {RESUME}",
    )
