"""Which request gets which err_code, in which order of precedence: three literal tables.

A request goes down ``ADMISSION``; a send whose number is known then goes down ``REPEAT``; a send
that is not paid yet goes down ``PAYMENT``. The first check that finds something decides. A row
serves the calls in its letters: S sendredpack, G sendgroupredpack, M sendminiprogramhb,
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
_TOLD_PROCESSING = "SGMW"


class RefusalRule(NamedTuple):
    """One row.

    Attributes:
        calls: the letters of the calls that it is for.
        err_code: what it answers.
        finds: what it looks at; its docstring says which state provokes it.
        text: WeChat's text, with a place for the detail that was found.
        leaves_order: whether the order stays SENDING, and may be paid by a repeat.
    """

    calls: str
    err_code: str
    finds: Callable[[ApiRequest], bool | str]
    text: str
    leaves_order: bool = False


class Verdict(NamedTuple):
    """What is answered.

    Attributes:
        err_code: ``SUCCESS`` or a refusal's.
        text: of a refusal.
        packet: the order that it is about; None if there is none.
        paid: whether this very request took money.
    """

    err_code: str
    text: str
    packet: Packet | None
    paid: bool = False


_ALL, _SENDS = "SGMHWQV", "SGMHW"
_NOT_FOUND_TEXT = "指定单号数据不存在"

ADMISSION: tuple[RefusalRule, ...] = (
    RefusalRule(_ALL, "XML_ERROR", c.malformed, "请求内容不是合法的XML"),
    RefusalRule(_ALL, "PARAM_ERROR", c.stranger, "参数错误:输入的商户号有误"),
    RefusalRule(_ALL, "PARAM_ERROR", fc.missing_field, "参数错误:{}"),
    RefusalRule(_ALL, "PARAM_ERROR", fc.illegal_field, "参数错误:{}"),
    RefusalRule("GH", "PARAM_ERROR", fc.wrong_people, "参数错误:{}"),
    RefusalRule("W", "PARAM_ERROR", fc.wrong_sender, "参数错误:sender_name与agentid须且只能填一个"),
    RefusalRule(
        _ALL, "CA_ERROR", c.wrong_certificate, "证书与商户号不一致,请使用该商户号的API证书"
    ),
    RefusalRule(_ALL, "CA_ERROR", c.expired_certificate, "证书已过期"),
    RefusalRule(_ALL, "SIGN_ERROR", c.wrong_sign, "签名错误"),
    RefusalRule(_ALL, "FREQ_LIMIT", c.too_many_a_second, "调用频率超过限制,请稍后再试"),
    RefusalRule("SGH", "SECOND_OVER_LIMITED", c.too_many_a_minute, "每分钟调用次数已达上限"),
    RefusalRule("MWQV", "FREQ_LIMIT", c.too_many_a_minute, "调用频率超过限制,请稍后再试"),
    RefusalRule(
        "SGM", "PARAM_ERROR", fc.provider_field_in_ordinary_mode, "参数错误:{}只用于服务商模式"
    ),
    RefusalRule("SGM", "PARAM_ERROR", fc.provider_field_missing, "参数错误:服务商模式下{}必填"),
    RefusalRule(_ALL, "PARAM_ERROR", c.appid_not_bound, "参数错误:appid与mch_id没有绑定关系"),
    RefusalRule("SGMW", "ILLEGAL_APPID", c.wrong_appid_kind, "该类型的appid不能用于此接口"),
    RefusalRule("W", "NO_COMPETENCE", c.no_competence, "商户未开通企业微信支付"),
    RefusalRule("W", "WORKWX_SIGN_ERROR", c.wrong_work_sign, "企业微信签名错误"),
    RefusalRule("W", "SIGN_ERROR", c.wrong_work_sign_as_sign, "签名错误"),
    RefusalRule("W", "SYSTEMERROR", c.wrong_work_sign_as_system, "系统繁忙,请使用原单号重试"),
    RefusalRule("SGM", "ACCEPTMODE_ERROR", c.not_a_sub_merchant, "服务商与该特约商户没有受理关系"),
    RefusalRule(
        "SGM", "MSGAPPID_ERROR", c.msgappid_not_bound, "msgappid与服务商及特约商户均无绑定关系"
    ),
    RefusalRule(_SENDS, "PRODUCT_AUTHORITY_UNOPEN", c.product_not_opened, "商户未开通红包产品"),
    RefusalRule(_SENDS, "NO_AUTH", c.ip_not_allowed, "IP地址非你在商户平台设置的可用IP地址"),
    RefusalRule(_ALL, "NO_AUTH", c.call_forbidden, "商户没有调用此接口的权限"),
    RefusalRule("G", "NO_AUTH", c.group_forbidden, "商户没有发放裂变红包的权限"),
    RefusalRule("SMW", "API_METHOD_CLOSED", c.api_switched_off, "商户平台已关闭API发放方式"),
    RefusalRule("GH", "NO_AUTH", c.api_switched_off, "商户没有API发放的权限"),
    RefusalRule("QV", "NOT_FOUND", c.nothing_to_find, _NOT_FOUND_TEXT),
    RefusalRule("QV", "SYSTEMERROR", c.nothing_to_find_as_system, _NOT_FOUND_TEXT),
)
"""Who asks, what, and whether they may. A refusal leaves no order, but by ``refusals_held``."""

TOO_SOON_TEXT = "同一商户订单号的请求过于频繁,请稍后使用原单号重试"

REPEAT: tuple[RefusalRule, ...] = (
    RefusalRule(_SENDS, "FREQ_LIMIT", c.too_soon, TOO_SOON_TEXT),
    RefusalRule(_SENDS, "FATAL_ERROR", c.other_openid, "更换了openid，但商户单号未更新"),
    RefusalRule("SG", "金额和原始单参数不一致", c.other_amount, "金额和原始单参数不一致"),
    RefusalRule("MHW", "FATAL_ERROR", c.other_amount, "同一商户订单号的金额与首次请求不一致"),
    RefusalRule(
        _SENDS, "PARAM_ERROR", c.other_amount_as_param, "参数错误:total_amount与首次请求不一致"
    ),
    RefusalRule(_SENDS, "FATAL_ERROR", c.other_terms, "同一商户订单号的参数与首次请求不一致"),
    RefusalRule(_SENDS, "SEND_FAILED", c.failed_before, "{}"),
    RefusalRule(
        _TOLD_PROCESSING, PROCESSING, c.still_processing, "请求已受理,请稍后使用原单号查询"
    ),
    RefusalRule(_SENDS, "FATAL_ERROR", c.paid_before, "该商户订单号已受理过,请查询发放结果"),
)
"""A number that is known. What it ordered stands, whatever a repeat is told."""

PAYMENT: tuple[RefusalRule, ...] = (
    RefusalRule(_SENDS, "SYSTEMERROR", c.world_full, "模拟器的订单数已达上限"),
    RefusalRule("SGMW", "OPENID_ERROR", c.openid_of_another_appid, "openid与appid不匹配"),
    RefusalRule("SGMW", "PARAM_ERROR", c.scene_not_opened, "参数错误:该场景未开通"),
    RefusalRule("SGMW", "MONEY_LIMIT", c.amount_out_of_range, "每个红包的平均金额必须在{}之间"),
    RefusalRule("H", "MONEY_LIMIT", c.preorder_out_of_range, "红包总金额必须在{}之间"),
    RefusalRule("SGH", "TIME_LIMITED", c.at_night, "请勿在0点到8点间发红包"),
    RefusalRule("SGH", "DAY_OVER_LIMITED", c.merchant_packets_used_up, "商户今日发放个数已达上限"),
    RefusalRule(
        "S", "PAYER_ACCOUNT_ABNORMAL", c.merchant_frozen, "商户账户已被冻结,不能付款", True
    ),
    RefusalRule("GMHW", "NO_AUTH", c.merchant_frozen, "商户账户已被冻结,不能付款", True),
    RefusalRule("SGMW", "NO_AUTH", c.user_refused_by_risk_control, "用户账号异常,已被拦截", True),
    RefusalRule(
        "SGMW", "SENDNUM_LIMIT", c.user_packets_used_up, "该用户今日领取个数已达上限", True
    ),
    RefusalRule(
        "SMW", "RCVDAMOUNT_LIMIT", c.user_amount_used_up, "该用户今日领取金额已达上限", True
    ),
    RefusalRule(
        "SMW", "SENDAMOUNT_LIMIT", c.merchant_amount_used_up, "商户今日发放金额已达上限", True
    ),
    RefusalRule(
        _SENDS, "NOTENOUGH", c.balance_too_low, "帐号余额不足，请到商户平台充值后再重试", True
    ),
)
"""Whether it is paid now. Where a row says so, the order stays, and a repeat comes here again.

