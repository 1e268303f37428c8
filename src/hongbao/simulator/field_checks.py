"""The checks of what a request says, field by field, with WeChat's words for what is wrong.

They answer as those of ``checks`` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.wire import endpoints
from hongbao.wire import fields as f
from hongbao.wire.assumptions import TextLimits
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from hongbao.simulator.case import Case

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
"""Of PARAM_ERROR, by field: from real refusals, and from WeChat's tables of 2015 to 2017."""


def missing_field(case: Case) -> Found:
    """A field that the call requires is absent or empty."""
    for known in _REQUIRED_OF_CALL[case.endpoint.name]:
        if known is f.CLIENT_IP and not case.world.settings.client_ip_required:
            continue
        if known.name not in case.given:
            return _TEXTS.get(known, f"缺少{known.name}")
    return False


def illegal_field(case: Case) -> Found:
    """A field breaks its rule. How high an amount may be is judged later."""
    for known in _FIELDS_OF_CALL[case.endpoint.name]:
        text = case.given.get(known.name)
        if text is None:
            continue
        if known.name == "total_amount":
            wrong = not known.matches(text)
        else:
            wrong = known.problem(text) is not None or _too_long(case, known, text)
        if wrong:
            return _TEXTS.get(known, f"{known.name}不符合要求")
    return False


def _too_long(case: Case, known: f.Field, text: str) -> bool:
    if case.world.settings.text_limits is TextLimits.BYTES:
        return known.bytes_max > 0 and known.excess(text) > 0
    # "Fewer than 32" is in the text of a real refusal; the tables say 32.
    return known in (f.SEND_NAME, f.ACT_NAME) and len(text) >= known.chars_max


def wrong_people(case: Case) -> Found:
    """``total_num`` does not go with the kind of packet."""
    if case.endpoint is endpoints.SENDGROUPREDPACK:
        return case.people > case.world.settings.group_people_max and _TEXTS[f.GROUP_TOTAL_NUM]
    fits = (case.people == 1) is (case.given["hb_type"] == "NORMAL")
    return not fits and "total_num不符合要求"


def wrong_sender(case: Case) -> Found:
    """Of ``sender_name`` and ``agentid`` there must be exactly one."""
    return ("sender_name" in case.given) is ("agentid" in case.given)


def provider_field_in_ordinary_mode(case: Case) -> Found:
    """``msgappid`` or ``sub_mch_id`` from a merchant that is no service provider."""
    if case.merchant.provider:
        return False
    return _first(case, ("msgappid", "sub_mch_id"), given=True)


def provider_field_missing(case: Case) -> Found:
    """A service provider leaves ``msgappid`` or ``sub_mch_id`` out."""
    if not case.merchant.provider:
        return False
    return _first(case, ("msgappid", "sub_mch_id"), given=False)


def _first(case: Case, names: tuple[str, ...], *, given: bool) -> Found:
    return next((name for name in names if (name in case.given) is given), False)
