"""A merchant's limits, stops and slower rates stand in a history that says who and when."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.step import Scope, Stop
from hongbao.ledger.store.channel_history import RECORDED
from hongbao.ledger.store.schema import CHANNEL, CHANNEL_EVENT
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk

STOP = Stop(scope=Scope.MERCHANT, code="NOTENOUGH", reason="no money", advice="Top it up.")


def told(desk: Desk, channel_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    """The kinds, actors and facts of a channel's history."""
    with desk.transaction() as connection:
        rows = connection.execute(
            select(CHANNEL_EVENT)
            .where(CHANNEL_EVENT.c.channel_id == channel_id)
            .order_by(CHANNEL_EVENT.c.seq)
        ).all()
    return [(row.kind, row.actor, json.loads(row.body)) for row in rows]


def findings(desk: Desk) -> list[tuple[FindingCode, str, str]]:
    """What an audit finds."""
    return [(it.code, it.subject, it.words) for it in desk.book.audit().findings]


def test_a_history_begins_with_all_settings_and_goes_on_with_what_changes(desk: Desk) -> None:
    shop = desk.book.set_channel("1900012345", "redpack", PayerLimits(rate=20), by="anna")
    desk.book.set_channel("1900012345", "redpack", PayerLimits(rate=20), by="worker-1")
    desk.book.set_channel(
        "1900012345", "redpack", PayerLimits(rate=20, day_amount_max=900), by="worker-2"
    )
    first, second = told(desk, shop)
    assert first[:2] == ("limits", "anna")
    assert first[2].keys() == set(RECORDED)
    assert (first[2]["number"], first[2]["interval"]) == ("1900012345", 50_000)
    assert second[:2] == ("limits", "worker-2")
    assert second[2]["day_amount_max"] == 900
    assert findings(desk) == []


def test_stops_and_resumes_and_slower_rates_stand_in_it(desk: Desk) -> None:
    spring = desk.campaign(2)
    desk.book.record("worker-1", [], stops=[(spring.id, STOP)], slow=[spring.channel_id])
    other = replace(STOP, code="OTHER")
    desk.book.record("worker-2", [], stops=[(spring.id, other)])
    desk.book.resume("spring", by="bert")
    history = told(desk, spring.channel_id)[1:]
    assert [event[:2] for event in history] == [
        ("slowed", "worker-1"),
        ("stopped", "worker-1"),
        ("lifted", "bert"),
    ]
    slowed, stopped, lifted = (facts for *_, facts in history)
    assert slowed.keys() == {"slowed_interval"}
    assert set(stopped.values()) == {"NOTENOUGH", "no money", "Top it up."}
    assert (lifted.keys(), set(lifted.values())) == (stopped.keys(), {None})
    assert findings(desk) == []


def test_a_slower_rate_that_is_made_to_last_longer_is_found(desk: Desk) -> None:
    shop = desk.channel("1900012345", PayerLimits(rate=20))
    desk.book.record("worker-1", [], slow=[shop])
    with desk.transaction() as connection:
        connection.execute(update(CHANNEL).values(slowed_at=CHANNEL.c.slowed_at + 1))
    [(code, subject, words)] = findings(desk)
    assert (code, subject) == (FindingCode.MERCHANT, "merchant 1900012345")
    assert "later than it happened" in words


def test_the_history_of_an_earlier_versions_merchant_begins_with_the_next_worker(
    desk: Desk,
) -> None:
    spring = desk.campaign(1)
    with desk.transaction() as connection, disarmed(connection):
        connection.execute(delete(CHANNEL_EVENT))
        connection.execute(update(CHANNEL).values(seq=0))
    assert findings(desk) == []
    desk.book.set_channel("1900012345", "redpack", PayerLimits(), by="worker-1")
    [(kind, actor, facts)] = told(desk, spring.channel_id)
    assert (kind, actor, set(facts)) == ("limits", "worker-1", set(RECORDED))
    assert findings(desk) == []


def test_a_history_that_was_deleted_is_missed(desk: Desk) -> None:
    desk.campaign(1)
    with desk.transaction() as connection, disarmed(connection):
        connection.execute(delete(CHANNEL_EVENT))
    missed = "its history has 0 events instead of 1"
    assert (FindingCode.MERCHANT, "merchant 1900012345", missed) in findings(desk)
