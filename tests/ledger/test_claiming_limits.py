"""PayerLimits that no claim passes: hours, money a day, packets a user and day. Queries go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import LEASE_SECONDS, accepted, postponed, refused, step, unknown
from hongbao.beijing import DAY, day_of, tomorrow
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope, Stop

if TYPE_CHECKING:
    from desk import Desk

HOUR = 3600


def sent(desk: Desk) -> list[int]:
    """Amounts that a claim sends."""
    return [job.payout.amount for job in desk.jobs() if job.task is Task.SEND]


def test_nothing_is_sent_outside_the_hours_and_questions_are_asked(desk: Desk) -> None:
    limits = PayerLimits(opens=9 * 60, closes=11 * 60)
    desk.campaign(3, limits=limits)
    [job] = desk.jobs(1)
    desk.record((job, unknown(job, after=2 * HOUR)))
    desk.clock.pass_(2 * HOUR)  # 12:00
    assert [job.task for job in desk.jobs()] == [Task.QUERY]
    desk.clock.pass_(100)
    desk.jobs()
    claim = desk.claim()
    assert claim.jobs == []
    asked = desk.payout(job).due_at
    assert claim.next_at == asked, "its lease ends before the next morning"


def test_sending_goes_on_when_the_hours_begin(desk: Desk) -> None:
    desk.campaign(2, limits=PayerLimits(opens=14 * 60, closes=20 * 60))
    claim = desk.claim()
    assert claim.jobs == []
    assert claim.next_at == desk.clock.now + 4 * HOUR * SECOND
    desk.clock.pass_(4 * HOUR)
    assert sent(desk) == [100, 100]


def test_a_campaign_of_which_nothing_may_be_sent_yet_is_not_running(desk: Desk) -> None:
    campaign = desk.campaign(2, limits=PayerLimits(opens=14 * 60, closes=20 * 60))
    desk.jobs()
    assert desk.book.standing("spring").campaign.state == "approved"
    desk.clock.pass_(4 * HOUR)
    desk.jobs(worker="worker-4")
    assert desk.book.standing("spring").campaign.state == "running"
    assert desk.decisions(campaign)[-1] == ("started", "worker-4")


def test_the_money_of_a_day_is_never_passed(desk: Desk) -> None:
    desk.campaign(amounts=[400, 300, 400, 200], limits=PayerLimits(day_amount_max=1000))
    assert sent(desk) == [400, 300]
    claim = desk.claim()
    assert claim.jobs == []
    assert claim.next_at == desk.clock.now + int(LEASE_SECONDS * SECOND), "the leases end first"
    desk.clock.now = tomorrow(desk.clock.now)
    assert [job.payout.amount for job in desk.jobs() if job.task is Task.SEND] == [400, 200]


def test_once_the_days_money_is_spent_no_worker_looks_again_before_tomorrow(desk: Desk) -> None:
    """Not every 10 ms until midnight."""
    desk.campaign(amounts=[700, 400], limits=PayerLimits(day_amount_max=1000))
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=3 * 86_400)))
    desk.clock.pass_(int(LEASE_SECONDS))  # it looks once more when the lease would have ended
    claim = desk.claim()
    assert (claim.jobs, claim.next_at) == ([], tomorrow(desk.clock.now))


def test_what_was_put_back_today_is_held_to_its_users_limits_when_it_is_sent_again(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oUSER", "oUSER"], limits=PayerLimits(user_day_count_max=1))
    [first] = desk.jobs(1)
    desk.record((first, postponed(first, after=60)))
    [second] = desk.jobs()
    desk.record((second, accepted(second)))
    desk.clock.pass_(60)
    assert sent(desk) == []
    held = desk.payout(first)
    assert (held.state, held.due_at) == (State.WAITING, tomorrow(desk.clock.now))


def test_no_smaller_payout_passes_one_that_waits_for_tomorrow(desk: Desk) -> None:
    desk.campaign(amounts=[900, 300, 100], limits=PayerLimits(day_amount_max=1000))
    assert sent(desk) == [900]


def test_a_payout_that_no_day_allows_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.campaign(amounts=[5000, 300, 100], limits=PayerLimits(day_amount_max=1000))
    assert sent(desk) == [300, 100]
    [held] = [payout for payout in desk.payouts() if payout.amount == 5000]
    assert (held.state, held.due_at) == (State.WAITING, tomorrow(desk.clock.now))
    assert held.reason is not None


def test_a_limit_that_is_raised_lets_the_rest_go_at_once(desk: Desk) -> None:
    desk.campaign(amounts=[900, 300], limits=PayerLimits(day_amount_max=1000))
    assert sent(desk) == [900]
    assert sent(desk) == []
    desk.channel(limits=PayerLimits(day_amount_max=2000))
    assert sent(desk) == [300]


def test_a_limit_that_is_lowered_in_mid_day_stops_the_rest(desk: Desk) -> None:
    desk.campaign(amounts=[900, 300], limits=PayerLimits(day_amount_max=2000))
    desk.jobs(1)
    desk.channel(limits=PayerLimits(day_amount_max=500))
    assert sent(desk) == []


def test_a_refusal_gives_the_money_of_the_day_back(desk: Desk) -> None:
    desk.campaign(amounts=[900, 300], limits=PayerLimits(day_amount_max=1000))
    [job] = desk.jobs()
    assert sent(desk) == []
    desk.record((job, refused(job)))
    desk.channel(limits=PayerLimits(day_amount_max=1001))  # wakes it
    assert sent(desk) == [300]


def test_yesterdays_refusal_gives_todays_money_nothing(desk: Desk) -> None:
    desk.campaign(amounts=[900, 950, 300], limits=PayerLimits(day_amount_max=1000))
    [old] = desk.jobs()
    desk.record((old, unknown(old, after=26 * HOUR)))
    desk.clock.pass_(24 * HOUR)
    assert sent(desk) == [950]
    desk.clock.pass_(2 * HOUR)
    [asked, *_] = [job for job in desk.jobs() if job.payout.id == old.payout.id]
    desk.record((asked, refused(asked)))
    desk.channel(limits=PayerLimits(day_amount_max=1001))
    assert sent(desk) == []


def test_a_day_that_has_begun_stays_when_the_clock_goes_back_over_midnight(desk: Desk) -> None:
    desk.campaign(amounts=[700, 200, 300], limits=PayerLimits(day_amount_max=1000))
    desk.clock.now = (day_of(desk.clock.now) + 1) * DAY - 8 * HOUR * SECOND
    [first] = desk.jobs(1)
    desk.clock.pass_(-1)
    desk.channel(limits=PayerLimits(day_amount_max=1001))  # wakes it
    assert [job.payout.amount for job in desk.jobs(1)] == [200]
    desk.clock.pass_(1)
    assert sent(desk) == [], "900 of the 1000 are gone"
    assert desk.book.audit().findings == ()
    assert desk.record((first, refused(first))) == frozenset()
    desk.channel(limits=PayerLimits(day_amount_max=1002))
    assert sent(desk) == [300]
    assert desk.book.audit().findings == ()


def test_a_refusal_is_recorded_though_a_wrong_clock_has_forgotten_its_day(desk: Desk) -> None:
    desk.campaign(amounts=[700, 200, 300])
    [first] = desk.jobs(1)
    desk.record((first, unknown(first, after=30 * 24 * HOUR)))
    desk.clock.pass_(7 * 24 * HOUR)
    assert sent(desk) == [200, 300]
    desk.clock.pass_(-7 * 24 * HOUR)
    desk.book.query_now(first.payout.id, by="anna")
    [asked] = desk.jobs()
    assert desk.record((asked, refused(asked))) == frozenset()
    assert desk.payout(first).state is State.REFUSED


def test_a_payout_that_waits_again_keeps_its_share_of_the_day(desk: Desk) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[900, 300], limits=limits)
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=60)))
    desk.clock.pass_(60)
    assert sent(desk) == [900]
    assert desk.book.audit().findings == ()
    desk.channel(limits=PayerLimits(day_amount_max=1200))
    assert sent(desk) == [300], "the 900 count once"


@pytest.mark.parametrize(
    "limits",
    [PayerLimits(user_day_count_max=2), PayerLimits(user_day_amount_max=250)],
    ids=["count", "amount"],
)
def test_a_user_gets_no_more_than_a_day_allows(desk: Desk, limits: PayerLimits) -> None:
    desk.campaign(amounts=[100] * 5, payees=["oGREEDY"] * 4 + ["oOTHER"], limits=limits)
    jobs = desk.jobs()
    assert [job.payout.payee for job in jobs] == ["oGREEDY", "oGREEDY", "oOTHER"]
    desk.record(*((job, accepted(job, look_after=40 * HOUR)) for job in jobs))
    assert sent(desk) == []
    waiting = [payout for payout in desk.payouts() if payout.state is State.WAITING]
    assert {payout.due_at for payout in waiting} == {tomorrow(desk.clock.now)}
    desk.clock.now = tomorrow(desk.clock.now)
    assert sent(desk) == [100, 100]


def test_what_another_campaign_sent_counts_among_what_a_user_may_have(desk: Desk) -> None:
    limits = PayerLimits(user_day_count_max=1)
    desk.campaign(payees=["oGREEDY"], name="a", limits=limits)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    desk.campaign(payees=["oGREEDY"], name="b", limits=limits)
    assert sent(desk) == []


def test_what_was_refused_does_not_count_among_what_a_user_may_have(desk: Desk) -> None:
    limits = PayerLimits(user_day_count_max=1)
    desk.campaign(payees=["oUNLUCKY"] * 2, limits=limits)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    desk.clock.pass_(24 * HOUR)
    assert sent(desk) == [100]


def test_a_payout_in_doubt_that_is_sent_again_does_not_count_twice(desk: Desk) -> None:
    desk.campaign(payees=["oUSER"], limits=PayerLimits(user_day_count_max=1, day_amount_max=100))
    [job] = desk.jobs()
    again = step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.SEND, due_at=job.at + 60 * SECOND
    )
    desk.record((job, again))
    desk.clock.pass_(60)
    assert sent(desk) == [100]


def test_a_payout_in_doubt_that_is_sent_again_leaves_its_user_the_rest_of_the_day(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oUSER"] * 3, limits=PayerLimits(user_day_count_max=2))
    [job] = desk.jobs(1)
    again = step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.SEND, due_at=job.at - SECOND
    )  # fmt: skip
    desk.record((job, again))
    assert [it.payout.id - job.payout.id for it in desk.jobs()] == [0, 1]


def test_a_payout_in_doubt_since_yesterday_that_is_sent_again_counts_for_its_user_today(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oUSER"] * 2, limits=PayerLimits(user_day_count_max=1))
    [old] = desk.jobs()
    again_at = old.at + 25 * HOUR * SECOND
    desk.record((old, unknown(old)._replace(task=Task.SEND, due_at=again_at)))
    desk.clock.pass_(24 * HOUR)
    [new] = desk.jobs()
    desk.record((new, accepted(new)))
    desk.clock.pass_(HOUR)
    assert sent(desk) == []
    assert desk.payout(old).due_at == tomorrow(desk.clock.now)


def test_each_day_has_its_money_to_the_fen(desk: Desk) -> None:
    desk.campaign(amounts=[600, 400, 700, 300, 1], limits=PayerLimits(day_amount_max=1000))
    assert sent(desk) == [600, 400]
    desk.clock.now = tomorrow(desk.clock.now)
    assert sent(desk) == [700, 300]


def test_a_user_gets_to_the_fen_what_a_day_allows(desk: Desk) -> None:
    limits = PayerLimits(user_day_amount_max=300)
    desk.campaign(amounts=[100, 200, 100], payees=["oUSER"] * 3, limits=limits)
    assert sent(desk) == [100, 200]


def test_a_stopped_merchant_asks_and_does_not_send(desk: Desk) -> None:
    campaign = desk.campaign(3)
    desk.campaign(3, name="other")
    [job] = desk.jobs(1)
    stop = Stop(scope=Scope.MERCHANT, code="CA_ERROR", reason="no certificate", advice="renew it")
    desk.book.record("worker-1", [(job, unknown(job))], stops=[(campaign.id, stop)])
    [standing] = desk.book.channels()
    assert standing.stop == stop
    desk.clock.pass_(10)
    assert [job.task for job in desk.jobs()] == [Task.QUERY]
    desk.book.resume("spring", by="anna")
    assert sent(desk) == [100] * 5


def test_a_stopped_campaign_stands_still_beside_another(desk: Desk) -> None:
    campaign = desk.campaign(3)
    desk.campaign(2, name="other", amounts=[200, 200])
    [job] = desk.jobs(1)
    stop = Stop(scope=Scope.CAMPAIGN, code="MANY", reason="many refusals", advice="look")
    desk.book.record("worker-1", [(job, refused(job))], stops=[(campaign.id, stop)])
    assert desk.book.standing("spring").campaign.stop == stop
    assert sent(desk) == [200, 200]


def test_the_day_that_a_limit_counts_is_beijings(desk: Desk) -> None:
    limits = PayerLimits(user_day_count_max=1)
    desk.campaign(payees=["oUSER"] * 2, limits=limits)
    desk.jobs()
    midnight = (desk.clock.now + 8 * HOUR * SECOND) // DAY * DAY + DAY - 8 * HOUR * SECOND
    desk.clock.now = midnight + 600 * SECOND - 1
    assert sent(desk) == []
    desk.clock.now = midnight + 600 * SECOND
    assert sent(desk) == [100]


def test_what_a_user_got_counts_for_each_merchant_and_is_reported_of_those_asked_for(
    desk: Desk,
) -> None:
    one = desk.campaign(payees=["oUSER", "oOTHER"], name="one")
    two = desk.campaign(payees=["oUSER"], amounts=[300], name="two", number="1900000002")
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    assert desk.book.given_today(one.channel_id, {"oUSER"}) == {"oUSER": (1, 100)}
    assert desk.book.given_today(two.channel_id, {"oUSER", "oOTHER"}) == {"oUSER": (1, 300)}
    assert desk.book.given_today(two.channel_id + 1, {"oUSER"}) == {}, "nobody knows that channel"
