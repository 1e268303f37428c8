"""Amounts in a list: their unit is said by the user, never guessed."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from hongbao.errors import InvalidRequest
from hongbao.money import parse_yuan

if TYPE_CHECKING:
    from hongbao.money import Fen

_FEN = re.compile("[0-9]{1,12}")


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
    try:
        return parse_yuan(text)
    except InvalidRequest:
        return None
