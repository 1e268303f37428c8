"""Live parts: one look a second for all who watch, the newest state, an end with the session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import Engine, event

from hongbao.console.live import LivePages
from hongbao.console.signing_in.identifying import cookie_hash
from hongbao.console.topics import part_of, version_of
from hongbao.ledger.model.account import Role
from hongbao.sentences import Tongue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console_stage import ConsoleStage

SPRING = "campaign/spring"


def events(stream: httpx.Response) -> Iterator[dict[str, str]]:
    """The events of a stream, each with its lines of data joined."""
    found: dict[str, str] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            found[name] = found[name] + "\n" + value if name in found else value
        elif found:
            yield found
            found = {}


def test_the_first_event_is_how_things_stand_and_the_next_how_they_stand_then(
    console: ConsoleStage,
) -> None:
    console.campaign()
    with console.client(Role.VIEWER).stream("GET", f"/live/{SPRING}") as stream:
        found = (it for it in events(stream) if it.get("event") == "part")
        first = next(found)
        assert first["data"] == part_of(console.site, SPRING, Tongue.ENGLISH)
        console.book.pause("spring", by="bo", reason="lunch")
        second = next(found)
        assert "paused" in second["data"]
        assert second["id"] != first["id"]


def test_a_browser_that_comes_back_is_not_sent_what_it_has(console: ConsoleStage) -> None:
    console.campaign()
    client = console.client(Role.VIEWER)
    with client.stream("GET", f"/live/{SPRING}") as stream:
        version = next(events(stream))["id"]
    with client.stream("GET", f"/live/{SPRING}", headers={"last-event-id": version}) as stream:
        assert next(events(stream))["event"] == "as-of"


@pytest.mark.parametrize(
    ("chosen", "accepted", "phase"),
    [("zh", "en", "已批准"), ("", "zh-CN,zh;q=0.9", "已批准"), ("en", "zh-CN", "approved")],
)
def test_it_speaks_the_language_of_its_page_and_no_proxy_keeps_it_back(
    console: ConsoleStage, chosen: str, accepted: str, phase: str
) -> None:
    console.campaign()
    client = console.client(Role.VIEWER)
    client.cookies.set("hongbao-language", chosen)
    headers = {"accept-language": accepted}
    with client.stream("GET", f"/live/{SPRING}", headers=headers) as stream:
        assert stream.headers["x-accel-buffering"] == "no"
        assert phase in next(events(stream))["data"]


@pytest.mark.parametrize("topic", ["none/", "campaign/none", "campaign/"])
def test_what_is_not_there_is_not_watched(console: ConsoleStage, topic: str) -> None:
    assert console.client(Role.VIEWER).get(f"/live/{topic}").status_code == 404


def test_many_who_watch_cost_the_books_as_much_as_one(console: ConsoleStage) -> None:
    """Five hundred streams of one process, each given the state, then one change."""
    console.campaign()
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    async def watched(clients: int) -> int:
        nonlocal statements
        live = LivePages(console.site)
        await live._begin(SPRING)
        streams = [live._events(SPRING, Tongue.ENGLISH, b"s", "") for _ in range(clients)]
        seen = await asyncio.gather(*(anext(it) for it in streams))
        assert len({it.data for it in seen}) == 1
        statements = 0
        await live._look_again(SPRING)
        looked = statements
        for stream in streams:
            await stream.aclose()
        assert live._feeds == {}
        return looked

    event.listen(Engine, "before_cursor_execute", count)
    try:
        one, many = asyncio.run(watched(1)), asyncio.run(watched(500))
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert one == many
    assert 0 < one < 40


def test_who_is_signed_out_is_sent_no_more(console: ConsoleStage) -> None:
    console.campaign()

    async def watch() -> Any:
        live = LivePages(console.site)
        cookie = console.cookie(Role.VIEWER)
        hashed = cookie_hash(cookie)
        await live._begin(SPRING)
        stream = live._events(SPRING, Tongue.ENGLISH, hashed, "")
        await anext(stream)
        await anext(stream)
        console.site.accounts.end_session(hashed, by="viewer", at=console.wall())
        await live._check_sessions()
        return [it async for it in stream]

    assert asyncio.run(watch()) == []


def test_a_look_that_fails_leaves_the_others_as_they_are(console: ConsoleStage) -> None:
    console.campaign()

    async def look() -> str:
        live = LivePages(console.site)
        await live._begin(SPRING)
        live._feeds["campaign/gone"] = type(live._feeds[SPRING])()
        await live._look_again("campaign/gone")
        await live._look_again(SPRING)
        return live._feeds[SPRING].parts[Tongue.ENGLISH]

    assert "approved" in asyncio.run(look())


def test_a_page_that_is_newer_than_the_last_look_is_not_sent_what_was_before(
    console: ConsoleStage,
) -> None:
    """Somebody watches; another person pauses it, and their page has it before the next look."""
    console.campaign()

    async def come() -> list[str | None]:
        live = LivePages(console.site)
        await live._begin(SPRING)
        console.book.pause("spring", by="bo", reason="lunch")
        seen = version_of(part_of(console.site, SPRING, Tongue.ENGLISH))
        stream = live._events(SPRING, Tongue.ENGLISH, b"s", seen)
        found = [(await anext(stream)).event]
        await live._look_again(SPRING)
        live.close()
        return found + [it.event async for it in stream]

    assert asyncio.run(come()) == ["as-of"]


def test_a_page_that_is_older_than_what_is_known_has_it_at_the_next_look(
    console: ConsoleStage,
) -> None:
    console.campaign()
    seen = version_of(part_of(console.site, SPRING, Tongue.ENGLISH))
    console.book.pause("spring", by="bo", reason="lunch")

    async def come() -> str:
        live = LivePages(console.site)
        await live._begin(SPRING)
        stream = live._events(SPRING, Tongue.ENGLISH, b"s", seen)
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        await live._look_again(SPRING)
        return str((await asyncio.wait_for(waiting, 2)).data)

    assert "paused" in asyncio.run(come())


@pytest.mark.parametrize("role", Role)
def test_a_part_is_watched_by_those_alone_who_may_see_its_page(
    still_console: ConsoleStage, role: Role
) -> None:
    client = still_console.client(role)
    for page, topic in (("/", "home/"), ("/campaigns/spring", SPRING), ("/audit", "audit/")):
        may = client.get(page).status_code
        with client.stream("GET", f"/live/{topic}") as stream:
            assert stream.status_code == may, topic
