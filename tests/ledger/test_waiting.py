"""Why nothing of a campaign is sent now, and until when: as the next claim will find it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from desk import (
    DAY,
    HOUR,
    MERCHANT_STOP,
    accepted,
    confirming,
    doubtful,
    handed_over,
    postponed,
    refused,
    step,
    unknown,
)
from hongbao.beijing import tomorrow
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.model.step import Scope
from hongbao.ledger.model.wait import Cause, Wait

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.payout import Instant

# A desk's clock begins at 10:00 in Beijing.


def wait(desk: Desk, name: str = "spring", limits: PayerLimits | None = None) -> Wait | None:
    return desk.book.wait(desk.book.standing(name).campaign.id, limits=limits)


def caused(desk: Desk, name: str = "spring") -> tuple[Cause, Instant | None]:
    found = wait(desk, name)
    assert found is not None
    return found.cause, found.until


def test_what_can_be_sent_does_not_wait(desk: Desk) -> None:
    desk.campaign(2, limits=PayerLimits(day_amount_max=1000, user_day_count_max=1))
    assert wait(desk) is None


def test_nothing_waits_of_a_campaign_in_which_all_have_their_end(desk: Desk) -> None:
    desk.campaign(2)
    paid, no = desk.jobs()
    desk.record((paid, accepted(paid)), (no, refused(no)))
    assert wait(desk) is None


def test_a_draft_waits_for_its_approval(desk: Desk) -> None:
    desk.draft()
    assert wait(desk) == Wait(Cause.APPROVAL, None)


def test_a_pause_is_a_persons_and_a_stop_is_a_workers(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.pause("spring", by="anna", reason="lunch")
    assert wait(desk) == Wait(Cause.PAUSE, None, "PAUSED_BY_PERSON")
    desk.book.resume("spring", by="anna")
    [job] = desk.jobs(1)
    desk.book.record("w", [(job, accepted(job))], stops=[(job.payout.campaign_id, MERCHANT_STOP)])
    assert wait(desk) == Wait(Cause.STOP, None, "NOTENOUGH")


def test_a_campaign_that_a_worker_stopped_says_why(desk: Desk) -> None:
    campaign = desk.campaign(2)
    stop = replace(MERCHANT_STOP, scope=Scope.CAMPAIGN, code="WRONG_KEY")
    desk.book.record("worker-1", [], stops=[(campaign.id, stop)])
    assert wait(desk) == Wait(Cause.STOP, None, "WRONG_KEY")


def test_nothing_waits_of_what_is_cancelled(desk: Desk) -> None:
    desk.campaign(2)
    [lost] = desk.jobs(1)
    desk.record((lost, unknown(lost)))
    desk.book.cancel("spring", by="anna", reason="enough")
    assert wait(desk) is None


def test_outside_the_hours_it_waits_until_they_begin(desk: Desk) -> None:
    desk.campaign(2, limits=PayerLimits(opens=14 * 60, closes=20 * 60))
    assert caused(desk) == (Cause.HOURS, desk.clock.now + 4 * HOUR * SECOND)
    assert desk.claim().next_at == desk.clock.now + 4 * HOUR * SECOND


def test_the_hours_of_the_settings_count_before_those_that_the_books_know_yet(desk: Desk) -> None:
    desk.campaign(2)
    found = wait(desk, limits=PayerLimits(opens=14 * 60, closes=20 * 60))
    assert found == Wait(Cause.HOURS, desk.clock.now + 4 * HOUR * SECOND)


def test_a_slow_rate_whose_slot_is_there_does_not_wait(desk: Desk) -> None:
    desk.campaign(3, limits=PayerLimits(rate=0.01))
    assert wait(desk) is None


@pytest.mark.parametrize(("after", "cause"), [(50, Cause.RATE), (300, Cause.RETRY)])
def test_of_several_causes_the_one_that_lasts_longest_is_reported(
    desk: Desk, after: int, cause: Cause
) -> None:
    desk.campaign(1, limits=PayerLimits(rate=0.01))
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=after)))
    assert caused(desk) == (cause, desk.clock.now + max(after, 100) * SECOND)


def test_a_slow_rate_waits_for_its_next_slot(desk: Desk) -> None:
    desk.campaign(3, limits=PayerLimits(rate=0.01))
    assert len(desk.jobs()) == 1
    assert caused(desk) == (Cause.RATE, desk.clock.now + 100 * SECOND)
    desk.clock.pass_(99)
    assert wait(desk) is None, "its slot is as good as there"


@pytest.mark.parametrize(
    ("hours", "begin"),
    [({}, 600), ({"opens": 9 * 60, "closes": 18 * 60}, 9 * HOUR)],
    ids=["all day", "from nine"],
)
def test_when_the_days_money_is_spent_it_waits_until_tomorrow(
    desk: Desk, hours: dict[str, int], begin: int
) -> None:
    """Also where no worker has looked since; and no earlier than the hours of tomorrow begin."""
    limits = PayerLimits(day_amount_max=1000, **hours)
    desk.campaign(amounts=[400, 500, 300], limits=limits)
    assert len(desk.jobs()) == 2
    until = tomorrow(desk.clock.now) + (begin - 600) * SECOND
    assert caused(desk) == (Cause.DAY_LIMIT, until)


def test_the_days_money_can_be_spent_by_another_campaign(desk: Desk) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[600, 300], name="first", limits=limits)
    desk.jobs()
    desk.campaign(amounts=[200], limits=limits)
    assert caused(desk) == (Cause.DAY_LIMIT, tomorrow(desk.clock.now))


def test_one_that_stands_before_it_in_another_campaign_holds_it_up(desk: Desk) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[600, 500], name="first", limits=limits)
    desk.jobs()
    desk.clock.pass_(1)
    desk.campaign(amounts=[100], limits=limits)
    assert desk.jobs() == []
    assert caused(desk) == (Cause.DAY_LIMIT, tomorrow(desk.clock.now))


def test_what_has_been_due_longest_counts_first_whatever_was_stored_first(desk: Desk) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[100], limits=limits)
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=DAY + 5, resend=2 * DAY)))
    desk.clock.pass_(DAY)
    desk.campaign(amounts=[600, 500], name="other", limits=limits)
    assert [it.payout.amount for it in desk.jobs(1)] == [600]
    desk.clock.pass_(6)
    assert caused(desk) == (Cause.DAY_LIMIT, tomorrow(desk.clock.now))
    assert desk.jobs() == []


@pytest.mark.parametrize("whose", ["another merchant", "a paused campaign", "a draft"])
def test_what_is_not_sent_before_it_does_not_hold_it_up(desk: Desk, whose: str) -> None:
    limits = PayerLimits(day_amount_max=1000)
    number = "1900099999" if whose == "another merchant" else "1900012345"
    desk.draft(amounts=[1000], name="other", number=number, limits=limits)
    if whose != "a draft":
        found = desk.book.standing("other").campaign
        desk.book.approve("other", digest=found.digest, by="bert")
    if whose == "a paused campaign":
        desk.book.pause("other", by="anna", reason="no")
    desk.clock.pass_(1)
    desk.campaign(amounts=[100], limits=limits)
    assert wait(desk) is None
    assert [job.payout.amount for job in desk.jobs() if job.payout.campaign_id != 1] == [100]


def test_one_that_is_a_whole_days_money_waits_for_its_user_where_he_has_got_his(
    desk: Desk,
) -> None:
    limits = PayerLimits(day_amount_max=1000, user_day_count_max=1)
    desk.campaign(amounts=[100, 1000], payees=["oUSER_a", "oUSER_a"], limits=limits)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    assert caused(desk) == (Cause.USER_LIMIT, tomorrow(desk.clock.now))


def test_one_that_is_more_than_a_days_money_waits_for_the_limit_not_for_its_user(
    desk: Desk,
) -> None:
    desk.campaign(amounts=[5000], limits=PayerLimits(day_amount_max=1000, user_day_count_max=3))
    assert caused(desk) == (Cause.DAY_LIMIT, tomorrow(desk.clock.now))
    assert desk.jobs() == []  # a worker puts it off
    assert caused(desk) == (Cause.DAY_LIMIT, tomorrow(desk.clock.now))


def test_users_who_have_got_all_that_they_may_wait_until_tomorrow(desk: Desk) -> None:
    """As soon as that is so; and when a worker has put them off, as well."""
    desk.campaign(payees=["oUSER_a", "oUSER_a"], limits=PayerLimits(user_day_count_max=1))
    assert wait(desk) is None
    [job] = desk.jobs(1)
    desk.record((job, accepted(job)))
    assert caused(desk) == (Cause.USER_LIMIT, tomorrow(desk.clock.now))
    assert desk.jobs() == []
    assert caused(desk) == (Cause.USER_LIMIT, tomorrow(desk.clock.now))


def test_what_users_have_got_counts_by_the_settings_before_the_books_know_their_limits(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oUSER_a", "oUSER_a"])
    [job] = desk.jobs(1)
    desk.record((job, accepted(job)))
    assert wait(desk) is None
    found = wait(desk, limits=PayerLimits(user_day_count_max=1))
    assert found == Wait(Cause.USER_LIMIT, tomorrow(desk.clock.now))


def test_one_user_who_must_wait_holds_up_nobody_else(desk: Desk) -> None:
    desk.campaign(
        payees=["oUSER_a", "oUSER_a", "oUSER_b"], limits=PayerLimits(user_day_count_max=1)
    )
    desk.record(*((job, accepted(job)) for job in desk.jobs(1)))
    assert wait(desk) is None
    assert [job.payout.payee for job in desk.jobs()] == ["oUSER_b"]


def test_what_was_tried_waits_until_it_is_tried_again(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=300)))
    assert wait(desk) == Wait(Cause.RETRY, desk.clock.now + 300 * SECOND, "NOTENOUGH")


def test_what_was_tried_is_tried_again_also_where_no_code_was_given(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=300)._replace(code=None)))
    assert wait(desk) == Wait(Cause.RETRY, desk.clock.now + 300 * SECOND, None)


def test_what_is_asked_about_before_it_is_sent_again_waits_for_that(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    later = step(
        job, EventKind.POSTPONED, State.WAITING, task=Task.QUERY,
        due_at=job.at + 300 * SECOND, code="SYSTEMERROR",
    )  # fmt: skip
    desk.record((job, later))
    assert wait(desk) == Wait(Cause.RETRY, desk.clock.now + 300 * SECOND, "SYSTEMERROR")
    desk.clock.pass_(300)
    assert wait(desk) is None


def test_what_was_stored_by_a_clock_that_was_ahead_is_sent_all_the_same(desk: Desk) -> None:
    desk.clock.pass_(DAY)
    desk.campaign()
    desk.clock.pass_(-DAY)
    assert wait(desk) is None
    assert len(desk.jobs()) == 1


def test_what_a_clock_that_was_ahead_has_put_off_says_so(desk: Desk) -> None:
    desk.clock.pass_(DAY)
    payees = ["oUSER_a"] * 2
    desk.campaign(payees=payees, limits=PayerLimits(user_day_count_max=1))
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    [_, later] = desk.payouts()
    desk.clock.pass_(-DAY)
    assert caused(desk) == (Cause.CLOCK, later.due_at)


def test_what_another_campaign_tries_again_is_not_waited_for(desk: Desk) -> None:
    desk.campaign(name="other")
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=300)))
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    assert wait(desk) is None


def test_what_was_handed_over_waits_for_a_person(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.HANDED_OVER, State.WAITING)))
    assert wait(desk) == Wait(Cause.PERSON, None)


def test_what_is_in_doubt_does_not_wait_to_be_sent(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, doubtful(job)))
    desk.clock.pass_(HOUR)
    handed_over(desk)
    desk.draft(name="other")
    assert wait(desk) is None


def test_looking_changes_nothing(desk: Desk) -> None:
    desk.campaign(payees=["oUSER_a", "oUSER_a"], limits=PayerLimits(user_day_count_max=1))
    before = [(it.due_at, it.reason) for it in desk.payouts()]
    wait(desk)
    assert [(it.due_at, it.reason) for it in desk.payouts()] == before


def test_a_payout_that_a_worker_is_sending_is_on_its_way_and_not_in_doubt(desk: Desk) -> None:
    desk.campaign(2)
    first, second = desk.jobs()
    found = desk.book.standing("spring")
    assert (found.phase, found.on_the_way.payouts, found.on_the_way.amount) == ("running", 2, 200)
    assert (found.in_doubt, found.doubtful.payouts, found.adds_up) == (0, 0, True)
    assert all(it.on_its_way(desk.clock.now) for it in desk.payouts())
    desk.record((first, accepted(first)), (second, unknown(second)))
    found = desk.book.standing("spring")
    assert (found.phase, found.on_the_way.payouts, found.in_doubt) == (Phase.IN_DOUBT, 0, 100)


def test_a_refusal_that_is_being_confirmed_is_in_doubt_and_not_on_its_way(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, confirming(job)))
    desk.clock.pass_(3)
    [asked] = desk.jobs()
    assert asked.task is Task.QUERY
    assert not desk.payout(asked).on_its_way(desk.clock.now)


def test_when_its_lease_is_over_it_is_in_doubt(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.now = desk.payout(job).due_at or 0
    found = desk.book.standing("spring")
    assert (found.phase, found.on_the_way.payouts) == (Phase.IN_DOUBT, 0)
    assert not desk.payout(job).on_its_way(desk.clock.now)


def test_what_may_be_paid_already_is_in_doubt_also_while_it_is_sent_again(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    again = doubtful(job)._replace(task=Task.SEND, due_at=desk.clock.now)
    desk.record((job, again))
    assert [it.task for it in desk.jobs()] == [Task.SEND]
    found = desk.book.standing("spring")
    assert (found.phase, found.on_the_way.payouts, found.in_doubt) == (Phase.IN_DOUBT, 0, 100)
    assert not desk.payout(job).on_its_way(desk.clock.now)


def test_what_is_on_its_way_when_its_campaign_is_cancelled_stays_on_its_way(desk: Desk) -> None:
    desk.campaign(2)
    desk.jobs(1)
    desk.book.cancel("spring", by="anna", reason="enough")
    found = desk.book.standing("spring")
    assert (found.phase, found.on_the_way.payouts) == (Phase.CANCELLED, 1)
    assert found.campaign.state is CampaignState.CANCELLED
