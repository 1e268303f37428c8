"""Writes a verdict as the reply that WeChat would send. It decides nothing.

As in WeChat's own replies, text is in CDATA, numbers are bare, and ``err_code`` is SUCCESS on
success. Replies to normal, group and mini-program packets and to their query are unsigned; those to
preorders and WeCom are signed. A refusal echoes the request's fields as they were sent; a setting
for each code says whether ``return_code`` is then SUCCESS or FAIL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.api_request import NOBODY
from hongbao.simulator.clock import beijing_digits, beijing_text
from hongbao.simulator.exchange import Answer
from hongbao.simulator.rules import SUCCESS
from hongbao.simulator.settings import RefusalShape
from hongbao.simulator.tokens import listid_of, package_of, ticket_of
from hongbao.wire import document, endpoints, signature
from hongbao.wire.fields import RE_OPENID
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.packet import Packet, Received
    from hongbao.simulator.rules import Verdict

_WHO_IS_OPEN = frozenset({"XML_ERROR", "CA_ERROR", "SIGN_ERROR"})
"""These codes are sent before the caller is known, so no reply with them is signed."""

_SENT_TEXT = "发放成功"
_ROWS = "hblist"
_BARE = frozenset({"total_amount", "total_num", "refund_amount", "amount", _ROWS})
_ROW_BARE = frozenset({"amount"})
_Fields = dict[str, str]


def reply(request: ApiRequest, verdict: Verdict) -> Answer:
    """Write the reply for a verdict."""
    if verdict.err_code != SUCCESS:
        return refusal(request, verdict.err_code, verdict.text)
    if verdict.packet is None:
        raise AssertionError("a success is about a packet")
    text = _SENT_TEXT if RE_OPENID in request.endpoint.known else "OK"
    content = _CONTENT.get(request.endpoint.name, _sent)
    fields = {
        "return_code": "SUCCESS",
        "return_msg": text,
        "result_code": "SUCCESS",
        "err_code": SUCCESS,
        "err_code_des": text,
        **content(request, verdict.packet),
    }
    return _answer(request, fields)


def refusal(
    request: ApiRequest, err_code: str, text: str, shape: RefusalShape | None = None
) -> Answer:
    """Write a refusal. Its shape is the one in the settings unless ``shape`` is given."""
    shape = shape or request.world.settings.shape_of(err_code)
    succeeds = shape is RefusalShape.SUCCESS
    fields = {
        "return_code": "SUCCESS" if succeeds else "FAIL",
        "return_msg": text,
        "result_code": "FAIL",
        "err_code": err_code,
        "err_code_des": text,
    }
    if shape is RefusalShape.ZEROS:
        fields |= {"mch_id": "0", "total_amount": "0"}
    elif shape is not RefusalShape.BARE:
        fields |= {name: request.said[name] for name in _repeated(request) if name in request.said}
    if not succeeds or err_code in _WHO_IS_OPEN or request.merchant is NOBODY:
        return _xml(request, fields)
    return _answer(request, fields)


def _repeated(request: ApiRequest) -> tuple[str, ...]:
    counted = request.endpoint.need("total_num") is not None
    return (*request.endpoint.echoed, "total_num") if counted else request.endpoint.echoed


def page(status: int, title: str, heading: str, line: str = "") -> Answer:
    """An HTML page of the web server that stands in front of WeChat."""
    middle = f"<center>{line}</center>\r\n" if line else ""
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{heading}</h1></center>\r\n{middle}"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, text.encode(), "text/html")


NO_CERTIFICATE = page(
    400,
    "400 No required SSL certificate was sent",
    "400 Bad Request",
    "No required SSL certificate was sent",
)
BAD_CERTIFICATE = page(
    400, "400 The SSL certificate error", "400 Bad Request", "The SSL certificate error"
)
"""For a certificate that is expired or not trusted, which the web server rejects before ``App``."""
NO_SUCH_PATH = page(404, "404 Not Found", "404 Not Found")


def _answer(request: ApiRequest, fields: _Fields) -> Answer:
    if request.endpoint.reply_signed:
        fields["sign"] = signature.sign_md5(fields, request.merchant.key)
    return _xml(request, fields)


def _xml(request: ApiRequest, fields: _Fields) -> Answer:
    # Only digits are written bare: a refusal echoes whatever the request had in place of a number.
    bare = frozenset(name for name in _BARE if name == _ROWS or fields.get(name, "").isdigit())
    body = document.encode(fields.items(), bare=bare)
    return Answer(200, body, request.world.settings.content_type.value)


def _sent(_case: ApiRequest, packet: Packet) -> _Fields:
    return {
        "mch_billno": packet.mch_billno,
        "mch_id": packet.mch_id,
        "wxappid": packet.terms.wxappid,
        "re_openid": packet.re_openid,
        "total_amount": str(packet.total_amount),
        "send_listid": listid_of(packet),
    }


def _sent_group(request: ApiRequest, packet: Packet) -> _Fields:
    return {**_sent(request, packet), "total_num": packet.terms.total_num}


def _sent_mini_program(request: ApiRequest, packet: Packet) -> _Fields:
    return {**_sent(request, packet), "package": package_of(request.world, packet)}


def _sent_work(request: ApiRequest, packet: Packet) -> _Fields:
    return {**_sent(request, packet), **_sender(packet)}


def _preordered(request: ApiRequest, packet: Packet) -> _Fields:
    return {
        "mch_billno": packet.mch_billno,
        "mch_id": packet.mch_id,
        "wxappid": packet.terms.wxappid,
        "total_amount": str(packet.total_amount),
        "sp_ticket": ticket_of(request.world, packet),
        "detail_id": listid_of(packet),
        "send_time": beijing_digits(packet.created_at),
    }


def _info(_case: ApiRequest, packet: Packet) -> _Fields:
    fields = _state(packet)
    if packet.status is Status.RECEIVED:
        # Real replies have none of the texts while nobody has taken the packet.
        fields |= _texts(packet)
    fields["hb_type"] = "GROUP" if packet.is_group else "NORMAL"
    fields["total_num"] = str(packet.people)
    if packet.claims:
        newest_first = reversed(packet.claims)
        rows = [document.element("hbinfo", _row(claim)) for claim in newest_first]
        fields[_ROWS] = "".join(rows)
    return fields


def _work_info(_case: ApiRequest, packet: Packet) -> _Fields:
    fields = {**_state(packet), **_texts(packet), **_sender(packet)}
    for claim in packet.claims:
        fields.update(_cells(claim))
    return fields


def _state(packet: Packet) -> _Fields:
    sent_at = packet.created_at if packet.sent_at is None else packet.sent_at
    fields = {
        "mch_billno": packet.mch_billno,
        "mch_id": packet.mch_id,
        "detail_id": listid_of(packet),
        "status": packet.status.value,
        "send_type": "API",
        "total_amount": str(packet.total_amount),
        "send_time": beijing_text(sent_at),
    }
    if packet.reason:
        fields["reason"] = packet.reason
    if packet.status is Status.REFUND and packet.refunded_at is not None:
        fields["refund_time"] = beijing_text(packet.refunded_at)
        fields["refund_amount"] = str(packet.refunded)
    return fields


def _texts(packet: Packet) -> _Fields:
    terms = packet.terms
    return {"wishing": terms.wishing, "remark": terms.remark, "act_name": terms.act_name}


def _sender(packet: Packet) -> _Fields:
    said = {
        "sender_name": packet.terms.sender_name,
        "sender_header_media_id": packet.terms.sender_header_media_id,
    }
    return {name: value for name, value in said.items() if value}


def _row(claim: Received) -> str:
    return "".join(
        document.element(name, value if name in _ROW_BARE else document.cdata(value))
        for name, value in _cells(claim).items()
    )


def _cells(claim: Received) -> _Fields:
    return {
        "openid": claim.openid,
        "amount": str(claim.amount),
        "rcv_time": beijing_text(claim.moment),
    }


_CONTENT = {
    endpoints.SENDGROUPREDPACK.name: _sent_group,
    endpoints.SENDMINIPROGRAMHB.name: _sent_mini_program,
    endpoints.GETHBINFO.name: _info,
    endpoints.HBPREORDER.name: _preordered,
    endpoints.SENDWORKWXREDPACK.name: _sent_work,
    endpoints.QUERYWORKWXREDPACK.name: _work_info,
}
"""All others say what every accepted send says."""
