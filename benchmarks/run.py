"""Measure everything in one run, print it beside its goal, and write ``results.json``.

Ratios are of CPU (user and system) of the client's process, medians of interleaved rounds, so that
a noisy machine tells the same story twice. Nothing here is a test.
"""

from __future__ import annotations

import json
import platform
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

import calls
import simulator
import startup
from responder import responder

_HERE = Path(__file__).parent
_BEGIN = "<!-- results: written by make bench -->"
_END = "<!-- end of results -->"


class Line(NamedTuple):
    """One figure; ``least`` if the goal is a least value rather than a greatest."""

    name: str
    value: float
    unit: str
    goal: float
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.least else self.value <= self.goal

    @property
    def sign(self) -> str:
        """How the value must stand to the goal."""
        return ">=" if self.least else "<="

    def words(self) -> tuple[str, str, str, str]:
        """The line of a table."""
        return (
            self.name,
            f"{self.value:,.2f} {self.unit}".strip(),
            f"{self.sign} {self.goal:,} {self.unit}".strip(),
            "yes" if self.holds else "NO",
        )


def measure(folder: Path, console: Console) -> list[Line]:
    """All figures, in the order of the table."""
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


def main() -> None:
    """Run, print, write."""
    console = Console()
    where = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}"
    console.print(f"{datetime.now(UTC):%Y-%m-%d} {where}")
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(Path(folder), console)
    table = Table("what", "value", "goal", "holds")
    for line in lines:
        table.add_row(*line.words())
    console.print(table)
    results = [
        {
            "name": line.name,
            "value": round(line.value, 3),
            "unit": line.unit,
            "goal": f"{line.sign} {line.goal}",
            "holds": line.holds,
        }
        for line in lines
    ]
    (_HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    _write_page(lines)
    console.print("written: benchmarks/results.json, docs/benchmarks.md")


def _write_page(lines: list[Line]) -> None:
    """Put the table into the page, between its marks."""
    page = _HERE.parent / "docs" / "benchmarks.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = ["| what | value | goal | holds |", "|---|---|---|---|"]
    rows += [f"| {' | '.join(line.words())} |" for line in lines]
    table = "\n".join(rows)
    page.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
