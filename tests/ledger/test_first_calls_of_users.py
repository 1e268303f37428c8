"""What a user gets in a day is limited, whether first calls are under way in ranges or over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import LEASE_SECONDS, accepted, plain, postponed, refused
from first_calls import begun, check, ranges, receivers, standing_rows
from hongbao.beijing import day_begins, day_of, tomorrow
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step

BY_USER = PayerLimits(user_day_count_max=1)


@pytest.mark.parametrize("paid", [accepted, plain])
def test_a_receiver_is_written_beside_a_standing_only_where_users_have_limits(
    desk: Desk, paid: Callable[[Job], Step]
) -> None:
    limits = PayerLimits(day_amount_max=1000)
    desk.campaign(amounts=[2000, 100, 100], limits=limits)
    both = PayerLimits(day_amount_max=1000, user_day_amount_max=5000)
    desk.campaign(amounts=[2000, 100, 100], name="by-user", number="1900000002", limits=both)
    jobs = desk.jobs()
    assert [job.payout.amount for job in jobs] == [100] * 4
    assert receivers(desk) == {("spring", 1): None, ("by-user", 1): "oUSER_by-user_0"}
    desk.record(*((job, refused(job) if job.payout.row == 3 else paid(job)) for job in jobs))
    assert receivers(desk) == {
        **{("spring", row): None for row in (1, 2, 3)},
        **{("by-user", row): f"oUSER_by-user_{row - 1}" for row in (1, 2, 3)},
    }
    check(desk)


def test_a_limit_by_user_that_comes_later_counts_what_its_users_have_got(desk: Desk) -> None:
    payees = ["oONE", "oTWO", "oONE", "oTWO", "oTHREE"]
    desk.campaign(payees=payees)
    one, two = desk.jobs(2)
    desk.record((one, accepted(one)))
    merchant = desk.channel(limits=BY_USER)
    assert desk.book.given_today(merchant, set(payees)) == {"oONE": (1, 100), "oTWO": (1, 100)}
    desk.record((two, refused(two)))
    assert [job.payout.row for job in desk.jobs()] == [4, 5]
    assert desk.payout(4).state is State.IN_DOUBT
    assert desk.payout(3).reason is not None
    assert ranges(desk) == [(1, 2, 0), (4, 5, 2)]
    assert begun(desk) == 5
    check(desk)


def test_what_users_are_getting_in_an_open_range_counts_towards_their_limit(desk: Desk) -> None:
    payees = ["oONE", "oTWO", "oTHREE", "oTWO", "oONE", "oFOUR"]
    campaign = desk.campaign(payees=payees, limits=BY_USER)
    begun_first = desk.jobs(3)
    assert ranges(desk) == [(1, 3, 3)]
    assert desk.book.given_today(campaign.channel_id, set(payees)) == dict.fromkeys(
        payees[:3], (1, 100)
    )
    assert [job.payout.row for job in desk.jobs(worker="worker-2")] == [6]
    assert standing_rows(desk) == [4, 5], "put off to tomorrow"
    check(desk)
    one, two, _ = begun_first
    desk.record((one, accepted(one)), (two, postponed(two, after=60)))
    given = {"oONE": (1, 100), "oTHREE": (1, 100), "oFOUR": (1, 100)}
    assert desk.book.given_today(campaign.channel_id, set(payees)) == given
    assert receivers(desk) == {("spring", row): payees[row - 1] for row in (1, 2, 4, 5)}
    check(desk)
    desk.clock.pass_(LEASE_SECONDS)
    assert {job.payout.row for job in desk.jobs()} == {2, 3, 6}
    assert desk.book.given_today(campaign.channel_id, set(payees)) == given | {"oTWO": (1, 100)}
    check(desk)


def test_what_is_under_way_since_before_midnight_does_not_count_towards_the_new_day(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oONE", "oTWO"], limits=BY_USER)
    desk.clock.now = day_begins(day_of(desk.clock.now) + 1) - SECOND
    assert [job.payout.row for job in desk.jobs(1)] == [1]
    desk.clock.pass_(2)
    channel_id = desk.campaign(payees=["oONE"], name="summer", limits=BY_USER).channel_id
    assert [job.payout.payee for job in desk.jobs()] == ["oTWO", "oONE"]
    given = desk.book.given_today(channel_id, {"oONE", "oTWO"})
    assert given == {"oONE": (1, 100), "oTWO": (1, 100)}
    check(desk)


def test_a_users_payouts_of_all_campaigns_of_a_channel_count_while_they_are_begun(
    desk: Desk,
) -> None:
    desk.campaign(payees=["oONE", "oTWO"], limits=BY_USER)
    first = desk.jobs()
    desk.campaign(payees=["oTWO", "oTHREE"], name="summer", limits=BY_USER)
    assert [job.payout.payee for job in desk.jobs()] == ["oTHREE"]
    desk.record(*((job, refused(job)) for job in first))
    assert desk.payout(first[1]).state is State.REFUSED
    check(desk)


def test_without_a_limit_by_user_it_is_known_what_users_have_got(desk: Desk) -> None:
    campaign = desk.campaign(payees=["oONE", "oTWO", "oONE", "oTWO"])
    one, two, three, _ = desk.jobs()
    desk.record((one, accepted(one)), (two, refused(two)), (three, accepted(three)))
    given = desk.book.given_today(campaign.channel_id, {"oONE", "oTWO", "oTHREE"})
    assert given == {"oONE": (2, 200), "oTWO": (1, 100)}


@pytest.mark.parametrize("limits", [PayerLimits(), PayerLimits(user_day_count_max=9)])
def test_what_users_have_got_the_day_before_is_not_counted(desk: Desk, limits: PayerLimits) -> None:
    campaign = desk.campaign(payees=["oONE", "oTWO", "oONE"], limits=limits)
    [one] = desk.jobs(1)
    desk.record((one, accepted(one)))
    desk.clock.now = tomorrow(desk.clock.now)
    [two] = desk.jobs(1)
    desk.record((two, accepted(two)))
    given = desk.book.given_today(campaign.channel_id, {"oONE", "oTWO"})
    assert given == {"oTWO": (1, 100)}
    [three] = desk.jobs(1)
    desk.record((three, accepted(three)))
    given = desk.book.given_today(campaign.channel_id, {"oONE", "oTWO"})
    assert given == {"oONE": (1, 100), "oTWO": (1, 100)}
