"""Groups whose commands are loaded when they are called, and not before.

So ``--help`` and a shell that completes a command's name wait for none of them, and a command waits
for no other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand

from hongbao.cli.examples import example
from hongbao.cli.group import HongbaoGroup
from hongbao.cli.language import OPTION, in_readers_language
from hongbao.sentences import Tongue

LANGUAGE = typer.Option(
    OPTION,
    help="Language of what is printed. Default: HONGBAO_LANG, else the system's.",
    show_default=False,
)


class Place(NamedTuple):
    """The place of a command in the code.

    Attributes:
        module: below ``hongbao.cli``.
        name: of the function, or of the Typer of a group, in it.
        summary: what the list of commands says of it; its own help begins so too.
    """

    module: str
    name: str
    summary: str


class LazyGroup(HongbaoGroup):
    """A group that lists its commands as ``places`` tells them, and loads the one that is called.

    Attributes:
        words: what is typed before its commands, behind the program's name, with a space.
        places: its commands, in the order of ``--help``.

    Args:
        given: what Typer makes a group of.
    """

    words: ClassVar[str] = ""
    places: ClassVar[Mapping[str, Place]]

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  # the signature is Typer's
        super().__init__(**given)
        listed = ((name, place.summary) for name, place in self.places.items())
        self.commands = {name: TyperCommand(name, help=summary) for name, summary in listed}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # the same
        """The command that is called, itself."""
        if args[0] in self.places:
            self.commands[args[0]] = self._loaded(args[0])
        return super().resolve_command(ctx, args)

    def _loaded(self, name: str) -> Any:  # noqa: ANN401  # Typer has no public name for it
        place = self.places[name]
        found = getattr(import_module(f"hongbao.cli.{place.module}"), place.name)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(name)(found)
            command = typer.main.get_command(alone)
        _show_examples(command, f"{self.words}{name}")
        _add(_language_option(), command)
        in_readers_language(command)
        return command


def _show_examples(command: Any, words: str) -> None:  # noqa: ANN401  # Typer has no public name for it
    command.epilog = example(words)
    for name, its_command in getattr(command, "commands", {}).items():
        _show_examples(its_command, f"{words} {name}")


def _language_option() -> Any:  # noqa: ANN401  # Typer has no public name for it
    """The option that every command has, unless it has one of this name itself.

    What it says is known already: the whole command line was looked at for it. It only refuses what
    is no language, and has its line in the help.
    """

    def command(lang: Annotated[Tongue | None, LANGUAGE] = None) -> None:
        """Take the option."""

    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command()(command)
    (option,) = typer.main.get_command(alone).params
    option.expose_value = False
    return option


def _add(option: Any, command: Any) -> None:  # noqa: ANN401  # the same
    if all(OPTION not in it.opts for it in command.params):
        command.params = [*command.params, option]
    for its_command in getattr(command, "commands", {}).values():
        _add(option, its_command)
