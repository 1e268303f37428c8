"""Checks a request's fields one by one, with WeChat's words for what is wrong.

The checks return what those in ``checks`` return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.wire import endpoints
from hongbao.wire import fields as f
from hongbao.wire.assumptions import TextLimits
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from hongbao.simulator.api_request import ApiRequest

Found = bool | str

_FIELDS_OF_CALL = {
    endpoint.name: tuple(known for known in endpoint.known if known is not f.SIGN)
    for endpoint in ENDPOINTS
}
_REQUIRED_OF_CALL = {
    endpoint.name: tuple(
        known for known in _FIELDS_OF_CALL[endpoint.name] if known.name in endpoint.required
    )
    for endpoint in ENDPOINTS
}
_TEXTS = {
    f.ACT_NAME: "act_name字段必填,并且少于32个字符.",
    f.CLIENT_IP: "client_ip必须是合法的IP字符串",
    f.MCH_BILLNO: "订单号字段必填,最长为28个字符",
    f.RE_OPENID: "re_openid字段不正确,请检查是否合法",
    f.TOTAL_NUM: "total_num必须等于1",
    f.GROUP_TOTAL_NUM: "total_num必须介于(包括)3到20之间.",
}
"""Texts of PARAM_ERROR by field, from real refusals and from WeChat's tables of 2015 to 2017."""


def missing_field(request: ApiRequest) -> Found:
    """A field that the call requires is absent or empty."""
    for known in _REQUIRED_OF_CALL[request.endpoint.name]:
        if known is f.CLIENT_IP and not request.world.settings.client_ip_required:
            continue
        if known.name not in request.given:
            return _TEXTS.get(known, f"缺少{known.name}")
    return False


def illegal_field(request: ApiRequest) -> Found:
    """A field breaks its rule. The upper limit of an amount is checked later."""
    for known in _FIELDS_OF_CALL[request.endpoint.name]:
        text = request.given.get(known.name)
        if text is None:
            continue
        if known.name == "total_amount":
            wrong = not known.matches(text)
        else:
            wrong = known.problem(text) is not None or _too_long(request, known, text)
        if wrong:
            return _TEXTS.get(known, f"{known.name}不符合要求")
    return False


def _too_long(request: ApiRequest, known: f.Field, text: str) -> bool:
    if request.world.settings.text_limits is TextLimits.BYTES:
        return known.bytes_max > 0 and known.excess(text) > 0
    # "Fewer than 32" is in the text of a real refusal; the tables say 32.
    return known in (f.SEND_NAME, f.ACT_NAME) and len(text) >= known.chars_max


def wrong_people(request: ApiRequest) -> Found:
    """``total_num`` does not fit the kind of packet."""
    if request.endpoint is endpoints.SENDGROUPREDPACK:
        return (
            request.people > request.world.settings.group_people_max and _TEXTS[f.GROUP_TOTAL_NUM]
        )
    fits = (request.people == 1) is (request.given["hb_type"] == "NORMAL")
    return not fits and "total_num不符合要求"


def wrong_sender(request: ApiRequest) -> Found:
    """The request has both or neither of ``sender_name`` and ``agentid``; exactly one is needed."""
    return ("sender_name" in request.given) is ("agentid" in request.given)


def provider_field_in_ordinary_mode(request: ApiRequest) -> Found:
    """A merchant that is no service provider sent ``msgappid`` or ``sub_mch_id``."""
    if request.merchant.provider:
        return False
    return _first(request, ("msgappid", "sub_mch_id"), given=True)


def provider_field_missing(request: ApiRequest) -> Found:
    """A service provider leaves ``msgappid`` or ``sub_mch_id`` out."""
    if not request.merchant.provider:
        return False
    return _first(request, ("msgappid", "sub_mch_id"), given=False)


def _first(request: ApiRequest, names: tuple[str, ...], *, given: bool) -> Found:
    return next((name for name in names if (name in request.given) is given), False)
