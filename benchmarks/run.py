"""Measure everything, print it beside its goals, write ``results.json`` and the page.

Ratios are of CPU (user and system) of the client's process, medians of interleaved rounds, so that
a noisy machine tells the same story twice. Nothing here is a test.

``--only`` takes some parts, and what takes too long for a whole run. ``--quick`` takes fewer of
all, and only prints.
"""

from __future__ import annotations

import argparse
import platform
import ssl
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as ShownTable

_ROOT = Path(__file__).parent.parent
# The PostgreSQL that the tests start serves here too, and so does the way to install SDKs.
sys.path += [str(_ROOT / "tests"), str(_ROOT)]

from postgres_process import PostgresProcess  # noqa: E402  # see above

import against  # noqa: E402  # see above
import client_lines  # noqa: E402  # see above
import console as pages  # noqa: E402  # see above
import engine_lines  # noqa: E402  # see above
import large_books  # noqa: E402  # see above
import looks  # noqa: E402  # see above
import plot  # noqa: E402  # see above
import reads  # noqa: E402  # see above
import reconciliation  # noqa: E402  # see above
import results  # noqa: E402  # see above
import tables  # noqa: E402  # see above
import transfer_calls  # noqa: E402  # see above
from filled_books import SERVER_SETTINGS  # noqa: E402  # see above
from results import LONG_PARTS, PARTS, Part  # noqa: E402  # see above

if TYPE_CHECKING:
    from tables import Table


FULL_READS = 1_000_000
QUICK_READS = 50_000
FULL_PAGES = 100_000
QUICK_PAGES = 10_000


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of all; write nothing")
    parser.add_argument("--only", nargs="+", choices=(*PARTS, *LONG_PARTS), help="some parts")
    asked = parser.parse_args()
    console = Console()
    day = datetime.now(UTC).date()
    where = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}"
    console.print(f"{day} {where}")
    bench = Bench(console, quick=asked.quick)
    for name in asked.only or PARTS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            part = bench.run(name, Path(folder))
        for table in (tables.of_lines(part.lines), *part.tables):
            _print(console, table)
        console.print(f"{name}: {time.perf_counter() - began:.0f} s")
        if not asked.quick:
            results.write(name, part, day)
    if asked.only is None:
        console.print(f"not measured: {', '.join(LONG_PARTS)}, which take longer (--only)")
    if not asked.quick:
        console.print("written: benchmarks/results.json, docs/performance.md, docs/performance.svg")


class Bench:
    """All parts, each by its name.

    Args:
        console: for people.
        quick: whether fewer of all are taken.
    """

    def __init__(self, console: Console, *, quick: bool) -> None:
        self._console = console
        self._quick = quick

    def run(self, name: str, folder: Path) -> Part:
        """Measure a part."""
        part: Part = getattr(self, f"_run_{name}")(folder)
        return part

    def _run_client(self, folder: Path) -> Part:
        rounds = client_lines.QUICK_ROUNDS if self._quick else client_lines.FULL_ROUNDS
        found = client_lines.measure(folder, self._console, rounds)
        peers = found.peers
        return Part(
            found.lines,
            tables.of_clients(peers.figures),
            [it._asdict() for it in peers.figures],
            peers.versions,
            list(peers.left_out),
            plot.svg(peers.figures),
        )

    def _run_transfers(self, folder: Path) -> Part:
        rounds = client_lines.QUICK_ROUNDS if self._quick else client_lines.FULL_ROUNDS
        return Part(transfer_calls.lines(folder, self._console, rounds))

    def _run_engine(self, folder: Path) -> Part:
        sizes = engine_lines.QUICK if self._quick else engine_lines.FULL
        found = engine_lines.measure(folder, self._console, sizes)
        return Part(
            found.lines,
            [tables.of_engines(found.speeds), tables.of_wholes(found.wholes)],
            [it._asdict() for it in found.speeds],
            {"PostgreSQL": found.postgresql, **found.versions},
            list(found.left_out),
        )

    def _run_reads(self, folder: Path) -> Part:
        found = reads.measure(folder, QUICK_READS if self._quick else FULL_READS)
        return Part(reads.lines(found), [tables.of_reads(found)])

    def _run_large(self, folder: Path) -> Part:
        payouts = QUICK_READS if self._quick else FULL_READS
        with PostgresProcess(SERVER_SETTINGS) as server:
            return Part(large_books.measure(folder, server, payouts=payouts))

    def _run_bills(self, folder: Path) -> Part:
        movements = QUICK_READS if self._quick else FULL_READS
        with PostgresProcess(SERVER_SETTINGS) as server:
            return Part(reconciliation.measure(folder, server, movements=movements))

    def _run_against(self, _folder: Path) -> Part:
        sizes = against.QUICK if self._quick else against.FULL
        found = against.measure(against.SINCE, self._console, sizes)
        return Part([line for it in found for line in it.lines()])

    def _run_looks(self, _folder: Path) -> Part:
        return Part(looks.measure())

    def _run_pages(self, folder: Path) -> Part:
        found = pages.measure(folder, QUICK_PAGES if self._quick else FULL_PAGES)
        return Part(pages.lines(found), [tables.of_pages(found)])


def _print(console: Console, table: Table) -> None:
    shown = ShownTable(*table.head, title=table.name)
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


if __name__ == "__main__":
    main()
