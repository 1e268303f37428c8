"""Amounts in a list: their unit is said by the user, never guessed."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.errors import InvalidRequest
from hongbao.money import format_yuan, parse_yuan

if TYPE_CHECKING:
    from hongbao.money import Fen

_FEN = re.compile("[0-9]{1,12}")
_MORE_ZEROS = re.compile(r"([0-9]+\.[0-9]{2})0+")
_RANGE = re.compile(r"(?:a whole number )?from ([0-9]+) to ([0-9]+)(?: fen)?|([0-9]+) fen")
_FOUND = re.compile(r"found ([0-9]+)\Z")


class Unit(StrEnum):
    """What the numbers in the column of amounts count."""

    YUAN = "yuan"
    FEN = "fen"

    @property
    def rule(self) -> str:
        """What such an amount must look like, in words."""
        return _RULES[self]


_RULES = {
    Unit.YUAN: "yuan with at most two decimals, such as 12.34",
    Unit.FEN: "whole fen, such as 1234",
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


def in_unit(rule: str, unit: Unit) -> str:
    """A rule of an amount, which speaks of fen, in the unit of the list.

    Args:
        rule: such as ``must be from 100 to 20000 fen; found 50``.
        unit: of the list.
    """
    if unit is Unit.FEN:
        return rule
    rule = _FOUND.sub(lambda it: f"found {format_yuan(int(it[1]))} yuan", rule)
    return _RANGE.sub(_in_yuan, rule)


def _in_yuan(match: re.Match[str]) -> str:
    low, high, single = match.groups()
    if single is not None:
        return f"{format_yuan(int(single))} yuan"
    return f"from {format_yuan(int(low))} to {format_yuan(int(high))} yuan"
