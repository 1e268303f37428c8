"""Whole fen as int; yuan exist in print only. No float comes near money."""

from __future__ import annotations

import re
from typing import TypeAlias

from hongbao.errors import InvalidRequest

Fen: TypeAlias = int
"""An amount in fen (1/100 yuan), the unit of every amount on the wire."""

_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", re.ASCII)


def parse_yuan(text: str) -> Fen:
    """Read a decimal amount of yuan, such as ``"1"``, ``"1.5"`` or ``"12.34"``, as fen.

    Raises:
        InvalidRequest: for a sign, a third decimal, a thousands separator or anything else.
    """
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        raise InvalidRequest(
            field="yuan",
            rule="digits with at most two decimals, such as 12.34",
            found=repr(text[:32]),
        )
    yuan, cents = match.groups(default="")
    return int(yuan) * 100 + int(cents.ljust(2, "0"))


def format_yuan(fen: Fen) -> str:
    """Print fen as yuan with two decimals: ``1234`` is ``"12.34"``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
