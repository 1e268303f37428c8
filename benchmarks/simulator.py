"""How fast the simulator answers, what it holds its packets in, and whether that slows it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import AsyncRedPack, Merchant, SendNormal
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.simulation import Simulation
from hongbao.simulator.simulator import Simulator
from hongbao.wire.codec import encode
from process_use import cpu_seconds

if TYPE_CHECKING:
    from hongbao.simulator.app import App

SENDS = 4_000
AT_ONCE = 16
PACKETS = 100_000
SAMPLE = 2_000


class Held(NamedTuple):
    """A simulator that holds 100,000 packets.

    Attributes:
        resident_megabytes: of its whole process, ports open.
        cost_ratio: of an answer then to an answer with few packets.
    """

    resident_megabytes: float
    cost_ratio: float


def sends_per_core_second(folder: Path) -> float:
    """Sends over TLS for each second of CPU that the simulator's process used."""
    command = [sys.executable, __file__, "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout
        settings = json.loads(process.stdout.readline())
        try:
            asyncio.run(_send_many(Merchant(**settings), 0, SENDS // 4))  # to warm up
            before = cpu_seconds(process.pid)
            asyncio.run(_send_many(Merchant(**settings), SENDS, SENDS))
            return SENDS / (cpu_seconds(process.pid) - before)
        finally:
            process.terminate()


def held(folder: Path) -> Held:
    """Fill a simulator in a process of its own."""
    command = [sys.executable, __file__, "fill", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Held(*json.loads(done.stdout))


async def _send_many(merchant: Merchant, first: int, count: int) -> None:
    async with AsyncRedPack(merchant) as red_pack:

        async def some(start: int) -> None:
            for number in range(start, count, AT_ONCE):
                await red_pack.call(_packet(first + number))

        await asyncio.gather(*[some(start) for start in range(AT_ONCE)])


def _packet(number: int) -> SendNormal:
    return SendNormal(
        mch_billno=f"B{number:08}",
        re_openid=f"oBENCH_{number:021}",
        total_amount=100,
        send_name="测试商户",
        wishing="谢谢参与",
        act_name="秋季抽奖",
        remark="一等奖",
    )


def _running(folder: str) -> Simulator:
    simulator = Simulator.start(folder, seed=1)
    for merchant in simulator.simulation.world.merchants.values():
        merchant.limits.calls_per_second = None
    return simulator


def _serve(folder: str) -> None:
    with _running(folder) as simulator:
        print(json.dumps(_plain(simulator)), flush=True)
        sys.stdin.read()


def _fill(folder: str) -> None:
    with _running(folder) as simulator:
        merchant = Merchant(**_plain(simulator))
        full = simulator.simulation.app
        for number in range(PACKETS):
            _handle(full, merchant, number)
        resident = _resident_megabytes()
        empty = _fresh(simulator)
        few, many = [], []
        for number in range(PACKETS, PACKETS + SAMPLE):
            few.append(_handle(empty, merchant, number))
            many.append(_handle(full, merchant, number))
        print(json.dumps([resident, median(many) / median(few)]))


def _fresh(simulator: Simulator) -> App:
    """Another world of the same merchants, with nothing in it yet."""
    app = Simulation(simulator.simulation.folder, seed=1).app
    for merchant in app.world.merchants.values():
        merchant.limits.calls_per_second = None
    return app


def _handle(app: App, merchant: Merchant, number: int) -> float:
    """The seconds of one answer."""
    message = _packet(number)
    body = encode(message, merchant, nonce="0" * 32)
    exchange = Exchange(message.ENDPOINT.path, body, merchant.mch_id, "127.0.0.1")
    started = time.perf_counter()
    app.handle(exchange)
    return time.perf_counter() - started


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    resident = next(line for line in status if line.startswith("VmRSS"))
    return int(resident.split()[1]) / 1024


def _plain(simulator: Simulator) -> dict[str, Any]:
    """A merchant's settings as JSON can carry them."""
    settings = simulator.simulation.merchant_settings()
    settings.pop("work", None)
    return {name: str(value) for name, value in settings.items()}


if __name__ == "__main__":
    {"serve": _serve, "fill": _fill}[sys.argv[1]](sys.argv[2])
