"""What must come of every case: what WeChat would answer, and what the SDK hands back.

The rule stands here; each SDK's quirks and its faults bend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from interop.faults import faults_in
from interop.quirks import QUIRKS

if TYPE_CHECKING:
    from interop.cases import Case
    from interop.quirks import Quirks
    from interop.sdks import Sdk

NOT_REACHED = ""
"""The answer where no request came to WeChat's side."""
TURNED_AWAY = "HTTP 400"
"""The answer of the nginx before WeChat to whoever shows no certificate."""


class Ending(NamedTuple):
    """How a case ends.

    Attributes:
        answer: the err_code of WeChat's side.
        paid: whether money left the merchant's account.
        made: what the SDK hands back.
    """

    answer: str
    paid: bool
    made: str

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.answer or 'not reached'}{', paid' if self.paid else ''} → {self.made}"


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
    "no certificate": TURNED_AWAY,
    "nothing": "MONEY_LIMIT",
    "again": "SUCCESS",
    "provider": "SUCCESS",
    "own number": "SUCCESS",
    "longest own number": "SUCCESS",
    "fast mode": "SUCCESS",
    "sign_type": "SUCCESS",
    "text/plain": "SUCCESS",
    "refused, text/plain": "NOTENOUGH",
    "no total_num": "SUCCESS",
    "markup": "SUCCESS",
    "no client_ip": "SUCCESS",
    "its own TLS": "SUCCESS",
    "mch_id from settings": "SUCCESS",
}
"""By situation. What is lost or garbled was answered first."""

_PAYING = frozenset({"SUCCESS", "PROCESSING"})
_REPLY_LOST = frozenset({"lost", "own number"})
_CLAIMS = {"one claim": 1, "two claims": 2}


def expected(sdk: Sdk, case: Case) -> Ending:
    """How a case must end."""
    answer = _ANSWERS[case.situation]
    faults = faults_in(sdk, case)
    for fault in faults:
        answer = answer if fault.answer is None else fault.answer
    made = _made(QUIRKS[sdk.name], case, answer)
    for fault in faults:
        made = made if fault.made is None else fault.made.format(made)
    paid = answer in _PAYING and not case.call.startswith("query") and case.situation != "again"
    return Ending(answer, paid=paid, made=made)


def _made(quirks: Quirks, case: Case, answer: str) -> str:
    if case.situation in _REPLY_LOST:
        return quirks.lost
    if case.situation == "garbled":
        return quirks.garbled
    made = {
        NOT_REACHED: quirks.stranger,
        TURNED_AWAY: quirks.turned_away,
        "SUCCESS": _result(quirks, case),
    }
    return made.get(answer) or quirks.refusal.format(answer)


def _result(quirks: Quirks, case: Case) -> str:
    if case.call != "query":
        return "result"
    claims = _CLAIMS.get(case.situation, 1)
    shape = quirks.one_claim if claims == 1 else "list"
    return f"result, {claims} of {claims} claims, as a {shape}"
