"""What a sheet shows where that is not what it holds, and whether a person reads the same in both.

A list means what a person sees in it. So a cell whose number format shows something else than is
stored is refused, with both. Only an amount may be decorated: with the sign of its own unit, commas
between thousands, blanks, and zeros at its ends. A key is its characters and nothing else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from hongbao.campaign.amount import Unit
from hongbao.campaign.column import AMOUNT, KEY, PAYEE
from hongbao.ledger.model.campaign import mask

if TYPE_CHECKING:
    from hongbao.campaign.table.row import Shown

_REMEMBERED = 50_000
_TEXT_MAX = 20
_CODE_MAX = 60
_NUMBER = r"\s*(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)\s*"
_SEEN = {
    Unit.YUAN: re.compile(
        rf"(?:[¥￥]|CN¥|CNY|RMB|人民币)?{_NUMBER}(?:元|圆|yuan|CNY|RMB)?", re.IGNORECASE
    ),
    Unit.FEN: re.compile(rf"{_NUMBER}(?:分|fen)?", re.IGNORECASE),
}
NOISE = {Unit.YUAN: Decimal("1e-9"), Unit.FEN: Decimal("1e-7")}
"""By so much a stored amount may miss the one that is shown: a ten-millionth of a fen.

It is what a calculation leaves: binary fractions have some 15 digits, so numbers up to 8 million
(2**23) yuan lie no more than 1e-9 apart, and a sum or product of such amounts misses its whole fen
by less (19.9*3 is stored as 59.699999999999996, 100.3-99.2 as 1.0999999999999943; excelize cuts the
former to 59.6999999999999). An amount that a person means never ends in the ninth decimal.
"""


@lru_cache(_REMEMBERED)
def amount_seen(stored: str, seen: str, unit: Unit) -> str | None:
    """The plain decimal text of an amount that is shown; None if it is not the one stored."""
    match = _SEEN[unit].fullmatch(seen.strip())
    if match is None:
        return None
    number = Decimal(match["number"].replace(",", ""))
    if abs(number - Decimal(stored)) > NOISE[unit]:
        return None
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unlike(field: str, stored: str, shown: Shown, unit: Unit) -> str:
    """What is wrong with a cell that shows something else than it holds, and what to do."""
    cure = _cure(field, unit)
    code = shown.format if len(shown.format) <= _CODE_MAX else f"{shown.format[:_CODE_MAX]}…"
    if field == PAYEE:
        return f"its number format ({code}) shows another text than the cell holds: {cure}"
    if shown.text is None:
        what = f"what its number format ({code}) shows of it is not known"
        return f"stored {_short(stored)}, and {what}: {cure}"
    seen = _short(shown.text.strip()) or "nothing"
    return f"stored {_short(stored)}, shown {seen} (number format {code}): {cure}"


def _cure(field: str, unit: Unit) -> str:
    if field == AMOUNT:
        return (
            f"enter the {unit} that are meant, rounded with ROUND if they are calculated, and "
            "format the column as General"
        )
    if field == KEY:
        return "format the column as text, and enter the key again as it is to be read"
    return "format the column as text and enter it again"


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else mask(text)  # it may be made of a receiver
