"""A question to the person at the terminal, before what costs money or cannot be undone."""

from __future__ import annotations

import sys

from hongbao.cli.answer import at_terminal
from hongbao.cli.failure import Declined, WrongCommandLine


def ask(question: str, *, yes: bool, instead: str) -> None:
    """Go on only if somebody says yes.

    Args:
        question: what is asked.
        yes: it was said beforehand.
        instead: the options that say it where nobody can be asked.

    Raises:
        WrongCommandLine: if nobody can be asked.
        Declined: if they say no.
    """
    if yes:
        return
    if sys.stderr is None or not at_terminal(sys.stdin):
        raise WrongCommandLine(f"Nobody can be asked here: give {instead}")
    if not says_yes(question):
        raise Declined


def says_yes(question: str) -> bool:
    """Ask on stderr, for stdout belongs to the answer; no answer is a no."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
