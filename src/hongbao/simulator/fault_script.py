"""Reads and checks a plan of faults that is written in JSON.

::

    {"rules": [{"fault": "systemerror", "endpoint": "sendredpack", "times": 2, "after": true},
               {"fault": "cut_reply", "mch_billno": "A1", "nth": 3, "bytes": 200}],
     "seed": 7, "odds": {"lose_reply": 0.05, "delay": 0.1}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.simulator.faults import (
    AFTER_OR_BEFORE,
    ANY,
    HELD_CODE,
    HELD_TEXT,
    NOTIFICATION,
    OF_BILLS,
    OF_NOTIFICATIONS,
    SAYING,
    SECONDS_OF,
    Fault,
    FaultKind,
    FaultPlan,
    FaultRule,
)
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.endpoints import ENDPOINTS
from hongbao.wire.transfer.endpoints import TRANSFER_ENDPOINTS

RULES_MAX = 1000
"""Every request is compared with each rule."""
SECONDS_MAX = 30 * 86_400.0
"""As long as a query answers. As a delay it is far beyond any caller's time-out."""

FILE = "file"
"""What stands for the call behind a link of V3."""

CODE_CHARS_MAX = 128
TEXT_CHARS_MAX = 512
"""Both are longer than anything that WeChat documents."""

_PLAN_FIELDS = frozenset({"rules", "seed", "odds"})
_OF_RULES = frozenset({"fault", "endpoint", "mch_billno", "re_openid", "nth", "times"})
_SAID = frozenset({"err_code", "return_code", "text"})
_RULE_FIELDS = _OF_RULES | _SAID | {"seconds", "bytes", "after", "fails"}
_RETURN_CODES = ("SUCCESS", "FAIL")
_NAMES = (
    ANY,
    *(endpoint.name for endpoint in (*ENDPOINTS, DOWNLOADFUNDFLOW)),
    *(endpoint.name for endpoint in TRANSFER_ENDPOINTS),
    FILE,
    NOTIFICATION,
)
_KINDS = ", ".join(FaultKind)
T = TypeVar("T")


def parse_plan(said: object) -> FaultPlan:
    """Read a plan as JSON gives it.

    Raises:
        InvalidRequest: naming the field that is wrong, such as ``rules[0].times``.
    """
    plan = _object("faults", said, _PLAN_FIELDS)
    rules = _value(plan, "", "rules", list, [])
    if len(rules) > RULES_MAX:
        raise _wrong("rules", say("at most {most}", most=RULES_MAX), len(rules))
    return FaultPlan(
        rules=tuple(_rule(f"rules[{index}]", rule) for index, rule in enumerate(rules)),
        seed=_value(plan, "", "seed", int, 0),
        odds=_odds(_value(plan, "", "odds", dict, {})),
    )


def _rule(where: str, said: object) -> FaultRule:
    rule = _object(where, said, _RULE_FIELDS)
    kind = _kind(f"{where}.fault", rule.get("fault"))
    nth = _value(rule, where, "nth", int, 1)
    times = _times(rule, where)
    for name, number in (("nth", nth), ("times", times)):
        if number is not None and number < 1:
            raise _wrong(f"{where}.{name}", say("1 or more"), number)
    endpoint = _value(rule, where, "endpoint", str, ANY)
    if endpoint not in _NAMES:
        raise _wrong(f"{where}.endpoint", say("one of {names}", names=", ".join(_NAMES)), endpoint)
    mch_billno = _value(rule, where, "mch_billno", str, ANY)
    re_openid = _value(rule, where, "re_openid", str, ANY)
    if kind is FaultKind.REFUSE_CONNECT and (endpoint, mch_billno, re_openid) != (ANY, ANY, ANY):
        raise _wrong(
            where, say("for all requests: a connection has no call or number yet"), endpoint
        )
    if kind in OF_BILLS and (endpoint not in (ANY, DOWNLOADFUNDFLOW.name) or re_openid != ANY):
        raise _wrong(where, say("about bills, whose rows name no call and no receiver"), endpoint)
    if endpoint == NOTIFICATION and kind not in OF_NOTIFICATIONS:
        raise _wrong(
            f"{where}.fault",
            say("one of {names}", names=", ".join(sorted(OF_NOTIFICATIONS))),
            kind.value,
        )
    return FaultRule(
        fault=_fault(where, rule, kind),
        endpoint=endpoint,
        mch_billno=mch_billno,
        re_openid=re_openid,
        nth=nth,
        times=times,
    )


