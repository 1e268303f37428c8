"""Measure everything in one run, print it beside its goal, and write ``results.json`` and the page.

Ratios are of CPU (user and system) of the client's process, medians of interleaved rounds, so that
a noisy machine tells the same story twice. Nothing here is a test.

``--quick`` takes fewer payouts, ``--only client`` or ``--only engine`` one half; both only print.
"""

from __future__ import annotations

import argparse
import json
import platform
import ssl
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table as ShownTable

_HERE = Path(__file__).parent
# The PostgreSQL that the tests start serves here too.
sys.path.append(str(_HERE.parent / "tests"))

import client_lines  # noqa: E402  # see above
import engine_lines  # noqa: E402  # see above
import page  # noqa: E402  # see above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine_lines import Report
    from line import Line


class Table(NamedTuple):
    """One table of the page, by the name of its marks."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer payouts; write nothing")
    parser.add_argument("--only", choices=("client", "engine"), help="one half; write nothing")
    asked = parser.parse_args()
    console = Console()
    where = f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.machine()}"
    console.print(f"{datetime.now(UTC):%Y-%m-%d} {where}")
    lines: list[Line] = []
    tables: list[Table] = []
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "engine":
            lines += client_lines.measure(Path(folder), console)
        if asked.only != "client":
            sizes = engine_lines.QUICK if asked.quick else engine_lines.FULL
            report = engine_lines.measure(Path(folder), console, sizes)
            lines += report.lines
            tables += [_side_by_side(report), _whole(report)]
    tables.insert(0, _results(lines))
    for table in tables:
        _print(console, table)
    if not asked.quick and asked.only is None:
        _write(lines, tables)
        console.print("written: benchmarks/results.json, docs/benchmarks.md")


def _results(lines: Sequence[Line]) -> Table:
    head = ("what", "value", "goal", "holds")
    return Table("results", head, [line.words() for line in lines])


def _side_by_side(report: Report) -> Table:
    rows = [
        (
            speed.name,
            f"{speed.payouts:,}",
            f"{speed.per_second:,.0f}",
            f"{speed.cpu_microseconds:,.0f} us",
        )
        for speed in report.speeds
    ]
    return Table("engines", ("engine", "payouts", "a second", "CPU of its process for each"), rows)


def _whole(report: Report) -> Table:
    """Where a payout's time goes, end to end."""
    rows = []
    for name, whole in report.wholes.items():
        spent = whole.worker
        parts = (
            spent.seconds,
            whole.simulator_seconds,
            whole.database_seconds,
            spent.cpu_seconds,
            spent.claim_seconds,
            spent.record_seconds,
            spent.loop_seconds,
        )
        rows.append((name, *[f"{part / spent.payouts * 1e6:,.0f} us" for part in parts]))
    head = (
        "a payout over TLS", "by the clock", "CPU: simulator", "database", "worker",
        "of it: claim", "record", "policy and call",
    )  # fmt: skip
    return Table("end to end", head, rows)


def _print(console: Console, table: Table) -> None:
    shown = ShownTable(*table.head)
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


def _write(lines: Sequence[Line], tables: Sequence[Table]) -> None:
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
    for table in tables:
        page.write(*table)


if __name__ == "__main__":
    main()