``Settings.refusals_held`` overrules the rows.
"""


def judge(request: ApiRequest, delivery: Delivery) -> Verdict:
    """Decide a request, and do to the world what follows from it.

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

    A query, and what would not be admitted, is answered as by ``judge``.
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
    """The refusal of a request that may not be made; None if it may."""
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
    if request.endpoint.letter not in _TOLD_PROCESSING:
        delivery = Delivery(seconds=delivery.seconds)
    paid = request.world.pay(_order(request), delivery)
    if delivery.told:
        return Verdict(PROCESSING, _PROCESSING_TEXT, request.packet, paid)
    return Verdict(SUCCESS, "", request.packet, paid)


def _holds(request: ApiRequest, check: RefusalRule) -> bool:
    """Whether an order is left of what a check refuses."""
    said = request.world.settings.refusals_held.get(check.err_code, check.leaves_order)
    return said and check not in _NEVER_HELD and not c.world_full(request)


def _order(request: ApiRequest) -> Packet:
    """The order of this number, taken down if it is new."""
    if request.packet is None:
        request.packet = request.world.order(
            request.merchant,
            mch_billno=request.mch_billno,
            terms=request.terms,
            re_openid=request.openid,
            amount=request.amount,
        )
    return request.packet


def _first(table: tuple[RefusalRule, ...], request: ApiRequest) -> tuple[RefusalRule | None, str]:
    for check in table:
        found = check.finds(request)
        if found is not False and found != "":
            return check, check.text.format(found)
    return None, ""


def _by_letter(table: tuple[RefusalRule, ...]) -> dict[str, tuple[RefusalRule, ...]]:
    return {
        endpoint.letter: tuple(check for check in table if endpoint.letter in check.calls)
        for endpoint in ENDPOINTS
    }


_ADMISSION = _by_letter(ADMISSION)
_REPEAT = _by_letter(REPEAT)
_PAYMENT = _by_letter(PAYMENT)
_WHO_IS_OPEN = [check.finds for check in ADMISSION].index(c.wrong_sign) + 1
_NEVER_HELD = frozenset(ADMISSION[:_WHO_IS_OPEN])
"""What is refused before it is clear who asks, and what: nobody could hold that."""
_PROCESSING_TEXT = next(check.text for check in REPEAT if check.err_code == PROCESSING)
