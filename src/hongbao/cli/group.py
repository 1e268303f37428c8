"""The one place where errors become words and exit codes: around every command.

Whatever a command raises is told in three lines (or one JSON document), and no traceback is shown
unless ``HONGBAO_DEBUG`` is set: a traceback's lines may quote what must not be seen.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup

from hongbao.cli import failure
from hongbao.cli.answer import print_json, print_text
from hongbao.cli.exit_code import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.cli.failure import Failure

DEBUG_VARIABLE = "HONGBAO_DEBUG"


class HongbaoGroup(TyperGroup):
    """A group of commands. A command returns its exit code, or raises."""

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
        as_json = "--json" in arguments
        if not all(map(_is_text, arguments)):
            # Neither a database nor WeChat could take it.
            told = failure.usage("An argument holds bytes that are no text in UTF-8")
            sys.exit(int(_say(told, as_json=as_json)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default", UserWarning)
                warnings.showwarning = _warn
                code = super().main(
                    args=arguments,
                    prog_name=prog_name,
                    complete_var=complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
        except Exception as error:  # noqa: BLE001  # everything is told in one way
            code = _tell(error, as_json=as_json)
        else:
            if code == ExitCode.INTERRUPTED:  # Typer's answer to Ctrl-C
                code = _say(failure.interrupted(), as_json=as_json)
        sys.exit(int(code or 0))


def _is_text(argument: str) -> bool:
    """Whether it holds none of the halves of characters in which Python keeps foreign bytes."""
    return argument.isascii() or not any("\ud800" <= it <= "\udfff" for it in argument)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """A warning in one line; its place in the source says nothing to the person who reads it."""
    print_text(f"Warning: {message}", error=True)


def _tell(error: Exception, *, as_json: bool) -> ExitCode:
    if isinstance(error, typer.Abort):  # Ctrl-C, or the end of the input, at a question
        return _say(failure.interrupted(), as_json=as_json)
    if isinstance(error, failure.SendInterrupted):
        return _say(failure.interrupted(error.mch_billno), as_json=as_json)
    # What Typer raises for a wrong command line has such a method, in all its versions.
    words = getattr(error, "format_message", None)
    if words is not None and type(error).__name__ == "NoArgsIsHelpError":
        print_text(str(words()), error=True)
        return ExitCode.USAGE
    told = failure.explain(error) if words is None else failure.usage(str(words()))
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    return _say(told, as_json=as_json)


def _say(told: Failure, *, as_json: bool) -> ExitCode:
    if as_json:
        print_json({"outcome": told.outcome, "exit_code": int(told.code), **told.document()})
    else:
        print_text(told.text(), error=True)
    return told.code
