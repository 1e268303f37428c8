"""The checks that a request goes through, each of one thing.

A check returns ``False`` if nothing is wrong, and ``True`` or a detail for WeChat's text if
something is. ``rules`` says which code follows, for which calls and in which order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.money import format_yuan
from hongbao.simulator.api_request import NOBODY
from hongbao.simulator.clock import beijing_hour
from hongbao.simulator.merchant import AppKind
from hongbao.simulator.settings import (
    AmountMismatch,
    BadWorkSign,
    NotFoundAs,
    RepeatOfPaid,
)
from hongbao.wire import endpoints, signature
from hongbao.wire.endpoints import ENDPOINTS
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from hongbao.simulator.api_request import ApiRequest

Found = bool | str

_MORNING_HOUR = 8  # the night rule ends at 8:00 Beijing time
_KIND_OF_CALL = {
    endpoints.SENDMINIPROGRAMHB.name: AppKind.MINI_PROGRAM,
    endpoints.SENDWORKWXREDPACK.name: AppKind.CORP,
}
"""All others take an official account's appid."""

_AMOUNT_OF_CALL = {
    endpoint.name: known
    for endpoint in ENDPOINTS
    for known in endpoint.known
    if known.name == "total_amount"
}

# Is the request valid, and who sent it? ----------------------------------------------------------


def malformed(request: ApiRequest) -> Found:
    """The body is not a flat XML document."""
    return not request.well_formed


def stranger(request: ApiRequest) -> Found:
    """There is no such merchant."""
    return request.merchant is NOBODY


def wrong_certificate(request: ApiRequest) -> Found:
    """The certificate is another merchant's."""
    return request.certificate_mch_id != request.merchant.mch_id


def expired_certificate(request: ApiRequest) -> Found:
    """The certificate has expired, and the setting says that the refusal is in XML."""
    return request.certificate_expired


def wrong_sign(request: ApiRequest) -> Found:
    """The signature over the fields that the call knows is wrong.

    So an unknown field fails here if it was signed, and is ignored if it was not.
    """
    signed = {**request.given, "sign": request.sign}
    return not signature.verify_md5(signed, request.merchant.key)


def too_many_a_second(request: ApiRequest) -> Found:
    """The merchant has used up its calls for this second; otherwise this one is counted."""
    return not request.merchant.second.take(request.now, request.merchant.limits.calls_per_second)


def too_many_a_minute(request: ApiRequest) -> Found:
    """The merchant has used up its calls for this minute; otherwise this one is counted."""
    return not request.merchant.minute.take(request.now, request.merchant.limits.calls_per_minute)


# May this merchant make this call? ---------------------------------------------------------------


def appid_not_bound(request: ApiRequest) -> Found:
    """The appid is not bound to the merchant."""
    return request.appid not in request.merchant.appids


def wrong_appid_kind(request: ApiRequest) -> Found:
    """The appid is bound, but of a kind that this call does not serve."""
    wanted = _KIND_OF_CALL.get(request.endpoint.name, AppKind.OFFICIAL_ACCOUNT)
    return request.merchant.appids[request.appid] is not wanted


def no_competence(request: ApiRequest) -> Found:
    """WeCom payments are not configured, or not for this corporation."""
    merchant = request.merchant
    return not merchant.wecom_competence or request.appid not in merchant.work_secrets


def wrong_work_sign(request: ApiRequest) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this has a code of its own."""
    return _wrong_work_sign(request, BadWorkSign.WORKWX_SIGN_ERROR)


def wrong_work_sign_as_sign(request: ApiRequest) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this is a SIGN_ERROR."""
    return _wrong_work_sign(request, BadWorkSign.SIGN_ERROR)


