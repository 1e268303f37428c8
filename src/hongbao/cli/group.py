"""The one place where errors become words and exit codes: around every command.

Whatever a command raises is told in three lines (or one JSON document), and no traceback is shown
unless ``HONGBAO_DEBUG`` is set: a traceback's lines may quote what must not be seen.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from hongbao.cli import failure
from hongbao.cli.answer import CommandResult, Unwritable, documents_said, print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import Failure
from hongbao.cli.interruption import Interrupted

DEBUG_VARIABLE = "HONGBAO_DEBUG"


class HongbaoGroup(TyperGroup):
    """A group of commands. A command returns its answer, or an exit code if it has said it all."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002  # the signature is Typer's
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002  # the signature is Typer's
        **extra: Any,  # noqa: ANN401  # the signature is Typer's
    ) -> NoReturn:
        """Run and exit; ``standalone_mode`` makes no difference."""
        del standalone_mode
        arguments = list(sys.argv[1:] if args is None else args)
        spoken = _Spoken(as_json="--json" in arguments)
        if not all(map(_is_text, arguments)):
            # Neither a database nor WeChat could take it.
            told = failure.usage("An argument is not text in UTF-8")
            sys.exit(int(spoken.tell(told)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default", UserWarning)
                warnings.showwarning = _warn
                found = super().main(
                    args=arguments,
                    prog_name=prog_name,
                    complete_var=complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
            code = spoken.answer(found)
        except Exception as error:  # noqa: BLE001  # everything is told in one way
            code = spoken.fail(error)
        except KeyboardInterrupt:
            code = spoken.tell(failure.interrupted())
        sys.exit(int(code))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # the signature is Typer's
        """Run the command. Typer would answer Ctrl-C by a number that a command may return too."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


def command_group(told: str) -> typer.Typer:
    """Commands below one word.

    Args:
        told: what ``--help`` says of them.
    """
    return typer.Typer(cls=HongbaoGroup, help=told, no_args_is_help=True, rich_markup_mode=None)


class _Spoken:
    """What one run of the program says in the end: with ``--json`` one document, no more.

    Args:
        as_json: whether a program reads.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._documents = documents_said()

    def answer(self, found: CommandResult | int | None) -> ExitCode:
        """What a command has found.

        Args:
            found: its answer; else its exit code, as it has said everything; or Typer's number.
        """
        if not isinstance(found, CommandResult):
            typers = found == ExitCode.INTERRUPTED and not isinstance(found, ExitCode)
            return self.tell(failure.interrupted()) if typers else ExitCode(found or 0)
        try:
            found.print()
        except Unwritable as error:
            return self.tell(failure.unwritable(error, found.code))
        except KeyboardInterrupt:  # it was done already
            pass
        return found.code

    def fail(self, error: Exception) -> ExitCode:
        """What a command has raised."""
        if isinstance(error, typer.Abort):  # the end of the input, at a question
            return self.tell(failure.interrupted())
        # What Typer raises for a wrong command line has such a method, in all its versions.
        words = getattr(error, "format_message", None)
        if words is not None and type(error).__name__ == "NoArgsIsHelpError":
            print_text(str(words()), error=True)
            return ExitCode.USAGE
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exception(error)
        return self.tell(failure.explain(error) if words is None else failure.usage(str(words())))

    def tell(self, told: Failure) -> ExitCode:
        """An error, in three lines or one document."""
        if self._as_json and documents_said() == self._documents:
            document = {"outcome": told.outcome, "exit_code": int(told.code), **told.document()}
            with suppress(Unwritable):
                print_json(document)
                return told.code
        print_text(told.text(), error=True)
        return told.code


def _is_text(argument: str) -> bool:
    """Whether it holds none of the halves of characters in which Python keeps foreign bytes."""
    return argument.isascii() or not any("\ud800" <= it <= "\udfff" for it in argument)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """A warning in one line; its place in the source says nothing to the person who reads it."""
    print_text(f"Warning: {message}", error=True)
