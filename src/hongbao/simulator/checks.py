"""The single checks that a request goes through: each looks at one thing.

A check answers ``False`` where nothing is wrong, ``True`` where something is, or the detail that
goes into WeChat's text. Which code follows, for which calls and in which order stands in ``rules``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.money import format_yuan
from hongbao.simulator.case import NOBODY
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
    from hongbao.simulator.case import Case

Found = bool | str

_MORNING_HOUR = 8  # the night rule ends at 8:00 Beijing time
_KIND_OF_CALL = {
    endpoints.SENDREDPACK.name: AppKind.OFFICIAL_ACCOUNT,
    endpoints.SENDGROUPREDPACK.name: AppKind.OFFICIAL_ACCOUNT,
    endpoints.SENDMINIPROGRAMHB.name: AppKind.MINI_PROGRAM,
    endpoints.SENDWORKWXREDPACK.name: AppKind.CORP,
}
_AMOUNT_OF_CALL = {
    endpoint.name: known
    for endpoint in ENDPOINTS
    for known in endpoint.known
    if known.name == "total_amount"
}

# What every call must be before it is looked at --------------------------------------------------


def malformed(case: Case) -> Found:
    """The body is no flat XML document."""
    return not case.well_formed


def stranger(case: Case) -> Found:
    """No such merchant."""
    return case.merchant is NOBODY


def wrong_certificate(case: Case) -> Found:
    """The certificate is another merchant's."""
    return case.certificate_mch_id != case.merchant.mch_id


def expired_certificate(case: Case) -> Found:
    """The certificate has run out, and the setting says that this is told in XML."""
    return case.certificate_expired


def wrong_sign(case: Case) -> Found:
    """The signature over the fields that the call knows is wrong.

    So a foreign field that was signed shows here, and one that was not is never seen.
    """
    signed = {**case.given, "sign": case.sign}
    return not signature.verify_md5(signed, case.merchant.key)


def too_many_a_second(case: Case) -> Found:
    """The merchant's calls of this second are used up. Else this one is counted."""
    return not case.merchant.second.take(case.now, case.merchant.limits.calls_per_second)


def too_many_a_minute(case: Case) -> Found:
    """The merchant's calls of this minute are used up. Else this one is counted."""
    return not case.merchant.minute.take(case.now, case.merchant.limits.calls_per_minute)


# Who may say it ----------------------------------------------------------------------------------


def appid_not_bound(case: Case) -> Found:
    """The appid is not bound to the merchant."""
    return case.appid not in case.merchant.appids


def wrong_appid_kind(case: Case) -> Found:
    """The appid is bound, but of a kind that this call does not serve."""
    return case.merchant.appids[case.appid] is not _KIND_OF_CALL[case.endpoint.name]


def no_competence(case: Case) -> Found:
    """WeCom payments are not configured, or not for this corporation."""
    merchant = case.merchant
    return not merchant.wecom_competence or case.appid not in merchant.work_secrets


def wrong_work_sign(case: Case) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this has a code of its own."""
    return _wrong_work_sign(case, BadWorkSign.WORKWX_SIGN_ERROR)


def wrong_work_sign_as_sign(case: Case) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this is a SIGN_ERROR."""
    return _wrong_work_sign(case, BadWorkSign.SIGN_ERROR)


def wrong_work_sign_as_system(case: Case) -> Found:
    """``workwx_sign`` is wrong, and the setting says that this looks like a busy system."""
    return _wrong_work_sign(case, BadWorkSign.SYSTEMERROR)


def _wrong_work_sign(case: Case, told: BadWorkSign) -> bool:
    if case.world.settings.bad_work_sign is not told:
        return False
    right = signature.workwx_sign(case.given, case.merchant.work_secrets[case.appid])
    return case.given["workwx_sign"].upper() != right


def not_a_sub_merchant(case: Case) -> Found:
    """A service provider sends for a merchant that is not its own."""
    return case.merchant.provider and case.given["sub_mch_id"] not in case.merchant.sub_merchants


def msgappid_not_bound(case: Case) -> Found:
    """``msgappid`` is bound neither to the provider nor to the sub-merchant."""
    merchant = case.merchant
    if not merchant.provider:
        return False
    of_sub_merchant = merchant.sub_merchants[case.given["sub_mch_id"]]
    bound = (merchant.appids, merchant.msgappids, of_sub_merchant)
    return not any(case.given["msgappid"] in some for some in bound)


def ip_not_allowed(case: Case) -> Found:
    """The merchant has an IP list, and the connection comes from elsewhere."""
    allowed = case.merchant.allowed_ips
    return bool(allowed) and case.remote_ip not in allowed and (case.remote_ip or True)


def call_forbidden(case: Case) -> Found:
    """The merchant has no permission for this call."""
    return case.endpoint.name in case.merchant.forbidden_calls


def group_forbidden(case: Case) -> Found:
    """The merchant may not send group packets."""
    return not case.merchant.group_allowed


def product_not_opened(case: Case) -> Found:
    """The red packet product is not opened."""
    return not case.merchant.product_opened


def api_switched_off(case: Case) -> Found:
    """Sending by API is switched off."""
    return not case.merchant.api_method_on


def nothing_to_find(case: Case) -> Found:
    """No such number, or not by this query, or too long ago."""
    return _not_found(case, NotFoundAs.NOT_FOUND)


def nothing_to_find_as_system(case: Case) -> Found:
    """The same, and the setting says that this looks like a busy system."""
    return _not_found(case, NotFoundAs.SYSTEMERROR)


