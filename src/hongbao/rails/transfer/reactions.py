"""The engine's reaction to each code with which WeChat answers a transfer, and the waits.

``wire.transfer.codes`` says what a code means for the money; this says what the engine does next.
Numbers in brackets are sections of the protocol notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.step import Scope
from hongbao.rails.port import ASKED, Course, Reaction, When
from hongbao.rails.retry import RetryPolicy
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS, FailGroup
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSED = Reaction(Course.REFUSE, When.SOON)
_OF_THE_MERCHANT = Reaction(Course.AGAIN, When.AT_ONCE, stop=Scope.MERCHANT)
_TOO_FAST = Reaction(Course.QUERY, When.BUSY, slow=True)

REACTIONS: Mapping[str, Reaction] = {
    # The IP, the scene, a limit or the openid; or an order with other content, which the query
    # finds. One row's fault or everybody's: the breaker tells by the share of it.
    "INVALID_REQUEST": _REFUSED,
    "PARAM_ERROR": _REFUSED,
    "ALREADY_EXISTS": ASKED,
    "SIGN_ERROR": _OF_THE_MERCHANT,
    "NO_AUTH": _OF_THE_MERCHANT,
    # The number may be held and locked after a top-up (4.2): it never changes.
    "NOT_ENOUGH": _OF_THE_MERCHANT,
    "USER_ERROR": _OF_THE_MERCHANT,
    "ACCOUNTERROR": _OF_THE_MERCHANT,
    "APPID_MCHID_NOT_MATCH": _OF_THE_MERCHANT,
    "FREQUENCY_LIMITED": _TOO_FAST,
    "FREQUENCY_LIMIT_EXCEED": _TOO_FAST,
    "FREQUENCY_LIMIT": _TOO_FAST,
    "RATELIMIT_EXCEEDED": _TOO_FAST,
    "QUOTA_EXCEED": Reaction(Course.QUERY, When.TOMORROW, slow=True),
    "SYSTEM_ERROR": ASKED,
    "SERVICE_UNAVAILABLE": ASKED,
}
"""Every code of ``wire.transfer.codes`` that may answer a transfer."""

# States of a transfer that was taken, and reasons for which one failed, stand beside the codes.
ALL_REACTIONS: Mapping[str, Reaction] = {
    **REACTIONS,
    TransferState.ACCEPTED.value: Reaction(Course.QUERY, When.PROCESSING),
    TransferState.PROCESSING.value: Reaction(Course.QUERY, When.PROCESSING),
    **{
        reason.name: ASKED._replace(stop=Scope.MERCHANT)
        for reason in FAIL_REASONS.values()
        if reason.group is FailGroup.MERCHANT
    },
}
"""What else is stopped when a transfer fails for a reason on the merchant's side (4.4)."""

EXPECTED = frozenset({"OVERDUE_CLOSE", "MCH_CANCEL", TransferState.CANCELLED.value})
"""A receiver who did not confirm, or a transfer that was taken back, is nobody's fault."""

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

CONFIRM_SECONDS = _DAY
"""So long the page works (3)."""

_LATE = tuple(CONFIRM_SECONDS + minutes * _MINUTE for minutes in (5, 30, 60))

RETRY = RetryPolicy(
    repeat_seconds=1,
    resend_seconds=_DAY,  # 24 hours, or three days: then only queries (4.1)
    query_only_seconds=3 * _DAY,
    answers_seconds=30 * _DAY,  # the official page of the query (2.2)
    horizon_seconds=3 * _DAY,  # every one is final long before (12)
    processing_seconds=_MINUTE,
    processing_seconds_max=_HOUR,
    not_found_seconds=3 * _MINUTE,  # minutes (4.3)
    # One, five, fifteen and sixty minutes, each hour, and when the 24 hours are over (12).
    looks=(
        _MINUTE,
        5 * _MINUTE,
        15 * _MINUTE,
        *range(_HOUR, CONFIRM_SECONDS, _HOUR),
        *_LATE,
    ),
    look_seconds=_HOUR,
    voucher_calls_max=0,
)
