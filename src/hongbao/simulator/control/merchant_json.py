"""Shows a merchant as JSON, and changes it by JSON."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from hongbao.simulator.control.json_in import wrong
from hongbao.simulator.merchant import AppKind, Delivery
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.endpoints import ENDPOINTS
from hongbao.wire.status import Status
from hongbao.wire.transfer.endpoints import TRANSFER_ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.control.json_in import JsonFields
    from hongbao.simulator.merchant import FundAccount, MerchantLimits, SimulatedMerchant
    from hongbao.simulator.transfer.wechat_side import MerchantV3

_FLAGS = (
    "provider",
    "operating_opened",
    "product_opened",
    "api_method_on",
    "wecom_competence",
    "group_allowed",
    "frozen",
)
_V3_FLAGS = ("public_key_in_use", "platform_in_use", "product_opened", "authorizations_opened")
_CALLS = frozenset(
    [endpoint.name for endpoint in (*ENDPOINTS, DOWNLOADFUNDFLOW)]
    + [endpoint.name for endpoint in TRANSFER_ENDPOINTS]
)
_ANTI_ABUSE_LEVEL_MAX = 3


def shown_merchant(merchant: SimulatedMerchant) -> dict[str, Any]:
    """Everything except the key and the secrets."""
    delivery = merchant.delivery
    return {
        "mch_id": merchant.mch_id,
        "appids": {appid: kind.value for appid, kind in merchant.appids.items()},
        "basic": shown_account(merchant.basic),
        "operating": shown_account(merchant.operating),
        **{name: getattr(merchant, name) for name in _FLAGS},
        "sub_merchants": {name: sorted(bound) for name, bound in merchant.sub_merchants.items()},
        "msgappids": sorted(merchant.msgappids),
        "corp_ids": sorted(merchant.work_secrets),
        "forbidden_calls": sorted(merchant.forbidden_calls),
        "scenes": {name: list(bounds) for name, bounds in merchant.scenes.items()},
        "amount_min": merchant.amount_min,
        "amount_max": merchant.amount_max,
        "allowed_ips": sorted(merchant.allowed_ips),
        "limits": {
            known.name: getattr(merchant.limits, known.name) for known in fields(merchant.limits)
        },
        "anti_abuse_level": merchant.anti_abuse_level,
        "risky_openids": merchant.risky_openids,
        "delivery": {
            "seconds": delivery.seconds,
            "told": delivery.told,
            "ends": delivery.ends.value,
        },
        **({} if merchant.v3 is None else {"v3": _shown_v3(merchant.v3)}),
    }


def _shown_v3(v3: MerchantV3) -> dict[str, Any]:
    """Everything of V3 except the key."""
    return {
        **{name: getattr(v3, name) for name in _V3_FLAGS},
        "scenes": v3.scenes,
        "red_packet_scenes": sorted(v3.red_packet_scenes),
        "day_max": v3.day_max,
        "user_day_max": v3.user_day_max,
    }


def kept_merchant(merchant: SimulatedMerchant) -> dict[str, Any]:
    """What ``change_merchant`` needs to restore a merchant, including the secrets."""
    shown = shown_merchant(merchant)
    return {
        **{name: shown[name] for name in _CHANGES if name in shown},
        "work_secrets": merchant.work_secrets,
    }


def shown_account(account: FundAccount) -> dict[str, int]:
    """An account's figures, in fen."""
    return {known.name: getattr(account, known.name) for known in fields(account)}


def change_merchant(merchant: SimulatedMerchant, said: JsonFields) -> None:
    """Apply all changes or none.

    Raises:
        InvalidRequest: naming the field that is wrong.
    """
    changes = {name: read(merchant, said, name) for name, read in _CHANGES.items() if name in said}
    said.end(*_CHANGES)
    for name, value in changes.items():
        setattr(merchant, name, value)


