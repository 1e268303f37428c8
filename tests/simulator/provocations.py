"""For each check of the simulator's rules: the state of the world that provokes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hongbao.simulator import checks as c
from hongbao.simulator import field_checks as fc
from hongbao.simulator.merchant import AppKind, Delivery, FundAccount
from hongbao.simulator.settings import (
    FOREIGN_PREFIX,
    AmountMismatch,
    BadWorkSign,
    NotFoundAs,
    RepeatOfPaid,
)
from hongbao.wire.endpoints import ENDPOINTS
from stage import (
    ALICE,
    BOB,
    CORP,
    HOUR,
    MINI,
    PROVIDER,
    SUB,
    fields_of,
    message_of,
    normal,
    payer_of,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.api_request import ApiRequest
    from hongbao.simulator.app import Answer
    from stage import Stage

NUMBER = "A1"
_PATHS = {endpoint.letter: endpoint.path for endpoint in ENDPOINTS}


def _say(stage: Stage, letter: str, **changes: Any) -> Answer:
    return stage.say(message_of(letter, NUMBER, **changes))


def _say_fields(stage: Stage, letter: str, **changes: str | None) -> Answer:
    """A rightly signed request with some fields changed, or left out where None."""
    said = {**fields_of(message_of(letter, NUMBER)), **changes}
    kept = {name: value for name, value in said.items() if value is not None}
    return stage.post(_PATHS[letter], signed(kept))


def malformed(stage: Stage, letter: str) -> Answer:
    return stage.post(_PATHS[letter], b"<xml><mch_id>1900012345</mch_id>")


def stranger(stage: Stage, letter: str) -> Answer:
    payer = replace(payer_of(letter), mch_id="1900099999")
    return stage.say(message_of(letter), payer, certificate="1900099999")


def wrong_certificate(stage: Stage, letter: str) -> Answer:
    return stage.say(message_of(letter), certificate=SUB)


def expired_certificate(stage: Stage, letter: str) -> Answer:
    return stage.say(message_of(letter), expired=True)


def wrong_sign(stage: Stage, letter: str) -> Answer:
    return stage.say(message_of(letter), replace(payer_of(letter), key="0" * 32))


def too_many_a_second(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.calls_per_second = 2
    stage.say(message_of(letter, "A0"))
    stage.say(message_of(letter, "A0"))
    return _say(stage, letter)


def too_many_a_minute(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.calls_per_minute = 1
    stage.say(message_of(letter, "A0"))
    stage.clock.advance(5)
    return _say(stage, letter)


def missing_field(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, mch_billno=None)


def illegal_field(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, mch_billno="A-1")


def wrong_people(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, total_num="21")


def wrong_sender(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, agentid="7")


def provider_field_in_ordinary_mode(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, msgappid="wx0")


def provider_field_missing(stage: Stage, letter: str) -> Answer:
    stage.merchant.provider = True
    return _say(stage, letter)


def appid_not_bound(stage: Stage, letter: str) -> Answer:
    stage.merchant.appids.clear()
    return _say(stage, letter)


def wrong_appid_kind(stage: Stage, letter: str) -> Answer:
    for appid in stage.merchant.appids:
        stage.merchant.appids[appid] = AppKind.MOBILE_APP
    return _say(stage, letter)


def no_competence(stage: Stage, letter: str) -> Answer:
    stage.merchant.wecom_competence = False
    return _say(stage, letter)


def _bad_work_sign(told: BadWorkSign) -> Callable[[Stage, str], Answer]:
    def provoke(stage: Stage, letter: str) -> Answer:
        stage.set(bad_work_sign=told)
        stage.merchant.work_secrets[CORP] = "reset"
        return _say(stage, letter)

    return provoke


def _by_provider(stage: Stage, letter: str, bound: dict[str, frozenset[str]]) -> Answer:
    stage.merchant.provider = True
    stage.merchant.sub_merchants = bound
    payer = replace(PROVIDER, app_id=MINI) if letter == "M" else PROVIDER
    return stage.say(message_of(letter), payer)


def not_a_sub_merchant(stage: Stage, letter: str) -> Answer:
    return _by_provider(stage, letter, {})


def msgappid_not_bound(stage: Stage, letter: str) -> Answer:
    return _by_provider(stage, letter, {SUB: frozenset()})


def ip_not_allowed(stage: Stage, letter: str) -> Answer:
    stage.merchant.allowed_ips = frozenset({"198.51.100.1"})
    return _say(stage, letter)


def call_forbidden(stage: Stage, letter: str) -> Answer:
    stage.merchant.forbidden_calls = frozenset(endpoint.name for endpoint in ENDPOINTS)
    return _say(stage, letter)


def group_forbidden(stage: Stage, letter: str) -> Answer:
    stage.merchant.group_allowed = False
    return _say(stage, letter)


def product_not_opened(stage: Stage, letter: str) -> Answer:
    stage.merchant.product_opened = False
    return _say(stage, letter)


def api_switched_off(stage: Stage, letter: str) -> Answer:
    stage.merchant.api_method_on = False
    return _say(stage, letter)


def nothing_to_find(stage: Stage, letter: str) -> Answer:
    return _say(stage, letter)


def nothing_to_find_as_system(stage: Stage, letter: str) -> Answer:
    stage.set(not_found_as=NotFoundAs.SYSTEMERROR)
    return _say(stage, letter)


def too_soon(stage: Stage, letter: str) -> Answer:
    stage.set(same_number_seconds=1.0)
    _say(stage, letter)
    stage.clock.advance(0.9)
    return _say(stage, letter)


def other_openid(stage: Stage, letter: str) -> Answer:
    # A preorder names no receiver, so its number must have been another call's.
    first = normal(NUMBER) if letter == "H" else message_of(letter, NUMBER)
    stage.say(first)
    return _say(stage, letter) if letter == "H" else _say(stage, letter, re_openid=BOB)


def _other_amount(told: AmountMismatch) -> Callable[[Stage, str], Answer]:
    def provoke(stage: Stage, letter: str) -> Answer:
        stage.set(amount_mismatch=told)
        _say(stage, letter)
        return _say(stage, letter, total_amount=1001)

    return provoke


def other_terms(stage: Stage, letter: str) -> Answer:
    _say(stage, letter)
    return _say(stage, letter, remark="二等奖")


def failed_before(stage: Stage, letter: str) -> Answer:
    stage.merchant.basic = FundAccount()
    _say(stage, letter)
    stage.merchant.basic = FundAccount.holding(1_000_000)
    stage.clock.advance(24 * HOUR)
    return _say(stage, letter)


def still_processing(stage: Stage, letter: str) -> Answer:
    stage.merchant.delivery = Delivery(seconds=60, told=True)
    _say(stage, letter)
    stage.merchant.delivery = Delivery()
    return _say(stage, letter)


def paid_before(stage: Stage, letter: str) -> Answer:
    stage.set(repeat_of_paid=RepeatOfPaid.REFUSE)
    _say(stage, letter)
    return _say(stage, letter)


def world_full(stage: Stage, letter: str) -> Answer:
    stage.set(packets_max=0)
    return _say(stage, letter)


def openid_of_another_appid(stage: Stage, letter: str) -> Answer:
    return _say(stage, letter, re_openid=f"{FOREIGN_PREFIX}_1")


def scene_not_opened(stage: Stage, letter: str) -> Answer:
    return _say(stage, letter, scene_id="PRODUCT_2")


def amount_out_of_range(stage: Stage, letter: str) -> Answer:
    return _say(stage, letter, total_amount=99)


def preorder_out_of_range(stage: Stage, letter: str) -> Answer:
    return _say_fields(stage, letter, total_amount="100001")


def at_night(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.night_rule = True
    stage.clock.advance(15 * HOUR)  # 3:00
    return _say(stage, letter)


def merchant_packets_used_up(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.packets_per_day = 1
    stage.say(message_of(letter, "A0"))
    return _say(stage, letter)


def merchant_frozen(stage: Stage, letter: str) -> Answer:
    stage.merchant.frozen = True
    return _say(stage, letter)


def user_refused_by_risk_control(stage: Stage, letter: str) -> Answer:
    stage.merchant.risky_openids[ALICE] = 2
    stage.merchant.anti_abuse_level = 2
    return _say(stage, letter)


def user_packets_used_up(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.user_packets_per_day = 1
    stage.say(message_of(letter, "A0"))
    return _say(stage, letter)


def user_amount_used_up(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.user_amount_per_day = 199
    stage.say(message_of(letter, "A0"))
    return _say(stage, letter)


def merchant_amount_used_up(stage: Stage, letter: str) -> Answer:
    stage.merchant.limits.amount_per_day = 199
    stage.say(message_of(letter, "A0", re_openid=BOB))
    return _say(stage, letter)


def balance_too_low(stage: Stage, letter: str) -> Answer:
    # The money is there, but in the account that does not pay.
    stage.merchant.operating_opened = True
    assert stage.merchant.basic.balance > 0
    return _say(stage, letter)


PROVOCATIONS: dict[Callable[[ApiRequest], bool | str], Callable[[Stage, str], Answer]] = {
    c.malformed: malformed,
    c.stranger: stranger,
    c.wrong_certificate: wrong_certificate,
    c.expired_certificate: expired_certificate,
    c.wrong_sign: wrong_sign,
    c.too_many_a_second: too_many_a_second,
    c.too_many_a_minute: too_many_a_minute,
    fc.missing_field: missing_field,
    fc.illegal_field: illegal_field,
    fc.wrong_people: wrong_people,
    fc.wrong_sender: wrong_sender,
    fc.provider_field_in_ordinary_mode: provider_field_in_ordinary_mode,
    fc.provider_field_missing: provider_field_missing,
    c.appid_not_bound: appid_not_bound,
    c.wrong_appid_kind: wrong_appid_kind,
    c.no_competence: no_competence,
    c.wrong_work_sign: _bad_work_sign(BadWorkSign.WORKWX_SIGN_ERROR),
    c.wrong_work_sign_as_sign: _bad_work_sign(BadWorkSign.SIGN_ERROR),
    c.wrong_work_sign_as_system: _bad_work_sign(BadWorkSign.SYSTEMERROR),
    c.not_a_sub_merchant: not_a_sub_merchant,
    c.msgappid_not_bound: msgappid_not_bound,
    c.ip_not_allowed: ip_not_allowed,
    c.call_forbidden: call_forbidden,
    c.group_forbidden: group_forbidden,
    c.product_not_opened: product_not_opened,
    c.api_switched_off: api_switched_off,
    c.nothing_to_find: nothing_to_find,
    c.nothing_to_find_as_system: nothing_to_find_as_system,
    c.too_soon: too_soon,
    c.other_openid: other_openid,
    c.other_amount: _other_amount(AmountMismatch.PHRASE),
    c.other_amount_as_param: _other_amount(AmountMismatch.PARAM_ERROR),
    c.other_terms: other_terms,
    c.failed_before: failed_before,
    c.still_processing: still_processing,
    c.paid_before: paid_before,
    c.world_full: world_full,
    c.openid_of_another_appid: openid_of_another_appid,
    c.scene_not_opened: scene_not_opened,
    c.amount_out_of_range: amount_out_of_range,
    c.preorder_out_of_range: preorder_out_of_range,
    c.at_night: at_night,
    c.merchant_packets_used_up: merchant_packets_used_up,
    c.merchant_frozen: merchant_frozen,
    c.user_refused_by_risk_control: user_refused_by_risk_control,
    c.user_packets_used_up: user_packets_used_up,
    c.user_amount_used_up: user_amount_used_up,
    c.merchant_amount_used_up: merchant_amount_used_up,
    c.balance_too_low: balance_too_low,
}
