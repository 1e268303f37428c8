"""A packet whose receiver needs a voucher is sent again for it, and no other is."""

from __future__ import annotations

from typing import Any

import pytest

from hongbao import Disposition, Status
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from policy_decisions import after_query, found, standing, told
from policy_payouts import DAY, NOW, doubted, sent

UNKNOWN = Disposition.UNKNOWN
SENT, RFUND_ING = Status.SENT, Status.RFUND_ING


def test_a_packet_that_is_paid_without_its_voucher_is_sent_again_for_it() -> None:
    before = doubted(kind="mini_program", reason="HTTP 502", code="X")
    step = after_query(before, found(SENT)).step
    assert standing(step) == (State.IN_DOUBT, Task.SEND, NOW + 4 * SECOND)
    assert told(step) == (EventKind.FOUND, True, UNKNOWN)
    assert (step.resend_until, step.tries, step.code) == (NOW - SECOND + DAY, 2, "X")
    assert step.reason == "paid; sent again with the same number for its voucher"
    assert (step.sent_at, step.listid) == (None, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kind": "normal"}, SENT),
        ({"kind": "a kind of tomorrow"}, SENT),
        ({"voucher": "sendid=1"}, SENT),
        ({"calls": 3, "answers": 3}, SENT),
        ({"first_call_at": NOW - DAY}, SENT),
        ({}, RFUND_ING),
    ],
)
def test_a_packet_is_sent_again_only_for_a_voucher_that_is_missing_and_of_use(
    changes: dict[str, Any], status: Status
) -> None:
    before = doubted(**({"kind": "mini_program"} | changes))
    step = after_query(before, found(status)).step
    assert (step.state, step.task) == (State.SENT, Task.LOOK)
    assert step.voucher == before.voucher


def test_a_packet_is_sent_for_its_voucher_as_long_as_its_number_is_fresh() -> None:
    before = doubted(kind="mini_program", calls=2, answers=2, first_call_at=NOW - DAY + 1)
    assert after_query(before, found(SENT)).step.task is Task.SEND


def test_a_look_never_sends_again_for_a_voucher() -> None:
    step = after_query(sent(kind="mini_program"), found(SENT)).step
    assert standing(step)[:2] == (State.SENT, Task.LOOK)
