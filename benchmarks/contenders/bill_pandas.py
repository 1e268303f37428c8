"""pandas reads a bill: ``bill_pandas.py right|stripped|bare FILE``; prints its cost."""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

import pandas as pd

sys.path += [str(Path(__file__).parent.parent)]

from process_use import peak_megabytes

_DIRECTION, _AMOUNT, _BALANCE = 5, 6, 7
_MONEY = (_AMOUNT, _BALANCE)


def right(path: str) -> pd.DataFrame:
    """At comma and backtick; the first column's own backtick is taken off."""
    bill = pd.read_csv(
        path, sep=",`", engine="python", header=None, skiprows=1, dtype=str, skipfooter=2
    )
    bill[0] = bill[0].str.removeprefix("`")
    for column in _MONEY:
        bill[column] = bill[column].map(Decimal)
    return bill


def bare(path: str) -> pd.DataFrame:
    """At commas; only the amounts lose their backticks."""
    bill = pd.read_csv(path, header=None, skiprows=1, dtype=str)[:-2]
    for column in _MONEY:
        bill[column] = bill[column].str.removeprefix("`").map(Decimal)
    return bill


def stripped(path: str) -> pd.DataFrame:
    """At commas; each column loses its backticks."""
    bill = pd.read_csv(path, header=None, skiprows=1, dtype=str)[:-2]
    for column in bill.columns:
        bill[column] = bill[column].str.removeprefix("`")
    for column in _MONEY:
        bill[column] = bill[column].map(Decimal)
    return bill


def main() -> None:
    """Read it once, and add up, as hongbao does."""
    way, path = sys.argv[1:]
    started = time.process_time()
    bill = {"right": right, "stripped": stripped, "bare": bare}[way](path)
    out = bill[_DIRECTION].str.removeprefix("`") == "支出"
    amount_out, amount_in = sum(bill[_AMOUNT][out]), sum(bill[_AMOUNT][~out])
    cpu = time.process_time() - started
    told = {"rows": len(bill), "amount_out": int(amount_out * 100)}
    if not amount_in < amount_out:
        raise SystemExit("it was read wrongly")
    print(json.dumps({"cpu": cpu, "megabytes": peak_megabytes(), **told}))


main()
