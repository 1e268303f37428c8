"""Checks that rows of payouts refer to each other rightly: standings, successors, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import ATTEMPT, PAYOUT, STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.audits.audit_page import Stored

_ID, _KEY, _MERCHANT = (PLACES[name] for name in ("id", "key", "merchant_id"))
_FIRST_BILLNO, _SUCCESSOR = BESIDE["first_billno"], BESIDE["successor"]
_FOLLOWERS = select(PAYOUT.c.id, PAYOUT.c.merchant_id, PAYOUT.c.key, PAYOUT.c.billno).where(
    PAYOUT.c.id.in_(bindparam("ids", expanding=True))
)
_NUMBERED_TWICE = select(ATTEMPT.c.billno).join(
    PAYOUT,
    (PAYOUT.c.merchant_id == ATTEMPT.c.merchant_id)
    & (PAYOUT.c.billno == ATTEMPT.c.billno)
    & PAYOUT.c.successor.is_(None),
)
_GIVEN_AWAY = select(PAYOUT.c.billno, PAYOUT.c.successor).where(
    PAYOUT.c.successor.is_not(None), ~exists().where(STANDING.c.payout_id == PAYOUT.c.id)
)
_STANDS_ALONE = select(STANDING.c.payout_id).where(
    ~exists().where(PAYOUT.c.id == STANDING.c.payout_id)
)


def successor_problems(
    connection: Connection, payouts: Sequence[Stored]
) -> Iterator[tuple[FindingCode, str, str]]:
    """What is wrong with the payouts that have the key and number of others: numbers, and words."""
    given = [it for it in payouts if it[_SUCCESSOR] is not None]
    if not given:
        return
    ids = {it[_SUCCESSOR] for it in given}
    found = {row.id: tuple(row)[1:] for row in connection.execute(_FOLLOWERS, {"ids": list(ids)})}
    for it in given:
        follower, billno = it[_SUCCESSOR], it[_FIRST_BILLNO]
        if found.get(follower) != (it[_MERCHANT], it[_KEY], billno) or follower <= it[_ID]:
            words = say(
                "payout {follower} is said to have its key and number, but has not",
                follower=follower,
            )
            yield FindingCode.ATTEMPTS, billno, words


def link_problems(connection: Connection) -> Iterator[tuple[FindingCode, str, str]]:
    """What is wrong with rows that a walk through the standings does not meet."""
    for (billno,) in connection.execute(_NUMBERED_TWICE):
        yield (
            FindingCode.ATTEMPTS,
            billno,
            say("it is a later number of one payout and another's first"),
        )
    for (number,) in connection.execute(_STANDS_ALONE):
        yield (
            FindingCode.REFERENCE,
            say("payout {number}", number=number),
            say("it is missing, but its standing is not"),
        )
    for billno, follower in connection.execute(_GIVEN_AWAY):
        words = say(
            "payout {follower} has its number, but it was not cancelled before", follower=follower
        )
        yield FindingCode.ATTEMPTS, billno, words
