"""Payouts are found by whatever somebody holds in hand, and who saw receivers is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import accepted
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import DecisionKind
from standing import append, stand

if TYPE_CHECKING:
    from desk import Desk

LISTID = "1000041701201609263000000000"


def found(desk: Desk, wanted: str, *, limit: int = 100) -> list[tuple[str, str]]:
    return [(it.payout.key, it.by) for it in desk.book.search(wanted, limit=limit)]


def test_a_payout_is_found_by_each_of_its_names_in_any_campaign(desk: Desk) -> None:
    desk.campaign(2, name="spring")
    desk.campaign(2, name="summer", number="1900099999")
    jobs = desk.jobs()
    [paid] = [it for it in jobs if it.payout.key == "summer/1"]
    desk.record((paid, accepted(paid)))
    for wanted, by in (
        ("summer/1", "key"), (paid.payout.billno, "mch_billno"), (LISTID, "send_listid"),
        ("oUSER_summer_1", "openid"),
    ):  # fmt: skip
        assert found(desk, wanted) == [("summer/1", by)], by


@pytest.mark.parametrize("wanted", ["", " ", "summer/9", "ousER_spring_1", "oUSER_spring"])
def test_what_is_not_there_is_not_found_and_nothing_is_guessed(desk: Desk, wanted: str) -> None:
    desk.campaign(2)
    assert found(desk, wanted) == []


def test_of_a_receiver_the_newest_come_first_and_no_more_than_asked_for(desk: Desk) -> None:
    for name in ("spring", "summer", "autumn"):
        desk.campaign(name=name, payees=["oUSER_often", "oUSER_often"])
    keys = [key for key, _ in found(desk, "oUSER_often")]
    assert keys == [f"{name}/{row}" for name in ("autumn", "summer", "spring") for row in (1, 0)]
    assert [key for key, _ in found(desk, "oUSER_often", limit=3)] == keys[:3]


def test_one_that_is_named_in_two_ways_is_found_once(desk: Desk) -> None:
    desk.campaign(name="spring", payees=["spring/0", "oUSER_else"])
    assert found(desk, "spring/0") == [("spring/0", "key")]


def test_that_receivers_were_shown_is_a_decision_and_the_books_stay_sound(desk: Desk) -> None:
    spring, summer = desk.campaign(name="spring"), desk.campaign(name="summer")
    desk.book.disclose({spring.id: 1, summer.id: 1}, what="payout find", by="carol")
    for campaign in (spring, summer):
        assert desk.decisions(campaign)[-1] == (DecisionKind.DISCLOSED, "carol")
    [*_, last] = desk.book.decisions("spring")
    assert last.body == '{"shown":1,"what":"payout find"}'
    assert desk.book.standing("spring").campaign.rows == 1
    assert not desk.book.audit().findings


def test_of_a_campaign_that_is_not_there_nothing_is_recorded(desk: Desk) -> None:
    spring = desk.campaign()
    with pytest.raises(LedgerError):
        desk.book.disclose({spring.id: 1, 99: 1}, what="report", by="carol")
    assert desk.decisions(spring)[-1] == (DecisionKind.APPROVED, "bert")


def test_the_latest_decisions_are_those_of_the_campaign_and_of_its_supplements(desk: Desk) -> None:
    desk.campaign()
    desk.clock.pass_(60)
    desk.book.pause("spring", by="carol", reason="lunch")
    found = desk.book.latest_decisions("spring", limit=2)
    assert [(name, it.kind, it.actor) for name, it in found] == [
        ("spring", "approved", "bert"), ("spring", "paused", "carol"),
    ]  # fmt: skip
    whole = [it for _, it in desk.book.latest_decisions("spring")]
    assert whole == desk.book.decisions("spring")
    with pytest.raises(LedgerError):
        desk.book.latest_decisions("summer")


def test_of_a_standing_campaign_only_the_latest_are_read(desk: Desk) -> None:
    stand(desk)
    for key in "abc":
        append(desk, key)
    decisions = [it for _, it in desk.book.latest_decisions("refunds", limit=2)]
    assert decisions == desk.book.decisions("refunds")[-2:]
