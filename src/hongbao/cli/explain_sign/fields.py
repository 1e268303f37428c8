"""Judges each field of a request by the table of its call. It signs nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hongbao.sentences import say
from hongbao.wire.endpoints import ENDPOINTS, Endpoint, Need


class FieldState(StrEnum):
    """The verdict on one field."""

    SIGNED = "signed"
    """Right, and part of the signature."""
    SIGN = "sign"
    """The signature itself."""
    MISSING = "missing"
    """The call must have it."""
    EMPTY = "empty"
    """There without a value: neither to be sent nor to be signed."""
    UNKNOWN = "unknown"
    """The call does not know it: whoever signs it gets SIGN_ERROR."""
    ILLEGAL = "illegal"
    """Its value breaks its rule."""


GOOD = frozenset({FieldState.SIGNED, FieldState.SIGN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One field, judged."""

    name: str
    state: FieldState
    note: str = ""


def guess_endpoint(fields: Mapping[str, str]) -> Endpoint:
    """The call whose table fits a request's fields best; what few calls know tells most."""

    def fit(endpoint: Endpoint) -> float:
        known = {rule.name for rule in endpoint.known}
        telling = sum(1 / _KNOWN_BY[name] for name in fields.keys() & known)
        constants = sum(fields.get(name) == value for name, value in endpoint.constants.items())
        missing = sum(name not in fields for name in endpoint.required)
        # Whoever asks has made a mistake somewhere, so that a missing field weighs little.
        return telling + 2 * constants - len(fields.keys() - known) - 0.3 * missing

    return max(ENDPOINTS, key=fit)


def judge_fields(fields: Mapping[str, str], endpoint: Endpoint) -> tuple[Finding, ...]:
    """Every field that is there or ought to be, in the order of signing, foreign ones last."""
    names = sorted(known.name for known in endpoint.known)
    found = [_judge(name, fields, endpoint) for name in names]
    foreign = [_foreign(name) for name in fields if name not in names]
    return tuple(finding for finding in [*found, *foreign] if finding)


def signed_fields(fields: Mapping[str, str], endpoint: Endpoint) -> dict[str, str]:
    """What WeChat signs: the fields that the call knows, where they hold anything."""
    return {name: fields[name] for name in endpoint.signed_order if fields.get(name)}


def _judge(name: str, fields: Mapping[str, str], endpoint: Endpoint) -> Finding | None:
    rule = next(known for known in endpoint.known if known.name == name)
    value = fields.get(name)
    if value is None:
        why = _why_needed(name, fields, endpoint)
        note = say("{why}: {rule}", why=why, rule=rule.rule)
        return Finding(name=name, state=FieldState.MISSING, note=note) if why else None
    if not value:
        note = say("leave it out: an empty value is neither sent nor signed")
        return Finding(name=name, state=FieldState.EMPTY, note=note)
    if rule.problem(value) is not None:
        return Finding(
            name=name, state=FieldState.ILLEGAL, note=say("must be {rule}", rule=rule.rule)
        )
    constant = endpoint.constants.get(name)
    if constant not in {None, value}:
        return Finding(
            name=name, state=FieldState.ILLEGAL, note=say("must be {constant}", constant=constant)
        )
    if name == "agentid" and fields.get("sender_name"):
        note = say("either sender_name or agentid, not both")
        return Finding(name=name, state=FieldState.ILLEGAL, note=note)
    return Finding(name=name, state=FieldState.SIGN if name == "sign" else FieldState.SIGNED)


def _why_needed(name: str, fields: Mapping[str, str], endpoint: Endpoint) -> str:
    """Why a field that is not there ought to be; empty if it need not."""
    need = endpoint.need(name)
    match need:
        case Need.REQUIRED:
            return say("the call must have it")
        case Need.PROVIDER:
            other = {"sub_mch_id": "msgappid", "msgappid": "sub_mch_id"}[name]
            return say("it goes with {other}", other=other) if fields.get(other) else ""
        case Need.OPTIONAL:
            alone = name == "sender_name" and not fields.get("agentid")
            return say("either sender_name or agentid must be there") if alone else ""
        case None:
            return ""
        case _:
            assert_never(need)


def _foreign(name: str) -> Finding:
    note = say("the call does not know it: neither send nor sign it")
    return Finding(name=name[:64], state=FieldState.UNKNOWN, note=note)


_KNOWN_BY = Counter(rule.name for endpoint in ENDPOINTS for rule in endpoint.known)
