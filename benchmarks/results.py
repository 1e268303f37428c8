"""Where the figures go: ``results.json``, the page, and its picture."""

from __future__ import annotations

import json
import platform
import sqlite3
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import machine
import page
import plot
import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from client_lines import Report as ClientReport
    from engine_lines import Report as EngineReport
    from line import Line
    from reads import Read

PATH = Path(__file__).with_name("results.json")


def write(
    lines: Sequence[Line],
    client: ClientReport,
    engine: EngineReport,
    read: Mapping[str, Sequence[Read]],
    day: date,
) -> None:
    """Write all three."""
    results = _results(lines, client, engine, day)
    PATH.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page.PLOT_PATH.write_text(plot.svg(client.peers.figures), encoding="utf-8")
    page.write("machine", _circumstances(results))
    for table in (
        tables.of_lines(lines),
        *tables.of_clients(client.peers.figures),
        tables.of_engines(engine.speeds),
        tables.of_wholes(engine.wholes),
        tables.of_reads(read),
    ):
        page.write(table.name, page.table(table.head, table.rows))


def _results(
    lines: Sequence[Line], client: ClientReport, engine: EngineReport, day: date
) -> dict[str, Any]:
    versions = {
        "Python": platform.python_version(),
        "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": engine.postgresql,
        **client.peers.versions,
        **engine.versions,
    }
    return {
        "date": day.isoformat(),
        "machine": machine.description(),
        "versions": versions,
        "left_out": [*client.peers.left_out, *engine.left_out],
        "lines": [_line(line) for line in lines],
        "peers": {
            "clients": [_rounded(figure._asdict()) for figure in client.peers.figures],
            "engines": [_rounded(speed._asdict()) for speed in engine.speeds],
        },
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "value": round(line.value, 3),
        "unit": line.unit,
        "goal": f"{line.sign} {line.goal}",
        "holds": line.holds,
        "swing": None if line.swing is None else round(line.swing, 3),
    }


def _rounded(figure: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in figure.items()
    }


def _circumstances(results: dict[str, Any]) -> str:
    where, left_out = results["machine"], results["left_out"]
    made_of = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    missing = f" Left out, for want of it there: {', '.join(left_out)}." if left_out else ""
    return (
        f"Measured {results['date']} on {where['cores']} cores of {where['processor']} "
        f"({where['system']}), with {made_of}.{missing}"
    )
