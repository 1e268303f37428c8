"""Decides which err_code a request gets: three literal tables in the order of precedence.

A request goes down ``ADMISSION``; a send whose number is known then goes down ``REPEAT``; a send
that is not paid yet goes down ``PAYMENT``. The first rule whose check finds something decides. A
rule applies to the calls in its letters: S sendredpack, G sendgroupredpack, M sendminiprogramhb,
Q gethbinfo, H hbpreorder, W sendworkwxredpack, V queryworkwxredpack. Every code is documented for
its calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator import checks as c
from hongbao.simulator import field_checks as fc
from hongbao.simulator.merchant import Delivery
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.packet import Packet

SUCCESS = "SUCCESS"
PROCESSING = "PROCESSING"
_MAY_BE_PROCESSING = "SGMW"


class Rule(NamedTuple):
    """One row: when a request is refused, and with what.

    Attributes:
        calls: the letters of the calls that it applies to.
        err_code: the code of the refusal.
        finds: the check; its docstring says which state provokes it.
        text: WeChat's text, with a place for the detail that was found.
        leaves_order: whether the order stays SENDING, and may be paid by a repeat.
    """

    calls: str
    err_code: str
    finds: Callable[[ApiRequest], bool | str]
    text: str
    leaves_order: bool = False


class Verdict(NamedTuple):
    """The decision about a request.

    Attributes:
        err_code: ``SUCCESS`` or a refusal's.
        text: a refusal's text.
        packet: the order that the request is about; None if there is none.
        paid: whether this very request took money.
    """

    err_code: str
    text: str
    packet: Packet | None
    paid: bool = False


_ALL, _SENDS = "SGMHWQV", "SGMHW"
_NOT_FOUND_TEXT = "指定单号数据不存在"

ADMISSION: tuple[Rule, ...] = (
    Rule(_ALL, "XML_ERROR", c.malformed, "请求内容不是合法的XML"),
    Rule(_ALL, "PARAM_ERROR", c.stranger, "参数错误:输入的商户号有误"),
    Rule(_ALL, "PARAM_ERROR", fc.missing_field, "参数错误:{}"),
    Rule(_ALL, "PARAM_ERROR", fc.illegal_field, "参数错误:{}"),
    Rule("GH", "PARAM_ERROR", fc.wrong_people, "参数错误:{}"),
    Rule("W", "PARAM_ERROR", fc.wrong_sender, "参数错误:sender_name与agentid须且只能填一个"),
    Rule(_ALL, "CA_ERROR", c.wrong_certificate, "证书与商户号不一致,请使用该商户号的API证书"),
    Rule(_ALL, "CA_ERROR", c.expired_certificate, "证书已过期"),
    Rule(_ALL, "SIGN_ERROR", c.wrong_sign, "签名错误"),
    Rule(_ALL, "FREQ_LIMIT", c.too_many_a_second, "调用频率超过限制,请稍后再试"),
    Rule("SGH", "SECOND_OVER_LIMITED", c.too_many_a_minute, "每分钟调用次数已达上限"),
    Rule("MWQV", "FREQ_LIMIT", c.too_many_a_minute, "调用频率超过限制,请稍后再试"),
    Rule("SGM", "PARAM_ERROR", fc.provider_field_in_ordinary_mode, "参数错误:{}只用于服务商模式"),
    Rule("SGM", "PARAM_ERROR", fc.provider_field_missing, "参数错误:服务商模式下{}必填"),
    Rule(_ALL, "PARAM_ERROR", c.appid_not_bound, "参数错误:appid与mch_id没有绑定关系"),
    Rule("SGMW", "ILLEGAL_APPID", c.wrong_appid_kind, "该类型的appid不能用于此接口"),
    Rule("W", "NO_COMPETENCE", c.no_competence, "商户未开通企业微信支付"),
    Rule("W", "WORKWX_SIGN_ERROR", c.wrong_work_sign, "企业微信签名错误"),
    Rule("W", "SIGN_ERROR", c.wrong_work_sign_as_sign, "签名错误"),
    Rule("W", "SYSTEMERROR", c.wrong_work_sign_as_system, "系统繁忙,请使用原单号重试"),
    Rule("SGM", "ACCEPTMODE_ERROR", c.not_a_sub_merchant, "服务商与该特约商户没有受理关系"),
    Rule("SGM", "MSGAPPID_ERROR", c.msgappid_not_bound, "msgappid与服务商及特约商户均无绑定关系"),
    Rule(_SENDS, "PRODUCT_AUTHORITY_UNOPEN", c.product_not_opened, "商户未开通红包产品"),
    Rule(_SENDS, "NO_AUTH", c.ip_not_allowed, "IP地址非你在商户平台设置的可用IP地址"),
    Rule(_ALL, "NO_AUTH", c.call_forbidden, "商户没有调用此接口的权限"),
    Rule("G", "NO_AUTH", c.group_forbidden, "商户没有发放裂变红包的权限"),
    Rule("SMW", "API_METHOD_CLOSED", c.api_switched_off, "商户平台已关闭API发放方式"),
    Rule("GH", "NO_AUTH", c.api_switched_off, "商户没有API发放的权限"),
    Rule("QV", "NOT_FOUND", c.nothing_to_find, _NOT_FOUND_TEXT),
    Rule("QV", "SYSTEMERROR", c.nothing_to_find_as_system, _NOT_FOUND_TEXT),
)
"""Whether the request is valid and allowed. A refusal leaves no order, except by
``Settings.refusals_held``.
"""

TOO_SOON_TEXT = "同一商户订单号的请求过于频繁,请稍后使用原单号重试"

REPEAT: tuple[Rule, ...] = (
    Rule(_SENDS, "FREQ_LIMIT", c.too_soon, TOO_SOON_TEXT),
    Rule(_SENDS, "FATAL_ERROR", c.other_openid, "更换了openid，但商户单号未更新"),
    Rule("SG", "金额和原始单参数不一致", c.other_amount, "金额和原始单参数不一致"),
    Rule("MHW", "FATAL_ERROR", c.other_amount, "同一商户订单号的金额与首次请求不一致"),
    Rule(_SENDS, "PARAM_ERROR", c.other_amount_as_param, "参数错误:total_amount与首次请求不一致"),
    Rule(_SENDS, "FATAL_ERROR", c.other_terms, "同一商户订单号的参数与首次请求不一致"),
    Rule(_SENDS, "SEND_FAILED", c.failed_before, "{}"),
    Rule(_MAY_BE_PROCESSING, PROCESSING, c.still_processing, "请求已受理,请稍后使用原单号查询"),
    Rule(_SENDS, "FATAL_ERROR", c.paid_before, "该商户订单号已受理过,请查询发放结果"),
)
"""Whether a known number may be sent again. No reply to a repeat changes its order."""

PAYMENT: tuple[Rule, ...] = (
    Rule(_SENDS, "SYSTEMERROR", c.world_full, "模拟器的订单数已达上限"),
    Rule("SGMW", "OPENID_ERROR", c.openid_of_another_appid, "openid与appid不匹配"),
    Rule("SGMW", "PARAM_ERROR", c.scene_not_opened, "参数错误:该场景未开通"),
    Rule("SGMW", "MONEY_LIMIT", c.amount_out_of_range, "每个红包的平均金额必须在{}之间"),
    Rule("H", "MONEY_LIMIT", c.preorder_out_of_range, "红包总金额必须在{}之间"),
    Rule("SGH", "TIME_LIMITED", c.at_night, "请勿在0点到8点间发红包"),
    Rule("SGH", "DAY_OVER_LIMITED", c.merchant_packets_used_up, "商户今日发放个数已达上限"),
    Rule("S", "PAYER_ACCOUNT_ABNORMAL", c.merchant_frozen, "商户账户已被冻结,不能付款", True),
    Rule("GMHW", "NO_AUTH", c.merchant_frozen, "商户账户已被冻结,不能付款", True),
    Rule("SGMW", "NO_AUTH", c.user_refused_by_risk_control, "用户账号异常,已被拦截", True),
    Rule("SGMW", "SENDNUM_LIMIT", c.user_packets_used_up, "该用户今日领取个数已达上限", True),
    Rule("SMW", "RCVDAMOUNT_LIMIT", c.user_amount_used_up, "该用户今日领取金额已达上限", True),
    Rule("SMW", "SENDAMOUNT_LIMIT", c.merchant_amount_used_up, "商户今日发放金额已达上限", True),
    Rule(_SENDS, "NOTENOUGH", c.balance_too_low, "帐号余额不足，请到商户平台充值后再重试", True),
)
"""Whether the order can be paid now. Where a row says so, a refused order stays, and a repeat goes
down this table again.

