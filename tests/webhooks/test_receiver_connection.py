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
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "200",
            id="chunks",
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
