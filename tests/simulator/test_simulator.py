"""The simulator as one thing: how it starts, stops, and says how to reach it."""

from __future__ import annotations

import shutil
import socket
import threading
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import Merchant, RedPack
from hongbao.errors import ConfigurationError
from hongbao.simulator.folder.folder import DEMO, SimulatorFolder
from hongbao.simulator.simulator import Simulator
from hongbao.testing.control_client import ControlClient

if TYPE_CHECKING:
    from pathlib import Path

PACKET: dict[str, Any] = {
    "re_openid": "oTEST_openid_0000000000000001",
    "total_amount": 100,
    "send_name": "测试商户",
    "wishing": "谢谢参与",
    "act_name": "秋季抽奖",
    "remark": "一等奖",
}


@pytest.fixture
def path(wechat_folder: SimulatorFolder, tmp_path: Path) -> Path:
    """Where a simulator was before: no keys have to be made."""
    shutil.copytree(wechat_folder.path, tmp_path / "simulator")
    return tmp_path / "simulator"


def test_a_new_folder_is_enough(tmp_path: Path) -> None:
    """It makes the folder, listens, and its merchant.toml leads there."""
    with Simulator.start(tmp_path / "new") as simulator:
        toml = simulator.folder.merchant_path(DEMO.mch_id) / "merchant.toml"
        with RedPack(Merchant.from_toml(toml)) as red_pack:
            red_pack.send_normal(mch_billno="A1", **PACKET)
        totals = ControlClient(simulator.control_url).totals()
    assert totals.debited == 100


def test_the_toml_follows_the_port(path: Path) -> None:
    for _ in range(2):
        with Simulator.start(path) as simulator:
            toml = (path / "merchants" / DEMO.mch_id / "merchant.toml").read_text("utf-8")
            assert tomllib.loads(toml)["base_url"] == simulator.base_url


def test_the_folder_is_let_go_when_it_stops(path: Path) -> None:
    pytest.importorskip("fcntl")
    simulator = Simulator.start(path)
    with pytest.raises(ConfigurationError, match="in use"):
        Simulator.start(path)
    simulator.stop()
    simulator.stop()
    SimulatorFolder.open(path, datetime.now(UTC)).close()


@pytest.mark.parametrize("which", ["port", "control_port_number"])
def test_a_port_that_is_taken_leaves_nothing_behind(path: Path, which: str) -> None:
    """No thread, no port, no lock."""
    threads = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports: dict[str, Any] = {which: other.getsockname()[1]}
        with pytest.raises(ConfigurationError, match="cannot be used"):
            Simulator.start(path, **ports)
    assert threading.active_count() == threads
    SimulatorFolder.open(path, datetime.now(UTC)).close()


def test_a_strangers_folder_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"mine\.txt"):
        Simulator.start(tmp_path)


def test_the_same_seed_gives_the_same_dice(wechat_folder: SimulatorFolder) -> None:
    secrets = []
    for seed in (1, 1, 2, None):
        with Simulator.start(wechat_folder, seed=seed) as simulator:
            secrets.append(simulator.simulation.world.secret)
    assert secrets[0] == secrets[1]
    assert len(set(secrets)) == 3


def test_many_callers_at_once_are_kept_apart(wechat_folder: SimulatorFolder) -> None:
    """By connection and by number: everything adds up at the end."""
    with Simulator.start(wechat_folder) as simulator:
        simulator.simulation.world.merchant(DEMO.mch_id).limits.calls_per_second = None
        toml = wechat_folder.merchant_path(DEMO.mch_id) / "merchant.toml"

        def call(lane: int) -> None:
            with RedPack(Merchant.from_toml(toml)) as red_pack:
                for number in range(10):
                    openid = f"oTEST_{lane}_{number}"
                    said = {**PACKET, "re_openid": openid}
                    red_pack.send_normal(mch_billno=f"L{lane}N{number}", **said)
                    control.claim(f"L{lane}N{number}", openid)

        control = ControlClient(simulator.control_url)
        lanes = [threading.Thread(target=call, args=(lane,)) for lane in range(5)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        assert control.totals() == (5000, 5000, 0, 0)
        assert control.audit() == ""
        assert len(control.journal()) == 50
