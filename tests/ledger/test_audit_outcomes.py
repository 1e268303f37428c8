"""What a row says of the last call is held against the history, as far as the history tells it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desk import accepted, postponed, step, unknown
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.store.histories import payout_history
from tampering import audited_after, disarmed, rewrite

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step

_NEW = {"tries", "voucher"}
CHANGES = ["code = 'X'", "reason = 'x'", "tries = 9", "voucher = 'mine'", "voucher = NULL"]


def sent(desk: Desk) -> None:
    """Three payouts: paid, with a voucher; postponed; in doubt and asked about once in vain."""
    desk.campaign(3)
    paid, later, lost = desk.jobs()
    desk.record(
        (paid, accepted(paid)._replace(voucher="sendid=1")),
        (later, postponed(later, after=3600)._replace(tries=1)), (lost, unknown(lost, after=1)),
    )  # fmt: skip
    desk.clock.pass_(2)
    [asked] = desk.jobs()
    desk.record((asked, in_vain(asked)))


def in_vain(job: Job) -> Step:
    """A query that failed."""
    return step(
        job, None, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + 60 * SECOND, tries=2,
        reason="it failed",
    )  # fmt: skip


def written_by_an_earlier_program(desk: Desk) -> None:
    """Leave out of all histories what earlier programs left out."""
    with desk.transaction() as connection, disarmed(connection):
        connection.exec_driver_sql("DELETE FROM outbox")
        for payout in desk.payouts():
            events = [
                event._replace(body=json.dumps({
                    name: fact for name, fact in json.loads(event.body).items() if name not in _NEW
                }))
                for event in payout_history(connection, payout.id)
                if event.kind != EventKind.NOTED
            ]  # fmt: skip
            rewrite(connection, payout.id, events)


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize("change", CHANGES)
def test_another_outcome_than_that_of_the_history_is_found(
    desk: Desk, change: str, row: int
) -> None:
    sent(desk)
    assert desk.book.audit().findings == ()
    report = audited_after(desk, [f"UPDATE standing SET {change} WHERE row = {row}"])
    same = change == "voucher = NULL" and row > 1
    assert {it.code for it in report.findings} == (set() if same else {FindingCode.REPLAY})


def test_what_earlier_programs_did_not_record_is_no_finding(desk: Desk) -> None:
    sent(desk)
    written_by_an_earlier_program(desk)
    assert desk.book.audit().findings == ()


def test_after_its_next_outcome_an_old_payout_is_held_against_its_history(desk: Desk) -> None:
    sent(desk)
    written_by_an_earlier_program(desk)
    desk.clock.pass_(100)
    [job] = desk.jobs()
    assert job.payout.row == 3
    desk.record((job, unknown(job)._replace(kind=EventKind.FOUND, tries=3)))
    assert desk.book.audit().findings == ()
    report = audited_after(desk, ["UPDATE standing SET tries = 9"])
    assert [it.subject for it in report.findings] == [job.payout.billno]


def test_what_a_limit_of_the_day_puts_off_is_no_finding(desk: Desk) -> None:
    limits = PayerLimits(user_day_count_max=1)
    desk.campaign(payees=["oONE_user_0001"] * 3, limits=limits)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    waiting = [payout for payout in desk.payouts() if payout.state is State.WAITING]
    desk.clock.pass_(1)
    assert not desk.jobs()
    assert {payout.reason for payout in waiting} != {None}
    assert desk.book.audit().findings == ()
    report = audited_after(desk, ["UPDATE standing SET due_at = due_at + 1 WHERE row = 3"])
    assert [it.code for it in report.findings] == [FindingCode.QUEUE]
