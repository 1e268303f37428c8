"""Read one fund-flow bill with hongbao and with pandas, in turns, and print the CPU of each.

All must come to the same totals to the fen, or they are not compared. Three ways with pandas:

- ``right``: split at comma and backtick, as a remark may hold commas; only its engine in Python
  can do that. Amounts and balances become ``Decimal``.
- ``stripped``: split at commas by its engine in C, backticks taken off each column, ``Decimal``.
- ``bare``: the same with backticks taken off the two columns of ``Decimal`` alone.

pandas stands in an environment of its own, made at the first run. Each round of each way is a
process; CPU is user and system time of reading, without the imports.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

_HERE = Path(__file__).parent
sys.path += [str(_HERE.parent)]

from interop.environments import CACHE, interpreter  # noqa: E402  # see above
from interop.sdks import Kind  # noqa: E402  # see above

_PANDAS = ("pandas==3.1.1", "pyarrow==26.0.1")
_WAYS = (
    ("hongbao, columns", "ours", "columns"),
    ("hongbao, a BillRow each", "ours", "rows"),
    ("pandas, right", "pandas", "right"),
    ("pandas, stripped", "pandas", "stripped"),
    ("pandas, bare", "pandas", "bare"),
)


class Reading(NamedTuple):
    """One round: seconds of CPU, peak of memory in MB, rows and fen that went out."""

    cpu: float
    megabytes: float
    rows: int
    amount_out: int


def main() -> None:
    """Write a bill, read it in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-ours", action="store_true", help="for bills too large for pandas")
    asked = parser.parse_args()
    pythons = {"ours": sys.executable}
    if not asked.only_ours:
        found = interpreter(Kind.PYTHON, "bill_pandas", _PANDAS, CACHE)
        pythons["pandas"] = found.program
    rounds: dict[str, list[Reading]] = {}
    with tempfile.TemporaryDirectory() as folder:
        bill = Path(folder, "bill.csv")
        _write(bill, asked.rows)
        for _ in range(asked.rounds):
            for name, who, way in _WAYS:
                if who in pythons:
                    reading = _read(pythons[who], who, way, bill)
                    rounds.setdefault(name, []).append(reading)
    if len({(it.rows, it.amount_out) for readings in rounds.values() for it in readings}) > 1:
        raise SystemExit("they read other totals: nothing to compare")
    _show(rounds, asked.rows)


def _write(path: Path, rows: int) -> None:
    """A day of packets, one in ten of which came back; written by hand, for it may be large."""
    begin = datetime(2026, 11, 29, tzinfo=UTC)
    balance, rows_in, amount_in, amount_out = 10**13, 0, 0, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
        )
        file.write("账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n")
        for row in range(rows):
            time, fen = begin + timedelta(seconds=row * 86_400 // rows), 100 + row * 7919 % 19_901
            back = row % 10 == 0
            balance += fen if back else -fen
            rows_in, amount_in = rows_in + back, amount_in + fen * back
            amount_out += fen * (not back)
            kind, way = ("现金红包退款", "收入") if back else ("现金红包", "支出")
            file.write(f"`{time:%Y-%m-%d %H:%M:%S},`100004170120261129{row:013d},`7{row:030d},")
            file.write(f"`现金红包,`{kind},`{way},`{fen // 100}.{fen % 100:02d},")
            file.write(
                f"`{balance // 100}.{balance % 100:02d},`1999000001API,`秋季活动,`H{row:027d}\r\n"
            )
        file.write("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n")
        file.write(f"`{rows}.0,`{rows_in}.0,`{amount_in // 100}.{amount_in % 100:02d},")
        file.write(f"`{rows - rows_in}.0,`{amount_out // 100}.{amount_out % 100:02d}\r\n")


def _read(python: str, who: str, way: str, bill: Path) -> Reading:
    program = str(_HERE / "contenders" / f"bill_{who}.py")
    done = subprocess.run(
        [python, program, way, str(bill)], capture_output=True, text=True, check=True
    )
    return Reading(**json.loads(done.stdout))


def _show(rounds: dict[str, list[Reading]], rows: int) -> None:
    table = Table("way", "µs CPU a row", "all rounds", "x hongbao", "peak MB")
    ours = [it.cpu for it in rounds["hongbao, columns"]]
    for name, readings in rounds.items():
        each = [it.cpu / rows * 1e6 for it in readings]
        times = median(it.cpu / our for it, our in zip(readings, ours, strict=True))
        peak = max(it.megabytes for it in readings)
        spread = " ".join(f"{it:.2f}" for it in each)
        table.add_row(name, f"{median(each):.2f}", spread, f"{times:.1f}", f"{peak:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
