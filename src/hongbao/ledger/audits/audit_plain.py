"""Recognizes payouts that their first call has paid, and to which nothing has happened since. Pure.

Nearly all are so, and each is held against the whole of what it should be at once, in a third of
the time. What differs anywhere is for ``audit_payout`` to name.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.audits.audit_queue import WAIT_MAX
from hongbao.ledger.model.event import GENESIS, EventKind, behind_id, digest_of, quoted
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.queue.batch import ACCEPTED_BODY
from hongbao.ledger.store.first_events import CALLED, SUBMITTED, SubmittedBodies, called_body
from hongbao.ledger.store.rows import PLACES

if TYPE_CHECKING:
    from hongbao.ledger.audits.audit_beginning import EventRow
    from hongbao.ledger.audits.audit_page import CallRange, Stored, Submission
    from hongbao.ledger.audits.audit_payout import Surroundings

EVENTS = 3
"""How many events the history of each has."""

_ACCEPTED, _SENT, _LOOK = EventKind.ACCEPTED.value, State.SENT.value, int(Task.LOOK)
_ATTEMPT = PLACES["attempt"]
_owed = itemgetter(
    *(PLACES[it] for it in ("id", "campaign_id", "row", "kind", "payee", "amount", "people"))
)
_said = itemgetter(
    *(PLACES[it] for it in ("due_at", "listid", "sent_at")), BESIDE["standing_payee"],
    BESIDE["first_billno"],
)  # fmt: skip


class PlainPayouts:
    """Recognizes them; remembers what successive ones have in common.

    Args:
        salt: the salt of the hashed receivers.
    """

    def __init__(self, salt: bytes) -> None:
        self._bodies = SubmittedBodies(salt)
        self._submission: Submission | None = None
        self._submitted = ""
        self._range: CallRange | None = None
        self._called = ""

    def has(  # noqa: PLR0917  # as ``standing_problems``
        self,
        row: Stored,
        terms: str,
        submission: Submission,
        called: CallRange,
        event: EventRow,
        around: Surroundings,
    ) -> bool:
        """Whether a payout is one of them, and all that is stored of it agrees.

        Args:
            row: the payout.
            terms: SHA-256 of its terms, in hexadecimal.
            submission: when it was stored.
            called: the range of first calls that it is in.
            event: all that is stored of its history.
            around: what else it is held against.
        """
        number, campaign, place, kind, payee, amount, people = _owed(row)
        due_at, listid, sent_at, counts_for, billno = _said(row)
        _, seq, at, what, actor, body, last = event
        usual = (
            1, billno, _SENT, _LOOK, due_at, None, 1, 1, None, called.at, None, 0, None, None,
            listid, None, sent_at, None, 0, 0, called.day, EVENTS, last, campaign, place, amount,
            counts_for, billno, None,
        )  # fmt: skip
        if (
            row[_ATTEMPT:] != usual
            or (seq, what) != (EVENTS, _ACCEPTED)
            or not (listid and sent_at and due_at)
            or body != ACCEPTED_BODY((quoted(listid), sent_at))
            or not (
                counts_for == payee or (counts_for is None and called.day < around.counted_from)
            )
            or not min(submission.at, around.latest - WAIT_MAX) - WAIT_MAX
            <= due_at
            <= around.latest
        ):
            return False
        if submission is not self._submission or called is not self._range:
            self._remember(submission, called)
        first = self._submitted + self._bodies.of(amount, billno, kind, payee, people, terms)
        second = digest_of(digest_of(GENESIS, number, first), number, self._called)
        return digest_of(second, number, behind_id(EVENTS, at, _ACCEPTED, actor, body)) == last

    def _remember(self, submission: Submission, called: CallRange) -> None:
        self._submission, self._range = submission, called
        self._submitted = behind_id(1, submission.at, SUBMITTED, submission.actor, "")
        body = called_body(called.at, called.day)
        self._called = behind_id(2, called.at, CALLED, called.actor, body)
