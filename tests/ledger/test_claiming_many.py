"""One claim for more merchants than it locks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import accepted
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from desk import Desk

FIRST = 8  # so many it locks at once in the beginning


def number(place: int) -> str:
    """The number of a merchant."""
    return f"19000000{place:02}"


def test_a_claim_leaves_each_of_many_merchants_as_if_it_had_served_it_alone(desk: Desk) -> None:
    """Its money of the day, its turns, and when to look again."""
    limits = PayerLimits(day_amount_max=150)
    for place in range(FIRST + 4):
        desk.campaign(2, name=f"list-{place}", number=number(place), limits=limits)
    jobs = desk.jobs()
    assert len({job.payout.merchant_id for job in jobs}) == len(jobs) == FIRST + 4
    claim = desk.claim()
    assert (claim.jobs, claim.next_at) == ([], jobs[0].lease_until)
    for place in range(FIRST + 4):
        desk.channel(number(place), PayerLimits(day_amount_max=151))  # wakes it
    assert desk.jobs() == []
    desk.record(*((job, accepted(job)) for job in jobs))
    assert desk.book.audit().findings == ()


def test_what_the_first_merchants_leave_of_a_claim_is_shared_by_those_that_follow(
    desk: Desk,
) -> None:
    for place in range(FIRST):
        desk.campaign(1, name=f"list-{place}", number=number(place))
    desk.clock.pass_(1)
    desk.campaign(500, name="big", number=number(50))
    for place in range(FIRST, 2 * FIRST - 1):
        desk.campaign(5, name=f"list-{place}", number=number(place))
    jobs = desk.jobs(FIRST + 4 * FIRST)
    amounts = [sum(job.payout.merchant_id == it for job in jobs) for it in range(1, 2 * FIRST + 1)]
    assert amounts == [1] * FIRST + [4] * FIRST


def test_a_claim_that_does_not_come_out_even_takes_no_more_than_its_limit(desk: Desk) -> None:
    for place in range(3):
        desk.campaign(5, name=f"list-{place}", number=number(place))
    assert len(desk.jobs(10)) == 10
    assert len(desk.jobs(10)) == 5


def test_a_claim_that_has_room_left_is_followed_by_another_in_a_moment_and_not_at_once(
    desk: Desk,
) -> None:
    """One of them has more than its share, and the others less."""
    desk.campaign(5, name="big", number=number(0))
    desk.campaign(1, name="small", number=number(1))
    claim = desk.claim(4)
    assert len(claim.jobs) == 3
    assert claim.next_at is not None
    assert desk.clock.now < claim.next_at <= desk.clock.now + SECOND // 10
