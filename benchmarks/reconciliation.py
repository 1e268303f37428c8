"""A day of a million movements, from the file to the breaks: seconds and memory, on both databases.

The books are written as if they had been paid; nine movements in ten are packets that were sent on
that day, one is money that came back. Import and run are a process of their own, as a command is:
``python benchmarks/reconciliation.py --movements 1000000``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from postgres_process import PostgresProcess  # see above

from filled_books import SERVER_SETTINGS, fill, merchant_number, postgresql_books, sqlite_books
from hongbao import beijing
from hongbao.ledger.book import Book
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.schema import PAYOUT
from hongbao.reconcile.bill_intake import take_in
from hongbao.reconcile.reconciling import reconcile
from hongbao.wire.bill.columns import COLUMNS, SUMMARY
from line import Line
from process_use import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = "2026-11-23"
SECONDS_MAX, MEGABYTES_MAX = 60.0, 150.0
_AT = beijing.instant(f"{DAY} 12:00:00")
_BACK = 9  # each tenth packet came back on the same day: what counts is the number of rows
_STANDING = f"""
INSERT INTO standing (
    payout_id, campaign_id, "row", amount, state, attempt, calls, answers, tries, first_call_at,
    sent_at, settled_at, claimed, refunded, day, seq, hash
)
SELECT payout.id, campaign_id, "row", amount,
    CASE WHEN "row" % {_BACK} = 0 THEN '{State.RETURNED}' ELSE '{State.RECEIVED}' END,
    1, 1, 1, 0, {_AT}, {_AT}, {_AT},
    CASE WHEN "row" % {_BACK} = 0 THEN 0 ELSE amount END,
    CASE WHEN "row" % {_BACK} = 0 THEN amount ELSE 0 END,
    {beijing.day_of(_AT)}, 4, terms.digest
FROM payout JOIN terms ON terms.id = payout.terms_id
"""


class Used(NamedTuple):
    """What one process took."""

    importing: float
    matching: float
    cpu: float
    megabytes: float
    movements: int
    breaks: int


def main() -> None:
    """Measure both, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movements", type=int, default=1_000_000)
    parser.add_argument("--within", nargs=2, metavar=("URL", "BILL"), help="for its own process")
    asked = parser.parse_args()
    if asked.within:
        print(json.dumps(_use(*asked.within)))
        return
    with tempfile.TemporaryDirectory() as folder, PostgresProcess(SERVER_SETTINGS) as server:
        for line in measure(Path(folder), server, movements=asked.movements):
            Console().print(*line.words(), sep="  ", highlight=False)


def measure(folder: Path, server: PostgresProcess, *, movements: int) -> list[Line]:
    """The figures of both databases beside their goals; CPU is that of the process alone."""
    found = []
    for database, url in (
        ("SQLite", sqlite_books(folder, "bills")),
        ("PostgreSQL", postgresql_books(server, "bills")),
    ):
        found += lines(database, _measure(folder, url, movements))
    return found


def lines(database: str, used: Used) -> list[Line]:
    """The figures beside their goals."""
    what = f"{used.movements:,} movements reconciled, {database}"
    if used.breaks:
        raise RuntimeError(f"{used.breaks} breaks in bills that agree")
    return [
        Line(what, used.importing + used.matching, "s", SECONDS_MAX),
        Line(f"{what}: CPU", used.cpu, "s", SECONDS_MAX),
        Line(f"{what}: memory", used.megabytes, "MB", MEGABYTES_MAX),
    ]


def _measure(folder: Path, url: str, movements: int) -> Used:
    payouts = movements * _BACK // (_BACK + 1)
    fill(url, campaign="spring", merchants=range(1), payouts=payouts)
    database = Database(url)
    with database.transaction() as connection:
        connection.exec_driver_sql(_STANDING.replace("%", "%%" if database.is_postgresql else "%"))
    bill = folder / "bill.csv"
    with bill.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_bill(database))
    database.close()
    command = [sys.executable, __file__, "--within", url, str(bill)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Used(**json.loads(done.stdout))


def _use(url: str, bill: str) -> dict[str, object]:
    with Book.open(url) as book:
        [merchant] = [it.merchant_id for it in book.channels() if it.number == merchant_number(0)]
        began = perf_counter()
        take_in(
            book.bills, Path(bill), merchant_id=merchant, account="Basic",
            day=beijing.day_of(_AT), source="bench", by="bench",
        )  # fmt: skip
        stored = perf_counter()
        # The bill of the day after, so that what is missing is known to be.
        done = reconcile(book, merchant, by="bench", stops=False)
        return Used(
            importing=stored - began,
            matching=perf_counter() - stored,
            cpu=process_time(),
            megabytes=peak_megabytes(),
            movements=done.movements,
            breaks=len(done.opened),
        )._asdict()


def _bill(database: Database) -> Iterator[str]:
    """The bill of the day, in the order of the rows."""
    balance, rows_in, amount_in, rows_out, amount_out = 10**13, 0, 0, 0, 0
    yield ",".join(COLUMNS) + "\r\n"
    for flow, (place, billno, amount) in enumerate(_numbers(database)):
        moves = (("支出", -amount),) if place % _BACK else (("支出", -amount), ("收入", amount))
        for way, fen in moves:
            balance += fen
            if fen > 0:
                rows_in, amount_in = rows_in + 1, amount_in + fen
            else:
                rows_out, amount_out = rows_out + 1, amount_out - fen
            second = datetime.fromisoformat(DAY).replace(hour=flow // 100_000 % 24)
            yield (
                f"`{second:%Y-%m-%d %H:%M:%S},`100004170120261123{flow:013d},"
                f"`7{flow:029d}{fen > 0:d},"
                f"`现金红包,`现金红包,`{way},`{abs(fen) // 100}.{abs(fen) % 100:02d},"
                f"`{balance // 100}.{balance % 100:02d},`1999000001API,`秋季活动,`{billno}\r\n"
            )
    yield ",".join(SUMMARY) + "\r\n"
    yield f"`{rows_in + rows_out}.0,`{rows_in}.0,`{amount_in // 100}.{amount_in % 100:02d},"
    yield f"`{rows_out}.0,`{amount_out // 100}.{amount_out % 100:02d}\r\n"


def _numbers(database: Database) -> Iterator[tuple[int, str, int]]:
    with database.reading() as connection:
        query = PAYOUT.select().with_only_columns(PAYOUT.c.row, PAYOUT.c.billno, PAYOUT.c.amount)
        ordered = query.order_by(PAYOUT.c.row).execution_options(yield_per=5_000)
        with connection.execute(ordered) as rows:
            for row in rows:
                yield row.row, row.billno, row.amount


if __name__ == "__main__":
    main()
