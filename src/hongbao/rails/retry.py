"""The engine's waits and limits for one rail, as named settings.

Facts about a rail have no default here; the engine's own choices have cautious defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The settings of policy and breaker. Times are whole seconds; minutes are minutes of a day.

    A wait that grows begins with ``..._seconds``, doubles each time, and ends at
    ``..._seconds_max``.

    Attributes:
        repeat_seconds: the least time between two calls for one number.
        resend_seconds: how long after the first call a number that the provider does not know is
            sent again.
        query_only_seconds: until then a number that the provider does not know is only queried, and
            one that it holds back with a reason is still sent again; then a person decides.
        answers_seconds: how long after a send the provider answers queries about its number.
        window_seconds: how long a number may be sent again after a query has said that the provider
            holds it back, once ``resend_seconds`` are over.
        horizon_seconds: how long after the first call an unfinished payout goes to a person, while
            queries are still answered.
        query_seconds: the wait before an unknown outcome is queried, and before a failed query is
            repeated.
        query_seconds_max: its maximum.
        confirm_seconds: the wait between a send that was refused for good and the query that
            confirms that its number has no live order.
        clock_seconds: the largest assumed difference between the provider's clock and the books',
            where it matters whether an order is older than these books' first call.
        late_query_seconds: the wait between two queries once ``query_only_seconds`` are over.
        processing_seconds: the wait before a payout that the provider is still working on is
            queried again.
        processing_seconds_max: its maximum.
        quota_seconds: the wait before a query when a quota of calls per minute is used up.
        not_found_seconds: the wait before a number that the provider does not know is sent again.
        not_found_seconds_max: its maximum.
        busy_seconds: the wait before a send that came too fast is repeated; the merchant's rate
            falls meanwhile.
        busy_seconds_max: its maximum.
        not_sent_seconds: the wait before a send is repeated of which no byte left.
        not_sent_seconds_max: its maximum.
        not_sent_slow: after this many consecutive sends of a payout that did not leave, the
            merchant's rate falls.
        not_sent_max: after this many, sending stops.
        risk_seconds: the wait before a user whom risk control refused is tried again.
        risk_seconds_max: its maximum.
        tomorrow_minute: the minute of Beijing's day at which the previous day's limits are assumed
            to be lifted.
        morning_minute: the same for payouts that cannot be sent at night.
        looks: how many seconds after sending a paid payout is polled for collection.
        look_seconds: the wait between later polls.
        refund_seconds: the wait between polls while the money is on its way back.
        voucher_calls_max: a payout that was found paid, but whose voucher was lost with the reply,
            is sent again with the same number to get it, up to this many calls.
        holds_max: a payout that this many times in a row meets a cause on the merchant's side is
            left to a person, so that one odd row does not stop a campaign for ever.
        again_max: the same for any other refusal after which the number is sent again.
        misfits_max: the same for queries whose answer does not fit what the books know.
        suspected_marks: this many marks of one kind, without any success, stop the sending.
        majority_answers: from this many paid or refused payouts on, one cause for most of them
            stops the sending.
        majority_percent: "most of them" means more than this.
        share_answers: from this many on, an unusual share of refusals stops the sending.
        share_percent: "unusual" means more than this.
    """

    repeat_seconds: int
    resend_seconds: int
    query_only_seconds: int
    answers_seconds: int
    window_seconds: int = 10 * _MINUTE
    horizon_seconds: int
    query_seconds: int = 2
    query_seconds_max: int = _HOUR
    confirm_seconds: int = 3
    clock_seconds: int = 5
    late_query_seconds: int = _DAY
    processing_seconds: int
    processing_seconds_max: int
    quota_seconds: int = _MINUTE
    not_found_seconds: int
    not_found_seconds_max: int = _HOUR
    busy_seconds: int = 5
    busy_seconds_max: int = 5 * _MINUTE
    not_sent_seconds: int = 5
    not_sent_seconds_max: int = 10 * _MINUTE
    not_sent_slow: int = 3
    not_sent_max: int = 20
    risk_seconds: int = _HOUR
    risk_seconds_max: int = 12 * _HOUR
    tomorrow_minute: int = 10
    morning_minute: int = 8 * 60 + 10
    looks: tuple[int, ...]
    look_seconds: int = _DAY
    refund_seconds: int = _HOUR
    voucher_calls_max: int = 3
    holds_max: int = 5
    again_max: int = 30
    misfits_max: int = 5
    suspected_marks: int = 5
    majority_answers: int = 10
    majority_percent: int = 50
    share_answers: int = 50
    share_percent: int = 20