def _flag(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> bool:
    return said.flag(name)


def _fen(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> int:
    return said.whole(name)


def _texts(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> frozenset[str]:
    return said.texts(name)


def _level(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> int:
    return said.whole(name, high=_ANTI_ABUSE_LEVEL_MAX)


def _calls(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> frozenset[str]:
    calls = said.texts(name)
    for call in calls - _CALLS:
        wrong(name, f"of {', '.join(sorted(_CALLS))}", call)
    return calls


def _appids(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> dict[str, AppKind]:
    inner = said.inside(name)
    return {appid: inner.choice(appid, AppKind) for appid in inner.names()}


def _work_secrets(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> dict[str, str]:
    inner = said.inside(name)
    return {corp_id: inner.text(corp_id) for corp_id in inner.names()}


def _sub_merchants(
    _merchant: SimulatedMerchant, said: JsonFields, name: str
) -> dict[str, frozenset[str]]:
    inner = said.inside(name)
    return {sub_mch_id: inner.texts(sub_mch_id) for sub_mch_id in inner.names()}


def _risky_openids(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> dict[str, int]:
    inner = said.inside(name)
    return {openid: inner.whole(openid, high=_ANTI_ABUSE_LEVEL_MAX) for openid in inner.names()}


def _scenes(
    _merchant: SimulatedMerchant, said: JsonFields, name: str
) -> dict[str, tuple[int, int]]:
    inner = said.inside(name)
    return {scene_id: _bounds(scene_id, inner.raw(scene_id)) for scene_id in inner.names()}


def _bounds(scene_id: str, said: object) -> tuple[int, int]:
    match said:
        case [int(low), int(high)] if 1 <= low <= high:
            return low, high
        case _:
            return wrong(f"scenes.{scene_id}", "[least fen, greatest fen]", said)


def _limits(merchant: SimulatedMerchant, said: JsonFields, name: str) -> MerchantLimits:
    inner = said.inside(name)
    known = [known.name for known in fields(merchant.limits)]
    changes: dict[str, Any] = {}
    for limit in [limit for limit in inner.names() if limit in known]:
        if limit == "night_rule":
            changes[limit] = inner.flag(limit)
        else:
            changes[limit] = inner.maybe_whole(limit)
    inner.end(*known)
    return replace(merchant.limits, **changes)


def _delivery(_merchant: SimulatedMerchant, said: JsonFields, name: str) -> Delivery:
    inner = said.inside(name)
    seconds = inner.seconds("seconds") if "seconds" in inner else 0.0
    told = inner.flag("told") if "told" in inner else False
    ends = inner.choice("ends", Status) if "ends" in inner else Status.SENT
    inner.end("seconds", "told", "ends")
    return Delivery(seconds=seconds, told=told, ends=ends)


def _v3(merchant: SimulatedMerchant, said: JsonFields, name: str) -> MerchantV3:
    if merchant.v3 is None:
        wrong(name, "left out: the merchant has nothing of V3", "it given")
    inner = said.inside(name)
    changes: dict[str, Any] = {flag: inner.flag(flag) for flag in _V3_FLAGS if flag in inner}
    if "scenes" in inner:
        scenes = inner.inside("scenes")
        changes["scenes"] = {scene_id: scenes.whole(scene_id) for scene_id in scenes.names()}
    if "red_packet_scenes" in inner:
        changes["red_packet_scenes"] = inner.texts("red_packet_scenes")
    for limit in ("day_max", "user_day_max"):
        if limit in inner:
            changes[limit] = inner.maybe_whole(limit)
    inner.end(*_V3_FLAGS, "scenes", "red_packet_scenes", "day_max", "user_day_max")
    return replace(merchant.v3, **changes)


_CHANGES: dict[str, Callable[[SimulatedMerchant, JsonFields, str], Any]] = {
    **dict.fromkeys(_FLAGS, _flag),
    "appids": _appids,
    "work_secrets": _work_secrets,
    "sub_merchants": _sub_merchants,
    "msgappids": _texts,
    "forbidden_calls": _calls,
    "scenes": _scenes,
    "amount_min": _fen,
    "amount_max": _fen,
    "allowed_ips": _texts,
    "limits": _limits,
    "anti_abuse_level": _level,
    "risky_openids": _risky_openids,
    "delivery": _delivery,
    "v3": _v3,
}
