"""hongbao reads a bill: ``bill_ours.py columns|rows FILE``; prints what it cost, as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path += [str(Path(__file__).parent.parent)]

from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BillEnd, BillRows
from process_use import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 64 * 1024


def main() -> None:
    """Read it once."""
    way, path = sys.argv[1:]
    started = time.process_time()
    for part in read_bill(_pieces(path)):
        if way == "rows" and isinstance(part, BillRows):
            for _ in part:
                pass
    cpu = time.process_time() - started
    if not isinstance(part, BillEnd) or not part.whole:
        raise SystemExit("the bill is not whole")
    told = {"rows": part.counted.rows, "amount_out": part.counted.amount_out}
    print(json.dumps({"cpu": cpu, "megabytes": peak_megabytes(), **told}))


def _pieces(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


main()
