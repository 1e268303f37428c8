"""What stands around the rows of a sheet and changes what is seen of them.

Hidden columns, merged cells, and conditional formats that show numbers in another way.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hongbao.campaign.table.parts import MalformedPartError
from hongbao.campaign.table.row import CELLS_MAX
from hongbao.sentences import say

_RANGES_MAX = 20_000
_REFERENCE_MAX = 64
_RANGE = re.compile("([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_WHOLE = re.compile("[0-9]{1,9}")
_LETTERS = 26


class Merged(NamedTuple):
    """Cells that are shown as one: only the first of them holds a value.

    Attributes:
        name: such as ``D2:D4``.
        rows: the first and the last of their rows, from 1.
        places: the first and the last of their columns, from 0.
    """

    name: str
    rows: tuple[int, int]
    places: tuple[int, int]


class Around:
    """Gathers what stands around the rows; complete when the sheet is read.

    Args:
        conditional: the conditional formats that change how numbers are shown.

    Attributes:
        hidden: the places of the columns that are not shown.
        merged: the merged cells.
        shown_otherwise: where conditional formats can show another number than a cell holds.
    """

    def __init__(self, conditional: frozenset[str] = frozenset()) -> None:
        self.hidden: set[int] = set()
        self.merged: list[Merged] = []
        self.shown_otherwise: list[str] = []
        self._conditional = conditional
        self._reference = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins.

        Raises:
            MalformedPartError: if it has more merged cells than a list can have, or odd ones.
        """
        if name == "col":
            self._add_column(attributes)
        elif name == "mergeCell":
            self._add_merged(attributes.get("ref", ""))
        elif name == "conditionalFormatting":
            self._reference = attributes.get("sqref", "")
        elif name == "cfRule" and attributes.get("dxfId") in self._conditional:
            if self._reference[:_REFERENCE_MAX] not in self.shown_otherwise[-1:]:
                self.shown_otherwise.append(self._reference[:_REFERENCE_MAX])
            _insist_on_few(self.shown_otherwise)

    def _add_column(self, attributes: dict[str, str]) -> None:
        narrow = attributes.get("width", "").strip("0.") == "" and "width" in attributes
        first, last = attributes.get("min", ""), attributes.get("max", "")
        if not (narrow or is_true(attributes.get("hidden"))):
            return
        if _WHOLE.fullmatch(first) and _WHOLE.fullmatch(last):
            self.hidden.update(range(max(0, int(first) - 1), min(int(last), CELLS_MAX)))

    def _add_merged(self, reference: str) -> None:
        if _RANGE.fullmatch(reference) is None:
            raise MalformedPartError(say("one of its merged cells stands nowhere"))
        self.merged.append(Merged(reference, *range_of(reference)))
        _insist_on_few(self.merged)


def _insist_on_few(found: list[Merged] | list[str]) -> None:
    if len(found) > _RANGES_MAX:
        raise MalformedPartError(
            say("it has more than {most} merged cells or formats", most=_RANGES_MAX)
        )


def is_true(said: str | None) -> bool:
    """Whether an attribute says yes."""
    return said in {"1", "true"}


def range_of(reference: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and last row of a range, from 1, and its first and last column, from 0.

    Of what is no range, such as a single cell, no row and no column.
    """
    match = _RANGE.fullmatch(reference)
    if match is None:
        return (0, 0), (0, -1)
    left, top, right, bottom = match.groups()
    return (int(top), int(bottom)), (place_of(left), place_of(right))


def place_of(letters: str) -> int:
    """The place of a column, from 0, by its letters."""
    place = 0
    for letter in letters:
        place = place * _LETTERS + ord(letter) - ord("A") + 1
    return place - 1


def letters_of(place: int) -> str:
    """The letters of a column, by its place from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
