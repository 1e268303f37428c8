"""When a campaign as a whole looks wrong: judged by counts, so that one odd row stops nothing.

What a single answer shows to be the merchant's fault, such as a missing certificate, stands in
``handlings``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.dispatch.handlings import NO_AUTH_MARK, NOT_SENT_MARK, SYSTEMERROR_MARK
from hongbao.dispatch.stops import RESUME
from hongbao.ledger.model.step import Scope, Stop
from hongbao.wire.codes import rows_of

if TYPE_CHECKING:
    from hongbao.dispatch.rules import Rules
    from hongbao.ledger.model.causes import Causes


class Suspicion(NamedTuple):
    """What a mark points at when nothing has ever been paid.

    Attributes:
        scope: how much is stopped.
        code: the stop's.
        seen: in words.
        advice: what to do.
    """

    scope: Scope
    code: str
    seen: str
    advice: str


SUSPICIONS: dict[str, Suspicion] = {
    # A wrong WeCom secret shows as a busy system for ever; nothing in one reply tells them apart.
    SYSTEMERROR_MARK: Suspicion(
        Scope.CAMPAIGN,
        "CONFIGURATION_SUSPECTED",
        "answers of SYSTEMERROR left no order behind",
        "WeChat answers so for good when a secret is wrong: check the WeCom secret, the APIv2 key "
        "and the appid with `hongbao doctor`, and send one packet by hand.",
    ),
    NO_AUTH_MARK: Suspicion(
        Scope.MERCHANT,
        "NO_AUTH",
        "payouts were refused with NO_AUTH",
        "Where everybody is refused, it is not risk control: put this machine's outgoing IP "
        "address on the product's list (effective after about 10 minutes), or open the "
        "permission.",
    ),
    NOT_SENT_MARK: Suspicion(
        Scope.MERCHANT,
        "UNREACHABLE",
        "payouts could not be sent again and again, not one byte of them",
        "Look at the network, DNS and the certificate with `hongbao doctor`.",
    ),
}
"""Every mark that a step gives."""


def judge(causes: Causes, rules: Rules) -> Stop | None:
    """Why a campaign should stop, or None.

    Args:
        causes: its counts.
        rules: how many are too many.
    """
    return _suspected(causes, rules) or _most(causes, rules) or _too_many(causes, rules)


def _suspected(causes: Causes, rules: Rules) -> Stop | None:
    """Trouble again and again, and never a success."""
    if causes.paid:
        return None
    for mark, suspicion in SUSPICIONS.items():
        count = causes.marks.get(mark, 0)
        if count >= rules.suspected_marks:
            reason = f"{count} {suspicion.seen}, and nothing was ever paid"
            return _stop(suspicion.scope, suspicion.code, reason, suspicion.advice)
    return None


def _most(causes: Causes, rules: Rules) -> Stop | None:
    """One cause for most of all payouts that came to an end."""
    postponed = causes.marks.get(NO_AUTH_MARK, 0)
    asked = causes.answered + postponed
    if _above(postponed, asked, rules):
        suspicion = SUSPICIONS[NO_AUTH_MARK]
        reason = f"{postponed} of {asked} {suspicion.seen}"
        return _stop(suspicion.scope, suspicion.code, reason, suspicion.advice)
    for code, count in causes.refused.items():
        if _above(count, causes.answered, rules):
            reason = f"{count} of {causes.answered} payouts were refused with {code}"
            return _stop(Scope.CAMPAIGN, code, reason, _advice(code))
    return None


def _above(count: int, total: int, rules: Rules) -> bool:
    return total >= rules.majority_answers and 100 * count > rules.majority_percent * total


def _too_many(causes: Causes, rules: Rules) -> Stop | None:
    """Refusals of all kinds."""
    total, refused = causes.answered, causes.refused_total
    if total < rules.share_answers or 100 * refused <= rules.share_percent * total:
        return None
    most = sorted(causes.refused.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join([f"{code} {count}" for code, count in most])
    return _stop(
        Scope.CAMPAIGN,
        "UNUSUAL_REFUSALS",
        f"{refused} of {total} payouts were refused: {told}",
        "Look at the list and at the codes with `hongbao explain CODE`.",
    )


def _advice(code: str) -> str:
    rows = rows_of(code)
    return rows[0].advice if rows else "Look at the payouts that were refused."


def _stop(scope: Scope, code: str, reason: str, advice: str) -> Stop:
    return Stop(scope=scope, code=code, reason=reason, advice=f"{advice} {RESUME}")
