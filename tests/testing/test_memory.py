"""The transports without a socket: what each end of an exchange means to the caller."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hongbao.client.transport import (
    HttpRequest,
    MaybeSent,
    NothingSent,
    Origin,
)
from hongbao.errors import InvalidRequest
from hongbao.simulator.exchange import Answer
from hongbao.testing.memory import AsyncMemoryTransport, MemoryTransport

if TYPE_CHECKING:
    from hongbao.client.transport import (
        AsyncTransport,
        HttpResponse,
        SentHeaders,
        Transport,
    )
    from hongbao.simulator.exchange import Exchange

REQUEST = HttpRequest("POST", Origin("localhost", 443), "/p?q=r", (("Accept", "x/y"),), b"body")


class FakeApp:
    def __init__(self, answer: Answer, *, refuse: int = 0) -> None:
        self.answer = answer
        self.refuse = refuse
        self.connections = 0
        self.seen: list[Exchange] = []

    def handle(self, exchange: Exchange) -> Answer:
        """Take it down and answer it."""
        self.seen.append(exchange)
        return self.answer

    def refuses_connection(self) -> bool:
        """As many times as was said."""
        self.connections += 1
        return self.connections <= self.refuse


def send(
    app: FakeApp, *, asynchronous: bool, seconds: float = 1.0, headers: SentHeaders | None = None
) -> HttpResponse:
    request = REQUEST if headers is None else REQUEST._replace(headers=headers)
    if not asynchronous:
        transport: Transport = MemoryTransport(app, certificate_mch_id="1")
        return transport.send(request, timeout_seconds=seconds)

    async def run() -> HttpResponse:
        other: AsyncTransport = AsyncMemoryTransport(app, certificate_mch_id="1")
        return await other.send(request, timeout_seconds=seconds)

    return asyncio.run(run())


both = pytest.mark.parametrize("asynchronous", [False, True])


@both
def test_an_answer_comes_back_whole(*, asynchronous: bool) -> None:
    signed = (("Wechatpay-Serial", "1"),)
    app = FakeApp(Answer(502, b"bad", "text/html", delay_seconds=0.9, headers=signed))
    response = send(app, asynchronous=asynchronous)
    assert (response.status, response.body) == (502, b"bad")
    assert response.headers == {b"Content-Type": b"text/html", b"Wechatpay-Serial": b"1"}
    (seen,) = app.seen
    assert seen[:6] == ("/p", b"body", "1", "127.0.0.1", False, "POST")
    headers = dict(seen.headers)
    assert headers.pop(b"user-agent").startswith(b"hongbao/")
    assert headers == {b"accept": b"x/y", b"host": b"localhost:443"}
    assert seen.query == "q=r"


@both
def test_a_request_that_sockets_would_refuse_is_refused_here(*, asynchronous: bool) -> None:
    app = FakeApp(Answer(200, b"ok"))
    with pytest.raises(InvalidRequest):
        send(app, asynchronous=asynchronous, headers=(("A", "b\nc"),))
    assert app.seen == []


@both
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"", hang=True),
        Answer(200, b"ok", delay_seconds=1.0),
        Answer(200, b"ok", cut=0),
        Answer(200, b"ok", cut=10**6),
    ],
    ids=["hang", "too late", "lost", "cut"],
)
def test_whatever_breaks_after_the_first_byte_may_have_been_sent(
    answer: Answer, *, asynchronous: bool
) -> None:
    """A cut reply is never handed over, however many bytes of it come."""
    app = FakeApp(answer)
    with pytest.raises(MaybeSent):
        send(app, asynchronous=asynchronous)
    assert len(app.seen) == 1


@both
def test_a_refused_connection_leaves_nothing_sent(*, asynchronous: bool) -> None:
    app = FakeApp(Answer(200, b"ok"), refuse=1)
    with pytest.raises(NothingSent):
        send(app, asynchronous=asynchronous)
    assert app.seen == []


@both
def test_no_time_leaves_nothing_sent(*, asynchronous: bool) -> None:
    app = FakeApp(Answer(200, b"ok"))
    with pytest.raises(NothingSent):
        send(app, asynchronous=asynchronous, seconds=0.0)
    assert app.seen == []


def test_a_good_connection_is_used_again_and_a_broken_one_is_not() -> None:
    """So that the simulator's faults of connections count as over sockets."""
    app = FakeApp(Answer(200, b"ok"))
    transport = MemoryTransport(app, certificate_mch_id=None)
    for _ in range(3):
        transport.send(REQUEST, timeout_seconds=1)
    assert app.connections == 1
    app.answer = Answer(200, b"", cut=0)
    with pytest.raises(MaybeSent):
        transport.send(REQUEST, timeout_seconds=1)
    app.answer = Answer(200, b"ok")
    transport.send(REQUEST, timeout_seconds=1)
    assert (app.connections, transport.sent) == (2, 5)


def test_a_closed_transport_sends_nothing() -> None:
    app = FakeApp(Answer(200, b"ok"))
    transport = MemoryTransport(app, certificate_mch_id=None)
    transport.close()
    with pytest.raises(NothingSent):
        transport.send(REQUEST, timeout_seconds=1)

    async def run() -> None:
        other = AsyncMemoryTransport(app, certificate_mch_id=None)
        await other.aclose()
        with pytest.raises(NothingSent):
            await other.send(REQUEST, timeout_seconds=1)

    asyncio.run(run())
    assert app.seen == []


def test_a_cancellation_can_meet_a_request_that_was_processed() -> None:
    app = FakeApp(Answer(200, b"ok"))

    async def run() -> None:
        transport = AsyncMemoryTransport(app, certificate_mch_id=None)
        task = asyncio.create_task(transport.send(REQUEST, timeout_seconds=1))
        for _ in range(2):  # to its start, and into the request
            await asyncio.sleep(0)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert len(app.seen) == 1
