"""All merchants are stopped at once, and nothing is sent before a person lets all go on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from desk import MERCHANT_STOP, UNLIMITED, accepted, doubtful
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import (
    CampaignState,
)
from hongbao.ledger.model.payout import Task
from hongbao.ledger.model.step import ALL_STOPPED
from hongbao.ledger.model.wait import Cause
from hongbao.ledger.operations import channel_limits, stopping
from waiting_transactions import wait_for_a_waiting_one

if TYPE_CHECKING:
    from desk import Desk


def test_nothing_is_sent_for_any_merchant_until_all_go_on(desk: Desk) -> None:
    desk.campaign(2, name="spring")
    desk.campaign(2, name="summer", number="1900099999")
    assert desk.book.stop_all(by="carol", reason="wrong amounts") == 2
    assert desk.jobs() == []
    for name in ("spring", "summer"):
        standing = desk.book.standing(name)
        assert standing.merchant_stop is not None
        assert (standing.merchant_stop.code, standing.merchant_stop.reason) == (
            ALL_STOPPED, "carol: wrong amounts",
        )  # fmt: skip
        assert desk.book.wait(standing.campaign.id) == (Cause.PAUSE, None, ALL_STOPPED)
    assert desk.book.resume_all(by="dora") == 2
    assert len(desk.jobs()) == 4
    assert not desk.book.audit().findings


def test_a_merchant_that_is_new_to_the_books_is_stopped_with_all(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.stop_all(by="carol", reason="wrong amounts")
    desk.campaign(1, name="summer", number="1900099999")
    assert desk.jobs() == []
    stop = desk.book.standing("summer").merchant_stop
    assert stop is not None
    assert stop.reason == "carol: wrong amounts"
    assert desk.book.resume_all(by="dora") == 2
    assert len(desk.jobs()) == 2
    assert not desk.book.audit().findings


def test_what_is_on_its_way_ends_and_what_is_in_doubt_is_asked_about(desk: Desk) -> None:
    desk.campaign(2)
    first, second = desk.jobs()
    desk.book.stop_all(by="carol", reason="x")
    assert desk.book.standing("spring").on_the_way.payouts == 2
    desk.record((first, accepted(first)), (second, doubtful(second)))
    assert desk.book.standing("spring").on_the_way.payouts == 0
    desk.clock.pass_(3600)
    assert {job.task for job in desk.jobs()} == {Task.QUERY, Task.LOOK}


def test_one_campaign_is_not_resumed_while_all_are_stopped(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.pause("spring", by="anna", reason="lunch")
    desk.book.stop_all(by="carol", reason="wrong amounts")
    with pytest.raises(LedgerError, match="stopped, by carol: wrong amounts") as caught:
        desk.book.resume("spring", by="anna")
    assert caught.value.code is LedgerCode.WRONG_STATE
    assert desk.book.standing("spring").campaign.state is CampaignState.PAUSED
    desk.book.resume_all(by="carol")
    assert desk.jobs() == [], "it was paused by itself"
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 2


def test_it_takes_the_place_of_a_workers_stop_and_no_worker_takes_its_place(desk: Desk) -> None:
    spring = desk.campaign(2)
    desk.book.record("worker-1", [], stops=[(spring.id, MERCHANT_STOP)])
    assert desk.book.stop_all(by="carol", reason="x") == 1
    desk.book.record("worker-1", [], stops=[(spring.id, MERCHANT_STOP)])
    stop = desk.book.standing("spring").merchant_stop
    assert stop is not None
    assert stop.code == ALL_STOPPED
    assert desk.book.stop_all(by="anna", reason="y") == 0, "it is stopped already"
    assert desk.book.resume_all(by="carol") == 1
    assert desk.book.resume_all(by="carol") == 0
    assert desk.book.standing("spring").merchant_stop is None
    assert not desk.book.audit().findings


def test_a_reason_is_wanted_to_stop_all(desk: Desk) -> None:
    desk.campaign()
    with pytest.raises(LedgerError, match="reason"):
        desk.book.stop_all(by="carol", reason=" ")
    assert len(desk.jobs()) == 1


def test_programs_hear_of_each_campaign_that_is_stopped_with_all(desk: Desk) -> None:
    desk.campaign(2, name="spring")
    desk.draft(1, name="summer")
    desk.book.stop_all(by="carol", reason="wrong amounts")
    desk.book.resume_all(by="carol")
    types = [(it.type, it.subject) for it in desk.book.events().events
             if it.type.startswith("campaign.")]  # fmt: skip
    assert types == [("campaign.approved", 1), ("campaign.paused", 1), ("campaign.resumed", 1)]
    assert not desk.book.audit().findings


def test_who_adds_a_merchant_while_all_are_being_stopped_waits_and_is_stopped(
    postgresql_desk: Desk,
) -> None:
    desk = postgresql_desk
    desk.campaign(1)
    with ThreadPoolExecutor(1) as pool:
        with desk.transaction() as connection:
            stopping.stop_all(connection, by="carol", reason="x", now=desk.clock.now)
            added = pool.submit(desk.campaign, 1, name="summer", number="1900099999")
            wait_for_a_waiting_one(desk, until=added.done)
        added.result()
    assert desk.jobs() == []
    assert desk.book.standing("summer").merchant_stop is not None


def test_who_stops_all_while_a_merchant_is_being_added_waits_and_stops_it(
    postgresql_desk: Desk,
) -> None:
    desk = postgresql_desk
    desk.campaign(1)
    with ThreadPoolExecutor(1) as pool:
        with desk.transaction() as connection:
            channel_limits.set_channel(
                connection, "1900099999", "redpack", UNLIMITED, by="anna", now=desk.clock.now
            )
            stopped = pool.submit(desk.book.stop_all, by="carol", reason="x")
            wait_for_a_waiting_one(desk, until=stopped.done)
        assert stopped.result() == 2
    assert all(it.stop is not None for it in desk.book.channels())
