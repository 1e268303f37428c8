"""Deliveries: made of what happened, handed out in order, kept until they have arrived."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desk import Desk, accepted, refused
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.delivery import deliveries
from hongbao.ledger.model.endpoint import Attempt, EndpointState, WebhookDelivery
from hongbao.ledger.model.outgoing import OutgoingType
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.webhook_book import WebhookBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from books import Clock

URL = "https://shop.example/hooks"
LEASE = 30.0


@pytest.fixture
def hooks(desk: Desk, book_url: str, clock: Clock) -> Iterator[WebhookBook]:
    """The books for webhooks, at the desk's time, with an endpoint that is told everything."""
    with WebhookBook.open(book_url, clock=clock) as book:
        book.add("shop", URL, by="anna")
        yield book


def take(hooks: WebhookBook, *attempts: Attempt, room: int = 100) -> list[WebhookDelivery]:
    """What a deliverer would be given."""
    rooms = {it.id: room for it in hooks.endpoints()}
    return hooks.exchange(attempts, rooms, lease_seconds=LEASE, by="deliverer").deliveries


def arrived(taken: Sequence[WebhookDelivery]) -> list[Attempt]:
    return [Attempt(it, arrived=True, answer="204") for it in taken]


def failed(it: WebhookDelivery, *, wait: int | None, pause: int = 0) -> Attempt:
    return Attempt(it, arrived=False, answer="500", wait=wait, pause=pause)


def kinds_in(taken: Sequence[WebhookDelivery]) -> list[tuple[str, int]]:
    return [(str(it.event.type), it.event.subject) for it in taken]


def test_an_endpoint_is_told_what_happens_after_it_was_added(
    desk: Desk, hooks: WebhookBook
) -> None:
    assert take(hooks) == []
    desk.campaign(2)
    taken = take(hooks)
    assert sorted(kind for kind, _ in kinds_in(taken)) == [
        "campaign.approved", "payout.queued", "payout.queued",
    ]  # fmt: skip
    assert take(hooks, *arrived(taken)) == []
    assert hooks.endpoint("shop").waiting == 0


def test_what_happened_before_is_told_to_whoever_asks_for_it(
    desk: Desk, hooks: WebhookBook
) -> None:
    desk.campaign(2)
    hooks.add("late", URL, by="anna", after=0)
    [late] = {it.endpoint for it in take(hooks)} - {hooks.endpoint("shop").id}
    assert late == hooks.endpoint("late").id


def test_an_endpoint_is_told_only_of_the_types_that_it_wants(
    desk: Desk, hooks: WebhookBook
) -> None:
    hooks.add("shop", URL, types=[OutgoingType.PAYOUT_SENT], by="anna")
    desk.campaign(2)
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    assert {kind for kind, _ in kinds_in(take(hooks))} == {"payout.sent"}


def test_the_next_event_of_a_payout_is_handed_out_when_the_one_before_has_arrived(
    desk: Desk, hooks: WebhookBook
) -> None:
    desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    first = take(hooks)
    assert [it.event.version for it in first if it.event.about == "payout"] == [1]
    assert take(hooks) == []
    second = take(hooks, *arrived(first))
    assert [it.event.version for it in second if it.event.about == "payout"] == [3]


def test_what_failed_comes_again_when_it_is_due_and_others_are_not_kept(
    desk: Desk, hooks: WebhookBook, clock: Clock
) -> None:
    desk.draft(2)
    one, other = take(hooks)
    assert take(hooks, failed(one, wait=5 * SECOND), *arrived([other])) == []
    clock.pass_(5)
    [again] = take(hooks)
    assert (again.event, again.tries) == (one.event, 1)


def test_an_endpoint_that_fails_is_left_alone_and_then_tried_with_one(
    desk: Desk, hooks: WebhookBook, clock: Clock
) -> None:
    desk.draft(5)
    taken = take(hooks, room=3)
    assert take(hooks, *(failed(it, wait=0, pause=60 * SECOND) for it in taken)) == []
    assert hooks.endpoint("shop").failures == 1
    clock.pass_(60)
    [probe] = take(hooks)
    assert len(take(hooks, *arrived([probe]))) == 4


def test_whoever_dies_loses_nothing_and_whoever_is_late_changes_nothing(
    desk: Desk, hooks: WebhookBook, clock: Clock
) -> None:
    desk.draft(1)
    [dead] = take(hooks)
    assert take(hooks) == []
    clock.pass_(LEASE)
    [taken_over] = take(hooks)
    assert taken_over.event == dead.event
    take(hooks, *arrived([dead]))
    assert hooks.endpoint("shop").waiting == 1
    take(hooks, *arrived([taken_over]))
    assert hooks.endpoint("shop").waiting == 0


