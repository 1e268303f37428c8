"""What receivers reply, byte for byte: what counts as a reply, and when its connection stays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import NamedTuple

import pytest

from hongbao.webhooks.sender import ReceiverAnswer, Sender
from hongbao.webhooks.signature import SigningSecret

SECRET = SigningSecret(bytes(range(32)))
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000


class Came(NamedTuple):
    """What two posts come to, one after the other."""

    answers: list[str]
    connections: int


async def post_twice(reply: bytes, *, hangs_up: bool) -> Came:
    """Post to somebody who sends these bytes for each request, and then may hang up."""
    connections = 0
    gone = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(2)
                writer.write(reply)
                if hangs_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers: list[ReceiverAnswer] = []
    async with Sender(f"http://127.0.0.1:{port}/", [SECRET], allow_private=True) as sender:
        for _ in range(2):
            answers.append(await sender.post("evt", b"{}"))
            if hangs_up:
                await gone.wait()
                gone.clear()
    server.close()
    return Came([it.words for it in answers], connections)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        pytest.param(OK, "204", id="no body"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + OK, "204", id="1xx"),
        pytest.param(CHUNKED + b"2\r\nok\r\n0\r\n\r\n", "200", id="chunks"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n",
            "200",
            id="another protocol is offered",
        ),
    ],
)
def test_a_connection_is_used_again_behind_a_whole_reply(reply: bytes, status: str) -> None:
    assert asyncio.run(post_twice(reply, hangs_up=False)) == ([status] * 2, 1)


@pytest.mark.parametrize(
    ("reply", "hangs_up", "words"),
    [
        pytest.param(OK, True, "204", id="hangs up behind it"),
        pytest.param(LONG, False, "200", id="a long body"),
        pytest.param(OK + OK, False, "204", id="two replies"),
        pytest.param(OK + b"ok", False, "204", id="a body where none can be"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay",
            False,
            "200",
            id="more than its length",
        ),
        pytest.param(
            CHUNKED + b"0\r\n" + b"X: y\r\n" * 100_000, False, "200", id="trailers without end"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", False, "200", id="lines end in a line feed"
        ),
        pytest.param(
            b"HTTP/1.1 200\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
            False,
            "200",
            id="a length twice",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
            False,
            "200",
            id="a length and chunks",
        ),
        pytest.param(
            b"HTTP/1.1 503 No\r\nOne Name: x\r\n\r\n", False, "503", id="a header that is none"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", True, "200", id="ends by the end"
        ),
        pytest.param(
            b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nab", True, "500", id="a cut body"
        ),
        pytest.param(b"", True, "no answer (ConnectionResetError)", id="nothing"),
        pytest.param(b"HTTP/1.1 20", True, "no answer (ConnectionResetError)", id="a cut head"),
        pytest.param(b"SSH-2.0-x\r\n", False, "no answer (ReplyMalformed)", id="no HTTP"),
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            False,
            "no answer (ReplyMalformed)",
            id="another protocol",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000,
            False,
            "no answer (ReplyMalformed)",
            id="a head without end",
        ),
    ],
)
def test_behind_any_other_reply_the_next_post_has_a_connection_of_its_own(
    reply: bytes, *, hangs_up: bool, words: str
) -> None:
    assert asyncio.run(post_twice(reply, hangs_up=hangs_up)) == ([words] * 2, 2)


def test_what_an_informational_reply_says_of_waiting_is_not_the_replys_own() -> None:
    async def run() -> float | None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n")
            writer.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
            await reader.read()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Sender(url, [SECRET], allow_private=True) as sender:
            found = await sender.post("evt", b"{}")
        server.close()
        return found.retry_after

    assert asyncio.run(run()) is None


def test_a_receiver_that_hangs_up_as_the_next_post_comes_gets_it_again_at_once() -> None:
    """It is alive: nothing waits for it, and nothing is said to have failed."""
    posts: list[int] = []

    async def run() -> list[str]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError):
                for count in range(2):
                    await reader.readuntil(b"\r\n\r\n{}")
                    posts.append(count)
                    if not count:
                        writer.write(OK)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Sender(url, [SECRET], allow_private=True) as sender:
            answers = [await sender.post("evt", b"{}") for _ in range(2)]
        server.close()
        return [it.words for it in answers]

    assert asyncio.run(run()) == ["204", "204"]
    assert posts == [0, 1, 0]
