"""A merchant's settings as they stand in a TOML file or in environment variables."""

from __future__ import annotations

import os
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from hongbao.errors import ConfigurationError
from hongbao.wire.caution import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import Field

_PATHS = ("cert_path", "key_path", "p12_path", "ca_path")
RENAMED = {"connect_timeout": "connect_seconds", "total_timeout": "total_seconds"}
"""Older names of settings, and what they are called now."""

_NUMBERS = (*RENAMED, *RENAMED.values())
_WORK = "work_"
_NO_SETTINGS = ("debug", "config")  # HONGBAO_DEBUG and HONGBAO_CONFIG are the command line's


class RenamedSettingWarning(UserWarning):
    """A file or the environment calls a setting by an older name."""


def warn_of_old_name(place: str, new: str) -> None:
    """Warn of a setting's older name, where it stands."""
    warn(f"{place} is called {new} now: the older name will go", RenamedSettingWarning)


def read_toml(path: str | os.PathLike[str]) -> tuple[dict[str, Any], str]:
    """The settings of a file, and its name for errors.

    Raises:
        ConfigurationError: if it cannot be read or is no TOML, or has a setting by two names.
    """
    # These cost 11 ms, and most processes read no file.
    import tomllib  # noqa: PLC0415 - see above
    from pathlib import Path  # noqa: PLC0415 - see above

    file = Path(path)
    values: dict[str, Any] | None = None
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            setting=str(file),
            problem=f"cannot be read ({error.strerror})",
            remedy="Check the path.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        pass  # they hold the file's text, and with it the key: ours must not be chained to them
    if values is None:
        raise ConfigurationError(
            setting=str(file), problem="is no TOML file in UTF-8", remedy="Fix its syntax."
        )
    for name in _PATHS:
        if isinstance(values.get(name), str):
            values[name] = file.parent / values[name]
    return _by_new_names(values, f"{file}: ", str), str(file)


def read_environment(environ: Mapping[str, str] | None, prefix: str) -> tuple[dict[str, Any], str]:
    """The settings among environment variables, and what to call them in errors.

    Raises:
        ConfigurationError: if a number is none, or a setting has two names.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(prefix) or not text:
            continue
        name = variable.removeprefix(prefix).lower()
        if name in _NO_SETTINGS:
            continue
        if name.startswith(_WORK):
            values.setdefault("work", {})[name.removeprefix(_WORK)] = text
        else:
            values[name] = _number(variable, text) if name in _NUMBERS else text
    named = _by_new_names(values, "", lambda name: f"{prefix}{name.upper()}")
    return named, f"environment variables {prefix}*"


def _by_new_names(
    values: dict[str, Any], where: str, spelt: Callable[[str], str]
) -> dict[str, Any]:
    for old, new in RENAMED.items():
        if old not in values:
            continue
        if new in values:
            raise ConfigurationError(
                setting=f"{where}{spelt(old)}",
                problem=f"is given beside {spelt(new)}, whose older name it is",
                remedy="Leave it out.",
            )
        warn_of_old_name(f"{where}{spelt(old)}", spelt(new))
        values[new] = values.pop(old)
    return values


def arguments(cls: type[Any], values: object, where: str) -> dict[str, Any]:
    """The keyword arguments of a dataclass among settings.

    Raises:
        ConfigurationError: for a setting that the class does not have, or one that it needs and is
            not there.
    """
    known = {field.name: field for field in fields(cls) if field.init}
    if not isinstance(values, dict):
        raise ConfigurationError(setting=where, problem="is no table", remedy="Make it one.")
    for name in values:
        if name not in known:
            raise ConfigurationError(
                setting=f"{where}: {name}",
                problem="is not a setting",
                remedy=f"There are {', '.join(known)}.",
            )
    missing = [name for name, field in known.items() if _needed(field) and name not in values]
    if missing:
        raise ConfigurationError(
            setting=where, problem=f"{', '.join(missing)} missing", remedy="Add what is missing."
        )
    return values


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _number(variable: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(
            setting=variable, problem="is not a number", remedy="Give seconds, such as 5 or 30."
        ) from None
