"""Reads one TOML table by its settings: unknown names, wrong values, secrets by reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.client.settings.readers import Wrong, text
from hongbao.client.settings.secret import IN_ENVIRONMENT, IN_FILE, Secret
from hongbao.sentences import Sentence, say
from hongbao.wire.caution import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from hongbao.client.settings.problems import Problems


class Setting(NamedTuple):
    """One setting.

    Attributes:
        name: as it stands in the file.
        read: takes what TOML has, gives the value or raises ``Wrong``.
        default: what holds if it is left out; None if nothing does.
        secret: whether a value may not stand in the file; None if it never is a secret. What may be
            one can be given by reference, see ``secret``.
        formerly: an older name of it, which is taken with a warning.
    """

    name: str
    read: Callable[[object], Any]
    default: object = None
    secret: Callable[[str], bool] | None = None
    formerly: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which it may stand."""
        if self.secret is None:
            return (self.name,)
        return (self.name, self.name + IN_FILE, self.name + IN_ENVIRONMENT)


def secret(name: str) -> Setting:
    """A setting that is always a secret."""
    return Setting(name, text, secret=lambda _: True)


class RenamedSettingWarning(UserWarning):
    """A file or the environment calls a setting by an older name."""


def read_table(
    where: str,
    table: object,
    known: Sequence[Setting],
    problems: Problems,
    folder: Path,
    *,
    inline: bool,
    variables: str = "",
) -> dict[str, Any]:
    """The values of a table by name, with defaults; what is wrong with it is noted.

    Args:
        where: the table's name; empty at the top of the file.
        table: what is there.
        known: its settings.
        problems: what is wrong is noted there.
        folder: what the paths of secrets are relative to.
        inline: whether secrets may stand in the table.
        variables: what the names of environment variables begin with.
    """
    if not isinstance(table, dict):
        problems.add(where, say("is not a table"), say("Write it as [{where}].", where=where))
        return {}
    spellings = {name: it for it in known for name in it.spellings}
    renamed = {it.formerly: it.name for it in known if it.formerly is not None}
    found: dict[str, Any] = {}
    for name, value in table.items():
        place = variables + name.upper() if variables else f"{where}.{name}".lstrip(".")
        if name in renamed:
            name = renamed[name]  # noqa: PLW2901 - it is this setting from here on
            new = variables + name.upper() if variables else name
            if name in table:
                why = say("is given beside {new}, whose older name it is", new=new)
                problems.add(place, why, say("Leave it out."))
                continue
            _warn_of_older_name(f"{problems.where}: {place}", new)
        setting = spellings.get(name)
        if setting is None:
            problems.add(place, say("is not a setting"), _meant(name, spellings))
            continue
        try:
            read = _value(place, setting, name, value, folder, inline=inline)
        except Wrong as wrong:
            problems.add(place, wrong.problem, wrong.remedy)
            continue
        if setting.name in found:
            problems.add(place, _given_beside(setting.name), say("Give one of them."))
        found[setting.name] = read
    return {**_defaults(known), **found}


def _given_beside(name: str) -> Sentence:
    return say("is given beside another {name}", name=name)


def _warn_of_older_name(place: str, new: str) -> None:
    warn(
        say("{place} is called {new} now: the older name will go", place=place, new=new),
        RenamedSettingWarning,
    )


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
            say("is a secret in the file itself"),
            say(
                "Give {name}{in_file} (a path) or {name}{in_environment} (a variable's name); or "
                "set allow_inline_secrets = true.",
                name=name,
                in_file=IN_FILE,
                in_environment=IN_ENVIRONMENT,
            ),
        )
    return Secret(setting=place, inline=given)


def _defaults(known: Iterable[Setting]) -> dict[str, Any]:
    return {it.name: it.read(it.default) for it in known if it.default is not None}


def check_needed(
    where: str,
    read: Mapping[str, Any],
    needed: Iterable[Setting],
    problems: Problems,
    *,
    variables: str = "",
) -> None:
    """Note what is missing of a table that was read."""
    for setting in needed:
        # One that is there and wrong has been reported.
        places = [
            variables + name.upper() if variables else f"{where}.{name}".lstrip(".")
            for name in setting.spellings
        ]
        if setting.name not in read and not problems.mention(*places):
            choices = " or ".join(it.rpartition(".")[2] for it in places[1:])
            problems.add(
                places[0],
                say("is missing"),
                say("Give {choices}.", choices=choices) if choices else say("Add it."),
            )


def _meant(name: str, spellings: Mapping[str, object]) -> str:
    import difflib  # noqa: PLC0415  # 4 ms, and most settings are right

    close = difflib.get_close_matches(name, spellings, n=1)
    return (
        f"Is {close[0]} meant?" if close else say("There are {names}.", names=", ".join(spellings))
    )
