"""Makes the calls of payouts with WeChat's V3 client, and keeps a client for each merchant.

Failures are outcomes, never exceptions.

A request with a name has bytes that nobody can make again, since the name is encrypted with chance
in it. So it is stored before it is sent, and sent again as it was stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable, HongbaoError
from hongbao.ledger.model.kept_request import KeptRequest
from hongbao.ledger.model.payout import Task
from hongbao.rails.outcome import CallNotSent
from hongbao.rails.terms_cache import TermsCache
from hongbao.rails.transfer.kinds import USER_NAME
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
from hongbao.sealing import Keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hongbao.client.transfer.asynchronous import AsyncMerchantTransfer
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import CancelOutcome, Outcome, QueryOutcome, SendOutcome
    from hongbao.rails.port import Carrier, KeptRequests
    from hongbao.wire.transfer.preparing import Prepared
    from hongbao.wire.transfer.replies import TransferTaken


class TransferCaller:
    """Calls with an ``AsyncMerchantTransfer`` for each of a merchant's settings.

    Args:
        clients: makes the client of a profile, or raises ``ConfigurationError``. It is called once
            for each.
        terms: ``Book.terms_body``: returns the rest of a request's content by its id.
        carrier: runs calls to the books.
        timeout_seconds: the longest that any of the clients may take for a call.
        requests: where requests with names are stored.
        keyring: the keys by which names are sealed in the books, read when one is needed.
    """

    def __init__(
        self,
        clients: Callable[[str], AsyncMerchantTransfer],
        *,
        terms: Callable[[int], Mapping[str, Any]],
        carrier: Carrier,
        timeout_seconds: float,
        requests: KeptRequests,
        keyring: Callable[[], Keyring] = Keyring,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._make = clients
        self._clients: dict[str, AsyncMerchantTransfer] = {}
        self._terms = TermsCache(terms, carrier, dict)
        self._carrier = carrier
        self._requests = requests
        self._read_keyring = keyring
        self._keyring: Keyring | None = None

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
            client = self._client(terms)
            if USER_NAME not in terms:
                return sent(await client.call(message_of(payout, terms)))
            return sent(await client.send(await self._kept(client, payout, terms)))
        except BookUnavailable as error:
            return CallNotSent(why=error.problem)
        except HongbaoError as error:
            return send_failure(error)

    async def _kept(
        self, client: AsyncMerchantTransfer, payout: Payout, terms: Mapping[str, Any]
    ) -> Prepared[TransferTaken]:
        """The request of a payout with a name, as it is stored by now.

        Where WeChat's key that it was made for is none any more, no such request can be taken: it
        is made anew for the newest key, under the same number, which WeChat pays once.
        """
        requests, place = self._requests, (payout.id, payout.attempt)
        kept = await self._carrier(lambda: requests.kept_request(*place))
        if kept is None or not client.credentials.wechat_keys.find(kept.key_id):
            if self._keyring is None:
                self._keyring = self._read_keyring()
            mch_id = client.credentials.mch_id
            named = _opened(payout, terms, self._keyring, mch_id)
            made = client.prepare(message_of(payout, named))
            new = KeptRequest(
                1 if kept is None else kept.seq + 1,
                made.endpoint.name, made.wechatpay_serial, made.body,
            )  # fmt: skip
            kept = await self._carrier(lambda: requests.keep_request(*place, new))
        return client.restore(kept.call, kept.body, kept.key_id)

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


def _opened(
    payout: Payout, terms: Mapping[str, Any], keyring: Keyring, mch_id: str
) -> dict[str, Any]:
    """The terms of a payout with its receiver's name, which they hold sealed.

    Raises:
        ConfigurationError: if its key is not there, or it is another receiver's.
    """
    about = (mch_id, payout.payee, USER_NAME)
    return {**terms, USER_NAME: keyring.open_text(str(terms[USER_NAME]), about=about)}
