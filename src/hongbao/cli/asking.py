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


def type_again(question: str, expected: str, *, given: str | None, option: str) -> None:
    """Go on only if somebody types a certain word, here or in an option.

    Args:
        question: what is asked.
        expected: the word.
        given: what the option has.
        option: its name, for where nobody can be asked.

    Raises:
        WrongCommandLine: if nobody can be asked, or the option has another word.
        Declined: if they type another.
    """
    if given is not None:
        if given != expected:
            raise WrongCommandLine(f"{option} has another word than is asked for: {question}")
    elif sys.stderr is None or not at_terminal(sys.stdin):
        raise WrongCommandLine(f"Nobody can be asked here: give {option}")
    else:
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() != expected:
            raise Declined


def says_yes(question: str) -> bool:
    """Ask on stderr, for stdout belongs to the answer; no answer is a no."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
