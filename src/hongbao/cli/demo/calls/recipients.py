"""A list of recipients as a CSV file, for the demo: one row, one packet. It sends nothing."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS_MAX = 10_000
"""A demo holds its rows in memory and shows them to a person."""


class Kind(StrEnum):
    """What kind of packet a row asks for."""

    NORMAL = "normal"
    MINI_PROGRAM = "mini-program"
    GROUP = "group"
    WORK = "work"
    PREORDER = "preorder"


COLUMNS = (
    "kind",
    "key",
    "openid",
    "amount_yuan",
    "people",
    "send_name",
    "wishing",
    "act_name",
    "remark",
    "scene_id",
    "claims",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One row.

    Attributes:
        line: in the file, for errors.
        kind: of the packet.
        key: the payout's business key: the same key is the same payout.
        openid: who gets it; for a preorder, who will draw the ticket.
        amount_yuan: as it stands; judged when it is sent.
        people: among how many it is shared.
        texts: ``send_name``, ``wishing``, ``act_name`` and ``remark``.
        scene_id: if one is asked for.
        claims: how many people claim of it in the demo.
    """

    line: int
    kind: Kind
    key: str
    openid: str = field(repr=False)
    amount_yuan: str
    people: int
    texts: Mapping[str, str] = field(repr=False)
    scene_id: str | None
    claims: int


def read_recipients(path: Path) -> tuple[Recipient, ...]:
    """The rows of a file.

    Raises:
        ConfigurationError: naming the line and the column that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise _wrong(str(path), f"has no column {', '.join(missing)}")
            rows = tuple(_row(path, reader.line_num, row) for row in reader)
    except OSError as error:
        raise _wrong(str(path), f"cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(str(path), "is no CSV in UTF-8") from error
    if not 0 < len(rows) <= ROWS_MAX:
        raise _wrong(str(path), f"has {len(rows)} rows, not 1 to {ROWS_MAX}")
    return rows


def _row(path: Path, line: int, row: Mapping[str, str | None]) -> Recipient:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    where = f"{path}, line {line}"
    try:
        kind = Kind(cells["kind"])
    except ValueError:
        raise _wrong(where, f"kind is none of {', '.join(Kind)}") from None
    if not cells["key"]:
        raise _wrong(where, "key is empty")
    return Recipient(
        line=line,
        kind=kind,
        key=cells["key"],
        openid=cells["openid"],
        amount_yuan=cells["amount_yuan"],
        people=_count(where, "people", cells["people"] or "1"),
        texts={name: cells[name] for name in ("send_name", "wishing", "act_name", "remark")},
        scene_id=cells["scene_id"] or None,
        claims=_count(where, "claims", cells["claims"] or "0"),
    )


def _count(where: str, name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(ROWS_MAX)):
        return int(text)
    raise _wrong(where, f"{name} is no number")


def _wrong(where: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting=where,
        problem=problem,
        remedy="See examples/calls.csv.",
    )
