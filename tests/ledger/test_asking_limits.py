"""Limits that two people change: one asks, another accepts, and no settings change them again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.store.schema import CHANNEL_EVENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.limits import LimitsRequest

PLACE = ("1900012345", "redpack")
SLOW, FAST = PayerLimits(rate=5), PayerLimits(rate=25, day_amount_max=900)
TWO = ApprovalPolicy(apart=True)


def asked(desk: Desk, limits: PayerLimits = FAST) -> LimitsRequest:
    """Anna asks for other limits of a slow merchant."""
    desk.book.set_channel(*PLACE, SLOW, by="worker-1")
    return desk.book.ask_limits(*PLACE, limits, by="anna@desk", reason="a busy day")


def code(act: Callable[[], object]) -> LedgerCode:
    with pytest.raises(LedgerError) as caught:
        act()
    return caught.value.code


def rate(desk: Desk) -> float | None:
    [channel] = desk.book.channels()
    return channel.rate


def test_limits_hold_once_another_person_accepts_them(desk: Desk) -> None:
    request = asked(desk)
    assert rate(desk) == 5
    [found] = desk.book.limits_requests().values()
    assert found == request
    assert (found.by, found.limits, found.reason) == ("anna@desk", FAST.columns(), "a busy day")
    desk.book.accept_limits(*PLACE, request=request.number, by="bo")
    assert rate(desk) == 25
    assert desk.book.limits_requests() == {}
    assert desk.book.audit().findings == ()


def test_nobody_accepts_what_they_have_asked_for_from_any_machine_or_by_sql(desk: Desk) -> None:
    request = asked(desk)
    for who in ("anna", "anna@elsewhere"):
        accept = partial(desk.book.accept_limits, *PLACE, request=request.number, by=who)
        assert code(accept) is LedgerCode.SAME_PERSON
    forged = {
        "channel_id": 1, "seq": 9, "at": 0, "kind": "accepted", "actor": "anna", "body": "{}",
        "hash": b"",
    }  # fmt: skip
    with pytest.raises(LedgerError, match="another person"), desk.transaction() as connection:
        connection.execute(insert(CHANNEL_EVENT).values(forged))
    assert rate(desk) == 5


def test_what_was_not_shown_is_not_accepted(desk: Desk) -> None:
    first = asked(desk)
    second = desk.book.ask_limits(*PLACE, PayerLimits(rate=100), by="anna", reason="busier")
    accept = desk.book.accept_limits
    assert code(lambda: accept(*PLACE, request=first.number, by="bo")) is LedgerCode.CHANGED
    desk.book.decline_limits(*PLACE, request=second.number, by="bo", reason="too fast")
    assert code(lambda: accept(*PLACE, request=second.number, by="bo")) is LedgerCode.CHANGED
    assert rate(desk) == 5
    assert desk.book.audit().findings == ()


def test_no_settings_change_what_two_people_have_agreed_on(desk: Desk) -> None:
    request = asked(desk)
    desk.book.set_channel(*PLACE, SLOW, by="worker-2")
    desk.book.accept_limits(*PLACE, request=request.number, by="bo")
    desk.book.set_channel(*PLACE, SLOW, by="worker-3")
    assert rate(desk) == 25
    alone = partial(desk.book.set_limits, *PLACE, SLOW, by="carol", policy=ANYBODY)
    assert code(alone) is LedgerCode.SAME_PERSON
    desk.book.set_limits(*PLACE, FAST, by="carol", policy=ANYBODY)  # as they are


def test_where_money_takes_two_people_limits_do(desk: Desk) -> None:
    desk.book.set_channel(*PLACE, SLOW, by="worker-1", keep=True)
    desk.book.set_channel(*PLACE, FAST, by="worker-2", keep=True)
    alone = partial(desk.book.set_limits, *PLACE, FAST, by="carol", policy=TWO)
    assert code(alone) is LedgerCode.SAME_PERSON
    assert rate(desk) == 5
    desk.book.set_limits(*PLACE, FAST, by="carol", policy=ApprovalPolicy(two_from=None))
    assert rate(desk) == 25


def test_what_cannot_be_asked_for_is_refused(desk: Desk) -> None:
    ask = desk.book.ask_limits
    assert code(lambda: ask(*PLACE, FAST, by="anna", reason="x")) is LedgerCode.NOT_FOUND
    desk.book.set_channel(*PLACE, FAST, by="worker-1")
    assert code(lambda: ask(*PLACE, FAST, by="anna", reason="x")) is LedgerCode.WRONG_STATE
    assert code(lambda: ask(*PLACE, SLOW, by="anna", reason=" ")) is LedgerCode.INVALID


def test_a_stop_in_between_leaves_the_request_as_it_is(desk: Desk) -> None:
    request = asked(desk)
    desk.book.stop_all(by="carol", reason="lunch")
    desk.book.resume_all(by="carol")
    desk.book.accept_limits(*PLACE, request=request.number, by="bo")
    assert rate(desk) == 25
