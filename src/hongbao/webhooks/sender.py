"""Posts one webhook: to an address that was judged, signed, with nothing followed.

httpx carries it, which speaks TLS, keeps connections and is kept well. It connects to the address
in the URL, and learns from ``sni_hostname`` whose certificate must be shown there.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Self

import httpx

from hongbao.sentences import say
from hongbao.version import __version__
from hongbao.webhooks.address import IpAddress, Target, judged, read_target, resolve
from hongbao.webhooks.signature import headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hongbao.webhooks.signature import SigningSecret

TIMEOUT_SECONDS = 15.0
"""How long a receiver may take, all in all; Standard Webhooks recommends 15 to 30 seconds."""

_REPLY_MAX = 4096
_RESOLVED_SECONDS = 30.0
_GONE, _TOO_MANY, _SERVER = 410, 429, 500
_FIRST_GOOD, _AFTER_GOOD = 200, 300


class ReceiverAnswer(NamedTuple):
    """What a receiver answered.

    Attributes:
        status: of its reply; None if there was none.
        words: the status, or what went wrong without one. Nothing that the receiver said.
        retry_after: the seconds after which it wants to be asked again, if it said so.
    """

    status: int | None
    words: str
    retry_after: float | None = None

    @property
    def arrived(self) -> bool:
        """Whether it has taken the message."""
        return self.status is not None and _FIRST_GOOD <= self.status < _AFTER_GOOD

    @property
    def gone(self) -> bool:
        """Whether it wants no more messages, ever."""
        return self.status == _GONE

    @property
    def troubled(self) -> bool:
        """Whether another message would fare no better now."""
        return self.status is None or self.status == _TOO_MANY or self.status >= _SERVER


class Sender:
    """Posts to one URL. An async context manager; it belongs to one event loop.

    Args:
        url: where; see ``read_target``.
        secrets: that sign: the new one first, while another is taken out of use.
        allow_private: whether private addresses may be posted to, and by plain HTTP.
        ca_path: trust this CA alone; None for those that httpx trusts.
        timeout_seconds: how long a post may take, all in all.
        clock: seconds since the epoch.
        lookup: finds the addresses of a target.

    Raises:
        InvalidRequest: if the URL is none.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[SigningSecret],
        *,
        allow_private: bool = False,
        ca_path: Path | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.time,
        lookup: Callable[[Target], list[IpAddress]] = resolve,
    ) -> None:
        self.url = url
        self._target = read_target(url)
        self._secrets = tuple(secrets)
        self._allow_private = allow_private
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._lookup = lookup
        self._found: list[IpAddress] = []
        self._found_at = float("-inf")
        self._verify = (
            httpx.create_ssl_context()
            if ca_path is None
            else ssl.create_default_context(cafile=str(ca_path))
        )
        # Each has one connection: a pool looks at all that it has, twice for each request, which
        # takes a third of the time where sixteen are open.
        self._idle: list[httpx.AsyncClient] = []
        self._clients: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            await client.aclose()

    async def post(self, message_id: str, body: bytes) -> ReceiverAnswer:
        """Post a message, signed at this moment.

        Args:
            message_id: the same whenever it is posted.
            body: JSON.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._post(message_id, body)
        except TimeoutError:
            return ReceiverAnswer(
                None, say("no answer in {seconds:g} s", seconds=self._timeout_seconds)
            )
        except OSError as error:
            return ReceiverAnswer(
                None, say("the name cannot be resolved ({error})", error=type(error).__name__)
            )
        except httpx.HTTPError as error:
            # Its text may hold what the receiver said.
            return ReceiverAnswer(None, say("no answer ({error})", error=type(error).__name__))

    async def _post(self, message_id: str, body: bytes) -> ReceiverAnswer:
        address = await self._address()
        if address is None:
            why = say("the name leads to private addresses, which allow_private would allow")
            plain = say(
                "plain HTTP goes to private addresses alone, with allow_private: or use https"
            )
            return ReceiverAnswer(None, plain if self._target.scheme == "http" else why)
        client = self._idle.pop() if self._idle else self._client()
        try:
            return await self._post_by(client, address, message_id, body)
        finally:
            self._idle.append(client)

    def _client(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            verify=self._verify,
            trust_env=False,  # no proxy and no .netrc of the machine gets in between
            follow_redirects=False,
            timeout=httpx.Timeout(self._timeout_seconds),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=1),
        )
        self._clients.append(client)
        return client

    async def _post_by(
        self, client: httpx.AsyncClient, address: IpAddress, message_id: str, body: bytes
    ) -> ReceiverAnswer:
        signed = headers(self._secrets, message_id, int(self._clock()), body)
        request = client.build_request(
            "POST",
            self._target.at(address),
            content=body,
            headers={
                **signed,
                "host": self._target.host_header,
                "content-type": "application/json",
                "user-agent": f"hongbao/{__version__}",
            },
            extensions={"sni_hostname": self._target.host},
        )
        reply = await client.send(request, stream=True)
        try:
            await _read_a_little(reply)
        finally:
            await reply.aclose()
        after = _retry_after(reply.headers.get("retry-after"), self._clock())
        return ReceiverAnswer(reply.status_code, str(reply.status_code), after)

    async def _address(self) -> IpAddress | None:
        """An address that may be connected to; None if there is none."""
        loop = asyncio.get_running_loop()
        if loop.time() > self._found_at + _RESOLVED_SECONDS or not self._found:
            addresses = await loop.run_in_executor(None, self._lookup, self._target)
            self._found = judged(self._target, addresses, allow_private=self._allow_private)
            self._found_at = loop.time()
        return self._found[0] if self._found else None


async def _read_a_little(reply: httpx.Response) -> None:
    """Read what a receiver says, so that the connection can be used again; a long text is cut."""
    read = 0
    async for part in reply.aiter_raw():
        read += len(part)
        if read > _REPLY_MAX:
            return


def _retry_after(value: str | None, now: float) -> float | None:
    """The header Retry-After in seconds; None if it says nothing that can be read."""
    if value is None:
        return None
    if value.strip().isdigit() and value.isascii():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None
