"""How the histories of payouts begin where that is not stored with each of them: see the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hongbao.ledger.audits.audit_page import BESIDE
from hongbao.ledger.model.event import GENESIS, digest, quoted
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import BEGINNING
from hongbao.ledger.store.first_events import CALLED, SUBMITTED, called_body, submitted_body
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.salt import salted_hash

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
        self._salt = salt
        self._kinds: dict[str, str] = {}

    def of(self, row: Stored, submission: Submission, called: CallRange | None) -> HistoryBeginning:
        """The first events of a payout.

        Args:
            row: the payout; its terms are there.
            submission: when it was stored.
            called: the range of first calls that it is in, if it is in one.
        """
        number, billno = row[_ID], row[_BILLNO]
        kind = self._kinds.get(row[_KIND])
        if kind is None:
            kind = self._kinds[row[_KIND]] = quoted(row[_KIND])
        payee = salted_hash(self._salt, row[_PAYEE])
        terms = row[_TERMS].hex()
        body = submitted_body(row[_AMOUNT], billno, kind, payee, row[_PEOPLE], terms)
        begun = (number, 1, submission.at, SUBMITTED, submission.actor, body)
        last = digest(GENESIS, *begun)
        facts = {**BEGINNING, "state": _WAITING, "attempt": 1, "billno": billno}
        if called is None:
            return HistoryBeginning(((*begun, last),), facts)
        call = (number, 2, called.at, CALLED, called.actor, called_body(called.at, called.day))
        facts["state"], facts["calls"] = _IN_DOUBT, 1
        facts["day"], facts["first_call_at"] = called.day, called.at
        return HistoryBeginning(((*begun, last), (*call, digest(last, *call))), facts)
