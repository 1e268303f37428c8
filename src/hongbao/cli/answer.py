"""How a command prints what it found: text for people or one JSON document, openids masked."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, TextIO

from hongbao.cli.exit_code import ExitCode
from hongbao.sentences import sentence_of


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command found. It is printed when all that the command has opened is closed again.

    Attributes:
        document: what a program reads, without ``outcome`` and ``exit_code``.
        text: what a person reads.
        outcome: in a word.
        code: what the program exits with.
        as_json: whether a program reads it.
        failure: what went wrong all the same, for people on stderr; the document has it already.
    """

    document: Mapping[str, object]
    text: str
    _: KW_ONLY
    as_json: bool
    outcome: str = "answered"
    code: ExitCode = ExitCode.DONE
    failure: str | None = None

    def print(self) -> None:
        """Print it.

        Raises:
            Unwritable: if stdout does not take it.
        """
        if self.failure is not None and not self.as_json:
            print_text(self.failure, error=True)
        try:
            if self.as_json:
                code = int(self.code)
                print_json({"outcome": self.outcome, "exit_code": code, **self.document})
            else:
                print_text(self.text)
        except Unwritable as error:
            error.code = self.code
            raise


class Unwritable(Exception):
    """Stdout does not take what is to be said.

    Attributes:
        why: what the system says.
        code: what the command would have exited with.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.code = ExitCode.DONE


class WrongCommandLine(Exception):
    """Options that do not say what is wanted, or do not fit together; the message says which."""

    def format_message(self) -> str:
        """The message: Typer's own errors of the command line have such a method too."""
        return sentence_of(self)


# What a terminal obeys instead of showing it: control characters, those of the upper half too, and
# what turns the direction of text. Codes, reasons and file names come from others.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(document: Mapping[str, object]) -> None:
    """One document on one line, so that a program can read it line by line.

    Raises:
        Unwritable: if stdout does not take it.
    """
    from hongbao.views.document import plain  # noqa: PLC0415  # text needs none of its values

    _Said.documents += 1
    utf8 = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") == "utf8"
    _write(harmless(json.dumps(plain(document), ensure_ascii=not utf8)), sys.stdout)


def print_lines(documents: Iterable[Mapping[str, object]]) -> bool:
    """Documents that are plain already, one a line, many at once.

    Returns:
        Whether anybody still reads.

    Raises:
        Unwritable: if stdout does not take them.
    """
    lines = [harmless(json.dumps(document, ensure_ascii=True)) for document in documents]
    _Said.documents += len(lines)
    return not lines or _write("\n".join(lines), sys.stdout)


def documents_said() -> int:
    """How many documents this process has begun to print, so that none follows another."""
    return _Said.documents


class _Said:
    documents: ClassVar[int] = 0


def print_text(text: str, *, error: bool = False) -> None:
    """Text as it is; what the terminal obeys, or its character set lacks, is escaped.

    Raises:
        Unwritable: if stdout does not take it. That stderr does not take errors is no error.
    """
    stream = sys.stderr if error else sys.stdout
    encoding = getattr(stream, "encoding", None) or "ascii"
    shown = harmless(text).encode(encoding, "backslashreplace").decode(encoding)
    with suppress(Unwritable) if error else nullcontext():
        _write(shown, stream)


def at_terminal(stream: TextIO | None) -> bool:
    """Whether a person is there to read, or to answer. A stream that is closed is None."""
    return stream is not None and stream.isatty()


def _write(line: str, stream: TextIO | None) -> bool:
    """Write it, and say whether anybody reads on."""
    if stream is None:  # closed before the program began
        return False
    try:
        print(line, file=stream, flush=True)
    except BrokenPipeError:  # whoever read has read enough
        _let_go(stream)
        return False
    except OSError as error:
        _let_go(stream)
        raise Unwritable(error.strerror or type(error).__name__) from error
    return True


def _let_go(stream: TextIO) -> None:
    """Let what could not be written go nowhere: Python would try it again when it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def harmless(text: str) -> str:
    """Text of which a terminal shows every character but line feeds and tabs, and obeys none."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