def _times(rule: Mapping[str, Any], where: str) -> int | None:
    if "times" not in rule:
        return 1 if "nth" in rule else None
    return None if rule["times"] is None else _value(rule, where, "times", int, 1)


def _fault(where: str, rule: Mapping[str, Any], kind: FaultKind) -> Fault:
    for name, kinds in (
        ("seconds", frozenset(SECONDS_OF)),
        ("bytes", frozenset({FaultKind.CUT_REPLY})),
        ("after", AFTER_OR_BEFORE),
        ("fails", frozenset({FaultKind.PROCESSING})),
        *((name, SAYING) for name in sorted(_SAID)),
    ):
        if name in rule and kind not in kinds:
            raise _wrong(
                f"{where}.{name}",
                say("only for {names}", names=", ".join(sorted(kinds))),
                kind.value,
            )
    seconds = _number(rule, f"{where}.seconds", "seconds", SECONDS_OF.get(kind, 0.0), SECONDS_MAX)
    cut = _value(rule, where, "bytes", int, 0)
    if cut < 0:
        raise _wrong(f"{where}.bytes", say("0 or more"), cut)
    after = _value(rule, where, "after", bool, default=False)
    fails = _value(rule, where, "fails", bool, default=False)
    fault = Fault(kind=kind, seconds=seconds, cut=cut, after=after, fails=fails)
    return _saying(where, rule, fault) if kind in SAYING else fault


def _saying(where: str, rule: Mapping[str, Any], fault: Fault) -> Fault:
    held = fault.kind is FaultKind.REFUSED_BUT_HELD
    err_code = _value(rule, where, "err_code", str, HELD_CODE if held else "")
    if not 0 < len(err_code) <= CODE_CHARS_MAX or not err_code.isprintable():
        raise _wrong(
            f"{where}.err_code",
            say("1 to {most} printable characters", most=CODE_CHARS_MAX),
            err_code,
        )
    usual = HELD_TEXT if held and err_code == HELD_CODE else ""
    text = _value(rule, where, "text", str, usual)
    if len(text) > TEXT_CHARS_MAX or not text.isprintable():
        raise _wrong(
            f"{where}.text",
            say("at most {most} printable characters", most=TEXT_CHARS_MAX),
            text,
        )
    return_code = rule.get("return_code")
    if return_code is not None and return_code not in _RETURN_CODES:
        raise _wrong(
            f"{where}.return_code",
            say("one of {names}", names=", ".join(_RETURN_CODES)),
            return_code,
        )
    return replace(fault, err_code=err_code, return_code=return_code, text=text)


def _odds(said: Mapping[str, Any]) -> tuple[tuple[FaultKind, float], ...]:
    odds = tuple(
        (_kind(f"odds.{name}", name), _number(said, f"odds.{name}", name, 0.0, 1.0))
        for name in said
    )
    if any(kind is FaultKind.ANSWER for kind, _ in odds):
        raise _wrong("odds.answer", say("in a rule, which says what is answered"), "odds")
    for kind, _ in odds:
        if kind in OF_BILLS:
            raise _wrong(f"odds.{kind}", say("in a rule: a bill is the same each time"), "odds")
    total = sum(probability for _, probability in odds)
    if total > 1:
        raise _wrong("odds", say("together at most 1"), total)
    return odds


def _kind(where: str, said: object) -> FaultKind:
    try:
        return FaultKind(said)  # type: ignore[arg-type]  # anything else than its text is refused
    except ValueError:
        raise _wrong(where, say("one of {kinds}", kinds=_KINDS), said) from None


def _object(where: str, said: object, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise _wrong(where, say("an object"), said)
    for name in said:
        if name not in known:
            raise _wrong(
                f"{where}.{name}",
                say("one of {names}", names=", ".join(sorted(known))),
                say("another name"),
            )
    return said


def _value(said: Mapping[str, Any], where: str, name: str, kind: type[T], default: T) -> T:
    value = said.get(name, default)
    # A bool is an int to Python, and never meant as one here.
    if isinstance(value, kind) and isinstance(value, bool) is (kind is bool):
        return value
    raise _wrong(
        f"{where}.{name}".lstrip("."), say("a value of type {name}", name=kind.__name__), value
    )


def _number(said: Mapping[str, Any], where: str, name: str, default: float, high: float) -> float:
    value = said.get(name, default)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if known and 0 <= value <= high:
        return float(value)
    raise _wrong(where, say("a number from 0 to {high:g}", high=high), value)


def _wrong(where: str, rule: str, found: object) -> InvalidRequest:
    return InvalidRequest(field=where, rule=rule, found=repr(found)[:64])
