"""Handles a V3 request: reads it, decides, applies a fault, signs the reply. No I/O."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator.answers import page
from hongbao.simulator.exchange import Answer
from hongbao.simulator.faults import FaultKind
from hongbao.simulator.transfer.answered import V3Refusal, V3Success
from hongbao.simulator.transfer.calls import perform
from hongbao.simulator.transfer.files import FILE_PATHS, bill_link, file_behind
from hongbao.simulator.transfer.request import read_v3_request
from hongbao.simulator.transfer.rules import refuse_request
from hongbao.simulator.transfer.wechat_side import signed, signed_badly
from hongbao.wire.transfer import json_body
from hongbao.wire.transfer.endpoints import FUND_FLOW_BILL
from hongbao.wire.transfer.wechat_keys import AGE_SECONDS_MAX

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.faults import Fault, FaultPlan, Faults
    from hongbao.simulator.transfer.request import V3Request
    from hongbao.simulator.world import World

PREFIX = "/v3/"

SUCCESS = "SUCCESS"
_JSON = "application/json; charset=utf-8"
_UNKNOWN_CODE = "UNHEARD_OF"
_NUMBER_CHARS_MAX = 64  # no number is longer; garbage is not kept whole
_PAGES = {
    FaultKind.HTTP_500: page(500, "500 Internal Server Error", "500 Internal Server Error"),
    FaultKind.HTTP_502: page(502, "502 Bad Gateway", "502 Bad Gateway"),
    FaultKind.HTTP_503: page(503, "503 Service Unavailable", "503 Service Unavailable"),
    FaultKind.HTML_PAGE: page(200, "Login", "Please log in to use this network."),
}
_REFUSALS = {
    FaultKind.SYSTEMERROR: V3Refusal(500, "SYSTEM_ERROR", "系统异常，请稍后重试"),
    FaultKind.UNKNOWN_CODE: V3Refusal(400, _UNKNOWN_CODE, "该错误码尚无说明"),
    FaultKind.TOO_SOON: V3Refusal(429, "FREQUENCY_LIMITED", "频率超限，请降低请求频率"),
}


class Handled(NamedTuple):
    """What came of a request.

    Attributes:
        answer: the reply.
        entry: for the journal.
    """

    answer: Answer
    entry: tuple[float, str, str, str, str, str, bool]


class Outcome3(NamedTuple):
    """What a request was answered, before a fault damages it.

    Attributes:
        answer: the reply.
        verdict: the code, or SUCCESS.
        paid: whether it locked money.
    """

    answer: Answer
    verdict: str
    paid: bool = False


def handle_v3(world: World, exchange: Exchange, now: float, faults: Faults) -> Handled:
    """Answer one request. It never raises because of a request's content."""
    request = read_v3_request(world, exchange, now)
    call = "" if request.endpoint is None else request.endpoint.name
    if request.path in FILE_PATHS:
        call = "file"
    number = request.number[:_NUMBER_CHARS_MAX]
    fault = faults.for_request(call, number, request.openid)
    outcome = _faulty(request, fault, faults.plan)
    kind = "" if fault is None else fault.kind.value
    entry = (now, call, request.merchant.mch_id, number, outcome.verdict, kind, outcome.paid)
    return Handled(outcome.answer, entry)


def _faulty(request: V3Request, fault: Fault | None, plan: FaultPlan) -> Outcome3:
    if fault is None:
        return _process(request, plan)
    kind = fault.kind
    if kind is FaultKind.LOSE_REQUEST:
        return Outcome3(Answer(200, b"", cut=0), "")
    if kind is FaultKind.REFUSED_BUT_HELD:
        outcome = _process(request, plan)
        refusal = V3Refusal(400, fault.err_code, fault.text)
        return _said(request, refusal)._replace(paid=outcome.paid)
    instead = _instead(request, fault)
    if instead is not None:
        return instead._replace(paid=_process(request, plan).paid) if fault.after else instead
    outcome = _process(request, plan)
    return outcome._replace(answer=_damaged(request, outcome.answer, fault))


def _instead(request: V3Request, fault: Fault) -> Outcome3 | None:
    """What takes the place of processing, or follows it; None if the fault damages the reply."""
    kind = fault.kind
    if kind is FaultKind.HANG:
        return Outcome3(Answer(200, b"", hang=True), "")
    if kind in _PAGES:
        return Outcome3(_PAGES[kind], f"HTTP {_PAGES[kind].status}")
    if kind is FaultKind.ANSWER:
        return _said(request, V3Refusal(400, fault.err_code, fault.text))
    if kind in _REFUSALS:
        return _said(request, _REFUSALS[kind])
    return None


def _process(request: V3Request, plan: FaultPlan) -> Outcome3:
    refused = refuse_request(request)
    if refused is not None:
        return _said(request, refused)
    if request.endpoint is FUND_FLOW_BILL:
        return _said(request, bill_link(request, plan))
    if request.path not in FILE_PATHS:
        return _said(request, perform(request))
    found = file_behind(request, plan)
    return Outcome3(found, SUCCESS) if isinstance(found, Answer) else _said(request, found)


def _said(request: V3Request, said: V3Success | V3Refusal) -> Outcome3:
    body = json_body.encode(said.document)
    if isinstance(said, V3Success):
        answer = Answer(200, body, _JSON, headers=_headers(request, body))
        return Outcome3(answer, SUCCESS, said.paid)
    unsigned = said.status == 401 and not request.world.settings.transfer_401_signed  # noqa: PLR2004
    headers = _headers(request, body)[:1] if unsigned else _headers(request, body)
    return Outcome3(Answer(said.status, body, _JSON, headers=headers), said.code)


def _headers(request: V3Request, body: bytes, *, ago: float = 0.0) -> tuple[tuple[str, str], ...]:
    """``Request-ID``, and the signature's."""
    salt = f"{request.world.secret}/{request.now}/{request.said.get('nonce_str', '')}"
    first = (("Request-ID", f"08{sha256(salt.encode()).hexdigest()[:30].upper()}-0"),)
    return first + signed(request.reply_key, body, now=request.now - ago, salt=salt)


def _damaged(request: V3Request, answer: Answer, fault: Fault) -> Answer:
    match fault.kind:
        case FaultKind.LOSE_REPLY:
            return answer._replace(cut=0)
        case FaultKind.CUT_REPLY:
            return answer._replace(cut=fault.cut)
        case FaultKind.DELAY:
            return answer._replace(delay_seconds=fault.seconds)
        case FaultKind.GARBLE_REPLY:
            half = len(answer.body) // 2
            return answer._replace(body=answer.body[:half] + b"\x00" + answer.body[half + 1 :])
        case kind:
            stale = _headers(request, answer.body, ago=AGE_SECONDS_MAX + 1.0)
            headers = signed_badly(dict(answer.headers), kind, stale=dict(stale))
            return answer._replace(headers=tuple(headers.items()))