def _not_found(case: Case, told: NotFoundAs) -> bool:
    if case.world.settings.not_found_as is not told:
        return False
    packet = case.packet
    if packet is None or packet.endpoint.of_wecom is not case.endpoint.of_wecom:
        return True
    return case.now - packet.created_at > case.world.settings.query_seconds


# What the number has seen before -----------------------------------------------------------------


def too_soon(case: Case) -> Found:
    """The number's last send is less than `same_number_seconds` ago. Else this one is counted."""
    packet = case.packet
    if packet is None:
        return False
    if case.now - packet.called_at < case.world.settings.same_number_seconds:
        return True
    packet.called_at = case.now
    case.world.touch(packet)
    return False


def other_openid(case: Case) -> Found:
    """The number was used for another receiver."""
    return case.packet is not None and case.openid != case.packet.re_openid


def other_amount(case: Case) -> Found:
    """The number was used for another amount, and the setting says that the phrase is the code."""
    return _other_amount(case, AmountMismatch.PHRASE)


def other_amount_as_param(case: Case) -> Found:
    """The number was used for another amount, and the setting says that this is a PARAM_ERROR."""
    return _other_amount(case, AmountMismatch.PARAM_ERROR)


def _other_amount(case: Case, told: AmountMismatch) -> bool:
    if case.packet is None or case.world.settings.amount_mismatch is not told:
        return False
    return case.amount != case.packet.total_amount


def other_terms(case: Case) -> Found:
    """The number was used for another call or with other fields."""
    return case.packet is not None and case.terms != case.packet.terms


def failed_before(case: Case) -> Found:
    """The order has expired, or failed for good: its reason is the text."""
    packet = case.packet
    return packet is not None and packet.status is Status.FAILED and packet.reason


def still_processing(case: Case) -> Found:
    """The order was accepted and is still running."""
    return case.packet is not None and case.packet.pending


def paid_before(case: Case) -> Found:
    """The order is paid, and the setting says that a repeat is refused."""
    if case.packet is None or case.world.settings.repeat_of_paid is RepeatOfPaid.SUCCESS:
        return False
    return case.packet.account is not None


# Whether it can be paid --------------------------------------------------------------------------


def world_full(case: Case) -> Found:
    """The simulator holds as many packets as it may."""
    return case.packet is None and case.world.packets_held >= case.world.settings.packets_max


def openid_of_another_appid(case: Case) -> Found:
    """The openid does not belong to the appid."""
    return not case.world.knows(case.openid, case.appid)


def scene_not_opened(case: Case) -> Found:
    """A scene is named that is not opened for the merchant."""
    scene_id = case.given.get("scene_id")
    return scene_id is not None and scene_id not in case.merchant.scenes


def amount_out_of_range(case: Case) -> Found:
    """The amount is outside the call's range, or its average the merchant's or the scene's."""
    merchant, people = case.merchant, case.people
    low, high = merchant.amount_min, merchant.amount_max
    scene_id = case.given.get("scene_id")
    if scene_id is not None:
        low, high = merchant.scenes[scene_id]
    total_max = _AMOUNT_OF_CALL[case.endpoint.name].high or 0
    if case.endpoint is endpoints.SENDGROUPREDPACK:
        total_max = case.world.settings.group_amount_max
    # Each person gets at least 1 fen, whatever a scene allows.
    if max(low, 1) * people <= case.amount <= min(high * people, total_max):
        return False
    return f"{format_yuan(low)}元到{format_yuan(high)}元"


def preorder_out_of_range(case: Case) -> Found:
    """The total is outside what a lottery takes."""
    known = _AMOUNT_OF_CALL[case.endpoint.name]
    high = known.high or 0
    if max(known.low, case.people) <= case.amount <= high:
        return False
    return f"{format_yuan(known.low)}元到{format_yuan(high)}元"


def at_night(case: Case) -> Found:
    """The night rule is on, and it is before 8:00 Beijing time."""
    return case.merchant.limits.night_rule and beijing_hour(case.now) < _MORNING_HOUR


def merchant_packets_used_up(case: Case) -> Found:
    """The merchant's packets of this Beijing day are used up."""
    limit = case.merchant.limits.packets_per_day
    return limit is not None and case.merchant.today.packets >= limit


def merchant_frozen(case: Case) -> Found:
    """The merchant is punished."""
    return case.merchant.frozen


def user_refused_by_risk_control(case: Case) -> Found:
    """Risk control refuses this user at the merchant's anti-abuse level."""
    return case.merchant.refuses(case.openid)


def user_packets_used_up(case: Case) -> Found:
    """The user's packets of this merchant on this Beijing day are used up."""
    limit = case.merchant.limits.user_packets_per_day
    return limit is not None and case.merchant.today.of_user(case.openid)[0] >= limit


def user_amount_used_up(case: Case) -> Found:
    """The user's money from this merchant on this Beijing day would become too much."""
    limit = case.merchant.limits.user_amount_per_day
    had = case.merchant.today.of_user(case.openid)[1]
    return limit is not None and had + case.amount > limit


def merchant_amount_used_up(case: Case) -> Found:
    """The merchant's money of this Beijing day would become too much."""
    limit = case.merchant.limits.amount_per_day
    return limit is not None and case.merchant.today.amount + case.amount > limit


def balance_too_low(case: Case) -> Found:
    """The account that pays holds less than the amount."""
    return case.merchant.paying_account.balance < case.amount
