"""A second rail, as small as one can be: coupons, other kinds, other codes, other windows."""

from __future__ import annotations

from hongbao.ledger.model.step import Scope
from hongbao.rails.port import (
    Course,
    Explanation,
    Issuer,
    Kind,
    Rail,
    Reaction,
    Suspicion,
    When,
)
from hongbao.rails.retry import RetryPolicy
from hongbao.state_words import Words

COUPON = Kind(
    name="coupon",
    about="Give a coupon.",
    spellings=("coupon",),
    issuer=Issuer.MINI_PROGRAM,
    required=(),
    optional=(),
)
STALE_MARK = "STALE+NOT_FOUND"


def explain(code: str, _kind: str | None, _said: str) -> Explanation | None:
    """What the one code that stops coupons means."""
    if code != "NO_AUTH":
        return None
    return Explanation(Words("No contract.", "未签约。"), Words("Sign it.", "请先签约。"))


COUPONS = Rail(
    name="coupons",
    provider="The Mint",
    kinds={COUPON.name: COUPON},
    reactions={
        # Red packets wait for hours at this code, and refuse at the next one.
        "NO_AUTH": Reaction(Course.AGAIN, When.AT_ONCE, stop=Scope.CAMPAIGN),
        "PARAM_ERROR": Reaction(Course.AGAIN, When.BUSY),
        "STALE": Reaction(Course.QUERY, When.SOON, mark=STALE_MARK),
    },
    suspicions={
        STALE_MARK: Suspicion(Scope.CAMPAIGN, "STALE_KEYS", "answers were stale", "Renew them.")
    },
    retry=RetryPolicy(
        repeat_seconds=1,
        resend_seconds=600,
        query_only_seconds=1200,
        answers_seconds=7200,
        horizon_seconds=6000,
        processing_seconds=30,
        processing_seconds_max=60,
        not_found_seconds=10,
        busy_seconds=40,
        busy_seconds_max=40,
        looks=(30, 60),
        look_seconds=50,
        suspected_marks=2,
    ),
    explain=explain,
)
