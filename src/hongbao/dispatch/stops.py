"""Why sending stops until a person has looked, in words: what was seen, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.step import Scope, Stop
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.dispatch.decision import DecisionContext

_RESUME = say("Then resume: it goes on with the same numbers.")
NOT_SENT_MARK = "NOT_SENT+AGAIN"
"""What the breaker counts of payouts of which no byte leaves."""


def then_resume(advice: str) -> str:
    """What is to be done before a person lets it go on, and that this follows."""
    return say("{advice} Then resume: it goes on with the same numbers.", advice=advice)


def of_code(context: DecisionContext, code: str | None, text: str) -> Stop | None:
    """The stop that a code brings, if it brings one.

    Args:
        context: in which it came.
        code: the provider's.
        text: the provider's, or what was seen.
    """
    scope = context.rail.reaction(code).stop
    if scope is None or code is None:
        return None
    known = context.rail.explain(code, None, text)
    return Stop(
        scope=scope,
        code=code,
        reason=say(
            "{provider} answered {code}: {text}",
            provider=context.rail.provider,
            code=code,
            text=text,
        ),
        advice=then_resume(known.advice.en) if known else _RESUME,
    )


def unreachable(why: str, times: int) -> Stop:
    """Nothing gets through."""
    return Stop(
        scope=Scope.MERCHANT,
        code="UNREACHABLE",
        reason=say(
            "No byte of {times} sends of one payout in a row left this machine: {why}",
            times=times,
            why=why,
        ),
        advice=then_resume(
            say("Look at the network, DNS and the certificate with `hongbao doctor`.")
        ),
    )


def unsendable(why: str) -> Stop:
    """The merchant's settings make no request."""
    return Stop(
        scope=Scope.CAMPAIGN,
        code="UNSENDABLE",
        reason=say("No request can be made with the merchant's settings: {why}", why=why),
        advice=then_resume(say("Fix hongbao.toml and start the workers again.")),
    )