``Settings.refusals_held`` overrules the rows.
"""


def judge(request: ApiRequest, delivery: Delivery) -> Verdict:
    """Decide a request, and change the world accordingly.

    Args:
        request: the request.
        delivery: how an order that is accepted now goes on.
    """
    refused = _admit(request)
    if refused is not None:
        return refused
    if not request.endpoint.moves_money:
        return Verdict(SUCCESS, "", request.packet)
    if request.packet is not None:
        check, text = _first(_REPEAT[request.endpoint.letter], request)
        if check is not None:
            return Verdict(check.err_code, text, request.packet)
        if request.packet.account is not None:
            return Verdict(SUCCESS, "", request.packet)
    return _pay(request, delivery)


def hold(request: ApiRequest, err_code: str, text: str) -> Verdict:
    """Refuse a send that could be paid, and hold its number if that is new.

    A query, or a request that is not admitted, is answered as by ``judge``.
    """
    refused = _admit(request)
    if refused is not None:
        return refused
    if not request.endpoint.moves_money:
        return Verdict(SUCCESS, "", request.packet)
    if request.packet is None and not c.world_full(request):
        request.world.refuse(_order(request), text)
    return Verdict(err_code, text, request.packet)


def _admit(request: ApiRequest) -> Verdict | None:
    """The refusal of a request that is invalid or not allowed; None if it is neither."""
    check, text = _first(_ADMISSION[request.endpoint.letter], request)
    if check is None:
        return None
    if request.packet is None and request.endpoint.moves_money and _holds(request, check):
        request.world.refuse(_order(request), text)
    return Verdict(check.err_code, text, request.packet)


def _pay(request: ApiRequest, delivery: Delivery) -> Verdict:
    request.merchant.today.turn(request.now)
    check, text = _first(_PAYMENT[request.endpoint.letter], request)
    if check is not None:
        if _holds(request, check):
            request.world.refuse(_order(request), text)
        return Verdict(check.err_code, text, request.packet)
    if request.endpoint.letter not in _MAY_BE_PROCESSING:
        delivery = Delivery(seconds=delivery.seconds)
    paid = request.world.pay(_order(request), delivery)
    if delivery.told:
        return Verdict(PROCESSING, _PROCESSING_TEXT, request.packet, paid)
    return Verdict(SUCCESS, "", request.packet, paid)


def _holds(request: ApiRequest, check: Rule) -> bool:
    """Whether a refusal leaves an order."""
    said = request.world.settings.refusals_held.get(check.err_code, check.leaves_order)
    return said and check not in _NEVER_HELD and not c.world_full(request)


def _order(request: ApiRequest) -> Packet:
    """The order of this number, stored if it is new."""
    if request.packet is None:
        request.packet = request.world.order(
            request.merchant,
            mch_billno=request.mch_billno,
            terms=request.terms,
            re_openid=request.openid,
            amount=request.amount,
        )
    return request.packet


def _first(table: tuple[Rule, ...], request: ApiRequest) -> tuple[Rule | None, str]:
    for check in table:
        found = check.finds(request)
        if found is not False and found != "":
            return check, check.text.format(found)
    return None, ""


def _by_letter(table: tuple[Rule, ...]) -> dict[str, tuple[Rule, ...]]:
    return {
        endpoint.letter: tuple(check for check in table if endpoint.letter in check.calls)
        for endpoint in ENDPOINTS
    }


_ADMISSION = _by_letter(ADMISSION)
_REPEAT = _by_letter(REPEAT)
_PAYMENT = _by_letter(PAYMENT)
_WHO_IS_OPEN = [check.finds for check in ADMISSION].index(c.wrong_sign) + 1
_NEVER_HELD = frozenset(ADMISSION[:_WHO_IS_OPEN])
"""Refusals before the caller and the request are known: they cannot leave an order."""
_PROCESSING_TEXT = next(check.text for check in REPEAT if check.err_code == PROCESSING)
