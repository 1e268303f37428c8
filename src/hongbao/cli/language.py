"""Which language a command speaks: as it is asked, as the environment says, else English."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hongbao.sentences import Tongue, tongue

OPTION = "--lang"
VARIABLE = "HONGBAO_LANG"
"""Where a shell, a container or a unit of systemd says it for this program alone."""
_OF_THE_SYSTEM = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # in the order of gettext


def language(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Tongue:
    """The language to speak.

    Args:
        arguments: of the command line. They are looked at before anything reads them, since what is
            wrong with them is said in that language, too.
        environment: its variables.
    """
    asked = _asked(arguments)
    if asked is None:
        asked = environment.get(VARIABLE)
    if asked:
        return _of(asked) or Tongue.ENGLISH
    of_system = next((environment[it] for it in _OF_THE_SYSTEM if environment.get(it)), "")
    known = (_of(it) for it in of_system.split(":"))
    return next((it for it in known if it is not None), Tongue.ENGLISH)


def _asked(arguments: Sequence[str]) -> str | None:
    for at, argument in enumerate(arguments):
        if argument == "--":
            return None
        option, equals, value = argument.partition("=")
        if option == OPTION:
            given = value if equals else next(iter(arguments[at + 1 :]), "")
            if given in set(Tongue):  # a command's own option may take more than these
                return given
    return None


def _of(name: str) -> Tongue | None:
    """The language of a name such as ``zh_CN.UTF-8``; None of one that nothing is written in."""
    primary = name.strip().replace("-", "_").partition("_")[0].partition(".")[0].lower()
    if primary in {"c", "posix"}:
        return Tongue.ENGLISH
    return Tongue(primary) if primary in set(Tongue) else None


def in_readers_language(command: Any) -> None:  # noqa: ANN401  # Typer has no public name for it
    """Let a command, and all below it, have its help in the language of the reader."""
    if tongue() is Tongue.CHINESE:
        # Whoever reads English does not wait for it.
        from hongbao.cli.help_text import let_speak  # noqa: PLC0415  # see above

        let_speak(command)
