"""Live pages: one look at the books a second for all who watch, sent as server-sent events.

However many browsers are open, the books are asked once a second for each page that somebody
watches, and once in fifteen seconds whether the sessions still hold. A browser that is slow gets
the latest state and no queue of older ones.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from hongbao import beijing
from hongbao.console.security import origin
from hongbao.console.security.forms import are_texts
from hongbao.console.signing_in.identifying import cookie_hash
from hongbao.console.topics import may_watch, parts_of, version_of
from hongbao.console.visit import tongue_of
from hongbao.errors import HongbaoError, LedgerCode, LedgerError
from hongbao.sentences import Tongue

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from hongbao.console.site import ConsoleSite
    from hongbao.ledger.model.payout import Instant

LOOK_SECONDS = 1.0
CLIENTS_MAX = 1_000
"""Of one process; who comes after them is asked to come back."""
_AS_OF_SECONDS = 5.0
_PING_SECONDS = 15
_SESSIONS_EVERY = 15  # looks
_LOG = logging.getLogger("hongbao.console")


class _Feed:
    """What is known of one topic.

    Attributes:
        parts: the part of the page, by language.
        as_of: when the books last said so; None before they have.
        changed: set, and replaced by another, when the part has changed.
        looked: the same after each look, changed or not.
        begun: how many looks have begun after the first.
        ended: which of them was the last to end.
    """

    def __init__(self) -> None:
        self.parts: Mapping[Tongue, str] = {}
        self.as_of: Instant | None = None
        self.changed = asyncio.Event()
        self.looked = asyncio.Event()
        self.begun = self.ended = 0

    def take(self, parts: Mapping[Tongue, str], at: Instant, *, look: int = 0) -> None:
        """Note what a look has found, and wake those who watch if it is new."""
        self.as_of, self.ended = at, look
        if parts != self.parts:
            self.parts = parts
            self.wake()
        self.looked.set()
        self.looked = asyncio.Event()

    def wake(self) -> None:
        """Wake those who watch."""
        self.changed.set()
        self.changed = asyncio.Event()


class _LiveStream(EventSourceResponse):
    """A stream that says when it is over, even if it has never begun.

    Args:
        events: what is sent.
        over: called in the end.
    """

    def __init__(
        self, events: AsyncGenerator[ServerSentEvent, None], over: Callable[[], None]
    ) -> None:
        headers = {"x-accel-buffering": "no", "cache-control": "no-store"}
        super().__init__(events, ping=_PING_SECONDS, headers=headers)
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over()


class LivePages:
    """Looks, and answers those who watch.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: ConsoleSite) -> None:
        self._site = site
        self._feeds: dict[str, _Feed] = {}
        self._watchers: Counter[str] = Counter()
        self._sessions: Counter[bytes] = Counter()
        self._ended: set[bytes] = set()
        self._closing = False
        self._streams = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look, as long as this lasts."""
        task = asyncio.create_task(self._look_for_ever())
        try:
            yield
        finally:
            self.close()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def close(self) -> None:
        """End all streams; browsers come back by themselves if there is somebody to come to."""
        self._closing = True
        for feed in self._feeds.values():
            feed.wake()

    async def answer(self, request: Request) -> Response:
        """The stream of one topic for one browser."""
        settings = self._site.settings
        peer = request.client.host if request.client else ""
        if origin.sender(peer, request.headers, settings.proxies).problem is not None:
            return PlainTextResponse("", status_code=421)
        session = cookie_hash(request.cookies.get(settings.cookie, ""))
        at = self._site.clock()
        topic = request.path_params["topic"]
        if not are_texts(request.path_params):
            return PlainTextResponse("", status_code=404)
        try:
            found = await run_in_threadpool(self._site.accounts.session, session, at=at)
            if found is None or not may_watch(topic, found[1].roles):
                return PlainTextResponse("", status_code=403)
            await self._begin(topic)
        except HongbaoError as error:
            gone = isinstance(error, LedgerError) and error.code is LedgerCode.NOT_FOUND
            return PlainTextResponse("", status_code=404 if gone else 503)
        # Nothing is awaited from here on, so that many who come at once are counted one by one.
        if self._closing or self._streams >= CLIENTS_MAX:
            return PlainTextResponse("", status_code=503, headers={"retry-after": "30"})
        self._streams += 1
        seen = request.headers.get("last-event-id", request.query_params.get("seen", ""))
        return _LiveStream(self._events(topic, tongue_of(request), session, seen), self._over)

    def _over(self) -> None:
        self._streams -= 1

    async def _begin(self, topic: str) -> None:
        """Look for the first time, unless others watch it already.

        Raises:
            HongbaoError: if it is not there.
        """
        if topic not in self._feeds:
            parts, at = await run_in_threadpool(self._look, topic)
            self._feeds.setdefault(topic, _Feed()).take(parts, at)

    async def _events(
        self, topic: str, tongue: Tongue, session: bytes, seen: str
    ) -> AsyncGenerator[ServerSentEvent, None]:
        self._watchers[topic] += 1
        self._sessions[session] += 1
        feed = self._feeds.setdefault(topic, _Feed())
        told: Instant | None = None
        # Its page may be newer than any look that has begun by now: then it waits for the next one.
        look = feed.begun + 1 if seen else 0
        try:
            while not self._closing and session not in self._ended:
                knows = feed.ended >= look
                changed = feed.changed if knows else feed.looked
                part = feed.parts.get(tongue)
                if knows and part is not None and (version := version_of(part)) != seen:
                    seen = version
                    yield ServerSentEvent(part, event="part", id=version)
                if feed.as_of is not None and feed.as_of != told:
                    told = feed.as_of
                    yield ServerSentEvent(beijing.text(told)[11:], event="as-of")
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _AS_OF_SECONDS)
        finally:
            self._leave(topic, session)

    def _leave(self, topic: str, session: bytes) -> None:
        self._watchers[topic] -= 1
        self._sessions[session] -= 1
        if not self._watchers[topic]:
            del self._watchers[topic]
            self._feeds.pop(topic, None)
        if not self._sessions[session]:
            del self._sessions[session]
            self._ended.discard(session)

    async def _look_for_ever(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looks += 1
            for topic in list(self._feeds):
                if not self._watchers[topic]:
                    del self._feeds[topic]  # whoever asked for it left before it came
                    continue
                await self._look_again(topic)
            if self._sessions and looks % _SESSIONS_EVERY == 0:
                with suppress(HongbaoError):
                    await self._check_sessions()

    async def _look_again(self, topic: str) -> None:
        if (looked_at := self._feeds.get(topic)) is not None:
            looked_at.begun += 1
        try:
            parts, at = await run_in_threadpool(self._look, topic)
        except Exception as error:  # noqa: BLE001  # the others are looked at all the same
            # Pages say as of when they are; the next look may find the books again.
            _LOG.warning("%s could not be looked at: %s", topic, type(error).__name__)
            return
        if (feed := self._feeds.get(topic)) is not None:
            feed.take(parts, at, look=feed.begun)

    def _look(self, topic: str) -> tuple[dict[Tongue, str], Instant]:
        at = self._site.clock()
        return parts_of(self._site, topic), at

    async def _check_sessions(self) -> None:
        asked = list(self._sessions)
        accounts, at = self._site.accounts, self._site.clock()
        alive = await run_in_threadpool(accounts.alive, asked, at=at)
        self._ended |= set(asked) - alive
        if self._ended:
            for feed in self._feeds.values():
                feed.wake()
