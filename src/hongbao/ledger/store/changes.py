"""The one writer: every change of payouts is collected and written here.

Rows, their histories, the totals and the updates of channels and campaigns belong together: all of
them are written in one transaction, or none. Only ``clock`` moves times without it, for all payouts
of a channel at once, which is no event.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import update

from hongbao.ledger.model.event import digest
from hongbao.ledger.store import bulk, channels, outbox
from hongbao.ledger.store.database import Again
from hongbao.ledger.store.schema import CAMPAIGN, EVENT, STANDING
from hongbao.ledger.store.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

    from hongbao.ledger.model.payout import Instant

    _NewRows = tuple[Table, tuple[str, ...], Iterable[Sequence[Any]], Mapping[str, object] | None]

_EVENT = ("payout_id", "seq", "kind", "body", "hash")


class Shape(NamedTuple):
    """The columns that a change sets, and those that must be as they were read.

    Attributes:
        to: the columns that each row sets to a value of its own.
        fence: the columns that must have each row's values, or nothing is written.
        table: the table.
    """

    to: tuple[str, ...]
    fence: tuple[str, ...]
    table: Table = STANDING


class Changes:
    """The changes of payouts in one transaction. Nothing is written before ``write``.

    Args:
        actor: the worker or person who makes the changes.
        now: the books' time.

    Attributes:
        actor: as given.
        now: as given.
        totals: the changes of the totals.
    """

    def __init__(self, actor: str, now: Instant) -> None:
        self.actor = actor
        self.now = now
        self.totals = Tallies(actor)
        self._new: list[_NewRows] = []
        self._rows: dict[Shape, tuple[Mapping[str, object], list[tuple[Any, ...]]]] = {}
        self._events: list[tuple[Any, ...]] = []
        self._happened: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self._channel_updates: dict[int, channels.ChannelUpdate] = {}
        self._open: set[int] = set()

    def add(
        self,
        table: Table,
        columns: tuple[str, ...],
        rows: Iterable[Sequence[Any]],
        *,
        alike: Mapping[str, object] | None = None,
    ) -> None:
        """Add new rows, as ``bulk.insert`` takes them."""
        self._new.append((table, columns, rows, alike))

    def imply(self, kind: str, seq: int, ids: Collection[int]) -> None:
        """Note events that are not stored, since other rows say what they do: ``first_events``.

        Args:
            kind: the value of an ``EventKind``.
            seq: the events' place in their histories.
            ids: the payouts.
        """
        if ids:
            self._happened[kind, seq].extend(ids)

    def rows(
        self, shape: Shape, *, alike: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """The list for the rows of a shape: each has the values of ``to``, then those of ``fence``.

        Args:
            shape: the columns.
            alike: the values that are the same in all rows of this shape.
        """
        return self._rows.setdefault(shape, (alike or {}, []))[1]

    def event(self, previous: bytes, payout_id: int, seq: int, kind: str, body: str) -> bytes:
        """Add an event of a payout.

        Args:
            previous: the hash of the payout's last event.
            payout_id: the payout.
            seq: the event's place in the history.
            kind: the value of an ``EventKind``.
            body: made by ``body_of`` or a ``BodyTemplate``.

        Returns:
            The event's hash.
        """
        self._happened[kind, seq].append(payout_id)
        last = digest(previous, payout_id, seq, self.now, kind, self.actor, body)
        self._events.append((payout_id, seq, kind, body, last))
        return last

    def happened(self, kind: str, seq: int, events: Collection[tuple[int, str, bytes]]) -> None:
        """Add events that are alike, of which the caller has made the hashes.

        Args:
            kind: the value of an ``EventKind``.
            seq: the events' place in their histories.
            events: of each the payout, the body and the hash.
        """
        self._events += [(payout_id, seq, kind, body, last) for payout_id, body, last in events]
        self.imply(kind, seq, [payout_id for payout_id, _, _ in events])

    def of_channel(self, channel_id: int) -> channels.ChannelUpdate:
        """The pending update of a channel. Calling this lets its row be written."""
        update = self._channel_updates.get(channel_id)
        if update is None:
            update = self._channel_updates[channel_id] = channels.ChannelUpdate(channel_id)
        return update

    def open(self, campaign_id: int) -> None:
        """Note that a payout of a campaign can be due again."""
        self._open.add(campaign_id)

    def tell(self, connection: Connection) -> None:
        """Write the channels' updates now, for a caller that locks campaigns before ``write``."""
        channels.apply(connection, self._channel_updates.values(), now=self.now)
        self._channel_updates.clear()

    def write(self, connection: Connection) -> None:
        """Write everything, in the lock order that ``database`` defines.

        Raises:
            Again: if a row has changed since it was read; the transaction must be rolled back.
        """
        self.tell(connection)
        if self._open:
            campaigns = CAMPAIGN.c.id.in_(sorted(self._open))
            connection.execute(update(CAMPAIGN).where(campaigns).values(open=True))
        for table, columns, rows, same in self._new:
            bulk.insert(connection, table, columns, rows, alike=same)
        for (to, fence, table), (alike, rows) in self._rows.items():
            if bulk.update(connection, table, to, fence, rows, alike=alike) != len(rows):
                raise Again
        same = {"at": self.now, "actor": self.actor}
        bulk.insert(connection, EVENT, _EVENT, self._events, alike=same)
        # All payouts are locked by now, so other transactions change them only later.
        outbox.put(connection, self._happened, now=self.now)
        self.totals.write(connection)
