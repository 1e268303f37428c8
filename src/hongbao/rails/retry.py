"""How patient the engine is with one rail, as named settings.

What is a fact of a rail has no value here; what is the engine's own habit has a cautious one.
"""

from __future__ import annotations

from dataclasses import dataclass

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The settings of policy and breaker. Times are whole seconds, minutes are of a day.

    What waits longer each time begins with ``..._seconds``, doubles, and stays at
    ``..._seconds_max``.

    Attributes:
        repeat_seconds: the least time between two calls for one number.
        resend_seconds: so long after the first call, a number that the provider does not know is
            sent again.
        query_only_seconds: until then a number that the provider does not know is only asked about,
            and one that it holds back with a reason is still sent again; then a person decides.
        answers_seconds: so long after a send the provider answers queries about its number.
        window_seconds: how long a number may be sent again after a query has said that the provider
            holds it back, when ``resend_seconds`` are over.
        horizon_seconds: so long after the first call a person takes over what has no end, while
            queries are still answered.
        query_seconds: before a number is asked about whose outcome is unknown, and before a query
            that failed is made again.
        query_seconds_max: at most.
        confirm_seconds: after a send that was refused for good, before the query that confirms that
            no order of its number lives.
        clock_seconds: how much the provider's clock and the books' are taken to differ at most,
            where it counts whether an order is older than these books' first call.
        late_query_seconds: between two queries once ``query_only_seconds`` are over.
        processing_seconds: before what the provider is still working on is asked about again.
        processing_seconds_max: at most.
        quota_seconds: before a query when a quota of calls a minute is used up.
        not_found_seconds: before a number that the provider does not know is sent again.
        not_found_seconds_max: at most.
        busy_seconds: before a send that came too fast is made again; the merchant's rate falls
            meanwhile.
        busy_seconds_max: at most.
        not_sent_seconds: before a send of which no byte left is made again.
        not_sent_seconds_max: at most.
        not_sent_slow: when so many sends of one payout in a row did not leave, the merchant's rate
            falls.
        not_sent_max: when so many did not, sending stops.
        risk_seconds: before a user whom risk control refused is tried again.
        risk_seconds_max: at most.
        tomorrow_minute: minute of Beijing's day at which the limits of the last day are taken to be
            lifted.
        morning_minute: the same for what is not sent at night.
        looks: seconds after it was sent at which what is paid is looked at.
        look_seconds: between two looks afterwards.
        refund_seconds: between two looks while the money is on its way back.
        voucher_calls_max: what was found paid, but whose voucher was lost with the reply, is sent
            again with the same number for it, up to so many calls.
        holds_max: a payout that has met a cause that lies with the merchant so many times in a row
            is left to a person, so that one odd row does not stop a campaign for ever.
        again_max: the same for any other refusal after which the number is sent again.
        misfits_max: the same for queries whose answer does not fit what the books know.
        suspected_marks: so many marks of one kind, and never a success, stop the sending.
        majority_answers: from so many payouts on that are paid or refused, one cause for most of
            them stops the sending.
        majority_percent: what most of them are: more than this.
        share_answers: from so many on, an unusual share of refusals stops the sending.
        share_percent: what is unusual: more than this.
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
