"""Makes the calls of payouts with WeChat's V3 client, and keeps a client for each merchant.

Failures are outcomes, never exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable, HongbaoError
from hongbao.ledger.model.payout import Task
from hongbao.rails.outcome import CallNotSent
from hongbao.rails.terms_cache import TermsCache
from hongbao.rails.transfer.translate import (
    cancel_failure,
    cancel_of,
    cancelled,
    found,
    message_of,
    query_failure,
    query_of,
    send_failure,
    sent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hongbao.client.transfer.asynchronous import AsyncMerchantTransfer
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import CancelOutcome, Outcome, QueryOutcome, SendOutcome
    from hongbao.rails.port import Carrier


class TransferCaller:
    """Calls with an ``AsyncMerchantTransfer`` for each of a merchant's settings.

    Args:
        clients: makes the client of a profile, or raises ``ConfigurationError``. It is called once
            for each.
        terms: ``Book.terms_body``: returns the rest of a request's content by its id.
        carrier: runs calls to the books.
        timeout_seconds: the longest that any of the clients may take for a call.
    """

    def __init__(
        self,
        clients: Callable[[str], AsyncMerchantTransfer],
        *,
        terms: Callable[[int], Mapping[str, Any]],
        carrier: Carrier,
        timeout_seconds: float,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._make = clients
        self._clients: dict[str, AsyncMerchantTransfer] = {}
        self._terms = TermsCache(terms, carrier, dict)

    @property
    def timeout_seconds(self) -> float:
        """No call takes longer."""
        return self._timeout_seconds

    async def call(self, job: Job) -> Outcome:
        """Send it, query it or take it back, once."""
        payout = job.payout
        try:
            terms = self._terms.find(payout.terms_id) or await self._terms.fetch(payout.terms_id)
        except BookUnavailable as error:
            return CallNotSent(why=error.problem)
        match job.task:
            case Task.SEND:
                return await self._send(payout, terms)
            case Task.CANCEL:
                return await self._cancel(payout, terms)
            case Task.QUERY | Task.LOOK:
                return await self._query(payout, terms)

    async def aclose(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        self._terms.clear()

    async def _send(self, payout: Payout, terms: Mapping[str, Any]) -> SendOutcome:
        try:
            return sent(await self._client(terms).call(message_of(payout, terms)))
        except HongbaoError as error:
            return send_failure(error)

    async def _query(self, payout: Payout, terms: Mapping[str, Any]) -> QueryOutcome:
        try:
            return found(await self._client(terms).call(query_of(payout)))
        except HongbaoError as error:
            return query_failure(error)

    async def _cancel(self, payout: Payout, terms: Mapping[str, Any]) -> CancelOutcome:
        try:
            return cancelled(await self._client(terms).call(cancel_of(payout)))
        except HongbaoError as error:
            return cancel_failure(error)

    def _client(self, terms: Mapping[str, Any]) -> AsyncMerchantTransfer:
        profile = terms.get("profile", "")
        client = self._clients.get(profile)
        if client is None:
            client = self._clients[profile] = self._make(profile)
        return client
