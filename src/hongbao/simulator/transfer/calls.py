"""What each V3 call does, once its request is valid and allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.simulator.settings import LowBalance, NameCompared, NoCertificates
from hongbao.simulator.transfer import files
from hongbao.simulator.transfer.answered import V3Refusal, V3Success, invalid, parameter
from hongbao.simulator.transfer.moments import written
from hongbao.simulator.transfer.order import transfer_bill_no
from hongbao.simulator.transfer.packages import package_of
from hongbao.simulator.transfer.rules import plain_name, refuse_transfer
from hongbao.simulator.transfer.wechat_side import sealed
from hongbao.wire.transfer import endpoints as e
from hongbao.wire.transfer.signing import seal
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.transfer.order import SimulatedAuthorization, SimulatedTransfer
    from hongbao.simulator.transfer.request import V3Request
    from hongbao.simulator.world import World

_QUERY_SECONDS = 30 * 86_400
_AUTHORIZATIONS_MAX = 5


def perform(request: V3Request) -> V3Success | V3Refusal:
    """Do what a request asks for."""
    if request.endpoint is None:
        return V3Refusal(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在")
    return _CALLS[request.endpoint.name](request)


def shown_transfer(transfer: SimulatedTransfer, *, full: bool = True) -> dict[str, Any]:
    """A transfer as a query tells it; its names come in the order of the alphabet."""
    said = {
        "appid": transfer.appid,
        "create_time": written(transfer.created_at),
        "mch_id": transfer.mch_id,
        "openid": transfer.openid,
        "out_bill_no": transfer.out_bill_no,
        "state": transfer.state.value,
        "transfer_amount": transfer.amount,
        "transfer_bill_no": transfer_bill_no(transfer),
        "update_time": written(transfer.updated_at),
    }
    if full:
        said["transfer_remark"] = transfer.document["transfer_remark"]
    if transfer.fail_reason:
        said["fail_reason"] = transfer.fail_reason
    return dict(sorted(said.items()))


def shown_authorization(world: World, authorization: SimulatedAuthorization) -> dict[str, Any]:
    """An authorisation as a query tells it."""
    document = authorization.document
    said: dict[str, Any] = {
        "appid": document["appid"],
        "create_time": written(authorization.created_at),
        "openid": authorization.openid,
        "out_authorization_no": authorization.out_authorization_no,
        "state": authorization.state,
        "transfer_scene_id": document["transfer_scene_id"],
        "user_display_name": document["user_display_name"],
    }
    if authorization.authorized_at is not None:
        said["authorization_id"] = authorization.authorization_id
        said["authorize_time"] = written(authorization.authorized_at)
    if authorization.closed_at is not None:
        said["close_info"] = {
            "close_time": written(authorization.closed_at),
            "close_reason": authorization.close_reason,
        }
    if authorization.state == "WAIT_USER_CONFIRM":
        said["package_info"] = package_of(world, authorization)
    return said


def _taken(world: World, transfer: SimulatedTransfer) -> dict[str, Any]:
    said = {
        "create_time": written(transfer.created_at),
        "out_bill_no": transfer.out_bill_no,
        "state": transfer.state.value,
        "transfer_bill_no": transfer_bill_no(transfer),
    }
    if transfer.state is TransferState.WAIT_USER_CONFIRM:
        said["package_info"] = package_of(world, transfer)
    if transfer.fail_reason:
        said["fail_reason"] = transfer.fail_reason
    return dict(sorted(said.items()))


def _transfer(request: V3Request) -> V3Success | V3Refusal:
    world, document = request.world, dict(request.document or {})
    sealed_name = document.get("user_name", "")
    name = plain_name(request, sealed_name) if sealed_name else ""
    if name and world.settings.transfer_name_compared is NameCompared.PLAIN:
        document["user_name"] = name
    known = world.transfers.find(request.merchant.mch_id, document["out_bill_no"])
    if known is not None:
        return _repeat(request, known, document)
    refused = refuse_transfer(request)
    if refused is not None:
        return refused
    openid = document.get("openid", "")
    if request.endpoint is e.TRANSFER_UNDER_AUTHORIZATION:
        authorization = _authorization_in_effect(request)
        if isinstance(authorization, V3Refusal):
            return authorization
        openid = authorization.openid
    low = request.merchant.paying_account.balance < document["transfer_amount"]
    refusal = V3Refusal(403, "NOT_ENOUGH", "商户运营账户资金不足，请充值后重试")
    if low and world.settings.transfer_low_balance is LowBalance.NOT_ENOUGH:
        return refusal
    call = "" if request.endpoint is None else request.endpoint.name
    transfer = world.transfers.take(
        request.merchant, document, call=call, openid=openid, name=name or ""
    )
    if request.endpoint is e.TRANSFER_ASKING_AUTHORIZATION:
        asked = {**document, **document["authorization_info"]}
        world.transfers.authorize(request.merchant, asked, openid)
    if low and world.settings.transfer_low_balance is LowBalance.HELD:
        return refusal
    return V3Success(_taken(world, transfer), paid=transfer.locked_at is not None)


def _repeat(
    request: V3Request, known: SimulatedTransfer, document: dict[str, Any]
) -> V3Success | V3Refusal:
    if known.document != document:
        return invalid("单号已存在但信息不一致")
    if request.now >= known.created_at + request.world.settings.transfer_repeat_seconds:
        return invalid("对应单号已超出重试期")
    return V3Success(_taken(request.world, known))


def _authorization_in_effect(request: V3Request) -> SimulatedAuthorization | V3Refusal:
    document = request.document or {}
    by_id, by_number = document.get("authorization_id"), document.get("out_authorization_no")
    if (by_id is None) is (by_number is None):
        issue = "exactly one of authorization_id and out_authorization_no"
        return parameter("/authorization_id", by_id, issue, "授权单号参数错误")
    for found in request.world.transfers.authorizations_of(request.merchant.mch_id):
        if found.authorization_id == by_id or found.out_authorization_no == by_number:
            same = all(
                found.document[name] == document[name] for name in ("appid", "transfer_scene_id")
            )
            if found.state == "TAKING_EFFECT" and same:
                return found
    return invalid("用户授权不存在或未生效")


def _query(request: V3Request) -> V3Success | V3Refusal:
    world, number = request.world, request.number
    if "transfer_bill_no" in request.numbers:
        transfer = world.transfers.find_by_wechats_number(number)
    else:
        transfer = world.transfers.find(request.merchant.mch_id, number)
    if transfer is None or transfer.mch_id != request.merchant.mch_id:
        return _not_found(world)
    age = request.now - transfer.created_at
    if not world.settings.transfer_hidden_seconds <= age <= _QUERY_SECONDS:
        return _not_found(world)
    said = shown_transfer(transfer)
    if transfer.name:
        own = request.v3.certificates[request.said["serial_no"].upper()]
        said["user_name"] = seal(own, transfer.name)
    return V3Success(said)


def _not_found(world: World) -> V3Refusal:
    return V3Refusal(world.settings.transfer_not_found_status, "NOT_FOUND", "记录不存在")


def _cancel(request: V3Request) -> V3Success | V3Refusal:
    transfer = request.world.transfers.find(request.merchant.mch_id, request.number)
    if transfer is None:
        return invalid("单号错误")
    if not request.world.transfers.cancel(transfer):
        return invalid("当前单据状态不支持撤销")
    said = {
        "out_bill_no": transfer.out_bill_no,
        "state": transfer.state.value,
        "transfer_bill_no": transfer_bill_no(transfer),
        "update_time": written(transfer.updated_at),
    }
    return V3Success(said)


def _ask_authorization(request: V3Request) -> V3Success | V3Refusal:
    world, document = request.world, request.document or {}
    book, mch_id = world.transfers, request.merchant.mch_id
    known = book.find_authorization(mch_id, document["out_authorization_no"])
    if known is None:
        same = [
            it
            for it in book.authorizations_of(mch_id)
            if it.openid == document["openid"] and it.state != "CLOSED"
        ]
        if len(same) >= _AUTHORIZATIONS_MAX:
            return invalid("用户授权数量超过限制")
        known = book.authorize(request.merchant, document, document["openid"])
    elif known.document != document:
        return invalid("单号已存在但信息不一致")
    shown = shown_authorization(world, known)
    names = ("out_authorization_no", "state", "create_time", "package_info")
    return V3Success({name: shown[name] for name in names if name in shown})


def _query_authorization(request: V3Request) -> V3Success | V3Refusal:
    world = request.world
    found = world.transfers.find_authorization(request.merchant.mch_id, request.number)
    if found is None:
        return _not_found(world)
    shown = shown_authorization(world, found)
    shown.pop("package_info", None)
    if "is_display_authorization=true" in request.query and found.state == "TAKING_EFFECT":
        shown["package_info"] = package_of(world, found)
    return V3Success(shown)


def _close_authorization(request: V3Request) -> V3Success | V3Refusal:
    book = request.world.transfers
    found = book.find_authorization(request.merchant.mch_id, request.number)
    if found is None:
        return _not_found(request.world)
    if found.state != "CLOSED":
        book.close(found, "CLOSE_VIA_MCH_API")
    number = found.out_authorization_no
    return V3Success({"out_authorization_no": number, "state": found.state})


def _certificates(request: V3Request) -> V3Success | V3Refusal:
    if not request.v3.platform_in_use:
        if request.world.settings.transfer_no_certificates is NoCertificates.EMPTY:
            return V3Success({"data": []})
        return V3Refusal(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥")
    key = request.world.wechat_side().platform
    box = sealed(
        key.certificate_pem or b"",
        request.v3.api_v3_key,
        associated="certificate",
        salt=f"{request.now}",
    )
    row = {
        "effective_time": key.not_before,
        "encrypt_certificate": box,
        "expire_time": key.not_after,
        "serial_no": key.serial,
    }
    return V3Success({"data": [row]})


_CALLS: dict[str, Callable[[V3Request], V3Success | V3Refusal]] = {
    e.TRANSFER.name: _transfer,
    e.TRANSFER_ASKING_AUTHORIZATION.name: _transfer,
    e.TRANSFER_UNDER_AUTHORIZATION.name: _transfer,
    e.QUERY.name: _query,
    e.QUERY_BY_WECHATS_NUMBER.name: _query,
    e.CANCEL.name: _cancel,
    e.APPLY_RECEIPT.name: files.apply_receipt,
    e.APPLY_RECEIPT_BY_WECHATS_NUMBER.name: files.apply_receipt,
    e.QUERY_RECEIPT.name: files.query_receipt,
    e.QUERY_RECEIPT_BY_WECHATS_NUMBER.name: files.query_receipt,
    e.ASK_AUTHORIZATION.name: _ask_authorization,
    e.QUERY_AUTHORIZATION.name: _query_authorization,
    e.CLOSE_AUTHORIZATION.name: _close_authorization,
    e.CERTIFICATES.name: _certificates,
}
