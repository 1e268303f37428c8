"""English as people read it: a number with its noun, a sentence with its one full stop. Pure."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

from hongbao.sentences import Sentence, marked, said, say

if TYPE_CHECKING:
    from collections.abc import Iterable


def counted(number: float, noun: str) -> Sentence:
    """``1 hour``, ``2 hours``, ``0.5 hours``: of nouns that take an s."""
    shown = f"{number}" if isinstance(number, int) else f"{number:g}"
    text = f"{shown} {noun}" if number == 1 else f"{shown} {noun}s"
    return Sentence(text, f"{{count}} {noun}", {"count": shown})


def span(seconds: float, *, at_least: bool = False) -> Sentence:
    """A stretch of time as people say it: ``3 seconds``, ``90 minutes``, ``2 days``.

    Args:
        seconds: how long; nothing and less is one second.
        at_least: whether it is rounded up, as who waits so long must not wait for less; else it is
            rounded down.
    """
    for noun, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return counted(_whole(seconds / length, at_least=at_least), noun)
    return counted(max(1, _whole(seconds, at_least=at_least)), "second")


def _whole(number: float, *, at_least: bool) -> int:
    return math.ceil(number) if at_least else math.floor(number)


def sentence(text: str, *, begins: bool = False) -> Sentence:
    """The text with one end: a full stop, unless it brings its own or is a question.

    Args:
        text: what is said.
        begins: whether its first letter is a capital, too.
    """
    return (text if isinstance(text, Sentence) else say(text)).whole(begins=begins)


COMMA = marked("{one}, {two}")
COLON = marked("{one}: {two}")
SEMICOLON = marked("{one}; {two}")
AND = marked("{one} and {two}")
OR = marked("{one} or {two}")
WITH = marked("{one} with {two}")
THEN = marked("{one} {two}")
NEXT_LINE = marked("{one}\n  {two}")


def joined(parts: Iterable[object], between: str = COMMA) -> str:
    """Sentences, names and numbers one after another: ``a, b, c``.

    Args:
        parts: them.
        between: how two of them follow each other: one of the constants above.
    """
    some = [it if isinstance(it, str) else str(it) for it in parts]
    return reduce(lambda one, two: say(between, one=one, two=two), some) if some else ""


def said_together(texts: Iterable[str | None], between: str) -> str:
    """Texts that are said already, one after another with the marks of the reader's language.

    Args:
        texts: them; what says nothing is left out.
        between: see `joined`.
    """
    some = [it for it in texts if it]
    return reduce(lambda one, two: said(between, one=one, two=two), some) if some else ""


def changed(difference: tuple[str, str, str]) -> str:
    """A difference in words: the field, what the books have, what came now; amounts with a unit."""
    field, was, now = difference
    if field == "amount":
        was, now = (say("{fen} fen", fen=it) for it in (was, now))
    return say("{field} was {was} and is now {now}", field=field, was=was, now=now)
