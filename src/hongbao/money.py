"""Whole fen as int; yuan exist in print only. No float comes near money."""

from __future__ import annotations

import re
from typing import TypeAlias

from hongbao.errors import InvalidRequest
from hongbao.sentences import say

Fen: TypeAlias = int
"""An amount in fen (1/100 yuan), the unit of every amount on the wire."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))

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
            rule=say("digits with at most two decimals, such as 12.34"),
            found=repr(text[:32]),
        )
    yuan, cents = match.groups(default="")
    return int(yuan) * 100 + int(cents.ljust(2, "0"))


def format_yuan(fen: Fen) -> str:
    """Print fen as yuan with two decimals: ``1234`` is ``"12.34"``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def capital_yuan(fen: Fen) -> str:
    """Print fen as amounts are written out in China: ``123_456`` is 壹仟贰佰叁拾肆元伍角陆分.

    After the rules for filling in bills and settlement vouchers (支付结算办法, annex 1).

    Args:
        fen: 0 or more.
    """
    yuan, cents = divmod(fen, 100)
    jiao, rest = divmod(cents, 10)
    text = f"{_capital(yuan)}元" if yuan else ""
    if not cents:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return f"{text}{_DIGITS[rest]}分" if rest else text


def _capital(number: int) -> str:
    for size, name in _PLACES:
        if number >= size:
            head, rest = divmod(number, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return f"{_capital(head)}{name}{gap}{_capital(rest) if rest else ''}"
    return _DIGITS[number]
