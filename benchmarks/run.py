"""Measure everything in one run, print it beside its goals, write ``results.json`` and the page.

Ratios are of CPU (user and system) of the client's process, medians of interleaved rounds, so that
a noisy machine tells the same story twice. Nothing here is a test.

``--quick`` takes fewer payouts and rounds, ``--only`` a part; both only print.
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
import reads  # noqa: E402  # see above
import reconciliation  # noqa: E402  # see above
import results  # noqa: E402  # see above
import tables  # noqa: E402  # see above
import transfer_calls  # noqa: E402  # see above
from filled_books import SERVER_SETTINGS  # noqa: E402  # see above

if TYPE_CHECKING:
    from datetime import date

    from line import Line
    from tables import Table


FULL_READS = 1_000_000
QUICK_READS = 50_000
FULL_PAGES = 100_000
QUICK_PAGES = 10_000
PARTS = ("client", "transfers", "engine", "reads", "large", "bills", "against", "looks", "pages")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of all; write nothing")
    parser.add_argument("--only", choices=PARTS, help="a part; write nothing")
    asked = parser.parse_args()
    console = Console()
    day = datetime.now(UTC).date()
    where = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}"
    console.print(f"{day} {where}")
    bench = Bench(console, quick=asked.quick)
    with tempfile.TemporaryDirectory() as folder:
        # Those of V3 are among the client's.
        parts = [part for part in PARTS if part != "transfers"]
        for part in parts if asked.only is None else (asked.only,):
            bench.run(part, Path(folder))
    for table in (tables.of_lines(bench.lines), *bench.tables):
        _print(console, table)
    if asked.only is None and not asked.quick:
        bench.write(day)
        console.print("written: benchmarks/results.json, docs/performance.md, docs/performance.svg")


class Bench:
    """All parts, as far as they have run.

    Args:
        console: for people.
        quick: whether fewer of all are taken.

    Attributes:
        lines: with goals.
        tables: for people.
    """

    def __init__(self, console: Console, *, quick: bool) -> None:
        self.lines: list[Line] = []
        self.tables: list[Table] = []
        self._console = console
        self._quick = quick
        self._client: client_lines.Report | None = None
        self._engine: engine_lines.Report | None = None
        self._reads: dict[str, list[reads.Read]] = {}

    def run(self, part: str, folder: Path) -> None:
        """Measure a part."""
        began = time.perf_counter()
        getattr(self, f"_run_{part}")(folder)
        self._console.print(f"{part}: {time.perf_counter() - began:.0f} s")

    def write(self, day: date) -> None:
        """Write what all parts have measured."""
        if self._client is None or self._engine is None:
            raise RuntimeError("not all parts have run")
        results.write(self.lines, self._client, self._engine, self._reads, day)

    def _run_client(self, folder: Path) -> None:
        rounds = client_lines.QUICK_ROUNDS if self._quick else client_lines.FULL_ROUNDS
        self._client = found = client_lines.measure(folder, self._console, rounds)
        self.lines += found.lines
        self.tables += tables.of_clients(found.peers.figures)

    def _run_transfers(self, folder: Path) -> None:
        rounds = client_lines.QUICK_ROUNDS if self._quick else client_lines.FULL_ROUNDS
        self.lines += transfer_calls.lines(folder, self._console, rounds)

    def _run_engine(self, folder: Path) -> None:
        sizes = engine_lines.QUICK if self._quick else engine_lines.FULL
        self._engine = found = engine_lines.measure(folder, self._console, sizes)
        self.lines += found.lines
        self.tables += [tables.of_engines(found.speeds), tables.of_wholes(found.wholes)]

    def _run_reads(self, folder: Path) -> None:
        self._reads = reads.measure(folder, QUICK_READS if self._quick else FULL_READS)
        self.lines += reads.lines(self._reads)
        self.tables.append(tables.of_reads(self._reads))

    def _run_large(self, folder: Path) -> None:
        payouts = QUICK_READS if self._quick else FULL_READS
        with PostgresProcess(SERVER_SETTINGS) as server:
            self.lines += large_books.measure(folder, server, payouts=payouts)

    def _run_bills(self, folder: Path) -> None:
        movements = QUICK_READS if self._quick else FULL_READS
        with PostgresProcess(SERVER_SETTINGS) as server:
            self.lines += reconciliation.measure(folder, server, movements=movements)

    def _run_against(self, _folder: Path) -> None:
        sizes = against.QUICK if self._quick else against.FULL
        for it in against.measure(against.SINCE, self._console, sizes):
            self.lines += it.lines()

    def _run_looks(self, _folder: Path) -> None:
        self.lines += looks.measure()

    def _run_pages(self, folder: Path) -> None:
        found = pages.measure(folder, QUICK_PAGES if self._quick else FULL_PAGES)
        self.lines += pages.lines(found)
        self.tables.append(tables.of_pages(found))


def _print(console: Console, table: Table) -> None:
    shown = ShownTable(*table.head, title=table.name)
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


if __name__ == "__main__":
    main()
