"""Posts one webhook: to an address that was judged, signed, with nothing followed.

It connects to that address; the certificate that is shown there must be the name's.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple, Self

from hongbao.digits import whole_number
from hongbao.sentences import say
from hongbao.version import __version__
from hongbao.webhooks.address import IpAddress, Target, judged, read_target, resolve
from hongbao.webhooks.connection import ReceiverConnection
from hongbao.webhooks.signature import headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hongbao.webhooks.connection import ReplyHead
    from hongbao.webhooks.signature import SigningSecret

TIMEOUT_SECONDS = 15.0
"""How long a receiver may take, all in all; Standard Webhooks recommends 15 to 30 seconds."""

_SECONDS_DIGITS_MAX = 9  # of Retry-After: more than thirty years
_RESOLVED_SECONDS = 30.0
_ADDRESSES_MAX = 3
_CONNECT_PART = 0.2
"""Of the time for a post, what an address may take to be connected to while there are others."""
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
        ca_path: trust this CA alone; None for those that the system trusts.
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
        self._ca_path = ca_path
        self._context: ssl.SSLContext | None = None
        self._idle: list[ReceiverConnection] = []
        self._open: set[ReceiverConnection] = set()
        self._head = (
            f"POST {self._target.path} HTTP/1.1\r\nhost: {self._target.host_header}\r\n"
            f"user-agent: hongbao/{__version__}\r\ncontent-type: application/json\r\n"
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in list(self._open):
            connection.abort()
            await connection.lost

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

    async def _post(self, message_id: str, body: bytes) -> ReceiverAnswer:
        try:
            addresses = await self._addresses()
        except OSError as error:
            return ReceiverAnswer(
                None, say("the name cannot be resolved ({error})", error=type(error).__name__)
            )
        if not addresses:
            why = say("the name leads to private addresses, which allow_private would allow")
            plain = say(
                "plain HTTP goes to private addresses alone, with allow_private: or use https"
            )
            return ReceiverAnswer(None, plain if self._target.scheme == "http" else why)
        try:
            return await self._post_to(addresses, message_id, body)
        except OSError as error:
            # Its text may hold what the receiver said.
            return ReceiverAnswer(None, say("no answer ({error})", error=type(error).__name__))

    async def _post_to(
        self, addresses: Sequence[IpAddress], message_id: str, body: bytes
    ) -> ReceiverAnswer:
        signed = headers(self._secrets, message_id, int(self._clock()), body)
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        head = f"{self._head}{lines}content-length: {len(body)}\r\n\r\n"
        request = head.encode("ascii") + body
        idle = self._take()
        try:
            reply = await self._exchange(idle or await self._connect(addresses), request)
        except OSError:
            if idle is None or not idle.silent:
                raise
            # The receiver hung up just as this was written: not a sign that it is in trouble.
            reply = await self._exchange(await self._connect(addresses), request)
        after = _retry_after(reply.retry_after, self._clock())
        return ReceiverAnswer(reply.status, str(reply.status), after)

    async def _exchange(self, connection: ReceiverConnection, request: bytes) -> ReplyHead:
        try:
            return await connection.post(request)
        finally:
            if connection.reusable:
                self._idle.append(connection)
            else:
                self._drop(connection)

    def _take(self) -> ReceiverConnection | None:
        """An idle connection for this post alone, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fit():
                return connection
            self._drop(connection)
        return None

    def _drop(self, connection: ReceiverConnection) -> None:
        connection.abort()
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))

    async def _connect(self, addresses: Sequence[IpAddress]) -> ReceiverConnection:
        """A connection to one of the addresses; the next one is tried where one does not answer."""
        *first, last = addresses[:_ADDRESSES_MAX]
        for address in first:
            try:
                async with asyncio.timeout(self._timeout_seconds * _CONNECT_PART):
                    return await self._connect_to(address)
            except OSError:  # it took too long, too
                # Posts that come later begin with one that may answer.
                if self._found[0] == address:
                    self._found = [*self._found[1:], address]
        return await self._connect_to(last)

    async def _connect_to(self, address: IpAddress) -> ReceiverConnection:
        secure = self._target.scheme == "https"
        if secure and self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca_path)
        seconds = self._timeout_seconds
        _, connection = await asyncio.get_running_loop().create_connection(
            ReceiverConnection,
            str(address),
            self._target.port,
            ssl=self._context,
            server_hostname=self._target.host if secure else None,
            ssl_handshake_timeout=seconds if secure else None,
            ssl_shutdown_timeout=seconds if secure else None,
        )
        self._open.add(connection)
        return connection

    async def _addresses(self) -> list[IpAddress]:
        """The addresses that may be connected to."""
        loop = asyncio.get_running_loop()
        if loop.time() > self._found_at + _RESOLVED_SECONDS or not self._found:
            addresses = await loop.run_in_executor(None, self._lookup, self._target)
            self._found = judged(self._target, addresses, allow_private=self._allow_private)
            self._found_at = loop.time()
        return self._found


def _retry_after(value: str | None, now: float) -> float | None:
    """The header Retry-After in seconds; None if it says nothing that can be read."""
    if value is None:
        return None
    seconds = whole_number(value.strip(), digits=_SECONDS_DIGITS_MAX)
    if seconds is not None:
        return float(seconds)
    try:
        at = parsedate_to_datetime(value)
        # One without a zone is in GMT, whatever this machine's is.
        return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):  # such as a zone that is years away
        return None
