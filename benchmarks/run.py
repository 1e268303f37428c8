"""Measure everything in one run, print it beside its goals, write ``results.json`` and the page.

Ratios are of CPU (user and system) of the client's process, medians of interleaved rounds, so that
a noisy machine tells the same story twice. Nothing here is a test.

``--quick`` takes fewer payouts and rounds, ``--only client``, ``engine`` or ``reads`` a part; both
only print.
"""

from __future__ import annotations

import argparse
import platform
import ssl
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as ShownTable

_ROOT = Path(__file__).parent.parent
# The PostgreSQL that the tests start serves here too, and so does the way to install SDKs.
sys.path += [str(_ROOT / "tests"), str(_ROOT)]

import client_lines  # noqa: E402  # see above
import engine_lines  # noqa: E402  # see above
import reads  # noqa: E402  # see above
import results  # noqa: E402  # see above
import tables  # noqa: E402  # see above

if TYPE_CHECKING:
    from line import Line
    from tables import Table


FULL_READS = 1_000_000
QUICK_READS = 50_000


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of all; write nothing")
    parser.add_argument(
        "--only", choices=("client", "engine", "reads"), help="a part; write nothing"
    )
    asked = parser.parse_args()
    console = Console()
    day = datetime.now(UTC).date()
    where = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}"
    console.print(f"{day} {where}")
    client = engine = read = None
    with tempfile.TemporaryDirectory() as folder:
        if asked.only not in {"engine", "reads"}:
            rounds = client_lines.QUICK_ROUNDS if asked.quick else client_lines.FULL_ROUNDS
            client = client_lines.measure(Path(folder), console, rounds)
        if asked.only not in {"client", "reads"}:
            sizes = engine_lines.QUICK if asked.quick else engine_lines.FULL
            engine = engine_lines.measure(Path(folder), console, sizes)
        if asked.only in {None, "reads"}:
            read = reads.measure(Path(folder), QUICK_READS if asked.quick else FULL_READS)
    lines: list[Line] = []
    shown: list[Table] = []
    if client:
        lines += client.lines
        shown += tables.of_clients(client.peers.figures)
    if engine:
        lines += engine.lines
        shown += [tables.of_engines(engine.speeds), tables.of_wholes(engine.wholes)]
    if read:
        lines += reads.lines(read)
        shown.append(tables.of_reads(read))
    for table in (tables.of_lines(lines), *shown):
        _print(console, table)
    if client and engine and not asked.quick:
        results.write(client, engine, day)
        console.print("written: benchmarks/results.json, docs/performance.md, docs/performance.svg")


def _print(console: Console, table: Table) -> None:
    shown = ShownTable(*table.head, title=table.name)
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


if __name__ == "__main__":
    main()
