"""Histories told again: a chain shows every change, and events alone say where a payout stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import accepted, refused, step, unknown
from hongbao.ledger.model.event import GENESIS, Event, EventKind, chain
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import broken, replay, replay_decisions
from hongbao.ledger.store.rows import REPLAYED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk


def history(*bodies: dict[str, Any]) -> list[Event]:
    """A chain of events with these facts."""
    events: list[Event] = []
    for seq, facts in enumerate(bodies, 1):
        previous = events[-1].hash if events else GENESIS
        events.append(
            chain(previous, payout_id=7, seq=seq, at=seq, kind="called", actor="w", facts=facts)
        )
    return events


def _parts(event: Event) -> Iterator[tuple[str, Any]]:
    return zip(Event._fields, event, strict=True)


WHOLE = history({"state": "waiting"}, {"state": "in_doubt", "calls": 1}, {"state": "sent"})


def test_a_chain_as_it_was_written_is_whole() -> None:
    assert broken(WHOLE) is None
    assert broken([]) is None


@given(st.integers(0, 2), st.sampled_from([name for name in Event._fields if name != "seq"]))
def test_no_part_of_an_event_can_be_changed_unseen(place: int, field: str) -> None:
    event = WHOLE[place]
    was = getattr(event, field)
    now = was + 1 if isinstance(was, int) else was[:-1]
    changed = Event._make(now if name == field else part for name, part in _parts(event))
    assert broken([*WHOLE[:place], changed, *WHOLE[place + 1 :]]) is not None


@pytest.mark.parametrize("place", [0, 1])
def test_no_event_can_be_taken_out_unseen(place: int) -> None:
    assert broken([*WHOLE[:place], *WHOLE[place + 1 :]]) == f"event {place + 1} is missing"


def test_events_cannot_change_places_unseen() -> None:
    assert broken([WHOLE[1], WHOLE[0], WHOLE[2]]) is not None
    swapped = [WHOLE[0], WHOLE[2]._replace(seq=2), WHOLE[1]._replace(seq=3)]
    assert broken(swapped) is not None


def test_the_last_word_on_a_fact_counts() -> None:
    facts, problem, *_ = replay(WHOLE)
    assert (facts["state"], facts["calls"], facts["answers"]) == ("sent", 1, 0)
    assert problem is None


@pytest.mark.parametrize(
    ("bodies", "told"),
    [
        (({"state": "sent"},), "event 1 takes it from nothing to sent"),
        (({"calls": 1},), None),
        (({"state": "waiting"}, {"state": "sent"}), "event 2 takes it from waiting to sent"),
        (
            ({"state": "waiting"}, {"state": "cancelled"}, {"state": "waiting"}),
            "event 3 takes it from cancelled to waiting",
        ),
        (({"state": "waiting"}, {"state": "lost"}), "event 2 takes it from waiting to lost"),
    ],
)
def test_a_step_that_the_table_does_not_have_is_reported(
    bodies: tuple[dict[str, Any], ...], told: str | None
) -> None:
    assert replay(history(*bodies)).problem == told


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null"])
def test_an_event_that_cannot_be_read_is_reported(body: str) -> None:
    spoilt = [WHOLE[0], WHOLE[1]._replace(body=body)]
    assert replay(spoilt).problem == "event 2 cannot be read"
    assert replay_decisions(spoilt).problem == "decision 2 cannot be read"


def test_events_alone_say_where_a_payout_stands(desk: Desk) -> None:
    desk.campaign(4)
    paid, no, lost, _ = desk.jobs()
    desk.record((paid, accepted(paid, look_after=1)), (no, refused(no)), (lost, unknown(lost)))
    desk.book.reopen(no.payout.id, by="anna", reason="fixed")
    desk.clock.pass_(100)
    for job in desk.jobs():
        if job.payout.id == paid.payout.id:
            over = step(
                job, EventKind.FOUND, State.RECEIVED, claimed=100, settled_at=desk.clock.now
            )
            desk.record((job, over))
    for payout in desk.payouts():
        events = desk.book.history(payout.id)
        facts, problem, outcome, _ = replay(events)
        assert problem is None
        assert broken(events) is None
        stored = asdict(payout)
        assert {name: facts[name] for name in REPLAYED} == {name: stored[name] for name in REPLAYED}
        assert outcome == (payout.code, payout.reason, payout.tries, True)
