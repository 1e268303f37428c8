"""Code that calls WeChat's own host names reaches the simulator through its proxy alone."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from hongbao import MerchantTransfer, RedPack, TransferNotFound
from hongbao.simulator.simulator import Simulator
from hongbao.testing.wechat import SimulatedWeChat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.simulator.folder.folder import SimulatorFolder

WECHAT = "https://api.mch.weixin.qq.com"


@pytest.fixture
def running(wechat_folder: SimulatorFolder) -> Iterator[Simulator]:
    with Simulator.start(wechat_folder, proxy_port_number=0) as started:
        yield started


def test_wechats_own_names_lead_here(running: Simulator) -> None:
    wechat = SimulatedWeChat(running.simulation)
    credentials = wechat.credentials(base_url=WECHAT, proxy=running.proxy_url)
    with MerchantTransfer(credentials) as client:
        for _ in range(2):
            with pytest.raises(TransferNotFound):
                client.query("HB20261123A001")
    merchant = wechat.merchant(base_url=WECHAT, proxy=running.proxy_url)
    with RedPack(merchant) as red_pack:
        sent = red_pack.send_normal(
            mch_billno="A1",
            re_openid="oUser",
            total_amount=100,
            send_name="s",
            wishing="w",
            act_name="a",
            remark="r",
        )
    assert sent.total_amount == 100
    assert [entry.call for entry in wechat.journal()] == ["query", "query", "sendredpack"]


@pytest.mark.parametrize(
    "head",
    [
        b"CONNECT example.test:443 HTTP/1.1\r\n\r\n",
        b"CONNECT api.mch.weixin.qq.com:80 HTTP/1.1\r\n\r\n",
        b"CONNECT api.mch.weixin.qq.com.example.test:443 HTTP/1.1\r\n\r\n",
        b"GET http://api.mch.weixin.qq.com/ HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ],
)
def test_it_leads_nowhere_else(running: Simulator, head: bytes) -> None:
    assert running.door is not None
    with socket.create_connection(("127.0.0.1", running.door.number), 10) as line:
        line.sendall(head)
        assert line.recv(4096).startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert running.port.accepted == 0


def test_a_caller_who_says_too_much_or_leaves_is_let_go(running: Simulator) -> None:
    assert running.door is not None
    for head in (b"x" * 100_000, b"CONNECT"):
        with socket.create_connection(("127.0.0.1", running.door.number), 10) as line:
            line.sendall(head)
            line.shutdown(socket.SHUT_WR)
            try:
                answer = line.recv(4096)
            except ConnectionResetError:  # it did not read all of it
                answer = b""
            assert answer == b""


def test_a_tunnel_that_stands_ends_with_the_simulator(wechat_folder: SimulatorFolder) -> None:
    with Simulator.start(wechat_folder, proxy_port_number=0) as started:
        assert started.door is not None
        line = socket.create_connection(("127.0.0.1", started.door.number), 10)
        line.sendall(b"CONNECT api2.mch.weixin.qq.com:443 HTTP/1.1\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
    with line:
        assert line.recv(4096) == b""


def test_there_is_none_unless_it_is_asked_for(wechat_folder: SimulatorFolder) -> None:
    with Simulator.start(wechat_folder) as started:
        assert started.proxy_url is None
