"""How the histories of payouts begin where that is not stored with each of them: see the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.model.event import GENESIS, digest
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import BEGINNING
from hongbao.ledger.store.first_events import CALLED, SUBMITTED, SubmittedBodies, called_body
from hongbao.ledger.store.rows import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.audits.audit_page import CallRange, Stored, Submission

EventRow: TypeAlias = "tuple[int, int, int, str, str, str, bytes]"
"""An event as the driver returns it."""

(_ID, _AMOUNT, _KIND, _PAYEE, _PEOPLE) = (
    PLACES[name] for name in ("id", "amount", "kind", "payee", "people")
)
_BILLNO = BESIDE["first_billno"]
_WAITING, _IN_DOUBT = State.WAITING.value, State.IN_DOUBT.value


class HistoryBeginning(NamedTuple):
    """The first events of a payout that are not stored.

    Attributes:
        events: the events; none if all are stored.
        facts: what they say.
    """

    events: tuple[EventRow, ...]
    facts: Mapping[str, Any]


ALL_STORED = HistoryBeginning((), BEGINNING)
_STORED = {**BEGINNING, "state": _WAITING, "attempt": 1}


class HistoryBeginnings:
    """Makes the first events of payouts.

    Args:
        salt: the salt of the hashed receivers.
    """

    def __init__(self, salt: bytes) -> None:
        self._bodies = SubmittedBodies(salt)
        self._range: CallRange | None = None
        self._called = ""
        self._facts: Mapping[str, Any] = _STORED

    def of(
        self, row: Stored, terms: str, submission: Submission, called: CallRange | None
    ) -> HistoryBeginning:
        """The first events of a payout.

        Args:
            row: the payout.
            terms: SHA-256 of its terms, in hexadecimal.
            submission: when it was stored.
            called: the range of first calls that it is in, if it is in one.
        """
        number, billno, at, actor = row[_ID], row[_BILLNO], submission.at, submission.actor
        body = self._bodies.of(row[_AMOUNT], billno, row[_KIND], row[_PAYEE], row[_PEOPLE], terms)
        last = digest(GENESIS, number, 1, at, SUBMITTED, actor, body)
        first: EventRow = (number, 1, at, SUBMITTED, actor, body, last)
        if called is None:
            return HistoryBeginning((first,), {**_STORED, "billno": billno})
        if called is not self._range:  # successive payouts are in the same
            self._range, self._called = called, called_body(called.at, called.day)
            self._facts = {
                **_STORED, "state": _IN_DOUBT, "calls": 1, "day": called.day,
                "first_call_at": called.at,
            }  # fmt: skip
        at, actor, body = called.at, called.actor, self._called
        last = digest(last, number, 2, at, CALLED, actor, body)
        second: EventRow = (number, 2, at, CALLED, actor, body, last)
        return HistoryBeginning((first, second), {**self._facts, "billno": billno})
