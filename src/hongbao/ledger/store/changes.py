"""The one writer: whatever changes payouts collects it here, and it is written in one place.

Rows, their histories, the totals and what merchants and campaigns are told of it belong together:
all of it in one transaction, or nothing. Only ``clock`` moves times without it, for all payouts of
a merchant at once: that is no event.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import update

from hongbao.ledger.model.event import GENESIS, EventKind, digest
from hongbao.ledger.store import bulk, merchants, outbox
from hongbao.ledger.store.database import Again
from hongbao.ledger.store.schema import CAMPAIGN, EVENT, PAYOUT
from hongbao.ledger.store.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Table

    from hongbao.ledger.model.payout import Instant

_EVENT = tuple(column.name for column in EVENT.c)
_SUBMITTED = EventKind.SUBMITTED.value


class Shape(NamedTuple):
    """Which columns a change sets, and which must be as they were read.

    Attributes:
        to: what each row sets to a value of its own.
        fence: what must be as each row says, or nothing at all is written.
        table: whose columns.
    """

    to: tuple[str, ...]
    fence: tuple[str, ...]
    table: Table = PAYOUT


class Changes:
    """What one transaction changes of payouts. Nothing is written before ``write``.

    Args:
        actor: who changes it: a worker or a person.
        now: the books' time.

    Attributes:
        actor: as given.
        now: as given.
        totals: what it changes in the totals.
    """

    def __init__(self, actor: str, now: Instant) -> None:
        self.actor = actor
        self.now = now
        self.totals = Tallies(actor)
        self._new: list[tuple[Table, tuple[str, ...], Iterable[Sequence[Any]]]] = []
        self._first_events: Iterable[tuple[Any, ...]] = ()
        self._rows: dict[Shape, tuple[Mapping[str, object], list[tuple[Any, ...]]]] = {}
        self._events: list[tuple[Any, ...]] = []
        self._happened: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self._merchant_updates: dict[int, merchants.MerchantUpdate] = {}
        self._open: set[int] = set()

    def add(self, table: Table, columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
        """Take new rows; they may be made one by one, while others are stored."""
        self._new.append((table, columns, rows))

    def begin(self, ids: Sequence[int], bodies: Iterable[str]) -> None:
        """Take the first events of new payouts: of each a body, which are made one by one."""
        self._first_events = self._begun(ids, bodies)
        self._happened[_SUBMITTED, 1] = list(ids)

    def rows(
        self, shape: Shape, *, alike: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Where rows of a shape are put: the values of ``to``, then those of ``fence``.

        Args:
            shape: what they change.
            alike: what becomes the same in all rows of this shape.
        """
        return self._rows.setdefault(shape, (alike or {}, []))[1]

    def event(self, previous: bytes, payout_id: int, seq: int, kind: str, body: str) -> bytes:
        """Take what happened to a payout.

        Args:
            previous: the hash of its last event.
            payout_id: whose.
            seq: its place.
            kind: what: the value of an ``EventKind``.
            body: of ``body_of`` or of a ``Form``.

        Returns:
            Its hash.
        """
        self._happened[kind, seq].append(payout_id)
        row = (payout_id, seq, self.now, kind, self.actor, body)
        last = digest(previous, *row)
        self._events.append((*row, last))
        return last

    def of_merchant(self, merchant_id: int) -> merchants.MerchantUpdate:
        """What a merchant is told; whoever asks for it has its row written."""
        update = self._merchant_updates.get(merchant_id)
        if update is None:
            update = self._merchant_updates[merchant_id] = merchants.MerchantUpdate(merchant_id)
        return update

    def open(self, campaign_id: int) -> None:
        """Something of a campaign can be due again."""
        self._open.add(campaign_id)

    def tell(self, connection: Connection) -> None:
        """Write what merchants are told, for whoever locks campaigns himself before ``write``."""
        merchants.apply(connection, self._merchant_updates.values(), now=self.now)
        self._merchant_updates.clear()

    def write(self, connection: Connection) -> None:
        """Write it all, in the order of locks that ``database`` names.

        Raises:
            Again: if a row is not any more as it was read; the transaction must be undone.
        """
        self.tell(connection)
        if self._open:
            campaigns = CAMPAIGN.c.id.in_(sorted(self._open))
            connection.execute(update(CAMPAIGN).where(campaigns).values(open=True))
        for table, columns, rows in self._new:
            bulk.insert(connection, table, columns, rows)
        for (to, fence, table), (alike, rows) in self._rows.items():
            if bulk.update(connection, table, to, fence, rows, alike=alike) != len(rows):
                raise Again
        if self._new:
            bulk.insert(connection, EVENT, _EVENT, chain(self._first_events, self._events))
        else:
            bulk.insert(connection, EVENT, _EVENT, self._events)
        # All payouts are locked by now: one that another transaction changes next comes later.
        outbox.put(connection, self._happened, now=self.now)
        self.totals.write(connection)

    def _begun(self, ids: Sequence[int], bodies: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        now, kind, actor = self.now, _SUBMITTED, self.actor
        for payout_id, body in zip(ids, bodies, strict=True):
            last = digest(GENESIS, payout_id, 1, now, kind, actor, body)
            yield payout_id, 1, now, kind, actor, body, last
