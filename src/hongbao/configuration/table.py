"""Reads one TOML table by its settings: unknown names, wrong values, secrets by reference."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from hongbao.client.settings import warn_of_old_name
from hongbao.configuration.readers import Wrong, text
from hongbao.configuration.secret import IN_ENVIRONMENT, IN_FILE, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from hongbao.configuration.problems import Problems
    from hongbao.configuration.settings import Setting


def read_table(
    where: str,
    table: object,
    known: Sequence[Setting],
    problems: Problems,
    folder: Path,
    *,
    inline: bool,
) -> dict[str, Any]:
    """The values of a table by name, with defaults; what is wrong with it is noted.

    Args:
        where: the table's name; empty at the top of the file.
        table: what TOML has.
        known: its settings.
        problems: what is wrong is noted there.
        folder: what the paths of secrets are relative to.
        inline: whether secrets may stand in the table.
    """
    if not isinstance(table, dict):
        problems.add(where, "is no table", f"Write it as [{where}].")
        return {}
    spellings = {name: it for it in known for name in it.spellings}
    renamed = {it.formerly: it.name for it in known if it.formerly is not None}
    found: dict[str, Any] = {}
    for name, value in table.items():
        place = f"{where}.{name}".lstrip(".")
        if name in renamed:
            warn_of_old_name(place, renamed[name])
            name = renamed[name]  # noqa: PLW2901 - it is this setting from here on
        setting = spellings.get(name)
        if setting is None:
            problems.add(place, "is not a setting", _meant(name, spellings))
            continue
        try:
            read = _value(place, setting, name, value, folder, inline=inline)
        except Wrong as wrong:
            problems.add(place, wrong.problem, wrong.remedy)
            continue
        if setting.name in found:
            problems.add(place, f"is given beside another {setting.name}", "Give one of them.")
        found[setting.name] = read
    return {**_defaults(known), **found}


def _value(
    place: str, setting: Setting, name: str, value: object, folder: Path, *, inline: bool
) -> object:
    given = (setting.read if name == setting.name else text)(value)
    if setting.secret is None:
        return given
    if name.endswith(IN_FILE):
        return Secret(setting=place, path=folder / given)
    if name.endswith(IN_ENVIRONMENT):
        return Secret(setting=place, variable=given)
    if not inline and setting.secret(given):
        raise Wrong(
            "is a secret in the file itself",
            f"Give {name}{IN_FILE} (a path) or {name}{IN_ENVIRONMENT} (a variable's name); "
            "or set allow_inline_secrets = true.",
        )
    return Secret(setting=place, inline=given)


def _defaults(known: Iterable[Setting]) -> dict[str, Any]:
    return {it.name: it.read(it.default) for it in known if it.default is not None}


def _meant(name: str, spellings: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, spellings, n=1)
    return f"Is {close[0]} meant?" if close else f"There are {', '.join(spellings)}."
