"""Makes the events that are not stored: of each payout the first one, and of a range the second.

What they say stands in other rows: in the payout, in the submission that it came with, and in the
range of its first call. They are made byte for byte as if they were stored, so their hashes are the
beginning of each history. A payout without a standing has no stored events. One with a standing has
all of them from some place on, and those before it are made here.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, select

from hongbao.ledger.model.event import (
    GENESIS,
    Event,
    EventKind,
    behind_id,
    digest,
    digest_of,
    quoted,
)
from hongbao.ledger.store.rows import PLACES, RANGE_OF
from hongbao.ledger.store.salt import book_salt, salted_hash
from hongbao.ledger.store.schema import CALL_RANGE, PAYOUT, SUBMISSION
from hongbao.ledger.store.terms import terms_digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

SUBMITTED = EventKind.SUBMITTED.value
CALLED = EventKind.CALLED.value


def called_body(at: Instant, day: int) -> str:
    """The body of the second events of a range of first calls.

    Args:
        at: when they began.
        day: the Beijing day that they count for.
    """
    return f'{{"calls":1,"day":{day},"first_call_at":{at},"state":"in_doubt","tries":0}}'


class SubmittedBodies:
    """Writes the bodies of first events; remembers how kinds are written.

    Args:
        salt: the salt of the hashed receivers.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._kinds: dict[str, str] = {}

    def of(  # noqa: PLR0917  # the facts, in the order of their names
        self, amount: Fen, billno: str, kind: str, payee: str, people: int, terms: str
    ) -> str:
        """The body of a first event.

        Args:
            amount: fen.
            billno: the first number.
            kind: how it is paid.
            payee: the receiver.
            people: how many people share it.
            terms: SHA-256 of the terms, in hexadecimal.
        """
        written = self._kinds.get(kind)
        if written is None:
            written = self._kinds[kind] = quoted(kind)
        return (
            f'{{"amount":{amount},"attempt":1,"billno":"{billno}","kind":{written},'
            f'"payee":"{salted_hash(self._salt, payee)}","people":{people},"state":"waiting",'
            f'"terms":"{terms}"}}'
        )


def events_of(
    payout_id: int,
    at: Instant,
    actor: str,
    body: str,
    called: tuple[Instant, str, int] | None,
) -> list[Event]:
    """The events of a payout that are not stored, if none is.

    Args:
        payout_id: the payout.
        at: when it was stored.
        actor: by whom.
        body: of its first event.
        called: when the range of its first call began, who began it, and the day that it counts
            for; None if no range has it.
    """
    last = digest(GENESIS, payout_id, 1, at, SUBMITTED, actor, body)
    events = [Event(payout_id, 1, at, SUBMITTED, actor, body, last)]
    if called is not None:
        at, actor, day = called
        body = called_body(at, day)
        last = digest(last, payout_id, 2, at, CALLED, actor, body)
        events.append(Event(payout_id, 2, at, CALLED, actor, body, last))
    return events


class Begun(NamedTuple):
    """What the first events of a payout say.

    Attributes:
        id: the payout.
        amount: fen.
        billno: its first number.
        kind: how it is paid.
        payee: the receiver.
        people: how many people share it.
        terms_id: the rest of its request's content.
        at: when it was stored.
        actor: by whom.
        called_at: when the range of its first call began; None if no range has it.
        called_by: who began that.
        called_day: the day that it counts for.
    """

    id: int
    amount: Fen
    billno: str
    kind: str
    payee: str
    people: int
    terms_id: int
    at: Instant
    actor: str
    called_at: Instant | None = None
    called_by: str | None = None
    called_day: int | None = None

    def __repr__(self) -> str:
        return f"Begun(id={self.id})"


_SUBMISSION_OF = (
    select(func.max(SUBMISSION.c.first))
    .where(SUBMISSION.c.campaign_id == PAYOUT.c.campaign_id, SUBMISSION.c.first <= PAYOUT.c.row)
    .correlate(PAYOUT)
    .scalar_subquery()
)
_BEGINNINGS = (
    select(
        *(PAYOUT.c[name] for name in Begun._fields[:7]),
        SUBMISSION.c.at,
        SUBMISSION.c.actor,
        CALL_RANGE.c.at,
        CALL_RANGE.c.actor,
        CALL_RANGE.c.day,
    )
    .join(
        SUBMISSION,
        (SUBMISSION.c.campaign_id == PAYOUT.c.campaign_id) & (SUBMISSION.c.first == _SUBMISSION_OF),
    )
    .outerjoin(CALL_RANGE, (CALL_RANGE.c.id == RANGE_OF) & (CALL_RANGE.c.last >= PAYOUT.c.row))
    .where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
)


_SUBMITTED = itemgetter(
    *(PLACES[name] for name in ("id", "amount", "billno", "kind", "payee", "people", "terms_id"))
)


class FirstEvents:
    """Makes first events; remembers the salt of the books and what payouts have in common.

    Args:
        connection: in a transaction. This is for its time only.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bodies = SubmittedBodies(book_salt(connection))
        self._terms: dict[int, str] = {}

    def know(self, terms: Collection[int]) -> None:
        """Read terms that payouts will have, many at once."""
        missing = set(terms) - self._terms.keys()
        found = terms_digests(self._connection, missing)
        self._terms |= {number: digest.hex() for number, digest in found.items()}

    def submitted_body(self, one: Begun) -> str:
        """The body of a payout's first event."""
        self.know([one.terms_id])
        terms = self._terms[one.terms_id]
        return self._bodies.of(one.amount, one.billno, one.kind, one.payee, one.people, terms)

    def submitted(self, one: Begun) -> bytes:
        """The hash of a payout's first event."""
        body = self.submitted_body(one)
        return digest(GENESIS, one.id, 1, one.at, SUBMITTED, one.actor, body)

    def of_submission(
        self, rows: Iterable[Sequence[Any]], at: Instant, actor: str
    ) -> dict[int, bytes]:
        """The hashes of the first events of payouts that were stored together.

        Args:
            rows: columns of payouts, at least to their numbers. Their terms are known.
            at: when they were stored.
            actor: by whom.
        """
        body, terms, begins = self._bodies.of, self._terms, behind_id(1, at, SUBMITTED, actor, "")
        return {
            number: digest_of(
                GENESIS, number, begins + body(amount, billno, kind, payee, people, terms[terms_id])
            )
            for number, amount, billno, kind, payee, people, terms_id in map(_SUBMITTED, rows)
        }

    def of(self, one: Begun) -> list[Event]:
        """As ``events_of``."""
        called = None
        if one.called_at is not None:
            called = one.called_at, str(one.called_by), one.called_day or 0
        return events_of(one.id, one.at, one.actor, self.submitted_body(one), called)


def beginnings(connection: Connection, ids: Iterable[int]) -> list[Begun]:
    """What the first events of payouts say, in no order; nothing of a payout that is not there."""
    rows = connection.execute(_BEGINNINGS, {"ids": list(ids)})
    return list(map(Begun._make, rows))


def last_hashes(connection: Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """The hash of the last event of each of some payouts that have no standing."""
    found = beginnings(connection, ids)
    make = FirstEvents(connection)
    make.know({one.terms_id for one in found})
    return {one.id: make.of(one)[-1].hash for one in found}
