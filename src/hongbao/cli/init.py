"""``hongbao init``: writes a hongbao.toml to begin with, readable by its owner alone."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from hongbao.cli.answer import CommandResult, WrongCommandLine
from hongbao.cli.options import AsJson
from hongbao.cli.program import typed
from hongbao.client.settings import account
from hongbao.client.settings.account import as_given, file_values
from hongbao.client.settings.table import Setting
from hongbao.configuration import example, settings
from hongbao.configuration.file import (
    NAME,
    PROFILE_NAME,
    PROFILE_NAME_RULE,
    read_configuration,
)
from hongbao.errors import ConfigurationError
from hongbao.sentences import said, say

_OWNER_ALONE = 0o600
_BESIDE = "mini_program.toml"
"""The simulator writes the mini program's appid into a file of this name."""


def init(
    *,
    path: Annotated[
        Path, typer.Argument(metavar="[PATH]", help="File to write. It must not be there yet.")
    ] = Path(NAME),
    merchant: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Take the settings of this merchant.toml, or of one for transfers with an "
            "api_v3_key. Its secrets go into files of their own.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the merchant in the file.")] = "shop",
    as_json: AsJson = False,
) -> CommandResult:
    """Write a hongbao.toml to begin with."""
    if PROFILE_NAME.fullmatch(name) is None:
        raise WrongCommandLine(say("--name must be {rule}", rule=PROFILE_NAME_RULE))
    written = _write_filled(path, merchant, name) if merchant else _write_commented(path, name)
    todo = (
        f"{typed()} doctor --config {path}"
        if merchant
        else said("Fill it in, then: {program} doctor --config {path}", program=typed(), path=path)
    )
    text = "\n".join([said("Written: {path}", path=it) for it in written] + [todo])
    return CommandResult(
        {"written": [str(it) for it in written]},
        text,
        outcome="done",
        as_json=as_json,
    )


def _write_commented(path: Path, name: str) -> list[Path]:
    _write(path, example.commented(name))
    return [path]


def _write_filled(path: Path, merchant: Path, name: str) -> list[Path]:
    values = as_given(file_values(merchant), merchant.parent)
    secrets: dict[Path, str] = {}
    given = _referring(values, settings.PROFILE, path.parent, name, secrets)
    if isinstance(values.get("work"), dict):
        given["work"] = _referring(
            values["work"], account.WORK, path.parent, f"{name}.work", secrets
        )
    transfers = settings.TRANSFERS if "api_v3_key" in values else None
    if transfers is not None:
        given = {"rail": transfers, **given}
    beside = merchant.with_name(_BESIDE)
    if transfers is None and beside.exists() and "mini_program_app_id" not in given:
        given["mini_program_app_id"] = file_values(beside).get("app_id")
    texts = {path: example.filled(name, given)}
    texts |= {file: f"{secret}\n" for file, secret in secrets.items()}
    for file in texts:
        if file.exists():
            raise _already_there(file)
    for file, text in texts.items():
        _write(file, text)
    read_configuration(path)  # whatever is wrong with it is reported now
    return [path, *secrets]


def _referring(
    values: dict[str, Any],
    known: tuple[Setting, ...],
    place: Path,
    name: str,
    secrets: dict[Path, str],
) -> dict[str, Any]:
    """The settings with references in the place of secrets."""
    of_name = {setting.name: setting for setting in known}
    found: dict[str, Any] = {}
    for key, value in values.items():
        setting = of_name.get(key)
        if setting is not None and setting.secret is not None and setting.secret(str(value)):
            file = place / f"{name}.{key}"
            secrets[file] = str(value)
            found[f"{key}_file"] = file.name
        elif isinstance(value, Path):
            found[key] = os.path.relpath(value.absolute(), place.absolute())
        elif isinstance(value, list):
            found[key] = [os.path.relpath(it.absolute(), place.absolute()) for it in value]
        elif not isinstance(value, dict):
            found[key] = value
    return found


def _write(path: Path, text: str) -> None:
    """Write a file that was not there, for its owner alone.

    Raises:
        ConfigurationError: if it is there, or cannot be written.
    """
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise _already_there(path) from None
    except OSError as error:
        raise ConfigurationError(
            setting=str(path),
            problem=say("cannot be written ({strerror})", strerror=error.strerror),
            remedy=say("Check the path."),
        ) from error


def _already_there(path: Path) -> ConfigurationError:
    return ConfigurationError(
        setting=str(path),
        problem=say("is there already"),
        remedy=say("Name another file, or move this one away."),
    )
