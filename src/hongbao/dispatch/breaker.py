"""When a campaign as a whole looks wrong: judged by counts, so that one odd row stops nothing.

What a single answer shows to be the merchant's fault, such as a missing certificate, stands in the
reactions of a rail.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hongbao.dispatch.stops import NOT_SENT_MARK, then_resume
from hongbao.ledger.model.step import Scope, Stop
from hongbao.rails.port import Suspicion
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.ledger.model.causes import Causes
    from hongbao.rails.port import Rail
    from hongbao.rails.retry import RetryPolicy


UNREACHABLE = Suspicion(
    Scope.MERCHANT,
    "UNREACHABLE",
    say("payouts could not be sent again and again, not one byte of them"),
    say("Look at the network, DNS and the certificate with `hongbao doctor`."),
)


def suspicions(rail: Rail) -> dict[str, Suspicion]:
    """What every mark that a step of a rail gives points at."""
    return {**rail.suspicions, NOT_SENT_MARK: UNREACHABLE}


def judge(causes: Causes, rail: Rail) -> Stop | None:
    """Why a campaign should stop, or None.

    Args:
        causes: its counts.
        rail: which pays it; it says how many are too many.
    """
    refused = {code: it for code, it in causes.refused.items() if code not in rail.expected}
    causes = replace(causes, refused=refused)
    return _suspected(causes, rail) or _most(causes, rail) or _too_many(causes, rail.retry)


def _suspected(causes: Causes, rail: Rail) -> Stop | None:
    """Trouble again and again, and never a success."""
    if causes.paid:
        return None
    for mark, suspicion in suspicions(rail).items():
        count = causes.marks.get(mark, 0)
        if count >= rail.retry.suspected_marks:
            reason = say(
                "{count} {seen}, and nothing was ever paid", count=count, seen=suspicion.seen
            )
            return _stop(suspicion.scope, suspicion.code, reason, suspicion.advice)
    return None


def _most(causes: Causes, rail: Rail) -> Stop | None:
    """One cause for most of all payouts that came to an end."""
    for mark, suspicion in rail.suspicions.items():
        postponed = causes.marks.get(mark, 0)
        asked = causes.answered + postponed
        if suspicion.majority and _above(postponed, asked, rail.retry):
            reason = say(
                "{postponed} of {asked} {seen}",
                postponed=postponed,
                asked=asked,
                seen=suspicion.seen,
            )
            return _stop(suspicion.scope, suspicion.code, reason, suspicion.advice)
    for code, count in causes.refused.items():
        if _above(count, causes.answered, rail.retry):
            reason = say(
                "{count} of {answered} payouts were refused with {code}",
                count=count,
                answered=causes.answered,
                code=code,
            )
            return _stop(Scope.CAMPAIGN, code, reason, _advice(code, rail))
    return None


def _above(count: int, total: int, retry: RetryPolicy) -> bool:
    return total >= retry.majority_answers and 100 * count > retry.majority_percent * total


def _too_many(causes: Causes, retry: RetryPolicy) -> Stop | None:
    """Refusals of all kinds."""
    total, refused = causes.answered, causes.refused_total
    if total < retry.share_answers or 100 * refused <= retry.share_percent * total:
        return None
    most = sorted(causes.refused.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join([f"{code} {count}" for code, count in most])
    return _stop(
        Scope.CAMPAIGN,
        "UNUSUAL_REFUSALS",
        say(
            "{refused} of {total} payouts were refused: {listed}",
            refused=refused,
            total=total,
            listed=listed,
        ),
        say("Look at the list and at the codes with `hongbao explain CODE`."),
    )


def _advice(code: str, rail: Rail) -> str:
    known = rail.explain(code, None, "")
    return known.advice.en if known else say("Look at the payouts that were refused.")


def _stop(scope: Scope, code: str, reason: str, advice: str) -> Stop:
    return Stop(scope=scope, code=code, reason=reason, advice=then_resume(advice))
