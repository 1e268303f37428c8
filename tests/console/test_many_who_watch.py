"""As many browsers as may watch at once, and more: each real, each told of what changes."""

from __future__ import annotations

import asyncio
import resource
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from kinds import ALL
from sqlalchemy import Engine, event

from hongbao.console.live import CLIENTS_MAX
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from console_stage import ConsoleStage

MORE = 100
LISTENERS = CLIENTS_MAX + MORE
FILES = 2 * LISTENERS + 500
"""Both ends of each stream are open in this process."""


@pytest.fixture
def many_files() -> Iterator[None]:
    """So many files may be open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip(f"no more than {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Watching(NamedTuple):
    """One stream.

    Attributes:
        status: of HTTP.
        reader: what comes.
    """

    status: int
    reader: asyncio.StreamReader

    async def until(self, text: str) -> None:
        """Read on until it is said."""
        while text not in (line := (await self.reader.readline()).decode()):
            assert line, "the stream has ended"


@asynccontextmanager
async def watching(console: ConsoleStage, cookie: str) -> AsyncIterator[Watching]:
    """A stream of the campaign, as long as this lasts."""
    at = urlsplit(console.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    name = console.site.settings.cookie
    head = f"GET /live/campaign/spring HTTP/1.1\r\nhost: {at.netloc}\r\ncookie: {name}={cookie}\r\n"
    writer.write(f"{head}\r\n".encode())
    try:
        status = int((await reader.readline()).split()[1])
        yield Watching(status, reader)
    finally:
        writer.close()


@pytest.mark.long
@pytest.mark.skipif(not ALL, reason="PROOF_LIVES=all has it: 1,100 streams take a while")
@pytest.mark.usefixtures("many_files")
def test_a_thousand_watch_at_no_more_cost_and_who_comes_after_them_is_asked_to_come_back(
    console: ConsoleStage,
) -> None:
    console.campaign()
    cookie = console.cookie(Role.VIEWER)
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    async def cost(streams: list[Watching]) -> int:
        """Statements from a change until all have seen it, and from the next one."""
        before = statements
        console.book.pause("spring", by="bo", reason="lunch")
        await asyncio.gather(*(it.until("paused") for it in streams))
        console.book.resume("spring", by="bo")
        await asyncio.gather(*(it.until("running") for it in streams))
        return statements - before

    async def watch() -> None:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(watching(console, cookie))
            await first.until("approved")
            one = await cost([first])
            opened = (watching(console, cookie) for _ in range(LISTENERS - 1))
            streams = await asyncio.gather(*map(stack.enter_async_context, opened))
            taken = [it for it in streams if it.status == 200]
            assert (1 + len(taken), len(streams) - len(taken)) == (CLIENTS_MAX, MORE)
            await asyncio.gather(*(it.until("running") for it in taken))
            assert await cost([first, *taken]) <= 3 * one
        async with watching(console, cookie) as later:
            assert later.status == 200

    event.listen(Engine, "before_cursor_execute", count)
    try:
        asyncio.run(asyncio.wait_for(watch(), 120))
    finally:
        event.remove(Engine, "before_cursor_execute", count)
