"""The rows of a sheet: what each cell shows, as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hongbao.campaign.table.number import UnreadableCellError, decimal_text
from hongbao.campaign.table.parts import LongText, MalformedPartError
from hongbao.campaign.table.row import CELLS_MAX, TOO_WIDE, BrokenTableError, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.campaign.table.parts import Parts
    from hongbao.campaign.table.shared_text import SharedText

ROWS_MAX = 1_048_576
_COLUMNS_MAX = 16_384
_WHOLE = re.compile("[0-9]{1,9}")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# A control character, or the escape of one that only looks like that: ECMA-376, 22.9.2.19. Others
# are left as they stand, for only some programs write them and an openid may look like one.
_ESCAPE = re.compile(r"_x00(?:([01][0-9A-Fa-f])|5F)_(?(1)|(?=x[0-9A-Fa-f]{4}_))")

_NO_RESULT = "is a formula without a stored result: open the file in a spreadsheet and save it"
_DATE = "is a date: format the column as text and enter it again"


class SheetReader:
    """Reads the rows of one sheet.

    Args:
        shared: the workbook's shared strings.
        dates: the styles that show dates.

    Attributes:
        hidden: how many rows that are read a person does not see: filtered, or hidden by hand.
    """

    def __init__(self, shared: SharedText, dates: frozenset[str]) -> None:
        self.hidden = 0
        self._shared = shared
        self._dates = dates
        self._places: dict[str, int] = {}
        self._ready: list[Row] = []
        self._number = 0
        self._row_hidden = False
        self._cells: dict[int, str] = {}
        self._faults: list[tuple[int, str]] = []
        self._place = -1
        self._type = "n"
        self._dated = False
        self._formula = False
        self._spoken = False
        self._value = ""
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
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True

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
        elif name == "rPh":
            self._spoken = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        number = self._number + 1 if said is None else _row_number(said)
        if not self._number < number <= ROWS_MAX:
            raise MalformedPartError("its rows are not in order")
        self._number = number
        self._row_hidden = attributes.get("hidden") in {"1", "true"}
        self._cells = {}
        self._faults = []
        self._place = -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        place = self._place + 1 if said is None else self._place_of(said)
        if not self._place < place < _COLUMNS_MAX:
            raise MalformedPartError("its cells are not in order")
        self._place = place
        self._type = attributes.get("t", "n")
        self._dated = attributes.get("s", "") in self._dates
        self._formula = False
        self._value = ""
        if self._pieced:  # outside of cells
            self._take_pieces()

    def _place_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self._places:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise MalformedPartError("one of its cells stands nowhere")
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - ord("A") + 1
            self._places[letters] = place - 1
        return self._places[letters]

    def _end_cell(self) -> None:
        if self._pieced:
            self._value += self._take_pieces()
        try:
            text = self._shown().strip()
        except UnreadableCellError as error:
            self._faults.append((self._place, str(error)))
        else:
            if not text:
                return
            self._cells[self._place] = text
        if self._place >= CELLS_MAX:
            raise BrokenTableError(self._number, TOO_WIDE)

    def _take_pieces(self) -> str:
        self._pieced = False
        return self._pieces.take()

    def _shown(self) -> str:
        """What the cell shows.

        Raises:
            UnreadableCellError: if that cannot be told, or is not what a list should hold.
        """
        value, kind = self._value, self._type
        if kind == "s":
            return _unescape(self._shared_text(value))
        if kind in {"str", "inlineStr"}:
            return _unescape(value)
        if not value:
            if self._formula:
                raise UnreadableCellError(_NO_RESULT)
            return ""
        if kind == "n" and not self._dated:
            return decimal_text(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "e":
            raise UnreadableCellError(f"shows the error {value[:16]}")
        raise UnreadableCellError(_DATE)

    def _shared_text(self, number: str) -> str:
        if _WHOLE.fullmatch(number) is None or int(number) >= len(self._shared):
            raise UnreadableCellError("refers to a text that the workbook does not have")
        return self._shared[int(number)]

    def _end_row(self) -> None:
        if not self._cells and not self._faults:
            return
        self.hidden += self._row_hidden
        width = max(self._cells, default=-1) + 1
        get = self._cells.get
        cells = [get(place, "") for place in range(width)]
        self._ready.append(Row(self._number, cells, tuple(self._faults)))


def _row_number(said: str) -> int:
    return int(said) if _WHOLE.fullmatch(said) else 0


def _unescape(text: str) -> str:
    if "_x00" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "_", text)
