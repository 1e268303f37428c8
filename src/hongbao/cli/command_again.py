"""The command that was given, written out to be given again with changes."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from hongbao.cli.program import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


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
