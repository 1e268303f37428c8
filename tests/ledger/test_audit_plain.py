"""Payouts that their first call paid are held against one form: it lets nothing pass."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import pytest

from desk import accepted, plain
from hongbao.ledger.audits.audit import audit
from hongbao.ledger.audits.audit_page import pages
from hongbao.ledger.audits.audit_payout import Surroundings
from hongbao.ledger.audits.audit_plain import PlainPayouts
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.salt import book_salt
from tampering import disarmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk import Desk
    from hongbao.ledger.model.event import Event, Subject

_STANDS = "UPDATE standing SET {} WHERE row = 2"
_OWED = "UPDATE payout SET {} WHERE row = 2"
_SAID = "UPDATE event SET {} WHERE payout_id = (SELECT id FROM payout WHERE row = 2)"
_BEGUN = "UPDATE call_range SET {}"
_STORED = "UPDATE submission SET {}"

CHANGES = [
    *(
        (_STANDS, change)
        for change in (
            "campaign_id = 2", "row = 9", "amount = 101", "payee = 'oEVE_secret_0001'",
            "state = 'received', task = NULL, due_at = NULL", "task = NULL, due_at = NULL",
            "task = 1", "due_at = 1", "due_at = due_at * 2", "lease = 99",
            "attempt = 2, billno = 'EVE'", "calls = 2", "answers = 0", "doubt = 'UNKNOWN'",
            "first_call_at = first_call_at + 1", "resend_until = 1", "tries = 1", "code = 'EVE'",
            "reason = 'eve'", "listid = 'EVE'", "listid = NULL", "voucher = 'eve'",
            "sent_at = sent_at + 1", "sent_at = NULL", "settled_at = 1", "claimed = 1",
            "refunded = 1", "day = day + 1", "seq = 4",
            "hash = (SELECT hash FROM standing WHERE row = 1)",
        )
    ),
    *(
        (_OWED, change)
        for change in (
            "amount = 101", "people = 2", "kind = 'group'", "payee = 'oEVE_secret_0001'",
            "terms_id = 2", "billno = 'EVE'",
        )
    ),
    *(
        (_SAID, change)
        for change in (
            "seq = 4", "at = at + 1", "kind = 'found'", "actor = 'eve'", "body = '{}'",
            "hash = (SELECT hash FROM standing WHERE row = 1)",
        )
    ),
    *((_BEGUN, change) for change in ("at = at + 1", "actor = 'eve'", "day = day + 1")),
    *((_STORED, change) for change in ("at = at + 1", "actor = 'eve'")),
]  # fmt: skip


class _Watching:
    """Sees histories, which an audit then makes of each payout."""

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """See one."""


@pytest.fixture
def three_are_paid(desk: Desk) -> Desk:
    """Three payouts, each by its first call."""
    desk.campaign(3)
    desk.book.terms([{"wishing": "eve"}])
    desk.record(*((job, plain(job)) for job in desk.jobs()))
    return desk


def test_what_is_changed_of_a_paid_payout_is_found_whether_or_not_it_is_watched(
    three_are_paid: Desk,
) -> None:
    for statement, change in CHANGES:
        with three_are_paid.database.transaction() as connection:
            with disarmed(connection):
                assert connection.exec_driver_sql(statement.format(change)).rowcount, change
            alone, watched = audit(connection), audit(connection, watch=_Watching())
            connection.rollback()
        assert alone.findings == watched.findings, (statement, change)
        assert alone.findings, (statement, change)


def test_paid_payouts_are_recognized_and_others_are_not(three_are_paid: Desk) -> None:
    three_are_paid.campaign(2, name="autumn")
    first, second = three_are_paid.jobs()
    three_are_paid.record((first, accepted(first)), (second, plain(second)))
    with three_are_paid.database.reading() as connection:
        [page] = pages(connection, whole=False)
        around = Surroundings("1900012345", 9, inf, book_salt(connection), 2**62)
    plain_ones, found = PlainPayouts(around.salt), []
    for row in page.payouts:
        campaign, [event] = row[PLACES["campaign_id"]], page.events[row[0]]
        [submission], [called] = page.submissions[campaign].items, page.ranges[campaign].items
        found.append(plain_ones.has(row, page.terms[1], submission, called, event, around))
    assert found == [True, True, True, False, True]
