"""Rows of the payout table as values, and which of their facts the events repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.errors import Disposition
from hongbao.ledger.model.payout import Payout, State, Task
from hongbao.ledger.store.schema import PAYOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = tuple(PAYOUT.c)
"""What ``payout_of`` reads, in the order of the table."""

PLACES = {column.name: place for place, column in enumerate(COLUMNS)}
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
