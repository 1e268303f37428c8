"""Goes through the books and reports what disagrees: histories, rows, numbers, totals, approvals.

It goes a page of payouts at a time in the order of their ids, so a million of them take no more
memory than a thousand. Workers may go on meanwhile. Its parts need nothing of each other, not even
the same snapshot, so that several processes may share them.
"""

from __future__ import annotations

import json
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from sqlalchemy import func, select

from hongbao.ledger.audits.audit_accounts import account_problems
from hongbao.ledger.audits.audit_bills import bill_problems
from hongbao.ledger.audits.audit_endpoints import endpoint_problems
from hongbao.ledger.audits.audit_histories import Histories
from hongbao.ledger.audits.audit_kept import kept_problems
from hongbao.ledger.audits.audit_links import link_problems
from hongbao.ledger.audits.audit_numbers import number_problems
from hongbao.ledger.audits.audit_outbox import outbox_problems
from hongbao.ledger.audits.audit_owed import OwedLists
from hongbao.ledger.audits.audit_queue import WAIT_MAX
from hongbao.ledger.audits.audit_report import (
    AuditReport,
    FindingCode,
    FindingCollector,
    whole_of,
)
from hongbao.ledger.audits.audit_schema import schema_problems
from hongbao.ledger.audits.audit_signatures import signature_problems
from hongbao.ledger.audits.audit_sums import Sums
from hongbao.ledger.store.database import now
from hongbao.ledger.store.schema import PAYOUT, STANDING, TERMS
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.event import Event, Subject
    from hongbao.ledger.model.payout import Instant

_TERMS_AT_ONCE = 1_000
_PAYOUTS = select(func.count(), func.coalesce(func.max(PAYOUT.c.id), 0)).select_from(PAYOUT)
_STANDINGS = select(func.count()).select_from(STANDING)


class Watch(Protocol):
    """Observes an audit: it is shown each history, in the order of the subjects' numbers."""

    def history(self, of: Subject, number: int, name: str, events: Sequence[Event]) -> None:
        """See a history: of all payouts, then all campaigns, then all channels, then all bills.

        Args:
            of: the kind of subject.
            number: the subject's number in the books.
            name: a payout's order number, a campaign's name, or the number of a channel's merchant,
                or of the merchant whose bills it is of.
            events: all its events, in order.
        """
        ...


Step: TypeAlias = "Callable[[int], object]"
"""Called with how many payouts, or standings, are done more."""


class AuditPart(NamedTuple):
    """What can be done of an audit by itself.

    Attributes:
        steps: how many payouts, or standings, it goes through.
        look: does it, in a transaction that reads a single snapshot.
    """

    steps: int
    look: Callable[[Connection, Step], AuditReport]


def audit(
    connection: Connection,
    *,
    progress: Callable[[int, int], object] | None = None,
    watch: Watch | None = None,
) -> AuditReport:
    """Audit the whole books.

    Args:
        connection: in a transaction that reads a single snapshot.
        progress: called with how much of how much is done.
        watch: shown every history.
    """
    parts = parts_of(connection, watch=watch)
    steps = AuditSteps(parts, progress)
    return whole_of([part.look(connection, steps.add) for part in parts])


class AuditSteps:
    """How far an audit is.

    Args:
        parts: all its parts.
        progress: called with how much of how much is done.

    Attributes:
        total: all that is to be done.
    """

    def __init__(
        self, parts: Iterable[AuditPart], progress: Callable[[int, int], object] | None
    ) -> None:
        self._done = 0
        self.total = sum(part.steps for part in parts)
        self._progress = progress

    def add(self, count: int) -> None:
        """Note that so many are done more."""
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self.total)


def parts_of(
    connection: Connection, *, watch: Watch | None = None, pieces: int = 1
) -> list[AuditPart]:
    """The parts of an audit, in the order in which they are reported.

    Args:
        connection: in a transaction.
        watch: shown every history, if one process looks at all parts in their order.
        pieces: in how many parts the numbers of payouts, and their histories, are gone through.
    """
    at = now(connection)
    payouts, last = connection.execute(_PAYOUTS).one()
    gone_through = connection.execute(_STANDINGS).scalar_one() if watch is None else payouts

    def divided(count: int, look: Callable[..., AuditReport], *known: object) -> list[AuditPart]:
        """A part for each piece of the payouts' ids, with its share of the steps."""
        shares = [count * piece // pieces for piece in range(pieces + 1)]
        # What is stored of payouts behind the last one is looked at, too.
        ends: list[int | None] = [last * piece // pieces for piece in range(pieces)] + [None]
        return [
            AuditPart(
                shares[it + 1] - shares[it], partial(look, *known, ends[it] or 0, ends[it + 1])
            )
            for it in range(pieces)
        ]

    return [
        AuditPart(0, partial(_look_beside, at)),
        *divided(payouts, _look_at_numbers, at),
        AuditPart(payouts, partial(_look_at_lists, at)),
        *divided(gone_through, _look_at_histories, at, watch),
        AuditPart(0, partial(_look_at_sums, at, watch)),
        AuditPart(0, partial(_look_at_bills, at, watch)),
    ]


def _look_beside(at: Instant, connection: Connection, _step: Step) -> AuditReport:
    findings = FindingCollector()
    for name, words in schema_problems(connection):
        findings.add(FindingCode.SCHEMA, name, words)
    _check_terms(connection, findings)
    for name, words in outbox_problems(connection):
        findings.add(FindingCode.REFERENCE, name, words)
    for name, words in endpoint_problems(connection):
        findings.add(FindingCode.ENDPOINT, name, words)
    for code, name, words in account_problems(connection):
        findings.add(code, name, words)
    for name, words in signature_problems(connection):
        findings.add(FindingCode.SIGNATURE, name, words)
    for name, words in kept_problems(connection):
        findings.add(FindingCode.CONTENT, name, words)
    return findings.report(at)


def _look_at_numbers(
    at: Instant, after: int, last: int | None, connection: Connection, step: Step
) -> AuditReport:
    findings = FindingCollector()
    for code, name, words in number_problems(connection, step, after=after, last=last):
        findings.add(code, name, words)
    return findings.report(at)


def _look_at_lists(at: Instant, connection: Connection, step: Step) -> AuditReport:
    findings = FindingCollector()
    OwedLists(connection, findings).check(step)
    return findings.report(at)


def _look_at_histories(  # noqa: PLR0917  # the first are its own, the rest every part's
    at: Instant,
    watch: Watch | None,
    after: int,
    last: int | None,
    connection: Connection,
    step: Step,
) -> AuditReport:
    findings = FindingCollector()
    histories = Histories(connection, findings, latest=at + WAIT_MAX, watch=watch)
    histories.check(after=after, last=last, step=step)
    return findings.report(at, events=histories.events)


def _look_at_bills(
    at: Instant, watch: Watch | None, connection: Connection, _step: Step
) -> AuditReport:
    findings = FindingCollector()
    for code, name, words in bill_problems(connection, watch):
        findings.add(code, name, words)
    return findings.report(at)


def _look_at_sums(
    at: Instant, watch: Watch | None, connection: Connection, _step: Step
) -> AuditReport:
    findings = FindingCollector()
    for code, name, words in link_problems(connection):
        findings.add(code, name, words)
    sums = Sums(connection, at)
    sums.check(findings, watch)
    return findings.report(
        at,
        campaigns=sums.campaigns,
        payouts=sums.payouts,
        events=sums.unstored,
        totals=sums.totals(),
    )


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
                    say("terms {number}", number=number),
                    say("they have changed since they were stored"),
                )
        done = rows[-1].id


def _is_object(body: str) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
