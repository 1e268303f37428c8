"""Amounts in a list, whose unit the user says, and cells that show something else than they hold.

A list means what a person sees in it. So a cell whose number format shows something else than is
stored is refused, with both. Only an amount may be decorated: with the sign of its own unit, commas
between thousands, blanks, and zeros at its ends. A key is its characters and nothing else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.errors import InvalidRequest
from hongbao.money import format_yuan, parse_yuan
from hongbao.sentences import Sentence, marked, say

if TYPE_CHECKING:
    from hongbao.money import Fen

_FEN = re.compile("[0-9]{1,12}")
_MORE_ZEROS = re.compile(r"([0-9]+\.[0-9]{2})0+")


class Unit(StrEnum):
    """What the numbers in the column of amounts count."""

    YUAN = "yuan"
    FEN = "fen"

    @property
    def words(self) -> str:
        """How it is called."""
        return say("yuan") if self is Unit.YUAN else say("fen")

    @property
    def rule(self) -> str:
        """What such an amount must look like, in words."""
        return _RULES[self]


_RULES = {
    Unit.YUAN: say("yuan with at most two decimals, such as 12.34"),
    Unit.FEN: say("whole fen, such as 1234"),
}


def parse_amount(text: str, unit: Unit) -> Fen | None:
    """The fen of an amount in a list; None if it is no amount in that unit."""
    if unit is Unit.FEN:
        return int(text) if _FEN.fullmatch(text) else None
    if (more := _MORE_ZEROS.fullmatch(text)) is not None:  # 1.8800, as databases print it
        text = more[1]
    try:
        return parse_yuan(text)
    except InvalidRequest:
        return None


_YUAN = marked("{yuan} yuan")
_FROM = marked("from {low} to {high} yuan")
_IN_YUAN = {
    "{amount} fen": marked("{amount} yuan"),
    "at least {low} fen": marked("at least {low} yuan"),
    "at most {most} fen": marked("at most {most} yuan"),
    "at most {most} fen as a red packet": marked("at most {most} yuan as a red packet"),
    "a whole number from {low} to {high}": _FROM,
    "a whole number of fen from {low} to {high}": _FROM,
    "from {low} to {high} fen": _FROM,
    "from {low} to {high} fen unless a scene_id is given": marked(
        "from {low} to {high} yuan unless a scene_id is given"
    ),
    "from {low} to {high} fen for {people} people unless a scene_id is given": marked(
        "from {low} to {high} yuan for {people} people unless a scene_id is given"
    ),
    "below {most} fen without the receiver's real name in the column "
    "user_name (收款人姓名)": marked(
        "below {most} yuan without the receiver's real name in the column user_name (收款人姓名)"
    ),
    "at least {low} fen with a name in the column user_name: below, WeChat takes none": marked(
        "at least {low} yuan with a name in the column user_name: below, WeChat takes none"
    ),
}
"""What rules of amounts say in fen, and in yuan."""
_AMOUNTS = frozenset({"low", "high", "most", "amount"})


def in_unit(fault: str, unit: Unit) -> str:
    """What is wrong with an amount, in which fen are said, in the unit of the list.

    Args:
        fault: such as ``must be from 100 to 20000 fen; found 50``, made of a rule and what was
            found.
        unit: of the list.
    """
    values = fault.values if isinstance(fault, Sentence) else {}
    rule, found = values.get("rule"), values.get("found")
    if unit is Unit.FEN or not isinstance(rule, Sentence) or rule.template not in _IN_YUAN:
        return fault
    said = {
        name: format_yuan(it) if name in _AMOUNTS and isinstance(it, int) else it
        for name, it in rule.values.items()
    }
    fen = whole_number(str(found), digits=KEPT_DIGITS_MAX)
    yuan = str(found) if fen is None else say(_YUAN, yuan=format_yuan(fen))
    return say(
        "must be {rule}; found {found}", rule=say(_IN_YUAN[rule.template], **said), found=yuan
    )


_REMEMBERED = 50_000
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
