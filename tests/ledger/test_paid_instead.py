"""A refused payout that a later campaign pays instead: reopening it would pay it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desk import accepted, doubtful, not_stored, unknown
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.payout import State
from hongbao.ledger.operations import cancelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step


def _refused_and_listed_again(desk: Desk, *, again: str = "autumn", amount: int = 100) -> Payout:
    """A payout that is refused, and whose receiver then stands in another list."""
    desk.campaign(payees=["oUSER_1"])
    [job] = desk.jobs()
    desk.record((job, not_stored(job)))
    desk.campaign(name=again, payees=["oUSER_1"], amounts=[amount])
    return desk.payout(job)


@pytest.mark.parametrize("outcome", [None, accepted, unknown])
def test_what_a_later_campaign_pays_instead_is_reopened_by_a_person_alone(
    desk: Desk, outcome: Callable[[Job], Step] | None
) -> None:
    payout = _refused_and_listed_again(desk)
    if outcome is not None:
        [job] = desk.jobs()
        desk.record((job, outcome(job)))
    with pytest.raises(LedgerError, match="in the later campaign autumn"):
        desk.book.reopen(payout.id, by="anna", reason="the appid was bound")
    again = desk.book.reopen(payout.id, by="anna", reason="owed twice", override=True)
    assert (again.state, again.billno) == (State.WAITING, payout.billno)


def test_a_later_campaign_that_pays_nothing_of_it_is_not_in_the_way(desk: Desk) -> None:
    payout = _refused_and_listed_again(desk, amount=101)
    desk.campaign(name="other", payees=["oUSER_2"])
    desk.campaign(name="twice", payees=["oUSER_1"])
    desk.book.cancel("twice", by="anna", reason="a mistake")
    again = desk.book.reopen(payout.id, by="anna", reason="the appid was bound")
    assert again.state is State.WAITING


def listed(
    desk: Desk, name: str, *, kind: str = "normal", parent: str | None = None, **merchant: Any
) -> None:
    """A list, or a supplement to one, that pays 100 fen to the same user."""
    plan = Plan(
        name=name, channel_id=desk.channel(**merchant), profile="demo", budget=None,
        source="late.csv", source_digest=bytes(32), parent=parent,
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(begun.id, [[Entry(f"{name}/0", kind, "oUSER_1", 100, 1, terms_id)]], by="anna")
    draft = desk.book.finish_import(name, by="anna")
    desk.book.approve(name, digest=draft.digest, by="bert")


def refused_of(desk: Desk, name: str) -> Payout:
    """The payout of a list that was refused; the payer has no order of it."""
    [job] = [it for it in desk.jobs() if it.payout.key == f"{name}/0"]
    desk.record((job, not_stored(job)))
    return job.payout


def earlier(desk: Desk) -> Payout:
    listed(desk, "winter")
    listed(desk, "spring")
    return refused_of(desk, "spring")


def of_another_merchant(desk: Desk) -> Payout:
    listed(desk, "spring")
    payout = refused_of(desk, "spring")
    listed(desk, "autumn", number="1900099999")
    return payout


def of_another_kind(desk: Desk) -> Payout:
    listed(desk, "spring")
    payout = refused_of(desk, "spring")
    listed(desk, "autumn", kind="group")
    return payout


def refused_too(desk: Desk) -> Payout:
    listed(desk, "spring")
    payout = refused_of(desk, "spring")
    listed(desk, "autumn")
    refused_of(desk, "autumn")
    return payout


def its_own_supplement(desk: Desk) -> Payout:
    listed(desk, "spring")
    payout = refused_of(desk, "spring")
    listed(desk, "spring+1", parent="spring")
    return payout


def another_supplement_of_its_campaign(desk: Desk) -> Payout:
    listed(desk, "spring")
    listed(desk, "spring+1", parent="spring")
    payout = refused_of(desk, "spring+1")
    listed(desk, "spring+2", parent="spring")
    return payout


def cancelled_and_not_yet_taken_back(desk: Desk) -> Payout:
    listed(desk, "spring")
    payout = refused_of(desk, "spring")
    listed(desk, "autumn")
    with desk.transaction() as connection:
        cancelling.begin(connection, "autumn", by="anna", reason="no", now=desk.clock.now)
    return payout


@pytest.mark.parametrize(
    "other",
    [
        earlier,
        of_another_merchant,
        of_another_kind,
        refused_too,
        its_own_supplement,
        another_supplement_of_its_campaign,
        cancelled_and_not_yet_taken_back,
    ],
)
def test_what_is_not_paid_instead_of_it_is_not_in_the_way(
    desk: Desk, other: Callable[[Desk], Payout]
) -> None:
    payout = other(desk)
    assert desk.book.reopen(payout.id, by="anna", reason="bound").state is State.WAITING


def test_what_was_sent_by_a_campaign_that_is_cancelled_since_is_in_the_way(desk: Desk) -> None:
    payout = _refused_and_listed_again(desk)
    [job] = desk.jobs()
    desk.record((job, doubtful(job)))
    desk.book.cancel("autumn", by="anna", reason="no")
    with pytest.raises(LedgerError, match="in the later campaign autumn"):
        desk.book.reopen(payout.id, by="anna", reason="bound")
