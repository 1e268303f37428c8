r"""The code of a number format, such as ``#,##0.00;[Red]-#,##0.00``, taken apart.

ECMA-376, part 1, 18.8.31 says what the characters of a code mean; 18.8.30 has the codes that files
name by number alone. Where the standard is silent, this follows what Excel and LibreOffice do in
common (``!`` escapes a character as ``\`` does). What is left over is UNKNOWN, and its cells are
refused with their code: numerals of other scripts (``[DBNum2]``), fractions, engineering notation,
letters that mean nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CODE_MAX = 1_000
"""A code that Excel saves has at most 255 characters, and some more for escapes."""
SECTIONS_MAX = 4

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)" | [\\!](?P<escaped>.) | _(?P<pad>.) | \*(?P<fill>.)'
    r"| \[(?P<bracket>[^\]]*)\] | (?P<general>General) | (?P<exponent>E[+-])"
    r"| (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%) | (?P<text>@) | (?P<end>;)"
    r"| (?P<date>AM/PM | A/P | [ymdhs]+ | a{3,4}) | (?P<literal>[-$+():^&'~{}<>=\ ]|[^\x00-\x7f])"
    r"| (?P<strange>.)",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COLOUR = re.compile(
    "black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]{1,2}", re.IGNORECASE
)
_ELAPSED = re.compile("h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)")
_CURRENCY = re.compile(r"\$(?P<symbol>[^-]*)(?:-(?P<locale>.*))?", re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HEX = re.compile("[0-9A-Fa-f]{1,8}")
_SYSTEM_DATES = frozenset({"F800", "F400", "X-SYSDATE", "X-SYSTIME"})
_OWN_DIGITS = 2 << 24
"""From here on, the eight hex digits of a locale ask for digits of a script of its own."""
_READ_AS_NUMBER = re.compile(r"[\w.,%()+-]")


class FormatKind(Enum):
    """What a section shows."""

    NUMBER = auto()
    SCIENTIFIC = auto()
    GENERAL = auto()
    TEXT = auto()
    DATE = auto()
    UNKNOWN = auto()


class Piece(Enum):
    """What one character, or one group of them, stands for."""

    LITERAL = auto()
    DIGIT = auto()
    POINT = auto()
    COMMA = auto()
    EXPONENT = auto()
    VALUE = auto()


class Token(NamedTuple):
    """A piece of a code.

    Attributes:
        piece: what it is.
        text: what is shown of it, or how a digit is to be shown (``0``, ``#`` or ``?``).
    """

    piece: Piece
    text: str


class Condition(NamedTuple):
    """Which numbers a section is for, such as ``[>100]``."""

    sign: str
    limit: Decimal

    def holds(self, number: Decimal) -> bool:
        """Whether it is for this number."""
        return {
            "<": number < self.limit,
            "<=": number <= self.limit,
            ">": number > self.limit,
            ">=": number >= self.limit,
            "=": number == self.limit,
            "<>": number != self.limit,
        }[self.sign]


class Section(NamedTuple):
    """One of the parts between the semicolons of a code.

    Attributes:
        kind: what it shows.
        tokens: from left to right, without commas.
        condition: which numbers it is for, if the code says it.
        grouped: whether commas separate thousands.
        shift: by how many decimal places the number is moved: 2 for each percent sign, -3 for each
            comma behind the digits.
    """

    kind: FormatKind
    tokens: tuple[Token, ...] = ()
    condition: Condition | None = None
    grouped: bool = False
    shift: int = 0


class _UnknownError(Exception):
    """A section has something whose meaning is not known."""


def parse(code: str) -> tuple[Section, ...]:
    """The sections of a code; a single UNKNOWN one if it is none."""
    if len(code) > CODE_MAX:
        return (Section(FormatKind.UNKNOWN),)
    sections = tuple(_section(part) for part in _split(_TOKEN.finditer(code)))
    return sections if len(sections) <= SECTIONS_MAX else (Section(FormatKind.UNKNOWN),)


def _split(matches: Iterator[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    part: list[re.Match[str]] = []
    for match in matches:
        if match.lastgroup == "end":
            yield part
            part = []
        else:
            part.append(match)
    yield part


def _section(matches: Sequence[re.Match[str]]) -> Section:
    builder = _Builder()
    try:
        for match in matches:
            builder.add(str(match.lastgroup), match[str(match.lastgroup)])
        return builder.section()
    except _UnknownError:
        return Section(FormatKind.UNKNOWN)


class _Builder:
    """Puts a section together, token by token."""

    def __init__(self) -> None:
        self._tokens: list[Token] = []
        self._condition: Condition | None = None
        self._percents = 0
        self._kinds: set[FormatKind] = set()

    def add(self, group: str, text: str) -> None:
        if group == "bracket":
            self._add_bracket(text)
        elif group in _KINDS:
            self._kinds.add(_KINDS[group])
            self._tokens.append(Token(Piece.VALUE, text))
        elif group == "strange":
            self._kinds.add(FormatKind.UNKNOWN)
        elif group in _PIECES:
            self._tokens.append(Token(_PIECES[group], text))
        else:
            self._percents += group == "percent"
            self._tokens.append(Token(Piece.LITERAL, _shown(group, text)))

    def section(self) -> Section:
        pieces = [token.piece for token in self._tokens]
        numeric = any(piece not in {Piece.LITERAL, Piece.VALUE} for piece in pieces)
        if FormatKind.DATE in self._kinds:
            return Section(FormatKind.DATE, condition=self._condition)
        if FormatKind.UNKNOWN in self._kinds:
            raise _UnknownError
        if self._kinds and (numeric or len(self._kinds) > 1 or self._percents):
            raise _UnknownError
        if self._kinds:
            return Section(self._kinds.pop(), tuple(self._tokens), self._condition)
        return self._number(pieces)

    def _number(self, pieces: Sequence[Piece]) -> Section:
        if pieces.count(Piece.POINT) > 1:
            raise _UnknownError
        kind = FormatKind.NUMBER
        if Piece.EXPONENT in pieces:
            if Piece.COMMA in pieces:
                raise _UnknownError
            kind = FormatKind.SCIENTIFIC
            _insist_on_one_leading_digit(pieces)
        groups, thousands = _commas(pieces)
        return Section(
            kind,
            tuple(token for token in self._tokens if token.piece is not Piece.COMMA),
            self._condition,
            groups,
            2 * self._percents - 3 * thousands,
        )

    def _add_bracket(self, text: str) -> None:
        if _COLOUR.fullmatch(text):
            return
        if _ELAPSED.fullmatch(text):
            self._kinds.add(FormatKind.DATE)
        elif (condition := _CONDITION.fullmatch(text)) and self._condition is None:
            self._condition = Condition(condition[1], Decimal(condition[2]))
        elif currency := _CURRENCY.fullmatch(text):
            self._add_locale(currency["locale"] or "")
            self._tokens.append(Token(Piece.LITERAL, currency["symbol"]))
        else:
            raise _UnknownError

    def _add_locale(self, locale: str) -> None:
        if locale.upper() in _SYSTEM_DATES:
            self._kinds.add(FormatKind.DATE)
        elif _HEX.fullmatch(locale):
            if int(locale, 16) >= _OWN_DIGITS:
                raise _UnknownError
        elif locale and not _LANGUAGE.fullmatch(locale):
            raise _UnknownError


_KINDS = {"general": FormatKind.GENERAL, "text": FormatKind.TEXT, "date": FormatKind.DATE}
_PIECES = {
    "digit": Piece.DIGIT,
    "point": Piece.POINT,
    "comma": Piece.COMMA,
    "exponent": Piece.EXPONENT,
}


def _shown(group: str, text: str) -> str:
    """What is shown of a literal: room as one blank, a fill as long as it cannot be misread."""
    if group == "pad" or (group == "fill" and not _READ_AS_NUMBER.match(text)):
        return " "
    return "%" if group == "percent" else text


def _insist_on_one_leading_digit(pieces: Sequence[Piece]) -> None:
    """Scientific notation is known as ``0.00E+00``; other forms move the point in steps."""
    split = pieces.index(Piece.EXPONENT)
    before, behind = pieces[:split], pieces[split + 1 :]
    whole = before[: before.index(Piece.POINT)] if Piece.POINT in before else before
    others = set(behind) - {Piece.DIGIT, Piece.LITERAL}
    if whole.count(Piece.DIGIT) != 1 or Piece.DIGIT not in behind or others:
        raise _UnknownError


def _commas(pieces: Sequence[Piece]) -> tuple[bool, int]:
    """Whether commas separate thousands, and how many of them divide by a thousand.

    They separate between the digits before the point, and divide behind the last of these digits or
    of all. Elsewhere they mean nothing that programs agree on.
    """
    point = pieces.index(Piece.POINT) if Piece.POINT in pieces else len(pieces)
    digits = [place for place, piece in enumerate(pieces) if piece is Piece.DIGIT]
    whole = [place for place in digits if place < point]
    ends = {places[-1] for places in (digits, whole) if places}
    grouped, thousands, behind = False, 0, -1
    for place, piece in enumerate(pieces):
        if piece is not Piece.COMMA:
            behind = place
        elif behind in ends:
            thousands += 1
        elif behind in whole:
            grouped = True
        else:
            raise _UnknownError
    return grouped, thousands
