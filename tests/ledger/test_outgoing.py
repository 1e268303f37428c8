"""What other programs are told: each change of a payout's money, and what was decided, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desk import HOUR, Desk, accepted, held_back, refused, step, unknown
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.outgoing import RETURNING, OutgoingEvent, OutgoingType, payout_type
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.retry import RefusedSum
from hongbao.ledger.model.step import PAUSED_BY_PERSON, Scope, Stop
from standing import append, stand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step


def told(desk: Desk, after: int = 0) -> list[OutgoingEvent]:
    """All that other programs are told after a position."""
    found: list[OutgoingEvent] = []
    while True:
        events, last = desk.book.events(after=after)
        found += events
        if last is None:
            return found
        after = last.position


def types(events: Sequence[OutgoingEvent]) -> list[str]:
    return [str(it.type) for it in events]


def of_row(desk: Desk, row: int) -> list[tuple[str, str, int]]:
    """What is told of one payout: the type, the state and the version."""
    [payout] = [it for it in desk.payouts() if it.row == row]
    return [
        (str(it.type), it.data["state"], it.version)
        for it in told(desk)
        if it.data.get("payout") == payout.id
    ]


def ended(job: Job, state: State) -> Step:
    """A look finds that it has come to its end."""
    money = {"claimed" if state is State.RECEIVED else "refunded": job.payout.amount}
    return step(job, EventKind.FOUND, state, settled_at=job.at, **money)


def test_the_life_of_a_payout_is_told_in_the_words_of_money(desk: Desk) -> None:
    desk.campaign(2)
    desk.record(*((job, accepted(job, look_after=1)) for job in desk.jobs()))
    desk.clock.pass_(2)
    claimed, back = desk.jobs()
    desk.record((claimed, ended(claimed, State.RECEIVED)), (back, ended(back, State.RETURNED)))
    assert of_row(desk, 1) == [
        ("payout.queued", "waiting", 1),
        ("payout.sent", "sent", 3),
        ("payout.received", "received", 4),
    ]
    assert [it for it, _, _ in of_row(desk, 2)][2:] == ["payout.returned"]
    last = told(desk)[-1]
    assert last.data == {
        "payout": last.subject, "key": "spring/1", "campaign": "spring",
        "billno": back.payout.billno, "state": "returned", "amount_fen": 100, "claimed_fen": 0,
        "refunded_fen": 100, "code": None, "version": 4,
    }  # fmt: skip


def test_what_is_unknown_refused_or_left_to_a_person_is_reported(desk: Desk) -> None:
    desk.campaign(3)
    lost, dead, odd = desk.jobs()
    handed = step(odd, EventKind.HANDED_OVER, State.IN_DOUBT, code="STRANGE")
    desk.record((lost, unknown(lost)), (dead, refused(dead)), (odd, handed))
    assert of_row(desk, 1)[1:] == [("payout.unknown", "in_doubt", 3)]
    assert of_row(desk, 2)[1:] == [("payout.refused", "refused", 3)]
    assert of_row(desk, 3)[1:] == [("payout.needs_attention", "in_doubt", 3)]
    [code] = [it.data["code"] for it in told(desk) if it.type is OutgoingType.PAYOUT_REFUSED]
    assert code == "MONEY_LIMIT"


def test_what_is_refused_for_now_is_no_news(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, held_back(job)))
    assert of_row(desk, 1) == [("payout.queued", "waiting", 1)]


def test_money_on_its_way_back_is_reported_once(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    for _ in range(2):
        desk.clock.pass_(2)
        [look] = desk.jobs()
        again = step(look, None, State.SENT, task=Task.LOOK, due_at=look.at + 1, code=RETURNING)
        desk.record((look, again))
    assert of_row(desk, 1)[2:] == [("payout.returning", "sent", 4)]


def test_a_reopened_payout_is_queued_again_under_its_other_number(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    desk.book.reopen(job.payout.id, by="anna", reason="owed")
    first, _, last = [it for it in told(desk) if it.data.get("payout")]
    assert (first.type, first.version) == (last.type, 1)
    assert (last.version, last.data["billno"] == first.data["billno"]) == (4, False)


def test_each_campaign_tells_what_was_decided_about_it(desk: Desk) -> None:
    desk.campaign(1, name="kept")
    gone = desk.campaign(1, name="gone")
    [job, *_] = desk.jobs(1)
    desk.book.pause("kept", by="anna", reason="lunch")
    desk.book.resume("kept", by="anna")
    low = Stop(scope=Scope.CAMPAIGN, code="NOTENOUGH", reason="no money", advice="Top up.")
    desk.book.record("w1", [(job, accepted(job))], stops=[(job.payout.campaign_id, low)])
    desk.book.cancel("gone", by="anna", reason="wrong list")
    of_kept = [it for it in told(desk) if it.data["campaign"] == "kept" and "rows" in it.data]
    assert types(of_kept) == [
        "campaign.approved", "campaign.started", "campaign.paused", "campaign.resumed",
        "campaign.paused",
    ]  # fmt: skip
    assert [it.data.get("code") for it in of_kept] == [
        None, None, PAUSED_BY_PERSON, None, "NOTENOUGH",
    ]  # fmt: skip
    first = of_kept[0].data
    assert (first["rows"], first["planned_fen"], first["version"]) == (1, 100, 4)
    [last] = [it for it in told(desk) if it.type is OutgoingType.CAMPAIGN_CANCELLED]
    assert last.subject == gone.id


def test_a_campaign_is_complete_once_nothing_waits_and_nothing_is_in_doubt(desk: Desk) -> None:
    desk.campaign(2)
    first, second = desk.jobs()
    desk.record((first, accepted(first)))
    desk.book.beat("w1")
    assert "campaign.completed" not in types(told(desk))
    desk.record((second, refused(second)))
    for _ in range(2):
        desk.book.beat("w1")
    desk.book.leave("w1")
    completed = [it for it in told(desk) if it.type is OutgoingType.CAMPAIGN_COMPLETED]
    assert [it.data["paid_fen"] for it in completed] == [100]
    assert desk.book.audit().findings == ()


def test_a_campaign_is_complete_once_more_after_what_was_refused_was_sent_again(
    desk: Desk,
) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    desk.book.beat("w1")
    desk.book.retry("spring", expected=RefusedSum(1, 100), by="anna", reason="owed")
    desk.book.beat("w1")
    [again] = desk.jobs()
    desk.record((again, accepted(again)))
    desk.book.beat("w1")
    completed = [it for it in told(desk) if it.type is OutgoingType.CAMPAIGN_COMPLETED]
    assert [it.data["paid_fen"] for it in completed] == [0, 100]


def test_campaigns_that_end_together_are_complete_in_one_transaction(desk: Desk) -> None:
    for name in ("spring", "summer", "autumn"):
        desk.campaign(2, name=name)
    jobs = desk.jobs()
    desk.record(*((job, accepted(job)) for job in jobs[1:]))
    desk.book.beat("w1")
    desk.record((jobs[0], refused(jobs[0])))
    desk.book.leave("w1")
    completed = [it for it in told(desk) if it.type is OutgoingType.CAMPAIGN_COMPLETED]
    assert [it.data["paid_fen"] for it in completed] == [200, 200, 100]
    changed = [it.position for it in desk.book.changes() if it.kind == DecisionKind.COMPLETED]
    assert len(changed) == 3
    assert len(set(changed[:2])) == 1
    assert desk.book.audit().findings == ()


def test_a_standing_campaign_is_complete_only_when_it_has_ended(desk: Desk) -> None:
    stand(desk)
    append(desk, "order-1")
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    desk.book.beat("w1")
    assert "campaign.completed" not in types(told(desk))
    desk.book.end("refunds", by="anna", reason="moved")
    desk.book.beat("w1")
    assert types(told(desk))[-1] == "campaign.completed"


def test_a_budget_is_low_once_four_fifths_are_used(desk: Desk) -> None:
    mandate = Mandate(total=1000, day_amount=1000, day_count=100, largest=500)
    stand(desk, mandate)
    for key, amount in (("a", 500), ("b", 299), ("c", 1), ("d", 100)):
        append(desk, key, amount=amount)
    low = [it for it in told(desk) if it.type is OutgoingType.CAMPAIGN_BUDGET_LOW]
    assert [it.data["left_fen"] for it in low] == [200]
    assert desk.book.audit().findings == ()


def test_an_event_has_the_same_id_whenever_it_is_reported_and_no_other_has_it(desk: Desk) -> None:
    desk.campaign(3)
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    first = told(desk)
    assert [it.id for it in told(desk)] == [it.id for it in first]
    assert len({it.id for it in first}) == len(first) == 8
    assert told(desk, after=first[-1].position) == []


def test_what_is_reported_later_says_what_was_true_then(desk: Desk) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    before = told(desk)
    desk.clock.pass_(2)
    [look] = desk.jobs()
    desk.record((look, ended(look, State.RECEIVED)))
    assert told(desk)[: len(before)] == before


def test_no_receiver_stands_in_what_is_reported(desk: Desk) -> None:
    desk.draft(payees=["oUSER0123456789ABCDEFGHIJKLM"])
    assert "oUSER0123456789" not in json.dumps([it.data for it in told(desk)])


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("state", State)
def test_every_kind_of_event_tells_something_or_nothing_in_every_state(
    kind: EventKind, state: State
) -> None:
    found = payout_type(kind, {"state": State.IN_DOUBT}, {"state": state})
    assert found is None or found.startswith("payout.")
    assert payout_type(EventKind.CALLED, {"state": State.WAITING}, {"state": state}) is None


def test_all_that_a_worker_and_a_person_did_in_an_hour_is_told_in_order(desk: Desk) -> None:
    desk.campaign(50)
    desk.clock.pass_(HOUR)
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    found = told(desk)
    assert [it.position for it in found] == sorted(it.position for it in found)
    assert types(found).count("payout.sent") == types(found).count("payout.queued") == 50
