"""How the reader of a hint can call this program, and the command that was given once more."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Collection, Iterator
from pathlib import Path


def typed() -> str:
    """``hongbao`` where that is this program, else the way in which it was called."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{sys.executable} -m hongbao"
    found = shutil.which("hongbao")
    if found is not None and Path(found).resolve() == called.resolve():
        return "hongbao"
    return sys.argv[0]


def command_again(*more: str, instead: tuple[str, ...] = (), without: Collection[str] = ()) -> str:
    """What was typed, as a shell takes it.

    Args:
        more: arguments that are added.
        instead: what stands in place of the command's own words, with its first arguments.
        without: options with a value that are left out.
    """
    given = sys.argv[1:]
    words = len(instead) and 2  # every command that asks for this is one of a group
    kept = [*(instead or given[:words]), *_without(given[words:], without), *more]
    return f"{typed()} {shlex.join(kept)}"


def _without(arguments: list[str], options: Collection[str]) -> Iterator[str]:
    coming = iter(arguments)
    for argument in coming:
        option, equals, _ = argument.partition("=")
        if option not in options:
            yield argument
        elif not equals:
            next(coming, None)  # its value
