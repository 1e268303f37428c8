"""The client's and the simulator's figures, and other clients beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import simulator
import startup
from client_peers import (
    ASYNC,
    AT_ONCE,
    AXIOS,
    GOPAY,
    ONE_BY_ONE,
    RAW,
    STREAMS,
    SYNC,
    WECHATPY,
    WXJAVA,
)
from handshakes import POOL_SIZE, handshakes
from line import Line
from responder import PACKET, responder
from side_by_side import side_by_side

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from side_by_side import Report as Peers

FULL_ROUNDS = 4
QUICK_ROUNDS = 2


class Report(NamedTuple):
    """All that was measured.

    Attributes:
        lines: with goals.
        peers: the clients side by side.
    """

    lines: list[Line]
    peers: Peers


def measure(folder: Path, console: Console, rounds: int) -> Report:
    """All of it, in the order of the table."""
    peers = side_by_side(folder, console, rounds)
    lines = _call_lines(peers)
    with responder(folder) as server, console.status("startup"):
        first = startup.first_call(server.merchant, PACKET)
        lines.append(Line("import and first call, CPU", first.cpu_milliseconds, "ms", 120))
        lines.append(Line("memory after one packet", first.resident_megabytes, "MB", 30))
        made = handshakes(server.merchant, server.handshakes)
        (folder / "commands").mkdir()
        used = startup.commands(folder / "commands")
        for (name, milliseconds), goal in zip(used.items(), (150, 250), strict=True):
            lines.append(Line(f"{name}, CPU", milliseconds, "ms", goal))
        lines.append(Line(f"handshakes of 1,000 sends, pool of {POOL_SIZE}", made, "", POOL_SIZE))
    with console.status("simulator"):
        rate = simulator.sends_per_core_second(folder / "served")
        lines.append(Line("simulator: sends a second of one core", rate, "/s", 1500, least=True))
        held = simulator.held(folder / "filled")
        lines.append(Line("simulator: 100,000 packets", held.resident_megabytes, "MB", 200))
        lines.append(
            Line("simulator: answer with 100,000 packets / with few", held.cost_ratio, "x", 1.25)
        )
    return Report(lines, peers)


def _call_lines(peers: Peers) -> list[Line]:
    """A whole call beside the least that Python can do, and others beside it, if they ran."""
    asked = (
        (ONE_BY_ONE, SYNC, RAW, "one by one: whole call / raw ssl", 1.7, False),
        (AT_ONCE, ASYNC, STREAMS, "64 at once, asyncio: whole call / streams", 2.0, False),
        (ONE_BY_ONE, WECHATPY, SYNC, "one by one: wechatpy / whole call", 9.0, True),
        (ONE_BY_ONE, AXIOS, SYNC, "one by one: wechatpay-axios-plugin / whole call", 40.0, True),
    )
    lines = []
    for situation, one, other, name, goal, least in asked:
        ratio = peers.ratio(situation, one, other)
        if ratio is not None:
            lines.append(Line(name, ratio, "x", goal, least=least))
    others = [peers.ratio(ONE_BY_ONE, it, SYNC) for it in (WECHATPY, AXIOS, GOPAY, WXJAVA)]
    if ratios := [ratio for ratio in others if ratio is not None]:
        name = "one by one: the nearest of the other clients / whole call"
        lines.append(Line(name, min(ratios), "x", 4.0, least=True))
    return lines
