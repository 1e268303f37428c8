"""Holds a checked list against the books: what is new, what is known, and what does not agree."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.column import KEY, PAYEE
from hongbao.campaign.finding import Sum
from hongbao.campaign.ports import Stage
from hongbao.ledger.campaign import NO_ROWS, Entry, extend, mask_key

if TYPE_CHECKING:
    from hongbao.campaign.finding import Notebook
    from hongbao.campaign.layout import Layout
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import Books, Progress
    from hongbao.campaign.spool import Ready, Spool
    from hongbao.ledger.campaign import Campaign, Known

_AT_ONCE = 10_000
"""Rows, or terms, that are looked at together."""


class Bookmark(NamedTuple):
    """Where the books stand before a list is stored.

    Attributes:
        merchant_id: None if they do not know the merchant.
        campaign: the one of the list's name.
        twin: the name of another one that was made of the same file.
        history: whether they have any payout of the merchant.
    """

    merchant_id: int | None = None
    campaign: Campaign | None = None
    twin: str | None = None
    history: bool = False


def look_up(books: Books, payer: Payer, name: str, source_digest: bytes) -> Bookmark:
    """Where the books stand."""
    ids = {merchant.number: merchant.id for merchant in books.merchants()}
    merchant_id = ids.get(payer.number)
    campaigns = [standing.campaign for standing in books.campaigns()]
    named = [campaign for campaign in campaigns if campaign.name == name]
    filled = [it for it in campaigns if it.merchant_id == merchant_id and it.rows]
    twins = [it.name for it in filled if it.source_digest == source_digest and it.name != name]
    return Bookmark(
        merchant_id, named[0] if named else None, twins[0] if twins else None, bool(filled)
    )


class Comparison:
    """Compares the rows of a list with what the books have.

    Args:
        spool: the rows.
        mark: where the books stand.
        layout: of the list.
        notebook: what does not agree is noted there.

    Attributes:
        new: the rows that the books do not have.
        known: the rows that this campaign has.
        elsewhere: the rows that another campaign has.
        digest: of the campaign, once all is stored.
    """

    def __init__(self, spool: Spool, mark: Bookmark, layout: Layout, notebook: Notebook) -> None:
        self.new = self.known = self.elsewhere = Sum()
        self.digest = NO_ROWS
        self._spool = spool
        self._mark = mark
        self._notebook = notebook
        self._column = layout.names.get(KEY, layout.names[PAYEE])

    def run(self, books: Books | None, progress: Progress) -> None:
        """Compare all rows; those that the books know are marked in the spool."""
        merchant_id = self._mark.merchant_id
        if books is None or merchant_id is None or not self._mark.history:
            self._all_new(progress)
            return
        store_terms(self._spool, books)
        done = 0
        for rows in self._spool.chunks(_AT_ONCE):
            known = books.known(merchant_id, [_entry_of(row) for row in rows])
            self._look_at_today(books, merchant_id, rows, known)
            self._take(rows, known)
            done += len(rows)
            progress(Stage.COMPARE, done)

    def _all_new(self, progress: Progress) -> None:
        for sums in self._spool.sums.values():
            self.new = self.new.plus(*sums)
        contents = self._spool.contents()
        for begun in range(0, self.new.rows, _AT_ONCE):
            self.digest = extend(self.digest, islice(contents, _AT_ONCE))
            progress(Stage.COMPARE, min(begun + _AT_ONCE, self.new.rows))

    def _take(self, rows: list[Ready], known: list[Known | None]) -> None:
        campaign = self._mark.campaign
        ours = []
        for row, stored in zip(rows, known, strict=True):
            if stored is None:
                self.new = self.new.plus(1, row.amount)
            elif stored.differences:
                told = ", ".join(
                    f"{field} was {was} and is now {now}" for field, was, now in stored.differences
                )
                key = mask_key(row.key, row.payee)
                self._notebook.problem(
                    row.number,
                    self._column,
                    f"the key {key!r} is in the books already with other content: {told}",
                )
                continue
            elif campaign is None or stored.campaign_id != campaign.id:
                self.elsewhere = self.elsewhere.plus(1, row.amount)
                continue
            else:
                self.known = self.known.plus(1, row.amount)
            ours.append((row.key, row.kind, row.payee, row.amount, row.people, row.digest))
        self.digest = extend(self.digest, ours)

    def _look_at_today(
        self, books: Books, merchant_id: int, rows: list[Ready], known: list[Known | None]
    ) -> None:
        pairs = list(zip(rows, known, strict=True))
        self._spool.mark_known(row.number for row, stored in pairs if stored is not None)
        payees = {row.payee for row, stored in pairs if stored is None}
        given = books.given_today(merchant_id, payees)
        self._spool.set_given((payee, *got) for payee, got in given.items())


def _entry_of(row: Ready) -> Entry:
    return Entry(row.key, row.kind, row.payee, row.amount, row.people, row.terms_id)


def store_terms(spool: Spool, books: Books) -> None:
    """Let the books have what the rows have in common, and note their numbers of it."""
    while waiting := spool.terms_without_id(_AT_ONCE):
        ids = books.terms([json.loads(body) for _, body in waiting])
        numbers = [number for number, _ in waiting]
        spool.set_terms_ids(zip(ids, numbers, strict=True))
