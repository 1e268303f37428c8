"""A server that negotiates anew in the middle, as TLS 1.2 allows; played by OpenSSL's own tool.

Python's ``ssl`` cannot play it. The client goes along: whoever answers must prove again who it is.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from drivers import KINDS, Garage, body
from peers import client_tls, world

from hongbao.client.blocking_connection import BlockingConnection, connect_to_any
from hongbao.client.proxy import Route
from hongbao.client.resolver import Address
from hongbao.client.transport import HttpRequest, Limits, MaybeSent, Origin

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

_OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(_OPENSSL is None, reason="there is no openssl to play the server")


class Tool:
    """``openssl s_server``, which does what is typed."""

    def __init__(self, process: subprocess.Popen[bytes], origin: Origin) -> None:
        self.process = process
        self.origin = origin

    def type(self, line: bytes) -> None:
        """A line: ``R`` negotiates anew, most others are sent."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def wait_for(self, said: bytes) -> None:
        """Until it has said this."""
        assert self.process.stdout is not None
        heard = b""
        while said not in heard:
            piece = self.process.stdout.read1(4096)  # type: ignore[attr-defined]  # it is buffered
            assert piece, heard
            heard += piece


@contextmanager
def _tool(folder: Path) -> Iterator[Tool]:
    path = folder / "server.pem"
    world().server.private_key_and_cert_chain_pem.write_to_path(path)
    command = [str(_OPENSSL), "s_server", "-tls1_2", "-naccept", "1"]
    command += ["-accept", "127.0.0.1:0", "-cert", str(path), "-key", str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith(b"ACCEPT")), b"")
            if b":" not in line:
                pytest.skip("this openssl does not say on which port it listens")
            yield Tool(process, Origin("127.0.0.1", int(line.rpartition(b":")[2])))
        finally:
            process.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_negotiates_anew_before_the_reply_is_gone_along_with(
    kind: str, tmp_path: Path
) -> None:
    drive = Garage(kind)
    with _tool(tmp_path) as tool, ThreadPoolExecutor(1) as threads:
        request = HttpRequest("POST", tool.origin, "/pay", (), b"the whole request")
        outcome = threads.submit(drive(client_tls()).send, request)
        tool.wait_for(b"the whole request")
        tool.type(b"R")
        tool.wait_for(b"SSL_do_handshake -> 1")
        tool.type(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole")
        assert body(outcome.result(20)) == b"whole"
    drive.close()


class Counting:
    """A connection that counts how often it is written to."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        self.sends = 0
        self._tls = tls

    def send(self, data: bytes) -> int:
        """Write."""
        self.sends += 1
        return self._tls.send(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tls, name)


def test_a_server_that_negotiates_anew_and_then_stalls_keeps_nobody_busy(tmp_path: Path) -> None:
    with _tool(tmp_path) as tool:
        address = Address(socket.AF_INET, tuple(tool.origin))
        until = time.monotonic() + 10
        tls = connect_to_any([address], Route(tool.origin), client_tls(), until)
        connection = BlockingConnection(tls, Route(tool.origin), Limits())
        try:
            tool.wait_for(b"CIPHER is")
            tool.type(b"R")
            assert connection.has_come(10_000)
            tool.process.send_signal(signal.SIGSTOP)
            connection.hear_before_first_byte()
            counting: Any = Counting(tls)
            connection._tls = counting
            with pytest.raises(MaybeSent, match="time was up"):
                connection.exchange(b"the whole request", time.monotonic() + 0.3)
            assert 1 <= counting.sends < 10
        finally:
            connection.close()
