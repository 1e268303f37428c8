"""English as people read it: a number with its noun, a sentence with its one full stop. Pure."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """``1 hour``, ``2 hours``, ``0.5 hours``: of nouns that take an s."""
    shown = f"{number}" if isinstance(number, int) else f"{number:g}"
    return f"{shown} {noun}" if number == 1 else f"{shown} {noun}s"


def sentence(text: str) -> str:
    """The text with one end: a full stop, unless it brings its own or is a question."""
    ended = text.rstrip()
    return ended if ended.endswith(("?", "…")) else f"{ended.rstrip('.')}."
