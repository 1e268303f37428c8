"""What must come of every case: what WeChat would answer, and what the SDK hands back.

The rule stands here; each SDK's manner and its faults bend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from interop.faults import faults_in
from interop.manners import MANNERS

if TYPE_CHECKING:
    from interop.cases import Case
    from interop.manners import Manner
    from interop.sdks import Sdk

NOT_REACHED = ""
"""The answer where no request came to WeChat's side."""


class Expected(NamedTuple):
    """What must come of a case: the err_code of WeChat's side, and what the SDK hands back."""

    answer: str
    made: str


_ANSWERS = {
    "accepted": "SUCCESS",
    "refused": "NOTENOUGH",
    "systemerror": "SYSTEMERROR",
    "processing": "PROCESSING",
    "lost": "SUCCESS",
    "garbled": "SUCCESS",
    "one claim": "SUCCESS",
    "two claims": "SUCCESS",
    "not found": "NOT_FOUND",
    "stranger": NOT_REACHED,
    "nothing": "MONEY_LIMIT",
    "again": "SUCCESS",
    "provider": "SUCCESS",
    "own number": "SUCCESS",
    "longest own number": "SUCCESS",
    "fast mode": "SUCCESS",
    "sign_type": "SUCCESS",
    "mch_id from settings": "SUCCESS",
}
"""By situation. What is lost or garbled was answered first."""

_REPLY_LOST = frozenset({"lost", "own number"})
_CLAIMS = {"one claim": 1, "two claims": 2}


def expected(sdk: Sdk, case: Case) -> Expected:
    """What must come of a case."""
    answer = _ANSWERS[case.situation]
    faults = faults_in(sdk, case)
    for fault in faults:
        answer = answer if fault.answer is None else fault.answer
    made = _made(MANNERS[sdk.name], case, answer)
    for fault in faults:
        made = made if fault.made is None else fault.made.format(made)
    return Expected(answer, made)


def _made(manner: Manner, case: Case, answer: str) -> str:
    if case.situation in _REPLY_LOST:
        return manner.lost
    if case.situation == "garbled":
        return manner.garbled
    if answer == NOT_REACHED:
        return manner.stranger
    if answer != "SUCCESS":
        return manner.refusal.format(answer)
    if case.call != "query":
        return "result"
    claims = _CLAIMS.get(case.situation, 1)
    shape = manner.one_claim if claims == 1 else "list"
    return f"result, {claims} of {claims} claims, as a {shape}"
