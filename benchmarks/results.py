"""Where the figures go: ``results.json``, the page, and its picture.

Each part is written when it has run, with its own day and machine, and the others stay: a machine
that cannot spare an hour still keeps the page true, part by part.
"""

from __future__ import annotations

import json
import platform
import sqlite3
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import machine
import page
import tables
from line import Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tables import Table

PATH = Path(__file__).with_name("results.json")
PARTS = ("client", "transfers", "engine", "reads", "bills", "pages", "looks")
"""What a whole run measures, in the order of the page."""
LONG_PARTS = ("against", "large")
"""What takes too long for that, and is measured by its name."""


class Part(NamedTuple):
    """What a part has measured.

    Attributes:
        lines: with goals.
        tables: for people; those that the page has a place for are put there.
        figures: for programs: contenders or engines side by side.
        versions: of what took part, beside Python, OpenSSL and SQLite.
        left_out: what could not be had.
        picture: of the page, as SVG.
    """

    lines: Sequence[Line]
    tables: Sequence[Table] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[str, str] = {}
    left_out: Sequence[str] = ()
    picture: str | None = None


def write(name: str, part: Part, day: date) -> None:
    """Put a part into ``results.json`` and the page, in place of what it measured before."""
    parts: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    parts[name] = {
        "date": day.isoformat(),
        "machine": machine.description(),
        "versions": {
            "Python": platform.python_version(),
            "OpenSSL": ssl.OPENSSL_VERSION.split()[1],
            "SQLite": sqlite3.sqlite_version,
            **part.versions,
        },
        "left_out": list(part.left_out),
        "lines": [{**_rounded(line._asdict()), "holds": line.holds} for line in part.lines],
        "figures": [_rounded(figure) for figure in part.figures],
    }
    parts = {it: parts[it] for it in (*PARTS, *LONG_PARTS) if it in parts}
    PATH.write_text(json.dumps(parts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if part.picture is not None:
        page.PLOT_PATH.write_text(part.picture, encoding="utf-8")
    page.write("machine", "\n".join(_circumstances(it, of) for it, of in parts.items()))
    found = [(_line(it), of["date"]) for of in parts.values() for it in of["lines"]]
    for table in (tables.of_parts(found), *part.tables):
        page.write(table.name, page.table(table.head, table.rows))


def _line(kept: Mapping[str, Any]) -> Line:
    return Line(**{name: value for name, value in kept.items() if name != "holds"})


def _rounded(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in figure.items()
    }


def _circumstances(name: str, part: Mapping[str, Any]) -> str:
    where, left_out = part["machine"], part["left_out"]
    made_of = ", ".join(f"{it} {version}" for it, version in part["versions"].items())
    missing = f" Left out, for want of it there: {', '.join(left_out)}." if left_out else ""
    return (
        f"- `{name}`: measured {part['date']} on {where['cores']} cores of {where['processor']} "
        f"({where['system']}), with {made_of}.{missing}"
    )
