"""Help and wrong command lines in the language of the reader: what Typer itself would say, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from hongbao.sentences import Sentence, marked, recognised, said, say
from hongbao.views.columns import width as columns

_TYPERS = (
    marked("No such command '{command}'. Did you mean {names}?"),
    marked("No such command '{command}'."),
    marked("No such option: {option} (Possible options: {options})"),
    marked("No such option: {option}"),
    marked("Missing command."),
    marked("Missing option '{option}'. Choose from: {choices}"),
    marked("Missing option '{option}'."),
    marked("Missing argument '{argument}'. Choose from: {choices}"),
    marked("Missing argument '{argument}'."),
    marked("Option '{option}' requires an argument."),
    marked("Option '{option}' requires {count} arguments."),
    marked("Option '{option}' does not take a value."),
    marked("Got unexpected extra argument ({arguments})"),
    marked("Got unexpected extra arguments ({arguments})"),
    marked("Got unexpected extra argument(s) ({arguments})"),
    marked("Invalid value for {option}: {why}"),
    marked("Invalid value: {why}"),
)
_WHY = (
    marked("'{value}' is not one of {choices}."),
    marked("'{value}' is not a valid int."),
    marked("'{value}' is not a valid integer."),
    marked("'{value}' is not a valid int range."),
    marked("'{value}' is not a valid float range."),
    marked("'{value}' is not a valid float."),
    marked("'{value}' is not a valid boolean. Recognized values: {values}"),
    marked("{value} is not in the range {range}."),
    marked("File '{path}' does not exist."),
)
"""What Typer says of a command line that it does not understand; those with more come first."""
_HEADINGS = (marked("Usage"), marked("Options"), marked("Arguments"), marked("Commands"))
_OF_TYPER = (
    marked("Show this message and exit."),
    marked("Install completion for the current shell."),
    marked("Show completion for the current shell, to copy it or customize the installation."),
)
_EXTRAS = (marked("default: {default}"), marked("required"), marked("env var: {variable}"))
_EXTRA = re.compile(r"(?P<text>.*?)\s*\[(?P<extra>[^\[\]]+)\]$", re.DOTALL)

_VERBATIM = "\b"
_FIRST_COLUMN_MAX, _GAP = 30, 2
_WIDE = "\u2e80-\u9fff\uff00-\uffef“”‘’…"
_PIECE = re.compile(
    rf"[“‘（]?[{_WIDE}][，。：；！？、）”’…]*|\s+|[^\s{_WIDE}]+[，。：；！？、）”’…]*"
)
"""What is kept in one line: a character with what must not begin the next line, or a word."""


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each in a line, as the catalogue has them."""
    return [
        it if it.startswith(_VERBATIM) else " ".join(it.split())
        for it in re.split(r"\n[ \t]*\n", text.strip("\n "))
    ]


def helped(text: str | None) -> str | None:
    """A help text in the language of the reader."""
    return text and "\n\n".join(map(said, paragraphs(text)))


def let_speak(command: Any) -> None:  # noqa: ANN401  # Typer has no public name for it
    """Let a command, and all below it, have its help in Chinese."""
    command.help = helped(command.help)
    for parameter in command.params:
        parameter.help = helped(parameter.help)
    kind = command.context_class
    formatter = type("ChineseHelpFormatter", (ChineseHelp, kind.formatter_class), {})
    command.context_class = type("ChineseContext", (kind,), {"formatter_class": formatter})
    for its_command in getattr(command, "commands", {}).values():
        let_speak(its_command)


class ChineseHelp:
    """Writes help in Chinese: what Typer's own formatter writes, whose lines it shares."""

    current_indent: int
    width: int
    write: Any

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is called."""
        begins = f"{prefix or said('Usage') + '：'}{prog} "
        lines = list(_lines(args, self.width - columns(begins)))
        self.write(
            "\n".join([begins + lines[0], *(" " * columns(begins) + it for it in lines[1:])])
        )
        self.write("\n")

    def write_heading(self, heading: str) -> None:
        """The heading of a part."""
        self.write(f"{'':>{self.current_indent}}{said(heading)}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs."""
        blank = " " * self.current_indent
        parts = [
            "\n".join(blank + line for line in _paragraph(it, self.width - self.current_indent))
            for it in re.split(r"\n[ \t]*\n", text)
        ]
        self.write("\n\n".join(parts) + "\n")

    def write_dl(
        self,
        rows: Sequence[tuple[str, str]],
        col_max: int = _FIRST_COLUMN_MAX,
        col_spacing: int = _GAP,
    ) -> None:
        """Names, with what is to be said of each beside them."""
        most = max(columns(name) for name, _ in rows)
        begin = min(most, col_max) + col_spacing
        blank = " " * self.current_indent
        for name, text in rows:
            lines = list(_lines(_with_extras(text), max(self.width - begin - 2, 10)))
            if columns(name) > begin - col_spacing:
                self.write(f"{blank}{name}\n")
                first = " " * begin
            else:
                first = name + " " * (begin - columns(name))
            for line in lines or [""]:
                self.write(f"{blank}{first}{line}".rstrip() + "\n")
                first = " " * begin


def _with_extras(text: str) -> str:
    """What is said of an option, and in brackets its default and so on."""
    found = _EXTRA.fullmatch(text)
    if found is None:
        return said(text)
    extras = (said(recognised(it, _EXTRAS)) for it in found["extra"].split("; "))
    return f"{said(found['text'])}（{'；'.join(extras)}）"


def usage_problem(message: str) -> str:
    """What Typer says of a wrong command line, as a sentence of the catalogue."""
    found = recognised(message, _TYPERS)
    if isinstance(found, Sentence) and "why" in found.values:
        values = dict(found.values)
        return say(found.template, **values | {"why": recognised(str(values["why"]), _WHY)})
    return found


def _paragraph(text: str, width: int) -> Iterator[str]:
    if text.lstrip().startswith(_VERBATIM):
        yield from text.lstrip().removeprefix(_VERBATIM).strip("\n").splitlines()
    else:
        yield from _lines(text, width)


def _lines(text: str, width: int) -> Iterator[str]:
    """Lines of at most so many columns. Chinese may break anywhere but before a full stop."""
    line = ""
    for piece in _PIECE.findall(text):
        word = " " if piece.isspace() else piece
        if line and columns(line + word.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += word if line or word != " " else ""
    if line.strip():
        yield line.rstrip()
