"""Figures by hour and day, by code, of what is unknown, and of queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from desk import HOUR, accepted, postponed, refused, step, unknown
from hongbao.beijing import DAY, day_of
from hongbao.errors import LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.read.figures import ChannelQueue, Figures, Span

if TYPE_CHECKING:
    from desk import Desk

BEGIN = 1_795_399_200 * SECOND
"""10:00 in Beijing."""
AN_HOUR = HOUR * SECOND


def figures(desk: Desk, span: Span = Span.HOUR, **of: str) -> list[Figures]:
    """All figures of some days."""
    return desk.book.figures(span, since=BEGIN - DAY, until=BEGIN + 3 * DAY, **of)


def test_what_is_paid_claimed_and_back_counts_in_the_hour_in_which_it_was_found(desk: Desk) -> None:
    desk.campaign(amounts=[100, 200, 400])
    one, two, three = desk.jobs(3)
    desk.record((one, accepted(one, look_after=60)))
    desk.clock.pass_(HOUR)
    desk.record((three, refused(three)))
    [look] = [job for job in desk.jobs() if job.task is Task.LOOK]
    over = step(look, EventKind.FOUND, State.RETURNED, claimed=60, refunded=40)
    desk.record((look, over._replace(settled_at=desk.clock.now)))
    assert figures(desk) == [
        Figures(BEGIN, 1, 100, 0, 0),
        Figures(BEGIN + AN_HOUR, 0, 0, 60, 40),
    ]
    assert two.payout.state is State.IN_DOUBT
    assert desk.book.audit().findings == ()


def test_a_day_is_beijings(desk: Desk) -> None:
    desk.campaign(2)
    for _ in range(2):
        [job] = desk.jobs(1)
        desk.record((job, accepted(job, look_after=100 * HOUR)))
        desk.clock.pass_(14 * HOUR)
    begin = day_of(BEGIN) * DAY - 8 * AN_HOUR
    # At 10:00, and then fourteen hours later, at midnight.
    assert figures(desk, Span.DAY) == [
        Figures(begin, 1, 100, 0, 0),
        Figures(begin + DAY, 1, 100, 0, 0),
    ]


def test_figures_are_of_a_campaign_or_a_merchant_and_of_a_time(desk: Desk) -> None:
    desk.campaign(1)
    desk.campaign(2, name="summer", number="1900099999")
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    assert [it.payouts for it in figures(desk)] == [3]
    assert [it.payouts for it in figures(desk, campaign="spring")] == [1]
    assert [it.payouts for it in figures(desk, merchant="1900099999")] == [2]
    assert figures(desk, campaign="spring", merchant="1900099999") == []
    assert [it.payouts for it in desk.book.figures(Span.HOUR, since=BEGIN, until=BEGIN + 1)] == [3]
    assert desk.book.figures(Span.HOUR, since=BEGIN + 1, until=BEGIN + AN_HOUR) == []
    with pytest.raises(LedgerError, match="no campaign 'autumn'"):
        figures(desk, campaign="autumn")


def test_an_audit_finds_figures_and_tails_that_are_wrong(desk: Desk) -> None:
    desk.campaign(2)
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    for change, words in (
        ("UPDATE hourly SET amount = amount + 1", "totals by the hour"),
        ("DELETE FROM hourly", "totals by the hour"),
        ("UPDATE payee_tail SET tails = 'ab' || tails", "receivers are found"),
        ("DELETE FROM payee_tail", "receivers are found"),
        ("UPDATE payee_tail SET first = 2", "receivers are found"),
    ):
        with desk.transaction() as connection:
            connection.execute(text("CREATE TABLE hours AS SELECT * FROM hourly"))
            connection.execute(text("CREATE TABLE tails AS SELECT * FROM payee_tail"))
            connection.execute(text(change))
        [finding] = desk.book.audit().findings
        assert finding.subject == "campaign spring"
        assert words in finding.words
        with desk.transaction() as connection:
            for table, copy in (("hourly", "hours"), ("payee_tail", "tails")):
                connection.execute(text(f"DELETE FROM {table}"))
                connection.execute(text(f"INSERT INTO {table} SELECT * FROM {copy}"))
                connection.execute(text(f"DROP TABLE {copy}"))
    assert desk.book.audit().findings == ()


def test_codes_are_counted_with_an_example_the_most_frequent_first(desk: Desk) -> None:
    desk.campaign(6)
    desk.campaign(1, name="summer", number="1900099999")
    jobs = desk.jobs()
    mine = [job for job in jobs if job.payout.key.startswith("spring")]
    [other] = [job for job in jobs if job not in mine]
    desk.record(
        *((job, refused(job, code="NO_AUTH")) for job in mine[:3]),
        (mine[3], postponed(mine[3], after=60)), (mine[4], postponed(mine[4], after=60)),
        (mine[5], accepted(mine[5])._replace(code=None)), (other, refused(other, code="NO_AUTH")),
    )  # fmt: skip
    found = desk.book.codes()
    assert [(it.code, it.payouts, it.example.key) for it in found] == [
        ("NO_AUTH", 4, "summer/0"), ("NOTENOUGH", 2, "spring/4"),
    ]  # fmt: skip
    assert [(it.code, it.payouts, it.example.row) for it in desk.book.codes(campaign="spring")] == [
        ("NO_AUTH", 3, 3), ("NOTENOUGH", 2, 5),
    ]  # fmt: skip
    assert [it.payouts for it in desk.book.codes(merchant="1900099999")] == [1]


def test_the_oldest_unknown_is_the_one_that_was_sent_first_and_none_that_is_being_sent(
    desk: Desk,
) -> None:
    desk.campaign(4)
    assert desk.book.oldest_unknown() is None
    [first] = desk.jobs(1)
    assert desk.book.oldest_unknown() is None
    desk.clock.pass_(10)
    [second] = desk.jobs(1)
    desk.record((second, unknown(second, after=HOUR)))
    assert desk.book.oldest_unknown() == desk.payout(second)
    desk.record((first, unknown(first, after=HOUR)))
    assert desk.book.oldest_unknown() == desk.payout(first)
    [third] = desk.jobs(1)
    desk.clock.pass_(91)
    assert desk.book.oldest_unknown() == desk.payout(first)
    assert desk.book.unknown(limit=9) == list(map(desk.payout, (first, second, third)))
    assert desk.book.unknown(limit=2) == list(map(desk.payout, (first, second)))
    for job in (first, second):
        desk.book.query_now(job.payout.id, by="anna")
    asked = {job.payout.id: job for job in desk.jobs()}
    found = [step(asked[it.payout.id], EventKind.FOUND, State.SENT) for it in (first, second)]
    desk.record(*zip([asked[first.payout.id], asked[second.payout.id]], found, strict=True))
    assert third.payout.id in asked
    desk.clock.pass_(91)
    assert desk.book.oldest_unknown() == desk.payout(third)


def test_queues_say_how_much_waits_for_a_merchant_and_since_when(desk: Desk) -> None:
    assert desk.book.queues() == []
    desk.campaign(5)
    desk.campaign(2, name="summer", number="1900099999")
    desk.draft(3, name="draft")
    desk.clock.pass_(30)
    assert desk.book.queues() == [
        ChannelQueue("1900012345", "redpack", 5, BEGIN, 30 * SECOND),
        ChannelQueue("1900099999", "redpack", 2, BEGIN, 30 * SECOND),
    ]
    jobs = desk.jobs()
    desk.record(*((job, postponed(job, after=60)) for job in jobs[:2]))
    waits = [(it.waiting, it.due_since, it.delay) for it in desk.book.queues()]
    assert sum(it[0] for it in waits) == 2
    assert {it[1:] for it in waits} == {(None, 0)}
    desk.book.pause("summer", by="anna", reason="lunch")
    assert [it.merchant for it in desk.book.queues()] == ["1900012345"]
