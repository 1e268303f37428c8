"""Fund-flow bills: whatever the bytes, each line is a row or is kept, and no fen is made up."""

from __future__ import annotations

from hongbao.wire.bill.columns import COLUMNS, SUMMARY
from hongbao.wire.bill.reader import BLOCK_BYTES, MalformedBill, read_bill
from hongbao.wire.bill.rows import BadLine, BillEnd, BillRow, BillRows
from hongbao.wire.bill.writer import totals_of
from target import Target, insist

_WORDS = (
    *(f"{','.join(COLUMNS)}\r\n".encode(), ",".join(SUMMARY).encode(), "收支金额（元）".encode()),
    *(b"`2026-11-29 12:00:00", ",`支出,`1.50,`998.50".encode(), "收入".encode(), b",`A1"),
    *(b"`1.0,`0,`0.00,`1,`1.50", b",`", b'"`', b'","', b"\r\n", b"\xef\xbb\xbf", b"-", b"\x00"),
)


def read(data: bytes) -> None:
    """The same however it is cut, line by line or by blocks; the totals are those of the rows."""
    if not data:
        return
    size, data = data[0] or 1, data[1:]
    whole = _read([data])
    insist(whole == _read([data[at : at + size] for at in range(0, len(data), size)]), "pieces")
    if whole is None:
        return
    rows, bad, end = whole
    insist(end.counted == totals_of(rows), "the totals are those of the rows")
    insist(end.bad_lines == len(bad), "bad lines are counted")
    lines = sorted([*(row.line for row in rows), *(one.line for one in bad)])
    insist(len(set(lines)) == len(lines) <= data.count(b"\n"), "a line is told once")
    insist(all(row.amount >= 0 for row in rows), "no amount is negative")
    insist(all(one.raw in data and len(one.raw) <= BLOCK_BYTES + 1 for one in bad), "raw is raw")
    # A last line that is no row has its block read line by line.
    strange = _read([data + b"\n`strange"])
    insist(strange is not None, "a header stays one")
    if strange is not None and end.stated is None:
        insist(strange[0] == rows, "line by line is as good as by blocks")


def _read(pieces: list[bytes]) -> tuple[list[BillRow], list[BadLine], BillEnd] | None:
    try:
        parts = list(read_bill(pieces))
    except MalformedBill:
        return None
    rows = [row for part in parts if isinstance(part, BillRows) for row in part]
    bad = [part for part in parts if isinstance(part, BadLine)]
    end = parts[-1]
    insist(isinstance(end, BillEnd), "the end comes last")
    return (rows, bad, end) if isinstance(end, BillEnd) else None


TARGETS = {"bill": Target(read, 4096, _WORDS)}
