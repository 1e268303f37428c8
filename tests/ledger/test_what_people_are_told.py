"""What people are told where the law keeps them from a payout: why, and what to do instead."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from desk import (
    DAY,
    HOUR,
    LEASE_SECONDS,
    accepted,
    confirming,
    doubtful,
    handed_over,
    not_stored,
    postponed,
    refused,
    refused_unproven,
    sent,
    step,
    windows,
)
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.payout import Payout

SPRING = {"by": "anna", "reason": "no"}


def never_sent(desk: Desk) -> Payout:
    desk.campaign()
    [payout] = desk.payouts()
    return payout


def received(desk: Desk) -> Payout:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    desk.clock.pass_(5)
    [look] = desk.jobs()
    over = step(look, EventKind.FOUND, State.RECEIVED, claimed=100, settled_at=look.at)
    desk.record((look, over))
    return desk.payout(look)


def paid(desk: Desk) -> Payout:
    return sent(desk, accepted)


def paused(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.book.pause("spring", **SPRING)
    return payout


def lost(desk: Desk) -> Payout:
    payout = leased(desk)
    desk.clock.pass_(LEASE_SECONDS)
    return payout


def leased(desk: Desk) -> Payout:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(0.5)
    return job.payout


def too_old_to_send(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.clock.pass_(DAY + 3 * HOUR - 1)
    return payout


def at_the_last_moment(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.clock.pass_(DAY)
    return payout


def young(desk: Desk) -> Payout:
    payout = sent(desk, lambda job: doubtful(job)._replace(resend_until=None))
    desk.clock.pass_(90 * HOUR + 1)
    return payout


def without_a_late_query(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.clock.pass_(2 * HOUR)
    handed_over(desk)
    desk.clock.pass_(100 * HOUR)
    return payout


def asked_about(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.clock.pass_(100 * HOUR)
    handed_over(desk)
    desk.book.query_now(payout.id, by="anna")
    return payout


def being_confirmed(desk: Desk) -> Payout:
    return sent(desk, confirming)


def without_an_order(desk: Desk) -> Payout:
    return sent(desk, lambda job: postponed(job, after=60))


def cancelled(desk: Desk) -> Payout:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, refused(job)))
    desk.book.cancel("spring", **SPRING)
    return desk.payout(job)


def unproven(desk: Desk) -> Payout:
    """Its key is made of its receiver."""
    desk.campaign(name="oUSER_of_whom_it_is", payees=["oUSER_of_whom_it_is"])
    [job] = desk.jobs()
    desk.record((job, refused_unproven(job)))
    return desk.payout(job)


def unproven_and_old(desk: Desk) -> Payout:
    """Since it was stored, not since it was sent."""
    desk.campaign()
    desk.clock.pass_(HOUR)
    [job] = desk.jobs()
    desk.record((job, refused_unproven(job)))
    desk.clock.pass_(30 * DAY - HOUR)
    return desk.payout(job)


def called_dead(desk: Desk) -> Payout:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    return desk.declare_dead(payout, "gone")


def listed_again(desk: Desk) -> Payout:
    desk.campaign(payees=["oUSER_1"])
    [job] = desk.jobs()
    desk.record((job, not_stored(job)))
    desk.campaign(name="autumn", payees=["oUSER_1"])
    return desk.payout(job)


ANOTHER_KEY = (
    "No order of its number lives. If it is still owed, give it another key, in another campaign: "
    "under this key nobody is paid any more."
)
UNPROVEN = "has no answer of the payer, later than its refusal, that no order of it lives"
MAY = "A second number may pay a second time: override only if you have seen that it cannot."
WAIT = "Wait until it is handed over to you."
IN_HANDS = ("is in a worker's hands for 90 seconds more", "Wait for what it finds out.")
TOO_OLD = "Ask about it; if it is unknown for good, declare it dead."

TOLD: list[tuple[str, Callable[[Desk], Payout], str, str]] = [
    ("query", never_sent, "was never sent with this number", "There is nothing to ask about yet."),
    ("query", received, "is received", "Nothing can change any more."),
    ("query", leased, *IN_HANDS),
    ("send", paid, "is sent", "Only what waits or is in doubt is sent again."),
    (
        "send", paused, "belongs to campaign spring, which is paused",
        "Approve or resume the campaign first.",
    ),
    ("send", lost, "has a call whose outcome was lost", "Ask about it first."),
    (
        "send", too_old_to_send, "could be sent again for the last time 2 hours ago", TOO_OLD,
    ),
    (
        "send", at_the_last_moment, "could be sent again for the last time 1 second ago", TOO_OLD,
    ),
    ("dead", paid, "is sent", "Only what may still be paid is declared dead."),
    (
        "dead", young, "was sent 3 days ago, and its number may still be paid for 6 hours more",
        "Ask about it until then.",
    ),
    ("dead", without_a_late_query, "has no late query that did not find it", "Ask about it now."),
    ("dead", asked_about, "is still being asked about", WAIT),
    ("dead", being_confirmed, "is still being asked about", WAIT),
    (
        "dead", without_an_order, "has no order with the payer that could be dead",
        "Let it be sent, or cancel its campaign.",
    ),
    ("reopen", paid, "is sent", "Only a refused payout is reopened."),
    (
        "reopen", cancelled,
        "belongs to campaign spring, which is cancelled: nothing of it is sent any more",
        ANOTHER_KEY,
    ),
    ("reopen", unproven, UNPROVEN, "Ask first: hongbao payout query oUSE…t_is/0"),
    (
        "reopen", unproven_and_old, UNPROVEN,
        f"It is older than what the payer answers queries about. {MAY}",
    ),
    ("reopen", called_dead, UNPROVEN, f"It is refused on a person's word. {MAY}"),
    (
        "reopen", listed_again, "has its receiver and amount in the later campaign autumn, too",
        "It would be paid twice. Override only if it is owed besides.",
    ),
]  # fmt: skip


def code_of(prepare: Callable[[Desk], Payout]) -> LedgerCode:
    """What a program is told."""
    if prepare is leased:
        return LedgerCode.LEASED
    unproven_ones = {
        *(young, without_a_late_query, asked_about, being_confirmed, without_an_order),
        *(unproven, unproven_and_old, called_dead, listed_again),
    }
    return LedgerCode.NOT_PROVEN if prepare in unproven_ones else LedgerCode.WRONG_STATE


def ask(desk: Desk, verb: str, payout_id: int) -> Payout:
    book = desk.book
    how: dict[str, Any] = {"by": "anna"} if verb in {"query", "send"} else SPRING
    verbs: dict[str, Callable[..., Payout]] = {
        "query": book.query_now, "send": book.send_now,
        "dead": partial(book.declare_dead, windows=windows),
        "reopen": partial(book.reopen, windows=windows),
    }  # fmt: skip
    return verbs[verb](payout_id, **how)


@pytest.mark.parametrize(
    ("verb", "prepare", "problem", "remedy"),
    TOLD,
    ids=[f"{verb}-{prepare.__name__}" for verb, prepare, *_ in TOLD],
)
def test_who_is_kept_from_a_payout_is_told_why_and_what_to_do(
    desk: Desk, verb: str, prepare: Callable[[Desk], Payout], problem: str, remedy: str
) -> None:
    payout = prepare(desk)
    before = desk.payout(payout.id)
    with pytest.raises(LedgerError) as refusal:
        ask(desk, verb, payout.id)
    assert refusal.value.problem == f"payout {payout.billno} {problem}"
    assert refusal.value.remedy == remedy
    assert refusal.value.code is code_of(prepare)
    assert desk.payout(payout.id) == before


@pytest.mark.parametrize("verb", ["query", "send", "dead", "reopen"])
def test_a_payout_that_the_books_do_not_have_is_named(desk: Desk, verb: str) -> None:
    with pytest.raises(LedgerError) as refusal:
        ask(desk, verb, 77)
    assert refusal.value.problem == "the books have no payout with the id 77"
    assert refusal.value.code is LedgerCode.NOT_FOUND
    assert refusal.value.remedy == "Look for it by its key or number."


@pytest.mark.parametrize("verb", ["dead", "reopen"])
def test_nothing_is_decided_without_a_reason(desk: Desk, verb: str) -> None:
    payout = sent(desk, doubtful if verb == "dead" else refused)
    desk.clock.pass_(30 * DAY)
    book = desk.book
    decide = partial(book.declare_dead, windows=windows) if verb == "dead" else book.reopen
    with pytest.raises(LedgerError, match="reason"):
        decide(payout.id, by="anna", reason=" ")
    assert desk.payout(payout.id) == payout
