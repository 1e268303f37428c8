"""Whether a V3 request is valid and allowed, in the order of precedence.

Which check comes first is inferred: no page says. That the IP is checked before the number is known
of V2.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from hongbao.digits import whole_number
from hongbao.simulator.api_request import NOBODY
from hongbao.simulator.clock import beijing_day
from hongbao.simulator.settings import FOREIGN_PREFIX
from hongbao.simulator.transfer.answered import V3Refusal, invalid, parameter
from hongbao.wire.transfer.fields import breach
from hongbao.wire.transfer.scenes import SCENES
from hongbao.wire.transfer.signing import unseal
from hongbao.wire.transfer.wechat_keys import AGE_SECONDS_MAX

if TYPE_CHECKING:
    from hongbao.simulator.transfer.request import V3Request

_TRUNCATED = 512
_AMOUNT_MIN, _NAME_FROM, _NO_NAME_BELOW, _RED_PACKET_MAX = 10, 200_000, 30, 20_000
_IP_TEXT = "此IP地址不允许调用该接口\t"
_RATE = {"cancel": 20, "ask_authorization": 50, "close_authorization": 50}
_RATE_USUAL = 100


def refuse_request(request: V3Request) -> V3Refusal | None:
    """The first reason why a request is refused before anybody looks at its order."""
    for check in (_signature, _headers, _permission, _rate, _body):
        found = check(request)
        if found is not None:
            return found
    return None


def refuse_transfer(request: V3Request) -> V3Refusal | None:
    """The first reason why a new transfer is refused."""
    document = request.document or {}
    for check in (_scene, _amount, _name, _receiver, _limits):
        found = check(request, document)
        if found is not None:
            return found
    return None


def _signature(request: V3Request) -> V3Refusal | None:
    issue = ""
    timestamp = request.said.get("timestamp", "")
    if request.merchant is NOBODY or request.merchant.v3 is None:
        issue = "mchid not found"
    elif not _is_of_now(timestamp, request.now):
        issue = "timestamp expired"
    elif request.said.get("serial_no", "").upper() not in request.v3.certificates:
        issue = "serial_no not found"
    elif not request.is_signed():
        issue = "sign not match"
    if not issue:
        return None
    text = request.signed_text.decode("utf-8", "replace")
    information = {
        "method": request.method,
        "url": request.target,
        "truncated_sign_message": text[:_TRUNCATED],
        "sign_message_length": len(request.signed_text),
    }
    detail = {
        "field": "signature",
        "location": "authorization",
        "issue": issue,
        "sign_information": information,
    }
    return V3Refusal(401, "SIGN_ERROR", "签名错误，请检查后再试", detail)


def _is_of_now(timestamp: str, now: float) -> bool:
    at = whole_number(timestamp, digits=12)
    return at is not None and abs(now - at) <= AGE_SECONDS_MAX


def _headers(request: V3Request) -> V3Refusal | None:
    for name in ("accept", "user-agent"):
        if not request.headers.get(name):
            return V3Refusal(400, "PARAM_ERROR", f"Http头缺少{name.title()}")
    if request.body and "json" not in request.headers.get("content-type", ""):
        return V3Refusal(400, "PARAM_ERROR", "Http头Content-Type不是application/json")
    serial = request.headers.get("wechatpay-serial", "")
    if not serial:
        return None
    key = request.world.wechat_side().find(serial)
    if key is None or not request.v3.serves(key):
        return V3Refusal(400, "PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")
    return None


def _permission(request: V3Request) -> V3Refusal | None:
    endpoint, merchant = request.endpoint, request.merchant
    if endpoint is None:
        return None
    if merchant.allowed_ips and request.remote_ip not in merchant.allowed_ips:
        return invalid(_IP_TEXT)
    opened = request.v3.product_opened or endpoint.letter in "KB"
    if endpoint.of_authorizations and not request.v3.authorizations_opened:
        opened = False
    if not opened or endpoint.name in merchant.forbidden_calls:
        return V3Refusal(403, "NO_AUTH", "商户号无权限")
    return None


def _rate(request: V3Request) -> V3Refusal | None:
    endpoint = request.endpoint
    if endpoint is None or request.merchant.limits.calls_per_second is None:
        return None
    window = request.merchant.v3_window(endpoint.name)
    if window.take(request.now, _RATE.get(endpoint.name, _RATE_USUAL)):
        return None
    return V3Refusal(429, "FREQUENCY_LIMITED", "频率超限，请降低请求频率")


def _body(request: V3Request) -> V3Refusal | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    if request.problem:
        return V3Refusal(400, "PARAM_ERROR", f"请求内容不是合法的JSON: {request.problem}")
    document = request.document
    if not endpoint.parts:
        if document:
            name = next(iter(document))
            message = "请求中含有未在API文档中定义的参数"
            return parameter(f"/{name}", document[name], "unknown field", message)
        return None
    found = breach(document or {}, endpoint.parts)
    if found is None:
        return None
    message = "请求中含有未在API文档中定义的参数" if found.unknown else f"参数错误: {found.rule}"
    if found.pointer == "/user_name":
        message = "请确认待处理的消息是否为加密后的密文"
    return parameter(found.pointer, found.value, found.rule, message)


def _scene(request: V3Request, document: dict[str, Any]) -> V3Refusal | None:
    scene_id = document["transfer_scene_id"]
    if scene_id not in request.v3.scenes:
        return invalid("你尚未获取该转账场景")
    known = SCENES.get(scene_id)
    if known is None:
        return None
    infos = [info["info_type"] for info in document["transfer_scene_report_infos"]]
    if sorted(infos) != sorted(known.report_infos):
        issue = f"exactly {', '.join(known.report_infos)}"
        return parameter("/transfer_scene_report_infos", infos, issue, "转账场景报备信息不完整")
    perception = document.get("user_recv_perception")
    if perception is not None and perception not in known.perceptions:
        return invalid("暂不支持展示当前传入的用户收款感知")
    style = document.get("user_recv_style", {}).get("type")
    if style == "RED_PACKET" and scene_id not in request.v3.red_packet_scenes:
        return invalid("该转账场景不支持红包样式")
    return None


def _amount(request: V3Request, document: dict[str, Any]) -> V3Refusal | None:
    amount = document["transfer_amount"]
    if amount < _AMOUNT_MIN:
        issue = f"at least {_AMOUNT_MIN}"
        return parameter("/transfer_amount", amount, issue, "转账金额低于最小限额")
    style = document.get("user_recv_style", {}).get("type")
    if style == "RED_PACKET" and amount > _RED_PACKET_MAX:
        issue = f"at most {_RED_PACKET_MAX}"
        return parameter("/transfer_amount", amount, issue, "红包样式金额超限")
    if amount > request.v3.scenes[document["transfer_scene_id"]]:
        return invalid("超出商户单笔转账额度")
    return None


def _name(request: V3Request, document: dict[str, Any]) -> V3Refusal | None:
    amount, sealed = document["transfer_amount"], document.get("user_name")
    if sealed is None:
        if amount < _NAME_FROM:
            return None
        return parameter("/user_name", None, f"given from {_NAME_FROM}", "收款用户姓名必填")
    if amount < _NO_NAME_BELOW:
        issue = f"left out below {_NO_NAME_BELOW}"
        return parameter("/user_name", sealed, issue, "该金额不支持校验姓名")
    if not plain_name(request, sealed):
        message = "请确认待处理的消息是否为加密后的密文"
        return parameter("/user_name", sealed, "sealed with Wechatpay-Serial's key", message)
    return None


def plain_name(request: V3Request, sealed: str) -> str | None:
    """The name in ``user_name``; None if it is not sealed with the key that the request names."""
    key = request.world.wechat_side().find(request.headers.get("wechatpay-serial", ""))
    if key is None:
        return None
    try:
        return unseal(key.private_key, b64decode(sealed))
    except ValueError:
        return None


def _receiver(request: V3Request, document: dict[str, Any]) -> V3Refusal | None:
    appid = document["appid"]
    if appid not in request.merchant.appids:
        return invalid("商户号与appid不匹配")
    openid = document.get("openid")
    if openid is not None and (
        openid.startswith(FOREIGN_PREFIX) or not request.world.knows(openid, appid)
    ):
        return invalid("openid与appid不匹配")
    return None


def _limits(request: V3Request, document: dict[str, Any]) -> V3Refusal | None:
    amount, day = document["transfer_amount"], beijing_day(request.now)
    book, mch_id = request.world.transfers, request.merchant.mch_id
    of_day, of_user = request.v3.day_max, request.v3.user_day_max
    if of_day is not None and book.amount_of_day(mch_id, day) + amount > of_day:
        return invalid("超出商户单日转账额度")
    openid = document.get("openid")
    if openid is None or of_user is None:
        return None
    if book.amount_of_day(mch_id, day, openid) + amount > of_user:
        return invalid("超出用户单日收款额度")
    return None
