"""Payouts as a worker gets them, at a Monday's ten o'clock in Beijing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hongbao import Disposition
from hongbao.beijing import BEIJING
from hongbao.ledger.model.payout import SECOND, Payout, State, Task

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def beijing(day: int, hour: int, minute: int = 0) -> int:
    """A moment of November 2026."""
    return int(datetime(2026, 11, day, hour, minute, tzinfo=BEIJING).timestamp()) * SECOND


NOW = beijing(23, 10)


def payout(**changes: Any) -> Payout:
    """One that waits for its first call, but for what is said."""
    standing: dict[str, Any] = {
        "id": 7,
        "merchant_id": 1,
        "campaign_id": 2,
        "key": "spring/7",
        "row": 7,
        "kind": "normal",
        "payee": "oPAYEE_of_the_tests_0000000001",
        "amount": 1000,
        "people": 1,
        "terms_id": 3,
        "attempt": 1,
        "billno": "Seven",
        "state": State.WAITING,
        "task": Task.SEND,
        "due_at": NOW,
        "lease": 99,
        "calls": 0,
        "answers": 0,
        "doubt": None,
        "first_call_at": None,
        "resend_until": None,
        "tries": 0,
        "code": None,
        "reason": None,
        "listid": None,
        "voucher": None,
        "sent_at": None,
        "settled_at": None,
        "claimed": 0,
        "refunded": 0,
        "day": None,
        "seq": 1,
    }
    return Payout(**(standing | changes))


def called(**changes: Any) -> Payout:
    """One whose send was claimed: this is its first call, but for what is said."""
    standing = {
        "state": State.IN_DOUBT,
        "task": Task.QUERY,
        "calls": 1,
        "first_call_at": NOW - SECOND,
    }
    return payout(**(standing | changes))


def doubted(**changes: Any) -> Payout:
    """One whose only call came to an unknown end, and that is asked about."""
    standing = {
        "answers": 1,
        "doubt": Disposition.UNKNOWN,
        "tries": 1,
        "resend_until": NOW - SECOND + DAY,
    }
    return called(**(standing | changes))


def held(**changes: Any) -> Payout:
    """One that WeChat held back, whose time to be sent without asking is over."""
    standing = {
        "state": State.WAITING,
        "doubt": Disposition.OPEN,
        "code": "NOTENOUGH",
        "first_call_at": NOW - 30 * HOUR,
        "resend_until": NOW - 6 * HOUR,
    }
    return doubted(**(standing | changes))


def sent(**changes: Any) -> Payout:
    """One that was accepted an hour ago and is looked at."""
    standing = {
        "state": State.SENT,
        "task": Task.LOOK,
        "answers": 1,
        "first_call_at": NOW - HOUR - SECOND,
        "sent_at": NOW - HOUR,
        "listid": "1000041701",
    }
    return called(**(standing | changes))
