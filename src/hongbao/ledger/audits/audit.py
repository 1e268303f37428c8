"""Walks through the books and reports what disagrees: histories, rows, attempts, totals, approvals.

It reads a single snapshot of the books, a page of payouts at a time in the order of their ids, so a
million of them take no more memory than a thousand. Workers may go on meanwhile.
"""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import select

from hongbao.ledger.audits.audit_outbox import outbox_problems
from hongbao.ledger.audits.audit_payout import Attempt, problems
from hongbao.ledger.audits.audit_queue import WAIT_MAX
from hongbao.ledger.audits.audit_report import AuditReport, FindingCode, FindingCollector
from hongbao.ledger.audits.audit_schema import schema_problems
from hongbao.ledger.audits.audit_sums import Sums
from hongbao.ledger.model.event import Event, Subject
from hongbao.ledger.store.rows import COLUMNS, PLACES
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import ATTEMPT, EVENT, PAYOUT, TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection

_PAGE = 1_000
_ID, _BILLNO = PLACES["id"], PLACES["billno"]
_PAYOUTS = (
    select(*COLUMNS, TERMS.c.digest)
    .outerjoin(TERMS, TERMS.c.id == PAYOUT.c.terms_id)
    .order_by(PAYOUT.c.id)
    .limit(_PAGE)
)
_EVENTS = select(EVENT).order_by(EVENT.c.payout_id, EVENT.c.seq)
_ATTEMPTS = select(ATTEMPT).order_by(ATTEMPT.c.payout_id, ATTEMPT.c.number)
_of_payout = itemgetter(0)


class Watch(Protocol):
    """Observes an audit: it is shown each history, in the order of the subjects' numbers."""

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """See a history: first those of all payouts, then of all campaigns, then of all merchants.

        Args:
            of: the kind of subject.
            number: the subject's number in the books.
            name: a payout's order number, a campaign's name, or a merchant's number.
            events: all its events, in order.
        """
        ...


def audit(
    connection: Connection,
    *,
    progress: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
) -> AuditReport:
    """Audit the whole books.

    Args:
        connection: in a transaction that reads a single snapshot.
        progress: called with the number of payouts done and of all payouts.
        watch: shown every history.
    """
    findings = FindingCollector()
    for name, words in schema_problems(connection):
        findings.add(FindingCode.SCHEMA, name, words)
    _check_terms(connection, findings)
    for name, words in outbox_problems(connection):
        findings.add(FindingCode.REFERENCE, name, words)
    walk = _Walk(connection, findings, watch)
    while walk.page():
        if progress is not None:
            progress(walk.payouts, walk.sums.rows)
    walk.sums.check(findings, watch)
    return AuditReport(
        at=walk.sums.now,
        campaigns=walk.sums.campaigns,
        payouts=walk.payouts,
        events=walk.events,
        totals=walk.sums.totals(),
        findings=tuple(findings.first),
        findings_count=findings.count,
    )


class _Walk:
    """Goes through all payouts, page by page."""

    def __init__(
        self, connection: Connection, findings: FindingCollector, watch: Watch | None = None
    ) -> None:
        self.sums = Sums(connection)
        self._latest = self.sums.now + WAIT_MAX
        self.payouts = 0
        self.events = 0
        self._connection = connection
        self._findings = findings
        self._watch = watch
        self._salt = book_salt(connection)
        self._done = 0

    def page(self) -> bool:
        """Check the next page, and return False after the last."""
        rows = self._connection.execute(_PAYOUTS.where(PAYOUT.c.id > self._done)).all()
        last = rows[-1].id if len(rows) == _PAGE else None
        events = self._events(last)
        attempts = self._attempts(last)
        for row in rows:
            values = tuple(row)
            number = values[_ID]
            history = events.pop(number, [])
            self._look(values, history, attempts.pop(number, []))
            if self._watch is not None:
                self._watch.history(Subject.PAYOUT, number, values[_BILLNO], history)
        for number in sorted(events.keys() | attempts.keys()):
            self._findings.add(
                FindingCode.REFERENCE, f"payout {number}", "it is missing, but its history is not"
            )
        self.payouts += len(rows)
        self._done = last or self._done
        return last is not None

    def _look(
        self, row: Sequence[Any], events: Sequence[Event], attempts: Sequence[Attempt]
    ) -> None:
        billno = row[_BILLNO]
        payer = self.sums.payer(row)
        if payer is None:
            self._findings.add(
                FindingCode.REFERENCE,
                billno,
                "its campaign is missing or belongs to another merchant",
            )
            return
        terms = row[-1]
        for code, words in problems(
            row, events, attempts, merchant=payer.number, terms=terms, salt=self._salt,
            turn=payer.turn, latest=self._latest,
        ):  # fmt: skip
            self._findings.add(code, billno, words)
        place = self.sums.add(row, terms or b"")
        if place is not None:
            self._findings.add(FindingCode.DIGEST, billno, place)

    def _events(self, last: int | None) -> dict[int, list[Event]]:
        rows = self._connection.execute(_EVENTS.where(*self._range(EVENT.c.payout_id, last)))
        found = {
            payout: list(map(Event._make, events))
            for payout, events in groupby(rows, key=_of_payout)
        }
        self.events += sum(map(len, found.values()))
        return found

    def _attempts(self, last: int | None) -> dict[int, list[Attempt]]:
        rows = self._connection.execute(_ATTEMPTS.where(*self._range(ATTEMPT.c.payout_id, last)))
        return {
            payout: list(map(Attempt._make, attempts))
            for payout, attempts in groupby(rows, key=_of_payout)
        }

    def _range(self, column: ColumnElement[int], last: int | None) -> list[ColumnElement[bool]]:
        # The last page has no upper end: rows that belong to no payout may follow.
        return [column > self._done, *([] if last is None else [column <= last])]


def _check_terms(connection: Connection, findings: FindingCollector) -> None:
    done = 0
    query = select(TERMS.c.id, TERMS.c.digest, TERMS.c.body).order_by(TERMS.c.id).limit(_PAGE)
    while rows := connection.execute(query.where(TERMS.c.id > done)).all():
        for number, digest, body in rows:
            if sha256(body.encode()).digest() != bytes(digest) or not _is_object(body):
                findings.add(
                    FindingCode.CONTENT,
                    f"terms {number}",
                    "they have changed since they were stored",
                )
        done = rows[-1].id


def _is_object(body: str) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
