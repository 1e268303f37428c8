"""Shows packets, claims, faults and journal entries as JSON, for the control port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.simulator.clock import ManualClock, beijing_text
from hongbao.simulator.faults import AFTER_OR_BEFORE, ANY, SAYING, SECONDS_OF, FaultKind
from hongbao.simulator.tokens import listid_of

if TYPE_CHECKING:
    from hongbao.simulator.claims import ClaimResult
    from hongbao.simulator.clock import Clock
    from hongbao.simulator.faults import FaultPlan, FaultRule
    from hongbao.simulator.holdings import MoneyTotals, User
    from hongbao.simulator.journal import RecordedRequest
    from hongbao.simulator.packet import Packet


def shown_clock(clock: Clock) -> dict[str, Any]:
    """The time, and whether the clock runs."""
    now = clock.now()
    kind = "manual" if isinstance(clock, ManualClock) else "real"
    return {"kind": kind, "now": now, "beijing": beijing_text(now)}


def shown_totals(totals: MoneyTotals) -> dict[str, int]:
    """Where the money is, in fen."""
    return {**totals._asdict(), "in_flight": totals.in_flight}


def shown_user(user: User) -> dict[str, Any]:
    """A user and what they claimed, in fen."""
    return {"openid": user.openid, "appids": list(user.appids), "wallet": user.wallet}


def shown_claimed(claimed: ClaimResult) -> dict[str, Any]:
    """What a user got."""
    return {
        "mch_id": claimed.mch_id,
        "mch_billno": claimed.mch_billno,
        "openid": claimed.openid,
        "amount": claimed.amount,
        "beijing": beijing_text(claimed.moment),
    }


def shown_packet(packet: Packet) -> dict[str, Any]:
    """A packet, with more details than a query gives."""
    return {
        "mch_id": packet.mch_id,
        "mch_billno": packet.mch_billno,
        "call": packet.terms.call,
        "detail_id": listid_of(packet),
        "status": packet.status.value,
        "reason": packet.reason,
        "re_openid": packet.re_openid,
        "total_amount": packet.total_amount,
        "total_num": packet.people,
        "payments": packet.payments,
        "claimed": packet.claimed,
        "refunded": packet.refunded,
        "created": beijing_text(packet.created_at),
        "sent": None if packet.sent_at is None else beijing_text(packet.sent_at),
        "claims": [
            {
                "openid": claim.openid,
                "amount": claim.amount,
                "beijing": beijing_text(claim.moment),
            }
            for claim in packet.claims
        ],
    }


def shown_entry(number: int, entry: RecordedRequest) -> dict[str, Any]:
    """A journal entry with its number, counted from 0."""
    return {"number": number, "beijing": beijing_text(entry.moment), **entry._asdict()}


def shown_plan(plan: FaultPlan) -> dict[str, Any]:
    """A plan of faults, in the form in which it can be scripted again."""
    return {
        "rules": [_shown_rule(rule) for rule in plan.rules],
        "seed": plan.seed,
        "odds": {kind.value: odds for kind, odds in plan.odds},
    }


def _shown_rule(rule: FaultRule) -> dict[str, Any]:
    fault = rule.fault
    shown: dict[str, Any] = {
        "fault": fault.kind.value,
        "endpoint": rule.endpoint,
        "mch_billno": rule.mch_billno,
    }
    if rule.re_openid != ANY:
        shown["re_openid"] = rule.re_openid
    if rule.times is not None:
        shown |= {"nth": rule.nth, "times": rule.times}
    if fault.kind in SECONDS_OF:
        shown["seconds"] = fault.seconds
    if fault.kind in AFTER_OR_BEFORE:
        shown["after"] = fault.after
    if fault.kind is FaultKind.CUT_REPLY:
        shown["bytes"] = fault.cut
    if fault.kind is FaultKind.PROCESSING:
        shown["fails"] = fault.fails
    if fault.kind in SAYING:
        shown |= {"err_code": fault.err_code, "text": fault.text}
        shown |= {"return_code": fault.return_code} if fault.return_code else {}
    return shown