def wrong_work_sign_as_system(request: ApiRequest) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this looks like a busy system."""
    return _wrong_work_sign(request, BadWorkSign.SYSTEMERROR)


def _wrong_work_sign(request: ApiRequest, behaviour: BadWorkSign) -> bool:
    if request.world.settings.bad_work_sign is not behaviour:
        return False
    right = signature.workwx_sign(request.given, request.merchant.work_secrets[request.appid])
    return request.given["workwx_sign"].upper() != right


def not_a_sub_merchant(request: ApiRequest) -> Found:
    """A service provider sends for a merchant that is not its own."""
    return (
        request.merchant.provider
        and request.given["sub_mch_id"] not in request.merchant.sub_merchants
    )


def msgappid_not_bound(request: ApiRequest) -> Found:
    """``msgappid`` is bound neither to the provider nor to the sub-merchant."""
    merchant = request.merchant
    if not merchant.provider:
        return False
    of_sub_merchant = merchant.sub_merchants[request.given["sub_mch_id"]]
    bound = (merchant.appids, merchant.msgappids, of_sub_merchant)
    return not any(request.given["msgappid"] in some for some in bound)


def ip_not_allowed(request: ApiRequest) -> Found:
    """The merchant has an IP list that does not contain the caller's address."""
    allowed = request.merchant.allowed_ips
    return bool(allowed) and request.remote_ip not in allowed and (request.remote_ip or True)


def call_forbidden(request: ApiRequest) -> Found:
    """The merchant has no permission for this call."""
    return request.endpoint.name in request.merchant.forbidden_calls


def group_forbidden(request: ApiRequest) -> Found:
    """The merchant may not send group packets."""
    return not request.merchant.group_allowed


def product_not_opened(request: ApiRequest) -> Found:
    """The merchant has not enabled the red packet product."""
    return not request.merchant.product_opened


def api_switched_off(request: ApiRequest) -> Found:
    """Sending by API is switched off."""
    return not request.merchant.api_method_on


def nothing_to_find(request: ApiRequest) -> Found:
    """There is no such number, this query does not cover it, or it is too old."""
    return _not_found(request, NotFoundAs.NOT_FOUND)


def nothing_to_find_as_system(request: ApiRequest) -> Found:
    """The same, where the setting says that the reply looks like a busy system."""
    return _not_found(request, NotFoundAs.SYSTEMERROR)


def _not_found(request: ApiRequest, behaviour: NotFoundAs) -> bool:
    if request.world.settings.not_found_as is not behaviour:
        return False
    packet = request.packet
    if packet is None or packet.endpoint.of_wecom is not request.endpoint.of_wecom:
        return True
    return request.now - packet.created_at > request.world.settings.query_seconds


# Has the number been used before? ----------------------------------------------------------------


def too_soon(request: ApiRequest) -> Found:
    """The number was sent less than ``same_number_seconds`` ago; otherwise this send is counted."""
    packet = request.packet
    if packet is None:
        return False
    if request.now - packet.called_at < request.world.settings.same_number_seconds:
        return True
    packet.called_at = request.now
    request.world.touch(packet)
    return False


def other_openid(request: ApiRequest) -> Found:
    """The number was used for another receiver."""
    return request.packet is not None and request.openid != request.packet.re_openid


def other_amount(request: ApiRequest) -> Found:
    """The number was used for another amount, and the setting says that the phrase is the code."""
    return _other_amount(request, AmountMismatch.PHRASE)


def other_amount_as_param(request: ApiRequest) -> Found:
    """The number was used for another amount, and the setting says that this is a PARAM_ERROR."""
    return _other_amount(request, AmountMismatch.PARAM_ERROR)


def _other_amount(request: ApiRequest, behaviour: AmountMismatch) -> bool:
    if request.packet is None or request.world.settings.amount_mismatch is not behaviour:
        return False
    return request.amount != request.packet.total_amount


def other_terms(request: ApiRequest) -> Found:
    """The number was used for another call or with other fields."""
    return request.packet is not None and request.terms != request.packet.terms


def failed_before(request: ApiRequest) -> Found:
    """The order has expired or failed for good. The text is its reason."""
    packet = request.packet
    return packet is not None and packet.status is Status.FAILED and packet.reason


