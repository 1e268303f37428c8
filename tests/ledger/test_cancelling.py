"""A campaign that is cancelled: nobody is paid any more, and who may be paid is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import HOUR, MERCHANT_STOP, accepted, doubtful, postponed, refused, step, unknown
from hongbao.errors import Disposition, IllegalTransition, LedgerError
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.operations import cancelling

if TYPE_CHECKING:
    from desk import Desk


def test_a_cancelled_draft_pays_nobody(desk: Desk) -> None:
    desk.draft(3)
    desk.book.cancel("spring", by="anna", reason="wrong list")
    found = desk.book.standing("spring")
    assert (found.phase, found.cancelled, found.waiting) == (Phase.CANCELLED, 300, 0)
    assert found.adds_up
    assert not found.campaign.open
    assert desk.jobs() == []
    for payout in desk.payouts():
        assert (payout.state, payout.task, payout.due_at) == (State.CANCELLED, None, None)
        last = desk.book.history(payout.id)[-1]
        assert (last.kind, last.actor) == (EventKind.CANCELLED, "anna")


def test_what_was_begun_is_settled_after_a_cancel(desk: Desk) -> None:
    desk.campaign(6)
    sent, no, lost, held, unsent = desk.jobs(5)
    desk.record(
        (sent, accepted(sent)),
        (no, refused(no)),
        (lost, unknown(lost, after=5)),
        (held, postponed(held, after=60)._replace(doubt=Disposition.OPEN)),
        (unsent, step(unsent, EventKind.NOT_SENT, State.WAITING, task=Task.SEND, due_at=1)),
    )
    desk.book.cancel("spring", by="anna", reason="enough")
    states = [payout.state for payout in desk.payouts()]
    assert states == ["sent", "refused", "in_doubt", "in_doubt", "cancelled", "cancelled"]
    found = desk.book.standing("spring")
    assert found.phase is Phase.IN_DOUBT
    assert found.adds_up
    desk.clock.pass_(30)
    asked = desk.jobs()
    assert {job.payout.id for job in asked} == {lost.payout.id, held.payout.id}
    assert {job.task for job in asked} == {Task.QUERY}
    desk.record(*((job, step(job, EventKind.FOUND, State.REFUSED)) for job in asked))
    assert desk.book.standing("spring").phase is Phase.CANCELLED
    assert desk.book.audit().findings == ()


def test_a_call_that_is_under_way_is_recorded_after_a_cancel(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.book.cancel("spring", by="anna", reason="enough")
    assert desk.record((job, accepted(job))) == frozenset()
    assert [payout.state for payout in desk.payouts()] == [State.SENT, State.CANCELLED]
    desk.clock.pass_(700)
    assert [job.task for job in desk.jobs()] == [Task.LOOK]


def test_a_call_that_is_held_back_after_a_cancel_is_asked_about_and_not_sent(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.book.cancel("spring", by="anna", reason="enough")
    desk.record((job, postponed(job, after=60)._replace(doubt=Disposition.OPEN)))
    desk.clock.pass_(3600)
    [again] = desk.jobs()
    assert (again.task, again.payout.billno) == (Task.QUERY, job.payout.billno)


def test_a_query_that_is_under_way_at_a_cancel_is_made_again(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, postponed(job, after=60)._replace(doubt=Disposition.OPEN)))
    desk.book.query_now(job.payout.id, by="anna")
    [asked] = desk.jobs()
    desk.book.cancel("spring", by="anna", reason="enough")
    assert desk.payout(job).lease is None
    assert desk.record((asked, postponed(asked, after=1))) == {job.payout.id}
    [again] = desk.jobs()
    assert (again.task, again.payout.state) == (Task.QUERY, State.IN_DOUBT)


def test_a_cancel_that_was_cut_short_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "_WAITING", cancelling._WAITING.limit(2))
    desk.draft(7)
    with desk.transaction() as connection:
        cancelling.begin(connection, "spring", by="anna", reason="no", now=desk.clock.now)
        for after in (0, 2):
            cancelling.take_back(connection, "spring", after=after, by="anna", now=1)
    assert desk.book.standing("spring").waiting == 300
    desk.book.cancel("spring", by="anna", reason="go on")
    assert desk.book.standing("spring").cancelled == 700
    kinds = [kind for kind, _ in desk.decisions(desk.book.standing("spring").campaign)]
    assert kinds.count(DecisionKind.CANCELLED) == 1
    assert desk.book.audit().findings == ()


def _cut_short(desk: Desk) -> None:
    """A cancel whose program ended before it took anything back."""
    with desk.transaction() as connection:
        cancelling.begin(connection, "spring", by="anna", reason="no", now=desk.clock.now)


def test_what_a_cancel_that_was_cut_short_left_is_looked_at_once_a_minute(desk: Desk) -> None:
    desk.campaign(3)
    _cut_short(desk)
    claim = desk.claim()
    assert (claim.jobs, claim.next_at) == ([], desk.clock.now + 60 * SECOND)
    assert desk.book.standing("spring").campaign.open
    desk.book.cancel("spring", by="anna", reason="go on")
    desk.clock.pass_(60)
    assert desk.claim().next_at is None
    assert not desk.book.standing("spring").campaign.open


def test_what_a_cancel_that_was_cut_short_left_keeps_nothing_from_being_asked_about(
    desk: Desk,
) -> None:
    desk.campaign(3)
    [job] = desk.jobs(1)
    desk.record((job, postponed(job, after=1)))
    _cut_short(desk)
    desk.clock.pass_(5)
    [asked] = desk.jobs()
    assert (asked.task, asked.payout.id) == (Task.QUERY, job.payout.id)


def test_what_a_cancel_that_was_cut_short_left_keeps_nothing_of_another_campaign_back(
    desk: Desk,
) -> None:
    desk.campaign(3)
    _cut_short(desk)
    desk.campaign(2, name="other")
    assert [job.payout.key for job in desk.jobs()] == ["other/0", "other/1"]


def test_only_what_is_cancelled_is_taken_back(desk: Desk) -> None:
    desk.campaign(2)
    with pytest.raises(IllegalTransition), desk.transaction() as connection:
        cancelling.take_back(connection, "spring", after=0, by="anna", now=1)
    assert len(desk.jobs()) == 2


def test_what_was_sent_and_is_cancelled_gives_its_share_of_the_day_back(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, step(job, EventKind.NOT_SENT, State.WAITING, task=Task.SEND,
                           due_at=desk.clock.now + SECOND)))  # fmt: skip
    desk.book.cancel("spring", by="anna", reason="enough")
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("stopped", ["campaign", "merchant"])
def test_what_a_stop_kept_from_being_sent_again_is_asked_about_after_a_cancel(
    desk: Desk, stopped: str
) -> None:
    campaign = desk.campaign()
    [job] = desk.jobs()
    desk.record((job, doubtful(job)))
    desk.clock.pass_(HOUR)
    [asked] = desk.jobs()
    desk.record((asked, step(asked, EventKind.NOT_FOUND, State.IN_DOUBT, task=Task.SEND,
                             due_at=desk.clock.now + SECOND)))  # fmt: skip
    if stopped == "campaign":
        desk.book.pause("spring", by="anna", reason="to look at it")
    else:
        desk.book.record("worker-1", [], stops=[(campaign.id, MERCHANT_STOP)])
    desk.clock.pass_(HOUR)
    assert desk.jobs() == []
    desk.book.cancel("spring", by="anna", reason="enough")
    [again] = desk.jobs()
    assert (again.task, again.payout.billno) == (Task.QUERY, job.payout.billno)


def test_a_complete_campaign_is_not_cancelled_and_says_so(desk: Desk) -> None:
    desk.campaign(2)
    paid, no = desk.jobs()
    desk.record((paid, accepted(paid)), (no, refused(no)))
    with pytest.raises(LedgerError, match="spring is complete: nothing of it is left to cancel"):
        desk.book.cancel("spring", by="anna", reason="too late")
    assert desk.book.standing("spring").phase is Phase.COMPLETE_WITH_REFUSALS


def test_what_may_still_be_paid_can_be_cancelled_though_nothing_is_left_to_send(
    desk: Desk,
) -> None:
    desk.campaign(2)
    paid, lost = desk.jobs()
    desk.record((paid, accepted(paid)), (lost, unknown(lost)))
    assert desk.book.cancel("spring", by="anna", reason="enough").state == "cancelled"


def test_a_campaign_that_is_cancelled_stays_so_when_all_is_settled(desk: Desk) -> None:
    desk.draft(1)
    for _ in range(2):
        assert desk.book.cancel("spring", by="anna", reason="no").state == "cancelled"
