"""Texts that a program left in the place of the one that was meant: receivers would read them."""

from __future__ import annotations

import re

from hongbao.campaign.table.encoding import twice_encoded
from hongbao.sentences import say

_LOST = re.compile(
    r"(?P<nothing>nan|NaN|NAN|<NA>|NaT|None|null|NULL|\\N|undefined"
    r"|\[object Object\])"
    r"|(?P<error>\#{3,}|\#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!))"
    r"|(?P<unwritten>[^\w?]*\?(?:[^\w?]*\?)+[^\w?]*)"
    r"|(?P<guarded>'[=+\-@].*)",
    re.DOTALL,
)
"""None of these is what somebody greets with. Whole words in the case in which programs write them:
``none`` may be a remark, and so may a question mark behind words, or full-width ones."""
_WORDS = {
    "nothing": say(
        "is what a program writes where it has no value, and receivers would read it: give the "
        "text, or leave the cell empty"
    ),
    "error": say(
        "is a spreadsheet's error, or a cell that was too narrow, and receivers would read it: "
        "take the text from where it comes from again"
    ),
    "unwritten": say(
        "is question marks alone, which a program writes for characters that an encoding does not "
        "have: save the file in UTF-8 from where it comes from"
    ),
    "guarded": say(
        "begins with an apostrophe that some programs put before =, +, - and @ so that a "
        "spreadsheet sees no formula, and receivers would read it: write the text without it"
    ),
}


def lost_text(text: str) -> str:
    """What shows that a text is not the one that was meant, and what to do; empty if nothing does.

    Args:
        text: what a receiver would read, without white space around it.
    """
    found = _LOST.fullmatch(text)
    if found is not None:
        return _WORDS[found.lastgroup or ""]
    return twice_encoded(text)
