"""The rows of a sheet: what each cell holds, as text, and what it shows where that differs."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from hongbao.campaign.table.around import Around, is_true, place_of, range_of
from hongbao.campaign.table.number_format import GENERAL, GENERAL_CHARS
from hongbao.campaign.table.parts import LongText, MalformedPartError
from hongbao.campaign.table.row import CELLS_MAX, TOO_WIDE, BrokenTableError, Row, Shown
from hongbao.campaign.table.trust import PLACEHOLDERS, no_result
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.table.number_format import NumberFormat
    from hongbao.campaign.table.parts import Parts
    from hongbao.campaign.table.shared_text import SharedText
    from hongbao.campaign.table.workbook import Workbook

ROWS_MAX = 1_048_576
_COLUMNS_MAX = 16_384
_WHOLE = re.compile("[0-9]{1,9}")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# A control character, or the escape of one that only looks like that: ECMA-376, 22.9.2.19. Others
# are left as they stand, for only some programs write them and an openid may look like one.
_ESCAPE = re.compile(r"_x00(?:([01][0-9A-Fa-f])|5F)_(?(1)|(?=x[0-9A-Fa-f]{4}_))")

_TEXTS = frozenset({"s", "str", "inlineStr"})
_OF_RANGES = frozenset({"array", "dataTable"})
"""Formulas that fill a range. Only its first cell has the formula (ECMA-376, 18.3.1.40)."""
_NO_HEIGHT = frozenset({"0", "0.0"})
_REMEMBERED = 20_000
_HIDDEN_NAMED = 5
_NO_STYLE = say("refers to a style that the workbook does not have")
_DATE = say("is a date: format the column as text and enter it again")


class SheetReader:
    """Reads the rows of one sheet.

    Args:
        shared: the workbook's shared strings.
        workbook: what else is to be known of it.

    Attributes:
        hidden: how many rows that are read a person does not see: filtered, or hidden by hand.
        first_hidden: the numbers of the first of them.
        around: what stands around the rows.
    """

    def __init__(self, shared: SharedText, workbook: Workbook) -> None:
        self.hidden = 0
        self.first_hidden: list[int] = []
        self.around = Around(workbook.styles.conditional)
        self._shared = shared
        self._styles = workbook.styles
        self._plain = workbook.styles.plain
        self._doubt = workbook.doubt
        self._seen: dict[tuple[str, str], str | None] = {}
        self._places: dict[str, int] = {}
        self._ready: list[Row] = []
        self._number = 0
        self._row_hidden = False
        self._cells: dict[int, str] = {}
        self._faults: list[tuple[int, str]] = []
        self._shown: list[tuple[int, Shown]] = []
        self._place = -1
        self._type = "n"
        self._style = "0"
        self._formula: str | None = None
        self._filled = ""
        self._filling: dict[int, tuple[int, str]] = {}  # by column: to which row, which formula
        self._spoken = False
        self._value = ""
        self._valued = False
        self._pieces = LongText()
        self._pieced = False

    def rows(self, parts: Parts, part: str) -> Iterator[Row]:
        """The rows that are not blank, with the sheet's own numbers.

        Raises:
            BrokenTableError: where the sheet cannot be read on.
        """
        try:
            for _ in parts.read(part, self):
                yield from self._ready
                self._ready.clear()
        except MalformedPartError as error:
            yield from self._ready
            raise BrokenTableError(self._number + 1, str(error)) from None
        except BrokenTableError:
            yield from self._ready
            raise

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "v":
            self._valued = True
        elif name == "f":
            self._formula = ""
            self._filled = attributes.get("ref", "") if attributes.get("t") in _OF_RANGES else ""
        elif name == "rPh":
            self._spoken = True
        elif name != "t":
            self.around.start(name, attributes)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        if name == "v":
            self._value = text
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "t" and not self._spoken:
            self._pieces.add(text)
            self._pieced = True
        elif name == "f":
            self._formula = text
            if self._filled:
                self._fill(self._filled, text)
        elif name == "rPh":
            self._spoken = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        number = self._number + 1 if said is None else _row_number(said)
        if not self._number < number <= ROWS_MAX:
            raise MalformedPartError(say("its rows are not in order"))
        self._number = number
        self._row_hidden = is_true(attributes.get("hidden")) or attributes.get("ht") in _NO_HEIGHT
        self._cells = {}
        self._faults = []
        self._shown = []
        self._place = -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        place = self._place + 1 if said is None else self._place_of(said)
        if not self._place < place < _COLUMNS_MAX:
            raise MalformedPartError(say("its cells are not in order"))
        self._place = place
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._formula = None
        self._value = ""
        self._valued = False
        if self._pieced:  # outside of cells
            self._take_pieces()

    def _place_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self._places:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise MalformedPartError(say("one of its cells stands nowhere"))
            self._places[letters] = place_of(letters)
        return self._places[letters]

    def _end_cell(self) -> None:
        if self._pieced:
            self._value += self._take_pieces()
        try:
            text = self._held().strip()
            if not text:
                return
            if self._style not in self._plain or (self._type == "n" and len(text) > GENERAL_CHARS):
                self._look_at(text)
        except UnreadableCellError as error:
            self._faults.append((self._place, str(error)))
        else:
            self._cells[self._place] = text
        if self._place >= CELLS_MAX:
            raise BrokenTableError(self._number, TOO_WIDE)

    def _take_pieces(self) -> str:
        self._pieced = False
        return self._pieces.take()

    def _held(self) -> str:
        """What the cell holds.

        Raises:
            UnreadableCellError: if that is not known, or is not what a list should hold.
        """
        value, kind = self._value, self._type
        if self._formula is not None:
            if not self._valued or not (value or kind == "str"):
                raise UnreadableCellError(no_result(self._formula))
            self._check_result(self._formula)
        elif self._filling:
            self._check_result(self._filling_of(self._place))
        if kind == "s":
            return _unescape(self._shared_text(value))
        if kind in _TEXTS:
            return _unescape(value)
        if not value:
            return ""
        if kind == "n":
            return decimal_text(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "e":
            raise UnreadableCellError(say("shows the error {value}", value=value[:16]))
        raise UnreadableCellError(_DATE)

    def _fill(self, reference: str, formula: str) -> None:
        """A formula fills a range of cells."""
        (_, bottom), (left, right) = range_of(reference)
        for place in range(left, min(right + 1, CELLS_MAX)):
            self._filling[place] = bottom, formula

    def _filling_of(self, place: int) -> str | None:
        """The formula that fills this cell of the row from one that stands before it."""
        bottom, formula = self._filling.get(place, (0, ""))
        return formula if self._number <= bottom else None

    def _check_result(self, formula: str | None) -> None:
        if formula is None:
            return
        if self._doubt:
            raise UnreadableCellError(no_result(formula, self._doubt))
        if self._type == "n" and self._value in PLACEHOLDERS:
            raise UnreadableCellError(no_result(formula, say("0 stands in its place")))

    def _look_at(self, text: str) -> None:
        """Note what the cell shows, if that is not what it holds.

        Raises:
            UnreadableCellError: if it is a date, or nobody knows how it is shown.
        """
        format_ = GENERAL if self._style in self._plain else self._styles.formats.get(self._style)
        if format_ is None:
            raise UnreadableCellError(_NO_STYLE)
        if self._type == "n":
            seen = self._seen_of(text, format_)
        else:
            seen = format_.show_text(text) if self._type in _TEXTS else text
        if seen is None or seen.strip() != text:
            self._shown.append((self._place, Shown(seen, format_.code)))

    def _seen_of(self, text: str, format_: NumberFormat) -> str | None:
        """What is seen of a number; the amounts of a list are few, and so they are remembered."""
        known = (self._style, text)
        if known not in self._seen:
            number = Decimal(text)
            if format_.is_date(number):
                raise UnreadableCellError(_DATE)
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[known] = format_.show(number)
        return self._seen[known]

    def _shared_text(self, number: str) -> str:
        if _WHOLE.fullmatch(number) is None or int(number) >= len(self._shared):
            raise UnreadableCellError(say("refers to a text that the workbook does not have"))
        return self._shared[int(number)]

    def _end_row(self) -> None:
        if not self._cells and not self._faults:
            return
        if self._filling and self._doubt:
            self._miss_filled()
        if self._row_hidden:
            self.hidden += 1
            if self.hidden <= _HIDDEN_NAMED:
                self.first_hidden.append(self._number)
        width = max(self._cells, default=-1) + 1
        get = self._cells.get
        cells = [get(place, "") for place in range(width)]
        self._ready.append(Row(self._number, cells, tuple(self._faults), tuple(self._shown)))

    def _miss_filled(self) -> None:
        """Note the cells that a formula fills, and of which a library has written nothing."""
        known = self._cells.keys() | {place for place, _ in self._faults}
        for place in sorted(self._filling.keys() - known):
            formula = self._filling_of(place)
            if formula is not None:
                self._faults.append((place, no_result(formula, self._doubt)))


def _row_number(said: str) -> int:
    return int(said) if _WHOLE.fullmatch(said) else 0


def _unescape(text: str) -> str:
    if "_x00" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "_", text)


_DIGITS = 15
"""So many digits a spreadsheet keeps and shows. What it stores behind them is the noise of binary
fractions (8.88 is stored as 8.8800000000000008)."""

_PLAIN = re.compile(r"-?[0-9]{1,15}")
_STORED = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[Ee][+-]?[0-9]{1,3})?")
_LENGTH_MAX = 64
_ROUND = Context(prec=_DIGITS)

TOO_LONG = say(
    "is a number of more than 15 digits, whose end the spreadsheet has lost: "
    "format the column as text and enter it again"
)
NO_NUMBER = say("is stored as a number and is none")


class UnreadableCellError(ValueError):
    """A cell does not hold what its reader sees."""


def decimal_text(stored: str) -> str:
    """The decimal text of a stored number, without an exponent and without closing zeros.

    Raises:
        UnreadableCellError: if it is none, or has more digits than a spreadsheet keeps.
    """
    if _PLAIN.fullmatch(stored):
        return stored
    if len(stored) > _LENGTH_MAX or _STORED.fullmatch(stored) is None:
        raise UnreadableCellError(NO_NUMBER)
    try:
        number = _ROUND.create_decimal(stored)
    except InvalidOperation:
        raise UnreadableCellError(NO_NUMBER) from None
    if number.adjusted() >= _DIGITS or number.adjusted() < -_DIGITS:
        raise UnreadableCellError(TOO_LONG)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