def still_processing(request: ApiRequest) -> Found:
    """The order was accepted and is still being processed."""
    return request.packet is not None and request.packet.pending


def paid_before(request: ApiRequest) -> Found:
    """The order is paid, and the setting says that a repeat is refused."""
    if request.packet is None or request.world.settings.repeat_of_paid is RepeatOfPaid.SUCCESS:
        return False
    return request.packet.account is not None


# Can it be paid? ---------------------------------------------------------------------------------


def world_full(request: ApiRequest) -> Found:
    """The simulator already holds as many packets as it may."""
    return (
        request.packet is None and request.world.packets_held >= request.world.settings.packets_max
    )


def openid_of_another_appid(request: ApiRequest) -> Found:
    """The openid does not belong to the appid."""
    return not request.world.knows(request.openid, request.appid)


def scene_not_opened(request: ApiRequest) -> Found:
    """The request names a scene that the merchant has not enabled."""
    scene_id = request.given.get("scene_id")
    return scene_id is not None and scene_id not in request.merchant.scenes


def amount_out_of_range(request: ApiRequest) -> Found:
    """The amount is outside the call's range, or its average outside the merchant's or scene's."""
    merchant, people = request.merchant, request.people
    low, high = merchant.amount_min, merchant.amount_max
    scene_id = request.given.get("scene_id")
    if scene_id is not None:
        low, high = merchant.scenes[scene_id]
    total_max = _AMOUNT_OF_CALL[request.endpoint.name].high or 0
    if request.endpoint is endpoints.SENDGROUPREDPACK:
        total_max = request.world.settings.group_amount_max
    # Each person gets at least 1 fen, whatever a scene allows.
    if max(low, 1) * people <= request.amount <= min(high * people, total_max):
        return False
    return f"{format_yuan(low)}元到{format_yuan(high)}元"


def preorder_out_of_range(request: ApiRequest) -> Found:
    """The total is outside the range of a preorder."""
    known = _AMOUNT_OF_CALL[request.endpoint.name]
    high = known.high or 0
    if max(known.low, request.people) <= request.amount <= high:
        return False
    return f"{format_yuan(known.low)}元到{format_yuan(high)}元"


def at_night(request: ApiRequest) -> Found:
    """The night rule is on, and it is before 8:00 Beijing time."""
    return request.merchant.limits.night_rule and beijing_hour(request.now) < _MORNING_HOUR


def merchant_packets_used_up(request: ApiRequest) -> Found:
    """The merchant has sent as many packets as it may on one Beijing day."""
    limit = request.merchant.limits.packets_per_day
    return limit is not None and request.merchant.today.packets >= limit


def merchant_frozen(request: ApiRequest) -> Found:
    """WeChat has frozen the merchant as a penalty."""
    return request.merchant.frozen


def user_refused_by_risk_control(request: ApiRequest) -> Found:
    """Risk control refuses this user at the merchant's anti-abuse level."""
    return request.merchant.refuses(request.openid)


def user_packets_used_up(request: ApiRequest) -> Found:
    """The user has had as many packets from this merchant as one may on one Beijing day."""
    limit = request.merchant.limits.user_packets_per_day
    return limit is not None and request.merchant.today.of_user(request.openid)[0] >= limit


def user_amount_used_up(request: ApiRequest) -> Found:
    """The user would get more money from this merchant than one may on one Beijing day."""
    limit = request.merchant.limits.user_amount_per_day
    had = request.merchant.today.of_user(request.openid)[1]
    return limit is not None and had + request.amount > limit


def merchant_amount_used_up(request: ApiRequest) -> Found:
    """The merchant would pay out more money than it may on one Beijing day."""
    limit = request.merchant.limits.amount_per_day
    return limit is not None and request.merchant.today.amount + request.amount > limit


def balance_too_low(request: ApiRequest) -> Found:
    """The account that pays holds less than the amount."""
    return request.merchant.paying_account.balance < request.amount