@pytest.mark.parametrize("gone", [True, False])
def test_an_endpoint_that_wants_nothing_more_or_failed_for_days_is_disabled_and_others_hear_of_it(
    desk: Desk, hooks: WebhookBook, *, gone: bool
) -> None:
    hooks.add("office", URL, types=[OutgoingType.ENDPOINT_DISABLED], by="anna")
    desk.draft(1)
    [it] = take(hooks)
    take(hooks, Attempt(it, arrived=False, answer="410" if gone else "500", gone=gone))
    shop = hooks.endpoint("shop")
    assert shop.state is EndpointState.DISABLED
    assert [it.kind for it in hooks.endpoint_history("shop")] == ["added", "disabled"]
    assert hooks.endpoint_history("shop")[-1].actor == "deliverer"
    [told_of] = take(hooks)
    assert told_of.endpoint == hooks.endpoint("office").id
    assert told_of.event.data == {"endpoint": "shop", "state": "disabled", "version": 2}
    assert desk.book.audit().findings == ()


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled_and_then_all(
    desk: Desk, hooks: WebhookBook
) -> None:
    hooks.disable("shop", by="anna", reason="moving")
    desk.draft(3)
    assert take(hooks) == []
    hooks.enable("shop", by="anna")
    assert len([kind for kind, _ in kinds_in(take(hooks)) if kind == "payout.queued"]) == 3


def test_a_replay_tells_the_same_again_under_the_same_ids(desk: Desk, hooks: WebhookBook) -> None:
    desk.draft(3)
    first = take(hooks)
    take(hooks, *arrived(first))
    hooks.replay("shop", after=0, by="anna")
    again = take(hooks)
    assert {it.event.id for it in again} == {it.event.id for it in first}
    with pytest.raises(LedgerError, match="cannot be replayed"):
        hooks.replay("shop", after=10_000, by="anna")


def test_what_waits_is_not_made_twice_by_a_replay(desk: Desk, hooks: WebhookBook) -> None:
    desk.draft(3)
    taken = take(hooks)
    hooks.replay("shop", after=0, by="anna")
    assert take(hooks) == []
    take(hooks, *arrived(taken))
    assert hooks.endpoint("shop").waiting == 0


def test_an_endpoint_that_is_away_for_long_keeps_the_queue_small(
    desk: Desk, hooks: WebhookBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "BACKLOG_MAX", 4)
    for name in ("a", "b", "c"):
        desk.draft(3, name=name)
    first = take(hooks, room=2)
    for _ in range(3):
        take(hooks, room=0)
    assert hooks.endpoint("shop").waiting <= 9
    seen = len(first)
    taken = take(hooks, *arrived(first))
    while taken:
        seen += len(taken)
        taken = take(hooks, *arrived(taken))
    assert seen == 9


def test_names_that_are_none_and_endpoints_that_are_not_there_are_refused(
    hooks: WebhookBook,
) -> None:
    with pytest.raises(LedgerError, match="cannot be called so"):
        hooks.add("two words", URL, by="anna")
    verbs: tuple[Callable[[], object], ...] = (
        lambda: hooks.endpoint("none"),
        lambda: hooks.disable("none", by="anna", reason="x"),
        lambda: hooks.enable("none", by="anna"),
        lambda: hooks.replay("none", after=0, by="anna"),
    )
    for verb in verbs:
        with pytest.raises(LedgerError) as caught:
            verb()
        assert caught.value.code is LedgerCode.NOT_FOUND
    with pytest.raises(LedgerError, match="needs a reason"):
        hooks.disable("shop", by="anna", reason=" ")


def test_an_endpoint_that_is_added_again_has_the_other_url_and_its_history_says_so(
    hooks: WebhookBook,
) -> None:
    for _ in range(2):
        hooks.add("shop", f"{URL}/2", types=[OutgoingType.PAYOUT_SENT], by="bert")
    assert hooks.endpoint("shop").url == f"{URL}/2"
    assert [(it.kind, it.actor) for it in hooks.endpoint_history("shop")] == [
        ("added", "anna"), ("changed", "bert"),
    ]  # fmt: skip


def test_two_deliverers_at_once_share_the_work(
    desk: Desk, hooks: WebhookBook, book_url: str, clock: Clock
) -> None:
    desk.campaign(20)
    desk.record(*((job, refused(job)) for job in desk.jobs()))
    with closing(WebhookBook.open(book_url, clock=clock)) as other:
        mine, its = take(hooks, room=8), take(other, room=8)
    assert len({it.event.id for it in [*mine, *its]}) == 16
