"""Holds payouts against their histories, page by page.

What it says of a payout depends on that payout and its campaign alone, so that payouts may be
divided among snapshots, and so among processes.
"""

from __future__ import annotations

from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.ledger.audits import audit_plain
from hongbao.ledger.audits.audit_beginning import ALL_STORED, HistoryBeginnings
from hongbao.ledger.audits.audit_links import successor_problems
from hongbao.ledger.audits.audit_page import BESIDE, page_of, pages
from hongbao.ledger.audits.audit_payout import Surroundings, standing_problems, unmet_problems
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.event import Event, Subject
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, MERCHANT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit import Step, Watch
    from hongbao.ledger.audits.audit_page import AuditPage, CallRange, Stored, Submission
    from hongbao.ledger.audits.audit_report import FindingCollector
    from hongbao.ledger.model.payout import Instant

_ID, _MERCHANT, _CAMPAIGN, _ROW, _TERMS, _BILLNO, _SEQ = (
    PLACES[name]
    for name in ("id", "merchant_id", "campaign_id", "row", "terms_id", "billno", "seq")
)
_FIRST_BILLNO = BESIDE["first_billno"]
_NONE: Sequence[tuple[Any, ...]] = ()


class Histories:
    """The histories of payouts.

    Args:
        connection: in a transaction that reads a single snapshot.
        findings: takes what disagrees.
        latest: the latest time that anything may wait for.
        watch: shown every history, also of payouts without a standing.

    Attributes:
        events: how many events payouts with a standing have, as far as they were met.
    """

    def __init__(
        self,
        connection: Connection,
        findings: FindingCollector,
        *,
        latest: Instant,
        watch: Watch | None = None,
    ) -> None:
        self.events = 0
        self._connection = connection
        self._findings = findings
        self._watch = watch
        salt = book_salt(connection)
        self._beginnings = HistoryBeginnings(salt)
        self._plain = audit_plain.PlainPayouts(salt)
        self._around = {
            (campaign, it.merchant_id): Surroundings(
                it.number, it.turn, _counted_from(it), salt, latest
            )
            for campaign, it in _payers(connection)
        }

    def check(self, *, after: int = 0, last: int | None = None, step: Step) -> None:
        """Go through payouts.

        Args:
            after: only those whose id is greater.
            last: only those up to this id.
            step: called with how many are done more.
        """
        whole = self._watch is not None
        for page in pages(self._connection, after=after, last=last, whole=whole):
            self._look_at(page)
            # Nothing should be stored of what has no standing.
            if unmet := sorted(page.events.keys() | page.attempts.keys()):
                self._look_at_unmet(unmet)
            step(len(page.payouts))

    def _look_at(self, page: AuditPage) -> None:
        for row in page.payouts:
            self._look(row, page)
        for code, billno, words in successor_problems(self._connection, page.payouts):
            self._find(code, billno, words)

    def _look_at_unmet(self, ids: list[int]) -> None:
        page = page_of(self._connection, ids)
        known = {row[_ID]: row for row in page.payouts}
        for number in ids:
            row = known.get(number)
            if row is None:
                lost = say("it is missing, but its history is not")
                self._find(FindingCode.REFERENCE, say("payout {number}", number=number), lost)
            elif row[_SEQ] is None and (around := self._around_of(row)) is not None:
                events, attempts = page.events.get(number, []), page.attempts.get(number, [])
                for code, words in unmet_problems(row, events, attempts, around):
                    self._find(code, row[_FIRST_BILLNO], words)

    def _look(self, row: Stored, page: AuditPage) -> None:
        stands = row[_SEQ] is not None
        if not stands and self._watch is None:
            return
        number, campaign, place = row[_ID], row[_CAMPAIGN], row[_ROW]
        around, terms = self._around_of(row), page.terms.get(row[_TERMS])
        submission: Submission | None = page.submissions[campaign].reaching(place)
        if around is None or submission is None or terms is None:
            return  # for ``number_problems`` to say
        called: CallRange | None = page.ranges[campaign].reaching(place)
        if called is not None and called.last < place:
            called = None
        events = page.events.pop(number, _NONE) if stands else _NONE
        attempts = page.attempts.pop(number, _NONE) if stands else _NONE
        if len(events) == 1 and called is not None and not attempts and self._watch is None:
            [event] = events
            if self._plain.has(row, terms, submission, called, event, around):
                self.events += audit_plain.EVENTS
                return
        beginning = ALL_STORED
        if not (events and events[0][1] == 1):
            beginning = self._beginnings.of(row, terms, submission, called)
        if stands:
            self.events += len(beginning.events) + len(events)
            for code, words in standing_problems(row, terms, beginning, events, attempts, around):
                self._find(code, row[_FIRST_BILLNO], words)
        if self._watch is not None:
            history = [Event._make(it) for it in chain(beginning.events, events)]
            self._watch.history(Subject.PAYOUT, number, row[_BILLNO], history)

    def _around_of(self, row: Stored) -> Surroundings | None:
        return self._around.get((row[_CAMPAIGN], row[_MERCHANT]))

    def _find(self, code: FindingCode, subject: str, words: str) -> None:
        self._findings.add(code, subject, words)


def _payers(connection: Connection) -> list[tuple[int, Row[Any]]]:
    """The campaigns, and the channels that pay them with the numbers of their merchants."""
    channels = connection.execute(select(CHANNEL, MERCHANT.c.number).join(MERCHANT))
    found = {channel.id: channel for channel in channels}
    campaigns = connection.execute(select(CAMPAIGN.c.id, CAMPAIGN.c.channel_id))
    return [(campaign, found[channel]) for campaign, channel in campaigns if channel in found]


def _counted_from(channel: Row[Any]) -> float:
    """The first day that counts for what a channel's users get: around midnight, two do."""
    limits = (channel.user_day_count_max, channel.user_day_amount_max)
    return inf if limits == (None, None) else channel.day - 1
