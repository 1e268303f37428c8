"""The client's and the simulator's figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import calls
import simulator
import startup
from line import Line
from responder import responder

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


def measure(folder: Path, console: Console) -> list[Line]:
    """All of them, in the order of the table."""
    lines = []
    with responder(folder) as server, console.status("calls") as status:
        ours, raw = calls.one_by_one(server.merchant)
        lines.append(Line("one by one: whole call / raw ssl", ours / raw, "x", 2.0))
        console.print(f"one by one: {ours:.0f} us a call, raw ssl {raw:.0f} us")
        ours, raw = calls.at_once(server.merchant)
        lines.append(Line("64 at once, asyncio: whole call / streams", ours / raw, "x", 2.2))
        console.print(f"64 at once: {ours:.0f} us a call, streams {raw:.0f} us")
        status.update("startup")
        first = startup.first_call(server.merchant, calls.PACKET)
        lines.append(Line("import and first call, CPU", first.cpu_milliseconds, "ms", 120))
        lines.append(Line("memory after one packet", first.resident_megabytes, "MB", 30))
        made = calls.handshakes(server.merchant, server.handshakes)
        lines.append(
            Line(f"handshakes of 1,000 sends, pool of {calls.POOL_SIZE}", made, "", calls.POOL_SIZE)
        )
    with console.status("simulator"):
        rate = simulator.sends_per_core_second(folder / "served")
        lines.append(Line("simulator: sends a second of one core", rate, "/s", 1500, least=True))
        held = simulator.held(folder / "filled")
        lines.append(Line("simulator: 100,000 packets", held.resident_megabytes, "MB", 200))
        lines.append(
            Line("simulator: answer with 100,000 packets / with few", held.cost_ratio, "x", 1.25)
        )
    return lines
