"""How a run that went wrong ends: three lines, or one document with ``--json``, and an exit code.

No traceback is shown unless ``HONGBAO_DEBUG`` is set: its lines may quote what must not be seen.
"""

from __future__ import annotations

import os
import traceback
from contextlib import suppress

import typer

from hongbao.cli import failure
from hongbao.cli.answer import Unwritable, print_json, print_text
from hongbao.cli.exit_code import ExitCode
from hongbao.cli.failure import Failure
from hongbao.sentences import Sentence, Tongue, tongue

DEBUG_VARIABLE = "HONGBAO_DEBUG"


def end(error: Exception | KeyboardInterrupt, *, as_json: bool) -> ExitCode:
    """Tell what a command has raised.

    Args:
        error: it.
        as_json: whether a program reads it.

    Returns:
        What to exit with.
    """
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):  # Abort: no more input at a question
        return _tell(failure.interrupted(), as_json=as_json)
    # What Typer raises for a wrong command line has such a method, in all its versions.
    words = getattr(error, "format_message", None)
    if words is not None and type(error).__name__ == "NoArgsIsHelpError":
        print_text(str(words()), error=True)
        return ExitCode.USAGE
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    failed = failure.explain(error) if words is None else failure.usage(_usage_problem(words()))
    return _tell(failed, as_json=as_json)


def _tell(failed: Failure, *, as_json: bool) -> ExitCode:
    if as_json:
        document = {"outcome": failed.outcome, "exit_code": int(failed.code), **failed.document()}
        with suppress(Unwritable):
            print_json(document)
            return failed.code
    print_text(failed.text(), error=True)
    return failed.code


def _usage_problem(message: str) -> str:
    """What is wrong with the command line: in one line, and as a sentence if Typer says it."""
    if isinstance(message, Sentence) or tongue() is Tongue.ENGLISH:
        return message if isinstance(message, Sentence) else " ".join(message.split())
    # Whoever reads English does not wait for it.
    from hongbao.cli.help_text import usage_problem  # noqa: PLC0415  # see above

    return usage_problem(" ".join(message.split()))
