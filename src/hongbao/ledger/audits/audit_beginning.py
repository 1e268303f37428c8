"""How the histories of payouts begin where that is not stored with each of them: see the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import BEGINNING
from hongbao.ledger.store.first_events import SubmittedBodies, events_of
from hongbao.ledger.store.rows import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.audits.audit_page import CallRange, Stored, Submission

EventRow: TypeAlias = "tuple[int, int, int, str, str, str, bytes]"
"""An event as the driver returns it."""

(_ID, _AMOUNT, _KIND, _PAYEE, _PEOPLE) = (
    PLACES[name] for name in ("id", "amount", "kind", "payee", "people")
)
_BILLNO, _TERMS = BESIDE["first_billno"], BESIDE["terms"]
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


class HistoryBeginnings:
    """Makes the first events of payouts.

    Args:
        salt: the salt of the hashed receivers.
    """

    def __init__(self, salt: bytes) -> None:
        self._bodies = SubmittedBodies(salt)

    def of(self, row: Stored, submission: Submission, called: CallRange | None) -> HistoryBeginning:
        """The first events of a payout.

        Args:
            row: the payout; its terms are there.
            submission: when it was stored.
            called: the range of first calls that it is in, if it is in one.
        """
        billno = row[_BILLNO]
        body = self._bodies.of(
            row[_AMOUNT], billno, row[_KIND], row[_PAYEE], row[_PEOPLE], row[_TERMS].hex()
        )
        call = None if called is None else (called.at, called.actor, called.day)
        events = events_of(row[_ID], submission.at, submission.actor, body, call)
        facts = {**BEGINNING, "state": _WAITING, "attempt": 1, "billno": billno}
        if called is not None:
            facts["state"], facts["calls"] = _IN_DOUBT, 1
            facts["day"], facts["first_call_at"] = called.day, called.at
        return HistoryBeginning(tuple(events), facts)
