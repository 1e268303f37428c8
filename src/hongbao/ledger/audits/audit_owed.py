"""Checks what is owed: each row of a list as it was stored, with its place and content.

It reads the tables that never change and nothing of what has happened, so it may run beside the
rest of an audit, in a snapshot and a process of its own.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import select

from hongbao.ledger.audits.audit_digest import changed_rows, no_rows
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.campaign import extend
from hongbao.ledger.model.replay import rows_after
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.payee_tails import lines
from hongbao.ledger.store.schema import (
    CAMPAIGN,
    DECISION,
    PAYEE_TAIL,
    PAYOUT,
    SUBMISSION,
    TERMS,
)
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit import Step
    from hongbao.ledger.audits.audit_report import FindingCollector
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

_PAGE = 5_000
_CONTENT = ("key", "kind", "payee", "amount", "people")
_ROWS = (
    select(
        *(PAYOUT.c[name] for name in ("id", "campaign_id", "merchant_id", "row", "billno")),
        *(PAYOUT.c[name] for name in _CONTENT),
        TERMS.c.digest,
    )
    .outerjoin(TERMS, TERMS.c.id == PAYOUT.c.terms_id)
    .order_by(PAYOUT.c.id)
    .limit(_PAGE)
)
_ID, _CAMPAIGN, _ROW, _BILLNO, _KEY, _PAYEE, _TERMS = (0, 1, 3, 4, 5, 7, -1)
_campaign = itemgetter(_CAMPAIGN)
_rows = itemgetter(_ROW)
_payees = itemgetter(_PAYEE)


class _List:
    """One campaign as it was met so far, row by row."""

    __slots__ = ("campaign", "digest", "row")

    def __init__(self, campaign: Row[Any]) -> None:
        self.campaign = campaign
        self.row = 0
        self.digest = no_rows(campaign)


class OwedLists:
    """The lists of all campaigns, held against the decisions by which they were stored.

    Args:
        connection: in a transaction that reads a single snapshot.
        findings: takes what disagrees.
    """

    def __init__(self, connection: Connection, findings: FindingCollector) -> None:
        self._connection = connection
        self._findings = findings
        self._lists = {
            it.id: _List(it) for it in connection.execute(select(CAMPAIGN).order_by(CAMPAIGN.c.id))
        }
        self._tails: dict[tuple[int, int, int], int] = {}

    def check(self, step: Step) -> None:
        """Go through all payouts, then hold all lists against what their digests say.

        Args:
            step: called with how many are done more.
        """
        done = 0
        while page := driver_rows(self._connection, _ROWS.where(PAYOUT.c.id > done)):
            done = page[-1][_ID]
            for campaign, rows in groupby(page, key=_campaign):
                if (it := self._lists.get(campaign)) is not None:
                    self._look(it, list(rows))
            step(len(page))
        for it in self._lists.values():
            decisions = history(self._connection, DECISION, it.campaign.id)
            self._check_list(it, decisions)
        for campaign in sorted(self._wrong_tails()):
            words = say("the tails by which receivers are found are not those of its rows")
            self._find(FindingCode.TALLY, self._name(campaign), words)

    def _look(self, it: _List, rows: Sequence[tuple[Any, ...]]) -> None:
        """Check successive payouts of a campaign."""
        first = it.row + 1
        expected = range(first, first + len(rows))
        if list(map(_rows, rows)) != list(expected):
            for place, row in zip(expected, rows, strict=True):
                if row[_ROW] != place:
                    words = say(
                        "it is row {found}, where row {row} should be", found=row[_ROW], row=place
                    )
                    self._find(FindingCode.DIGEST, row[_BILLNO], words)
                    break
        it.row = rows[-1][_ROW]
        it.digest = extend(it.digest, [(*row[_KEY:_TERMS], row[_TERMS] or b"") for row in rows])
        for bucket, block, text in lines(first, list(map(_payees, rows))):
            line = bucket, it.campaign.id, block
            self._tails[line] = crc32(text.encode(), self._tails.get(line, 0))

    def _check_list(self, it: _List, decisions: Sequence[Event]) -> None:
        campaign, name = it.campaign, self._name(it.campaign.id)
        if it.digest != campaign.digest:
            words = changed_rows(self._connection, campaign, decisions)
            self._find(FindingCode.DIGEST, name, words)
        if campaign.approved_digest not in {None, campaign.digest}:
            self._find(FindingCode.DIGEST, name, say("its rows are not those that were approved"))
        stored = _stored(self._connection, campaign.id)
        if it.row and (not stored or stored[0][0] > 1):
            self._find(FindingCode.REFERENCE, name, say("nobody has stored its first row"))
        if stored != _added(decisions):
            words = say("its rows were not stored when and by whom the decisions say")
            self._find(FindingCode.DECISION, name, words)

    def _wrong_tails(self) -> set[int]:
        """The campaigns of which the table has others, or not all."""
        wrong = set()
        query = select(PAYEE_TAIL).execution_options(yield_per=1_000)
        for bucket, campaign, block, tails in self._connection.execute(query):
            if self._tails.pop((bucket, campaign, block), None) != crc32(tails.encode()):
                wrong.add(campaign)
        return wrong | {campaign for _, campaign, _ in self._tails}

    def _name(self, campaign: int) -> str:
        it = self._lists.get(campaign)
        return say("campaign {name}", name=campaign if it is None else it.campaign.name)

    def _find(self, code: FindingCode, subject: str, words: str) -> None:
        self._findings.add(code, subject, words)


def _stored(connection: Connection, campaign_id: int) -> list[tuple[int, Instant, str]]:
    """The first of successive rows that somebody stored at some time, with these."""
    columns = (SUBMISSION.c.first, SUBMISSION.c.at, SUBMISSION.c.actor)
    query = select(*columns).where(SUBMISSION.c.campaign_id == campaign_id)
    rows = driver_rows(connection, query.order_by(SUBMISSION.c.first))
    return [next(some) for _, some in groupby(rows, key=itemgetter(1, 2))]


def _added(decisions: Iterable[Event]) -> list[tuple[int, Instant, str]]:
    """The same, by the decisions about a campaign."""
    added, rows = [], 0
    for it in decisions:
        before, rows = rows, rows_after(it, rows)
        if rows > before:
            added.append((before + 1, it.at, it.actor))
    return [next(some) for _, some in groupby(added, key=itemgetter(1, 2))]
