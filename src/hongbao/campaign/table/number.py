"""A number as a sheet stores it, as the decimal text that its reader sees; no float in between."""

from __future__ import annotations

import re
from decimal import Context, InvalidOperation

_DIGITS = 15
"""So many digits a spreadsheet keeps and shows. What it stores behind them is the noise of binary
fractions (8.88 is stored as 8.8800000000000008)."""

_PLAIN = re.compile(r"-?[0-9]{1,15}")
_STORED = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[Ee][+-]?[0-9]{1,3})?")
_LENGTH_MAX = 64
_ROUND = Context(prec=_DIGITS)

TOO_LONG = (
    "is a number of more than 15 digits, whose end the spreadsheet has lost: format the column as "
    "text and enter it again"
)
NO_NUMBER = "is stored as a number and is none"


class UnreadableCellError(ValueError):
    """A cell does not hold what its reader sees."""


def decimal_text(stored: str) -> str:
    """The decimal text of a stored number, without an exponent and without closing zeros.

    Raises:
        UnreadableCellError: if it is none, or has more digits than a spreadsheet keeps.
    """
    if _PLAIN.fullmatch(stored):
        return stored
    if len(stored) > _LENGTH_MAX or _STORED.fullmatch(stored) is None:
        raise UnreadableCellError(NO_NUMBER)
    try:
        number = _ROUND.create_decimal(stored)
    except InvalidOperation:
        raise UnreadableCellError(NO_NUMBER) from None
    if number.adjusted() >= _DIGITS or number.adjusted() < -_DIGITS:
        raise UnreadableCellError(TOO_LONG)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
