"""Reads whole numbers that others have written, however they are written.

``str.isdigit`` is true of ``²``, which ``int`` refuses, and ``int`` refuses more than 4,300 digits:
each is a ``ValueError`` where a refusal was meant. So nobody else reads digits.
"""

from __future__ import annotations

KEPT_DIGITS_MAX = 18
"""A number of so many digits fits 64 bits, whichever they are; the books hold no longer one."""


def whole_number(text: str, *, digits: int) -> int | None:
    """A number of ASCII digits and nothing else; None for any other text.

    Args:
        text: what was written.
        digits: it has at most so many.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
