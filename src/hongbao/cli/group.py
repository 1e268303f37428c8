"""What stands around every command: its answer is printed, and whatever it raises is reported.

Both end in an exit code.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from hongbao.cli.answer import CommandResult, WrongCommandLine, documents_said, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.interruption import Interrupted
from hongbao.cli.language import in_readers_language, language
from hongbao.sentences import said, say, sentence_of, speak, tongue


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
        documents = documents_said()
        before = tongue()
        speak(language(arguments))
        try:
            in_readers_language(self)
            with warnings.catch_warnings():
                warnings.simplefilter("default", UserWarning)
                warnings.showwarning = _warn
                _check_text(arguments)
                found = super().main(
                    args=arguments,
                    prog_name=prog_name,
                    complete_var=complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
            code = _code_of(found)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # all is reported in one way
            from hongbao.cli.ending import end  # noqa: PLC0415  # what goes well has no need of it

            # One document, no more, with ``--json``.
            as_json = "--json" in arguments and documents_said() == documents
            code = end(error, as_json=as_json)
        finally:
            speak(before)
        sys.exit(int(code))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # the signature is Typer's
        """Run the command. Typer would answer Ctrl-C by a number that a command may return too."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


def command_group(help_text: str, kind: type[HongbaoGroup] = HongbaoGroup) -> typer.Typer:
    """Commands below one word.

    Args:
        help_text: what ``--help`` says of them.
        kind: of group.
    """
    return typer.Typer(cls=kind, help=help_text, no_args_is_help=True, rich_markup_mode=None)


def _code_of(found: CommandResult | int | None) -> ExitCode:
    """Print what a command has found, and give what to exit with.

    Args:
        found: its answer; else its exit code, as it has said everything; or Typer's number.

    Raises:
        KeyboardInterrupt: if Typer's number says so.
        Unwritable: if stdout does not take the answer.
    """
    if isinstance(found, CommandResult):
        with suppress(KeyboardInterrupt):  # it was done already
            found.print()
        return found.code
    if found == ExitCode.INTERRUPTED and not isinstance(found, ExitCode):
        raise KeyboardInterrupt
    return ExitCode(found or 0)


def _check_text(arguments: Sequence[str]) -> None:
    """Refuse the halves of characters in which Python keeps foreign bytes.

    Raises:
        WrongCommandLine: for neither a database nor WeChat could take them.
    """
    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= it <= "\udfff" for it in argument):
            raise WrongCommandLine(say("An argument is not text in UTF-8"))


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """A warning in one line; its place in the source says nothing to the person who reads it."""
    print_text(said("Warning: {message}", message=said(sentence_of(message))), error=True)
