"""Payouts as values, put together of what is stored about them.

``BOOKED`` has one row for each payout, with its standing or, if it has none, with the open range of
first calls that it is in. So every payout has all the columns of ``Payout``, whether or not
anything has happened to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import Payout, State, Task
from hongbao.ledger.store.schema import CALL_RANGE, PAYOUT, STANDING, SUBMISSION

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN_RANGE = CALL_RANGE.alias("open_range")
"""The range that a payout without a standing is in, if it is in one; it is open then."""

HAS_NO_STANDING = STANDING.c.payout_id.is_(None)

RANGE_OF = (
    select(CALL_RANGE.c.id)
    .where(CALL_RANGE.c.campaign_id == PAYOUT.c.campaign_id, CALL_RANGE.c.first <= PAYOUT.c.row)
    .order_by(CALL_RANGE.c.first.desc())
    .limit(1)
    .correlate(PAYOUT)
    .scalar_subquery()
)
"""The range of first calls that a payout is in, unless that ends before its row."""

BOOKED = PAYOUT.outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id).outerjoin(
    OPEN_RANGE,
    and_(OPEN_RANGE.c.id == case((HAS_NO_STANDING, RANGE_OF)), OPEN_RANGE.c.last >= PAYOUT.c.row),
)
"""What to select ``COLUMNS`` from."""

SUBMITTED_AT = (
    select(SUBMISSION.c.at)
    .where(SUBMISSION.c.campaign_id == PAYOUT.c.campaign_id, SUBMISSION.c.first <= PAYOUT.c.row)
    .order_by(SUBMISSION.c.first.desc())
    .limit(1)
    .correlate(PAYOUT)
    .scalar_subquery()
)
"""When a payout was stored."""

_IN_RANGE = OPEN_RANGE.c.id.is_not(None)


def _standing(name: str, *, in_range: object, waiting: object) -> ColumnElement[Any]:
    """A column of a standing, and what it is of a payout that has none."""
    return case(
        (STANDING.c.payout_id.is_not(None), STANDING.c[name]),
        (_IN_RANGE, in_range),
        else_=waiting,
    ).label(name)


COLUMNS: tuple[ColumnElement[Any], ...] = (
    *(
        PAYOUT.c[name]
        for name in (
            "id", "merchant_id", "campaign_id", "key", "row", "kind", "payee", "amount", "people",
            "terms_id",
        )
    ),
    func.coalesce(STANDING.c.attempt, 1).label("attempt"),
    func.coalesce(STANDING.c.billno, PAYOUT.c.billno).label("billno"),
    _standing("state", in_range=literal(str(State.IN_DOUBT)), waiting=literal(str(State.WAITING))),
    _standing("task", in_range=literal(int(Task.QUERY)), waiting=literal(int(Task.SEND))),
    _standing("due_at", in_range=OPEN_RANGE.c.due_at, waiting=SUBMITTED_AT),
    _standing("lease", in_range=OPEN_RANGE.c.lease, waiting=None),
    _standing("calls", in_range=literal(1), waiting=literal(0)),
    func.coalesce(STANDING.c.answers, 0).label("answers"),
    STANDING.c.doubt,
    _standing("first_call_at", in_range=OPEN_RANGE.c.at, waiting=None),
    STANDING.c.resend_until,
    func.coalesce(STANDING.c.tries, 0).label("tries"),
    STANDING.c.code,
    STANDING.c.reason,
    STANDING.c.listid,
    STANDING.c.voucher,
    STANDING.c.sent_at,
    STANDING.c.settled_at,
    func.coalesce(STANDING.c.claimed, 0).label("claimed"),
    func.coalesce(STANDING.c.refunded, 0).label("refunded"),
    _standing("day", in_range=OPEN_RANGE.c.day, waiting=None),
    _standing("seq", in_range=literal(2), waiting=literal(1)),
)  # fmt: skip
"""What ``payout_of`` reads, in the order of the fields of ``Payout``."""

PLACES = {name: place for place, name in enumerate(Payout.__slots__)}
"""The place of each column in a row."""

REPLAYED = (
    "state", "attempt", "billno", "calls", "answers", "doubt", "first_call_at", "resend_until",
    "listid", "sent_at", "settled_at", "claimed", "refunded", "day",
)  # fmt: skip
"""The facts that every event repeats if it changed them, so that the events alone say where a
payout stands. A worker's events also have ``tries``, ``code`` and ``reason``, and a hash of the
voucher: see ``replay.LastOutcome``."""

_WIDTH = len(COLUMNS)
_STATES = {str(state): state for state in State}
_TASKS: dict[int | None, Task | None] = {None: None, **{int(task): task for task in Task}}
_DOUBTS: dict[str | None, Disposition | None] = {
    None: None,
    **{str(doubt): doubt for doubt in Disposition},
}


def payout_of(row: Sequence[Any]) -> Payout:
    """A row of ``COLUMNS``, or one that begins with them, as a value."""
    # A claim makes thousands a second. A frozen dataclass takes ten times as long to set its fields
    # as a class of the same fields that is not frozen, and that can become one afterwards.
    draft: Any = _Draft(row[:_WIDTH])
    draft.__class__ = Payout
    payout: Payout = draft
    return payout


class _Draft:
    """A payout that is being constructed."""

    __slots__ = Payout.__slots__

    def __init__(self, row: Sequence[Any]) -> None:
        (
            self.id, self.merchant_id, self.campaign_id, self.key, self.row, self.kind,
            self.payee, self.amount, self.people, self.terms_id, self.attempt, self.billno,
            self.state, self.task, self.due_at, self.lease, self.calls, self.answers, self.doubt,
            self.first_call_at, self.resend_until, self.tries, self.code, self.reason,
            self.listid, self.voucher, self.sent_at, self.settled_at, self.claimed, self.refunded,
            self.day, self.seq,
        ) = row  # fmt: skip
        self.state = _STATES[self.state]
        self.task = _TASKS[self.task]
        self.doubt = _DOUBTS[self.doubt]
