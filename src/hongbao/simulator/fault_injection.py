"""Applies a fault to a request and its reply. ``faults`` decides which fault comes when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator import answers, rules
from hongbao.simulator.exchange import Answer
from hongbao.simulator.faults import AFTER_OR_BEFORE, FaultKind
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.settings import RefusalShape
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.faults import Fault

UNKNOWN_CODE = "RULE_OF_TOMORROW"
"""A code that is in no table: WeChat may add codes at any time."""

_BUSY = "系统繁忙,请使用原单号重试"
_SHAPES = {"SUCCESS": RefusalShape.SUCCESS, "FAIL": RefusalShape.FAIL}
_PAGES = {
    FaultKind.HTTP_500: answers.page(500, "500 Internal Server Error", "500 Internal Server Error"),
    FaultKind.HTTP_502: answers.page(502, "502 Bad Gateway", "502 Bad Gateway"),
    FaultKind.HTTP_503: answers.page(
        503, "503 Service Temporarily Unavailable", "503 Service Temporarily Unavailable"
    ),
    FaultKind.HTML_PAGE: answers.page(200, "Welcome", "Welcome"),
}


class RequestOutcome(NamedTuple):
    """The result of handling one request.

    Attributes:
        answer: for the server to send.
        verdict: for the journal.
        paid: whether this very request took money.
    """

    answer: Answer
    verdict: str
    paid: bool


_NOTHING = RequestOutcome(Answer(200, b"", cut=0), "", paid=False)


def inject(
    request: ApiRequest, fault: Fault, process: Callable[[Delivery], RequestOutcome]
) -> RequestOutcome:
    """Handle a request that a fault hits.

    Args:
        request: the request.
        fault: the fault.
        process: processes the request and returns its outcome. It is called once or never.
    """
    if fault.kind in AFTER_OR_BEFORE:
        outcome = process(request.merchant.delivery) if fault.after else _NOTHING
        return _replace(request, fault, outcome)
    match fault.kind:
        case FaultKind.LOSE_REQUEST:
            return _NOTHING
        case FaultKind.REFUSED_BUT_HELD:
            return _held(request, fault)
        case FaultKind.PROCESSING | FaultKind.SLOW_SENDING:
            return process(_delivery(fault))
        case kind:
            outcome = process(request.merchant.delivery)
            return outcome._replace(answer=_damaged(outcome.answer, kind, fault))


def _replace(request: ApiRequest, fault: Fault, outcome: RequestOutcome) -> RequestOutcome:
    """Replace the reply, whether or not the request was processed."""
    match fault.kind:
        case FaultKind.HANG:
            return outcome._replace(answer=Answer(200, b"", hang=True))
        case FaultKind.SYSTEMERROR:
            return RequestOutcome(
                answers.refusal(request, "SYSTEMERROR", _BUSY), "SYSTEMERROR", outcome.paid
            )
        case FaultKind.UNKNOWN_CODE:
            answer = answers.refusal(request, UNKNOWN_CODE, "该错误码尚无说明")
            return RequestOutcome(answer, UNKNOWN_CODE, outcome.paid)
        case FaultKind.TOO_SOON:
            answer = answers.refusal(request, "FREQ_LIMIT", rules.TOO_SOON_TEXT)
            return RequestOutcome(answer, "FREQ_LIMIT", outcome.paid)
        case FaultKind.ANSWER:
            return _refused(request, fault.err_code, fault.text, fault)._replace(paid=outcome.paid)
        case kind:
            page = _PAGES[kind]
            return RequestOutcome(page, f"HTTP {page.status}", outcome.paid)


def _held(request: ApiRequest, fault: Fault) -> RequestOutcome:
    verdict = rules.hold(request, fault.err_code, fault.text)
    if verdict.err_code == fault.err_code:
        return _refused(request, fault.err_code, fault.text, fault)
    return RequestOutcome(answers.reply(request, verdict), verdict.err_code, paid=False)


def _delivery(fault: Fault) -> Delivery:
    processing = fault.kind is FaultKind.PROCESSING
    ends = Status.FAILED if fault.fails else Status.SENT
    return Delivery(seconds=fault.seconds, told=processing, ends=ends)


def _refused(request: ApiRequest, err_code: str, text: str, fault: Fault) -> RequestOutcome:
    """A refusal, in the shape that the script names if it names one."""
    shape = _SHAPES.get(fault.return_code or "")
    return RequestOutcome(answers.refusal(request, err_code, text, shape), err_code, paid=False)


def _damaged(answer: Answer, kind: FaultKind, fault: Fault) -> Answer:
    match kind:
        case FaultKind.LOSE_REPLY:
            return answer._replace(cut=0)
        case FaultKind.CUT_REPLY:
            return answer._replace(cut=fault.cut)
        case FaultKind.DELAY:
            return answer._replace(delay_seconds=fault.seconds)
        case FaultKind.GARBLE_REPLY:
            half = len(answer.body) // 2
            # XML allows no NUL, so no reader can take this for a reply.
            return answer._replace(body=answer.body[:half] + b"\x00" + answer.body[half + 1 :])
        case _:
            raise AssertionError(f"{kind} damages no reply")
