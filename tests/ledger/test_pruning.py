"""Old rows of the outbox go once every endpoint has read them, and nothing else goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import DAY, accepted
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.operations import pruning
from hongbao.ledger.webhook_book import WebhookBook

if TYPE_CHECKING:
    from desk import Desk


def two_days(desk: Desk) -> tuple[int, int]:
    """Spring, paid on one day and the next; the last position of the first day, and of all."""
    desk.campaign(2)
    one, two = desk.jobs(2)
    desk.record((one, accepted(one)))
    first = desk.book.changes()[-1].position
    desk.clock.pass_(DAY)
    desk.record((two, accepted(two)))
    return first, desk.book.changes()[-1].position


def test_what_is_older_goes_and_the_rest_is_read_on(desk: Desk) -> None:
    first, _ = two_days(desk)
    later = desk.book.changes(after=first)
    found = desk.book.prunable(until=desk.clock.now)
    assert found.rows == desk.book.prune(until=desk.clock.now) > 0
    assert desk.book.changes()[: len(later)] == later
    assert desk.book.prune(until=desk.clock.now) == 0
    with pytest.raises(LedgerError) as caught:
        desk.book.changes(after=first)
    assert caught.value.code is LedgerCode.GONE
    assert desk.book.audit().findings == ()


def test_what_an_endpoint_has_not_read_stays(desk: Desk) -> None:
    first, last = two_days(desk)
    webhooks = desk.book.through(WebhookBook)
    webhooks.add("shop", "https://shop.example/", types=(), by="anna", after=first)
    assert desk.book.prunable(until=desk.clock.now + DAY).before == first
    desk.book.prune(until=desk.clock.now + DAY)
    kept = [it.position for it in desk.book.changes()]
    assert min(kept) == first
    assert max(kept) == last


def test_the_last_row_stays_however_old_it_is(desk: Desk) -> None:
    _, last = two_days(desk)
    desk.book.prune(until=desk.clock.now + 100 * DAY)
    assert {it.position for it in desk.book.changes()} == {last}
    assert desk.book.changes(after=last) == []


def test_nothing_is_pruned_of_an_empty_outbox(desk: Desk) -> None:
    assert desk.book.prunable(until=desk.clock.now).rows == desk.book.prune(until=0) == 0


def test_many_rows_go_in_several_transactions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 1)
    two_days(desk)
    found = desk.book.prunable(until=desk.clock.now)
    assert found.rows > 1
    assert desk.book.prune(until=desk.clock.now) == found.rows
