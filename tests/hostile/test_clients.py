"""Clients that mean harm against the simulator: it answers the others, and keeps its bounds."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import struct
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wechat_line import FakeApp, read_all, request_bytes, serving

from hongbao.simulator.exchange import Answer
from hongbao.simulator.server.port_limits import PortLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wechat_line import Line

    from hongbao.simulator.folder.folder import SimulatorFolder

_ANSWER = 1_000
_LINE_BYTES_MAX = 20_000_000  # of what the buffers of both sides take
_BYTES_EACH_MAX = 100_000  # of memory for an idle connection over TLS; measured: 23,000


@pytest.fixture
def app() -> FakeApp:
    """Answers everything with a kilobyte."""
    return FakeApp(lambda exchange: Answer(200, b"x" * _ANSWER))


@pytest.fixture
def line(
    request: pytest.FixtureRequest,
    wechat_folder: SimulatorFolder,
    app: FakeApp,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Line]:
    """The way to a port, of ordinary patience or of this one. Nothing falls over in it unheard."""
    limits = getattr(request, "param", PortLimits())
    with caplog.at_level(logging.WARNING), serving(wechat_folder, app, limits) as line:
        yield line
        assert line.post().status == 200  # whatever came before
        line.wait_until(lambda: line.port.open_connections == 0)
    assert caplog.records == []


impatient = pytest.mark.parametrize(
    "line", [PortLimits(handshake_seconds=1.0, request_seconds=1.0)], indirect=True, ids=[""]
)


def _reset(raw: socket.socket) -> None:
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()


def test_clients_that_vanish_at_any_moment_leave_nothing(line: Line) -> None:
    whole = request_bytes()
    for _ in range(10):
        _reset(line.plain())
        _reset(_after(line.plain(), b"\x16\x03\x01\x02\x00\x01"))
        _reset(line.raw())
        _reset(_after(line.raw(), whole[:30]))
        _reset(_after(line.raw(), whole))
        _reset(_after(line.raw(), whole * 5))


def _after(raw: socket.socket, said: bytes) -> socket.socket:
    raw.sendall(said)
    return raw


@pytest.mark.parametrize("said", [b"", b"POST", request_bytes()[:-1]], ids=["", "head", "body"])
def test_a_client_that_says_no_more_is_heard_out_and_let_go(line: Line, said: bytes) -> None:
    with line.raw() as raw:
        raw.sendall(said)
        socket.socket.shutdown(raw, socket.SHUT_WR)  # half open, without TLS's farewell
        with suppress(ssl.SSLError):
            assert read_all(raw) == b""


@impatient
def test_a_request_that_drips_in_is_given_up_though_something_comes(line: Line) -> None:
    with line.raw() as raw, suppress(OSError):
        for byte in request_bytes(b"x" * 100_000):
            raw.sendall(bytes([byte]))
            raw.settimeout(0.01)
            with suppress(TimeoutError):
                if not raw.recv(1):
                    return
            assert line.port.open_connections == 1
    line.wait_until(lambda: line.port.open_connections == 0)


@impatient
def test_a_handshake_that_drips_in_is_given_up(line: Line) -> None:
    hello = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="a")
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    with line.plain() as plain, suppress(OSError):
        plain.settimeout(0.01)
        for byte in hello.read():
            plain.sendall(bytes([byte]))
            with suppress(TimeoutError):
                if not plain.recv(1):
                    return
    line.wait_until(lambda: line.port.open_connections == 0)


def test_thousands_of_requests_at_once_wait_outside_while_nobody_reads_the_answers(
    line: Line, app: FakeApp
) -> None:
    """Answers fill the line; then requests are left where they are, in the client."""
    with line.raw() as raw:
        raw.settimeout(0.1)
        with suppress(OSError):  # there is no more room, or the server has had enough of it
            while True:
                raw.sendall(request_bytes() * 1_000)
        assert 0 < len(app.seen) * _ANSWER < _LINE_BYTES_MAX
        assert line.post().status == 200


@pytest.mark.parametrize(
    "said",
    [
        b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 1_000_000,
        b"POST / HTTP/1.1\r\nX: " + b"y" * 5_000_000,
        b"POST /" + b"a" * 5_000_000,
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
        + b"x" * 3_000_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1_000_000,
    ],
    ids=["a million headers", "a long header", "a long path", "a length", "a chunk", "chunks"],
)
def test_what_swells_is_refused_before_it_is_whole(line: Line, app: FakeApp, said: bytes) -> None:
    with line.raw() as raw:
        with suppress(OSError):  # it may hang up while this is being sent
            raw.sendall(said)
        with suppress(OSError):
            assert read_all(raw)[:13] in {b"", b"HTTP/1.1 400 ", b"HTTP/1.1 413 ", b"HTTP/1.1 431 "}
    assert app.seen == []


def test_bytes_that_are_no_tls_end_an_established_connection(line: Line) -> None:
    with line.raw() as raw:
        socket.socket.sendall(raw, b"\x17\x03\x03\x00\x05junk!" * 10)
        with suppress(OSError):
            read_all(raw)


def test_a_thousand_idle_connections_over_tls_cost_little_and_stop_nobody(tmp_path: Path) -> None:
    """In a process of its own, so that its memory can be measured."""
    resource = pytest.importorskip("resource")
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is measured through /proc")
    code = (
        "import resource, runpy, sys\n"
        "most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))\n"
        "sys.argv[0] = 'hongbao'\n"
        "runpy.run_module('hongbao', run_name='__main__')\n"
    )
    command = [sys.executable, "-c", code, "simulator", "--json", "--stop-with-stdin"]
    command += ["--port", "0", "--control-port", "0", "--dir", str(tmp_path / "wechat")]
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2_500:
        pytest.skip("this process may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(most, 4096)), most))
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
        ExitStack() as stack,
    ):
        stack.callback(process.terminate)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        address = ("127.0.0.1", int(ready["base_url"].rpartition(":")[2]))
        context = ssl.create_default_context(cafile=str(tmp_path / "wechat" / "ca.pem"))

        def connect() -> ssl.SSLSocket:
            raw = context.wrap_socket(socket.socket(), server_hostname="localhost")
            stack.enter_context(raw)
            raw.settimeout(30)
            raw.connect(address)
            return raw

        assert _answers(connect())
        before = _resident_bytes(process.pid)
        idle = [connect() for _ in range(1_000)]
        grown = _resident_bytes(process.pid) - before
        assert grown < _BYTES_EACH_MAX * len(idle)
        assert _answers(connect())
        assert _answers(idle[-1])


def _answers(raw: ssl.SSLSocket) -> bool:
    raw.sendall(request_bytes())
    return raw.recv(100).startswith(b"HTTP/1.1 400 ")  # it showed no certificate


def _resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024
