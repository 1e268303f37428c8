"""Walks through the books and reports what disagrees: histories, rows, numbers, totals, approvals.

It reads a single snapshot of the books, a page of payouts at a time in the order of their ids, so a
million of them take no more memory than a thousand. Workers may go on meanwhile.
"""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from hongbao.ledger.audits.audit_beginning import ALL_STORED, HistoryBeginnings
from hongbao.ledger.audits.audit_links import link_problems, successor_problems
from hongbao.ledger.audits.audit_outbox import outbox_problems
from hongbao.ledger.audits.audit_owed import Owed
from hongbao.ledger.audits.audit_page import BESIDE, pages, reaching
from hongbao.ledger.audits.audit_payout import standing_problems, waiting_problems
from hongbao.ledger.audits.audit_report import AuditReport, FindingCode, FindingCollector
from hongbao.ledger.audits.audit_schema import schema_problems
from hongbao.ledger.audits.audit_sums import Sums
from hongbao.ledger.model.event import Event, Subject
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

from hongbao.ledger.audits.audit_page import AuditPage, CallRange, Stored, Submission

_TERMS_AT_ONCE = 1_000
_ID, _CAMPAIGN, _ROW, _BILLNO, _SEQ = (
    PLACES[name] for name in ("id", "campaign_id", "row", "billno", "seq")
)
_FIRST_BILLNO, _TERMS = BESIDE["first_billno"], BESIDE["terms"]
_OWED = 10
_WAITING, _IN_DOUBT = str(State.WAITING), str(State.IN_DOUBT)
_SEND, _QUERY = int(Task.SEND), int(Task.QUERY)


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
    Owed(connection, findings).check()
    walk = _Walk(connection, findings, watch)
    for page in pages(connection):
        if progress is not None and walk.payouts:
            progress(walk.payouts, walk.sums.rows)
        walk.look_at(page)
    for code, name, words in link_problems(connection, standings=walk.standings):
        findings.add(code, name, words)
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
        salt = book_salt(connection)
        self.sums = Sums(connection, salt)
        self.payouts = 0
        self.events = 0
        self.standings = 0
        self._connection = connection
        self._findings = findings
        self._watch = watch
        self._beginnings = HistoryBeginnings(salt)

    def look_at(self, page: AuditPage) -> None:
        """Check a page."""
        for row in page.payouts:
            self._look(row, page)
        # What is left belongs to no payout.
        for number in sorted(page.events.keys() | page.attempts.keys()):
            self._find(
                FindingCode.REFERENCE, f"payout {number}", "it is missing, but its history is not"
            )
        for code, billno, words in successor_problems(self._connection, page.payouts):
            self._find(code, billno, words)
        self.payouts += len(page.payouts)

    def _look(self, row: Stored, page: AuditPage) -> None:
        number, campaign, place, billno = row[_ID], row[_CAMPAIGN], row[_ROW], row[_FIRST_BILLNO]
        events = page.events.pop(number, [])
        attempts = page.attempts.pop(number, [])
        self.events += len(events)
        around = self.sums.around(row)
        submission: Submission | None = reaching(place, page.submissions.get(campaign, ()))
        if submission is None:
            self._find(FindingCode.REFERENCE, billno, "nobody has stored it")
        if around is None or submission is None or row[_TERMS] is None:
            return  # for ``Owed`` to say, too
        called: CallRange | None = reaching(place, page.ranges.get(campaign, ()))
        if called is not None and called.last < place:
            called = None
        stands = row[_SEQ] is not None
        beginning = ALL_STORED
        if not (events and events[0][1] == 1):
            self.events += 1 if called is None else 2
            if stands or self._watch is not None:
                beginning = self._beginnings.of(row, submission, called)
        if stands:
            self.standings += 1
            problems = standing_problems(row, beginning, events, attempts, around)
        else:
            row = _booked(row, submission, called)
            problems = waiting_problems(row, events, attempts, around)
        for code, words in problems:
            self._find(code, billno, words)
        queued = self.sums.add(row, called, stands=stands)
        if queued is not None:
            self._find(FindingCode.QUEUE, billno, queued)
        if self._watch is not None:
            history = [Event._make(it) for it in chain(beginning.events, events)]
            self._watch.history(Subject.PAYOUT, number, row[_BILLNO], history)

    def _find(self, code: FindingCode, subject: str, words: str) -> None:
        self._findings.add(code, subject, words)


def _booked(row: Stored, submission: Submission, called: CallRange | None) -> Stored:
    """A payout without a standing with all columns, as ``rows.BOOKED`` has it."""
    state, task, due_at, lease, calls, at, day, seq = (
        (_WAITING, _SEND, submission.at, None, 0, None, None, 1) if called is None
        else (_IN_DOUBT, _QUERY, called.due_at, called.lease, 1, called.at, called.day, 2)
    )  # fmt: skip
    return (
        *row[:_OWED], 1, row[_FIRST_BILLNO], state, task, due_at, lease, calls, 0, None, at, None,
        0, None, None, None, None, None, None, 0, 0, day, seq, *row[_SEQ + 1:],
    )  # fmt: skip


def _check_terms(connection: Connection, findings: FindingCollector) -> None:
    done = 0
    query = (
        select(TERMS.c.id, TERMS.c.digest, TERMS.c.body).order_by(TERMS.c.id).limit(_TERMS_AT_ONCE)
    )
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
