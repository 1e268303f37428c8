"""The door to the books for webhooks: each verb is a transaction, and its SQL is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.delivery import deliveries, endpoints
from hongbao.ledger.delivery.endpoint_standings import endpoints as endpoints_now
from hongbao.ledger.delivery.endpoint_standings import waiting
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.endpoint import Handed
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.read import feed
from hongbao.ledger.store.database import now
from hongbao.ledger.store.door import Door
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.webhook_schema import ENDPOINT_EVENT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.endpoint import Attempt, WaitingDelivery, WebhookEndpoint
    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.outgoing import OutgoingType


class WebhookBook(Door):
    """The books, as webhooks need them. Any thread may use it."""

    def endpoints(self) -> list[WebhookEndpoint]:
        """All endpoints and how they get on, by name."""
        return self._read(endpoints_now)

    def endpoint(self, name: str) -> WebhookEndpoint:
        """The endpoint of this name.

        Raises:
            LedgerError: if there is none.
        """
        found = {it.name: it for it in self.endpoints()}
        if name not in found:
            raise endpoints.no_endpoint(name)
        return found[name]

    def waiting(self, name: str, *, limit: int = 100) -> list[WaitingDelivery]:
        """Deliveries of an endpoint that have been made and have not arrived, oldest first.

        Raises:
            LedgerError: if there is none of this name.
        """
        return self._read(waiting, self.endpoint(name).id, limit=limit)

    def endpoint_history(self, name: str) -> list[Event]:
        """All that happened to an endpoint, in order.

        Raises:
            LedgerError: if there is none of this name.
        """
        return self._read(history, ENDPOINT_EVENT, self.endpoint(name).id)

    def add(
        self, name: str, url: str, *, types: Collection[OutgoingType] = (), by: str,
        after: int | None = None,
    ) -> WebhookEndpoint:  # fmt: skip
        """Add an endpoint, or give the one of this name another URL or other types.

        Args:
            name: as the settings have it.
            url: where to post; they hold no password.
            types: what to tell; empty for all.
            by: who says so.
            after: a new one receives what happened after this position; from now on if left out.

        Raises:
            LedgerError: if the name cannot be one, or the outbox has no such position.
        """
        end = self._read(feed.end)
        if after is not None:
            self._read(feed.changes, after=after, end=end, limit=1)
        position = end if after is None else after
        self._change(endpoints.add, name, url, types, position=position, by=check_actor(by))
        return self.endpoint(name)

    def disable(self, name: str, *, by: str, reason: str) -> WebhookEndpoint:
        """Post nothing more to an endpoint. What happens is kept for it.

        Raises:
            LedgerError: if there is none of this name, or no reason is given.
        """
        self._change(endpoints.disable, name, reason=reason, by=check_actor(by))
        return self.endpoint(name)

    def enable(self, name: str, *, by: str) -> WebhookEndpoint:
        """Post to an endpoint again, beginning with what has not arrived.

        Raises:
            LedgerError: if there is none of this name.
        """
        self._change(endpoints.enable, name, by=check_actor(by))
        return self.endpoint(name)

    def replay(self, name: str, *, after: int, by: str) -> WebhookEndpoint:
        """Tell an endpoint once more what happened after a position, with the same ids.

        Raises:
            LedgerError: if there is none of this name, or it has not come so far.
        """
        self._change(endpoints.replay, name, after=after, by=check_actor(by))
        return self.endpoint(name)

    def exchange(
        self,
        attempts: Sequence[Attempt],
        rooms: Mapping[int, int],
        *,
        lease_seconds: float,
        by: str,
    ) -> Handed:
        """Record what came of deliveries, and take the next ones.

        Args:
            attempts: what came of some. Those whose lease has ended change nothing.
            rooms: how many more deliveries each endpoint may have at once; others get none.
            lease_seconds: after that another deliverer may take over what is handed out now.
            by: the deliverer.
        """
        check_actor(by)
        end = self._read(feed.end)
        if not attempts and not self._due(rooms):
            return Handed([], more=False)

        def turn(connection: Connection) -> Handed:
            at = now(connection)
            deliveries.record(connection, attempts, by=by, now=at)
            lease = int(lease_seconds * SECOND)
            return deliveries.claim(connection, rooms, end=end, lease=lease, now=at)

        return self._database.run(turn)

    def _due(self, endpoints: Collection[int]) -> bool:
        with self._database.reading() as connection:
            return deliveries.anything_due(connection, endpoints, now=now(connection))
