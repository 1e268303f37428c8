"""Books with ten million payouts beside books with a million: who notices?

``large_books.py [--payouts N] [--only sqlite]`` prints it alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from postgres_process import PostgresProcess  # see above

import engine  # see above
from filled_books import (  # see above
    SERVER_SETTINGS,
    fill,
    merchant_number,
    payee_of,
    postgresql_books,
    sqlite_books,
)
from hongbao.ledger.book import Book  # see above
from hongbao.ledger.model.payout_filter import PayoutFilter  # see above
from line import Line  # see above

if TYPE_CHECKING:
    from collections.abc import Callable

PAID = 60_000
TIMES = 10
MEMORY_MEGABYTES = 150
_READ_MILLISECONDS = 50
_LOOKS = 20
_LARGE = "large"
_EACH = 1_000  # payouts of a merchant


def measure(folder: Path, server: PostgresProcess | None, *, payouts: int) -> list[Line]:
    """Fill books with so many payouts and with ten times as many, and use both in turns.

    The small ones have a campaign of each merchant; the large ones, one more of one more merchant.

    Args:
        folder: for the books.
        server: for PostgreSQL's; without it there are none.
        payouts: in the small books.
    """
    merchants, paid = payouts // _EACH, min(PAID, payouts // 2)
    books = {"SQLite": (sqlite_books(folder, "small"), "")}
    if server is not None:
        books["PostgreSQL"] = (postgresql_books(server, "small"), "")
    rest = (TIMES - 1) * payouts
    for name, (small, _) in books.items():
        fill(small, campaign="small", merchants=range(merchants), payouts=payouts // merchants)
        large = (
            sqlite_books(folder, _LARGE, like="small")
            if name == "SQLite" or server is None
            else postgresql_books(server, _LARGE, like="small")
        )
        fill(large, campaign=_LARGE, merchants=range(merchants, merchants + 1), payouts=rest)
        books[name] = (small, large)
    urls = {f"{name} {url}": url for name, both in books.items() for url in both}
    spent = engine.in_turns(urls, payouts=paid)
    many, few = f"{TIMES * payouts:,}", f"{payouts:,}"
    lines = []
    for name, (small, large) in books.items():
        ours, others = spent[f"{name} {large}"], spent[f"{name} {small}"]
        ratios = [
            one.payouts / one.seconds / (other.payouts / other.seconds)
            for one, other in zip(ours.spent, others.spent, strict=True)
        ]
        what = f"with {many} payouts in the books / {few}, {name}"
        lines.append(Line.of(what, ratios, "x", 0.8, least=True))
        what = f"memory of a worker beside {many} payouts, {name}"
        lines.append(Line(what, ours.peak_megabytes, "MB", MEMORY_MEGABYTES))
        lines += _reads(large, f"of {many} payouts, {name}", place=merchants, rows=rest)
    return lines


def _reads(url: str, where: str, *, place: int, rows: int) -> list[Line]:
    name = f"{_LARGE}-{merchant_number(place)}"
    someone = PayoutFilter(payee=payee_of(name, rows // 2))
    with Book.open(url) as book:
        if len(book.payouts(someone).items) != 1:
            raise RuntimeError(f"{someone.payee} is paid by other than one payout")
        asked: dict[str, Callable[[], object]] = {
            "status of the largest campaign": lambda: book.standing(name),
            "one payout by its openid": lambda: book.payouts(someone),
        }
        return [
            Line.of(f"{what} {where}", _taken(ask), "ms", _READ_MILLISECONDS)
            for what, ask in asked.items()
        ]


def _taken(ask: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(_LOOKS):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payouts", type=int, default=1_000_000, help="in the small books")
    parser.add_argument("--only", choices=("sqlite",), help="without PostgreSQL")
    asked = parser.parse_args()
    with (
        nullcontext() if asked.only else PostgresProcess(SERVER_SETTINGS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        found = measure(Path(folder), server, payouts=asked.payouts)
    for line in found:
        Console().print(*line.words(), sep=" | ")


if __name__ == "__main__":
    main()
