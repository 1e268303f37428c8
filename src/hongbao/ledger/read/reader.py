"""The books' verbs that only read, each in a transaction of its own."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from hongbao.ledger.queue import heartbeat
from hongbao.ledger.read import (
    channel_standings,
    feed,
    figures,
    named,
    reading,
    searching,
    stream,
    waiting,
)
from hongbao.ledger.read.outgoing import OutgoingPage, outgoing
from hongbao.ledger.read.payouts import LIMIT_MAX, payouts
from hongbao.ledger.store import kept
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import decisions, latest_decisions
from hongbao.ledger.store.door import Door
from hongbao.ledger.store.histories import payout_history
from hongbao.ledger.store.limits_request import open_requests
from hongbao.ledger.store.rows import PLACES, payout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hongbao.ledger.model.campaign import Content
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.limits import LimitsRequest, PayerLimits
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.payout_filter import Page, PayoutFilter
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.model.wait import Wait
    from hongbao.ledger.queue.heartbeat import WorkerAlive
    from hongbao.ledger.read.channel_standings import ChannelStanding
    from hongbao.ledger.read.feed import Change
    from hongbao.ledger.read.figures import ChannelQueue, CodeCount, Figures, Span
    from hongbao.ledger.read.searching import Match

_CAMPAIGN, _ROW = PLACES["campaign_id"], PLACES["row"]


class Reader(Door):
    """The books, as people, reports and other programs read them."""

    def channels(self) -> list[ChannelStanding]:
        """How all merchants' channels stand, by the merchants' numbers."""
        with self._database.reading() as connection:
            return channel_standings.standings(connection, now=now(connection))

    def limits_requests(self) -> dict[int, LimitsRequest]:
        """Other limits that somebody asks for, by the numbers of channels."""
        return self._read(open_requests)

    def workers(self) -> list[WorkerAlive]:
        """Which workers have said that they are alive, and when: oldest first."""
        with self._database.reading() as connection:
            return heartbeat.workers(connection, now=now(connection))

    def campaigns(self) -> list[Standing]:
        """How all campaigns stand, oldest first; each supplement by itself."""
        return self._read(reading.standings)

    def campaign_names(self) -> dict[int, str]:
        """The names of all campaigns, by their rows; far cheaper than how they stand."""
        return self._read(reading.names)

    def standing(self, name: str) -> Standing:
        """How a campaign stands with its supplements, by its running totals.

        Raises:
            LedgerError: if there is none of this name.
        """
        return self._read(reading.standing, name)

    def latest_decisions(self, name: str, *, limit: int = 100) -> list[tuple[str, Event]]:
        """The latest decisions about a campaign and its supplements, oldest first.

        Args:
            name: of the campaign.
            limit: how many. A standing campaign has one for each payout that was added.

        Returns:
            Each with the name of the campaign or supplement that it is about.

        Raises:
            LedgerError: if there is none of this name.
        """
        return self._read(latest_decisions, name, limit=limit)

    def decisions(self, name: str) -> list[Event]:
        """All that was decided about a campaign, in order.

        Raises:
            LedgerError: if there is none of this name.
        """
        return self._read(decisions, name)

    def kept_columns(self, name: str) -> list[str]:
        """The columns that the lists of a campaign and its supplements keep, sealed, by name."""
        return self._read(kept.kept_columns, name)

    def kept_between(self, first: int, last: int) -> dict[int, bytes]:
        """What is kept of the payouts with these ids, sealed: see ``hongbao.sealing``."""
        return self._read(kept.sealed_between, first, last)

    def contents(self, campaign_id: int) -> Iterator[list[Content]]:
        """What the payouts of a campaign say, some at a time, each time of another moment."""
        after = 0
        while page := self._read(reading.contents, campaign_id, after=after):
            yield page
            after = page[-1].row

    def payouts(self, asked: PayoutFilter, *, after: str | None = None, limit: int = 100) -> Page:
        """The payouts that a filter names, a page at a time.

        They come campaign by campaign, in the order in which those were begun, and in a campaign in
        the order of its rows; or all the other way round.

        Args:
            asked: which.
            after: the cursor that the page before had; None for the first page.
            limit: how many a page has at most, from 1 to 2,000.

        Raises:
            CursorRefused: if the cursor is damaged, or of another filter.
            LedgerError: if there is no campaign or merchant of that name, or no such limit.
        """
        return self._read(payouts, asked, after=after, limit=limit)

    @property
    def opener(self) -> Callable[[], Reader]:
        """Opens the same books in another process, which this can be given to."""
        return partial(Reader.open, self._database.url)

    def payouts_of(
        self, name: str, *, after: tuple[int, int] = (0, 0), most: int | None = None
    ) -> Iterator[Payout]:
        """The payouts of a campaign and its supplements in the order of their rows.

        Args:
            name: of the campaign.
            after: the campaign and the row of the payout before them; zeros for none.
            most: how many at most; None for all.

        Raises:
            LedgerError: if there is no campaign of this name.
        """
        left = sys.maxsize if most is None else most
        while page := self._read(stream.rows, name, after=after, most=min(left, LIMIT_MAX)):
            yield from map(payout_of, page)
            after = page[-1][_CAMPAIGN], page[-1][_ROW]
            left -= len(page)
            if not left:
                break

    def figures(
        self,
        span: Span,
        *,
        since: Instant,
        until: Instant,
        campaign: str | None = None,
        merchant: str | None = None,
    ) -> list[Figures]:
        """What was paid, claimed and came back, by hours or days; where nothing was, there is none.

        Args:
            span: hours, or Beijing's days.
            since: only hours that begin then or later.
            until: only hours that begin before this.
            campaign: only of this one and its supplements.
            merchant: only of the one with this number.

        Raises:
            LedgerError: if there is no such campaign or merchant.
        """
        return self._read(
            figures.figures, span, since=since, until=until, campaign=campaign, merchant=merchant
        )

    def codes(self, *, campaign: str | None = None, merchant: str | None = None) -> list[CodeCount]:
        """How many payouts have which code now, the most frequent first, each with an example.

        Raises:
            LedgerError: if there is no such campaign or merchant.
        """
        return self._read(figures.codes, campaign=campaign, merchant=merchant)

    def oldest_unknown(self) -> Payout | None:
        """The payout of which it is unknown for the longest time whether it is paid; None if none.

        Its age is that of its ``first_call_at``.
        """
        return next(iter(self.unknown(limit=1)), None)

    def unknown(self, *, limit: int) -> list[Payout]:
        """Payouts of which it is unknown whether they are paid, the one that was sent first first.

        Those that workers are sending at this moment are not meant.
        """
        with self._database.reading() as connection:
            return figures.unknown(connection, now=now(connection), limit=limit)

    def queues(self) -> list[ChannelQueue]:
        """How much waits for the calls of each channel that has something to send, since when.

        What waits for the next slot, a sending hour or tomorrow's limits waits, too.
        """
        with self._database.reading() as connection:
            return figures.queues(connection, now=now(connection))

    def first_terms(self, name: str, count_max: int) -> list[dict[str, Any]]:
        """Some of what the requests of a campaign have in common, in the order of its rows."""
        return self._read(reading.first_terms, name, count_max)

    def find(self, key_or_billno: str) -> list[Payout]:
        """The payouts, of any merchant, that have this business key or had this order number."""
        return self._read(named.find, key_or_billno)

    def search(self, wanted: str, *, limit: int = 100) -> list[Match]:
        """The payouts, of any campaign and merchant, of which something is ``wanted``.

        Args:
            wanted: a business key, an order number that they have or had, the payer's own number
                (``send_listid``), or a receiver in full. Of a receiver the newest come first.
            limit: how many at most.
        """
        return self._read(searching.search, wanted, limit=limit)

    def history(self, payout_id: int) -> list[Event]:
        """All events of a payout, in their order."""
        return self._read(payout_history, payout_id)

    def changes(
        self, *, after: int = 0, at: Instant | None = None, limit: int = 1_000
    ) -> list[Change]:
        """What happened, in the order in which it was committed.

        That is each event of each payout, and the decisions that ``events`` tells of.

        Whoever passes it on keeps the last position that he has dealt with, and asks for what came
        after. Nothing comes later under a lower position: on PostgreSQL, what is committed waits
        here until whoever may have a lower one has ended. Copies that follow a server do not know
        who that is: read from the server itself.

        Books that are restored from an older copy give the same positions again, to other changes.
        Who keeps ``at`` beside the position, and gives both, is warned; who does not must begin
        anew whenever books are restored, or misses what came up to that position since.

        Args:
            after: a position that was read here; 0 for all that there is.
            at: the time of the change that was read there.
            limit: no more transactions are read once there are so many changes; the last one is
                whole.

        Returns:
            The next ones; none if there is nothing new.

        Raises:
            LedgerError: with the code ``gone``, if the outbox does not have the position ``after``
                or has another change there: it was removed, or the books are an older copy.
        """
        end = self._read(feed.end)
        return self._read(feed.changes, after=after, at=at, end=end, limit=limit)

    def events(
        self, *, after: int = 0, at: Instant | None = None, limit: int = 1_000
    ) -> OutgoingPage:
        """What other programs receive next, in the order in which it was committed.

        Args:
            after: see ``changes``.
            at: see ``changes``.
            limit: see ``changes``.

        Raises:
            LedgerError: see ``changes``.
        """
        end = self._read(feed.end)
        with self._database.reading() as connection:
            found = feed.changes(connection, after=after, at=at, end=end, limit=limit)
            public = list(outgoing(connection, found))
            return OutgoingPage(public, found[-1] if found else None)

    def last_position(self) -> int:
        """Where ``changes`` ends now, for whoever wants only what comes later; 0 if it is empty."""
        return self._read(feed.end)

    def wait(self, campaign_id: int, *, limits: PayerLimits | None = None) -> Wait | None:
        """Why nothing of a campaign is sent now, by these limits or the books': see ``waiting``."""
        return self._read(waiting.wait, campaign_id, limits=limits)
