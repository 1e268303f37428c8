"""Makes the calls of payouts with WeChat's client, and keeps a client for each payer.

Failures are outcomes, never exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.errors import BookUnavailable, HongbaoError
from hongbao.ledger.model.payout import Task
from hongbao.rails.outcome import CallNotSent
from hongbao.rails.redpack.translate import (
    PAYER_TERMS,
    another,
    found,
    message_of,
    query_failure,
    query_of,
    send_failure,
    sent,
)
from hongbao.rails.terms_cache import TermsCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hongbao.client.asynchronous import AsyncRedPack
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import Outcome, QueryOutcome, SendOutcome
    from hongbao.rails.port import Carrier
    from hongbao.wire.messages import ToUser
    from hongbao.wire.replies import Accepted


class Account(NamedTuple):
    """Who pays, from the terms of a payout: ``translate.PAYER_TERMS``.

    Attributes:
        profile: the name of the settings.
        app_id: the appid under which the receiver's openid was issued; None for the settings' own.
        sub_mch_id: the sub-merchant for which a service provider pays.
        msgappid: the appid through which the user is then reached.
    """

    profile: str
    app_id: str | None = None
    sub_mch_id: str | None = None
    msgappid: str | None = None


class _Terms:
    """The content of requests that a campaign's payouts share, and what is made of it once.

    Attributes:
        body: as ``Book.terms_body`` returns it.
        client: its account's, once there is one.
        requests: one by kind and people, of which others are made.
    """

    __slots__ = ("body", "client", "requests")

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        self.client: AsyncRedPack | None = None
        self.requests: dict[tuple[str, int], ToUser[Accepted]] = {}

    def request(self, payout: Payout) -> ToUser[Accepted]:
        """The request that pays a payout with these terms; raises ``InvalidRequest``."""
        of = (payout.kind, payout.people)
        request = self.requests.get(of)
        if request is None:
            request = self.requests[of] = message_of(payout, self.body)
            return request
        return another(request, payout)


class RedPackCaller:
    """Calls with an ``AsyncRedPack`` for each account.

    Args:
        clients: makes the client of an account, or raises ``ConfigurationError``; clients may share
            transports. It is called once for each account.
        terms: ``Book.terms_body``: returns the rest of a request's content by its id.
        carrier: runs calls to the books.
        timeout_seconds: the longest that any of the clients may take for a call.
    """

    def __init__(
        self,
        clients: Callable[[Account], AsyncRedPack],
        *,
        terms: Callable[[int], Mapping[str, Any]],
        carrier: Carrier,
        timeout_seconds: float,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._make = clients
        self._clients: dict[Account, AsyncRedPack] = {}
        self._terms = TermsCache(terms, carrier, _Terms)

    @property
    def timeout_seconds(self) -> float:
        """No call takes longer."""
        return self._timeout_seconds

    async def call(self, job: Job) -> Outcome:
        """Send it or query it once."""
        payout = job.payout
        try:
            terms = self._terms.find(payout.terms_id) or await self._terms.fetch(payout.terms_id)
        except BookUnavailable as error:
            return CallNotSent(why=error.problem)
        if job.task is Task.SEND:
            return await self._send(payout, terms)
        return await self._query(payout, terms)

    async def aclose(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        self._terms.clear()

    async def _send(self, payout: Payout, terms: _Terms) -> SendOutcome:
        try:
            client = terms.client or self._client(terms)
            return sent(await client.call(terms.request(payout)))
        except HongbaoError as error:
            return send_failure(error)

    async def _query(self, payout: Payout, terms: _Terms) -> QueryOutcome:
        try:
            client = terms.client or self._client(terms)
            return found(await client.call(query_of(payout)))
        except HongbaoError as error:
            return query_failure(error)

    def _client(self, terms: _Terms) -> AsyncRedPack:
        said = terms.body
        account = Account(said.get("profile", ""), *[said.get(name) for name in PAYER_TERMS[1:]])
        client = self._clients.get(account)
        if client is None:
            client = self._clients[account] = self._make(account)
        terms.client = client
        return client
