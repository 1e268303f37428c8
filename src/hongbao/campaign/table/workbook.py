"""A workbook: which sheet holds the list, its texts, and which of its styles show dates."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.table.parts import LongText, MalformedPartError

if TYPE_CHECKING:
    from collections.abc import Sized

    from hongbao.campaign.table.parts import Handler, Parts
    from hongbao.campaign.table.shared_text import SharedText

_SHARED_MAX = 10_000_000
_SHEETS_MAX = 10_000
_SMALL_PART_BYTES_MAX = 64 * 1024**2
"""Of what stands around rows and texts: a thousand times what Excel writes for an ordinary list."""
_STYLES_MAX = 100_000  # Excel keeps 65,490


class Sheet(NamedTuple):
    """One sheet.

    Attributes:
        name: as its tab shows it.
        part: where its rows are.
        visible: whether its tab is shown.
    """

    name: str
    part: str
    visible: bool


class Workbook(NamedTuple):
    """What stands around the rows.

    Attributes:
        sheets: in the order of their tabs.
        shared: the part with the shared strings, if there is one.
        dates: the cell styles that show dates or times, by their numbers as cells say them.
    """

    sheets: tuple[Sheet, ...]
    shared: str | None
    dates: frozenset[str]


def read_workbook(parts: Parts) -> Workbook:
    """What a workbook has.

    Raises:
        MalformedPartError: if it is no workbook, or if it has no sheet of rows.
    """
    top = _relations(parts, "")
    main = next((part for kind, part in top.values() if kind == "officeDocument"), None)
    if main is None:
        raise MalformedPartError("it is a zip file, but no workbook")
    related = _relations(parts, main)
    handler = _Sheets()
    _parse(parts, main, handler)
    sheets = tuple(
        Sheet(name, related[relation][1], visible)
        for name, relation, visible in handler.found
        if related.get(relation, ("", ""))[0] == "worksheet"
    )
    if not sheets:
        raise MalformedPartError("it has no sheet with rows")
    by_kind = {kind: part for kind, part in related.values() if part in parts}
    styles = _Styles()
    if "styles" in by_kind:
        _parse(parts, by_kind["styles"], styles)
    return Workbook(sheets, by_kind.get("sharedStrings"), styles.dates())


def read_shared(parts: Parts, part: str, shared: SharedText) -> None:
    """Keep the shared strings of a workbook.

    Raises:
        MalformedPartError: if they cannot be read.
    """
    _parse(parts, part, _Shared(shared), bytes_max=None)


def _parse(
    parts: Parts, name: str, handler: Handler, *, bytes_max: int | None = _SMALL_PART_BYTES_MAX
) -> None:
    for _ in parts.read(name, handler, bytes_max=bytes_max):
        pass


def _relations(parts: Parts, source: str) -> dict[str, tuple[str, str]]:
    """What a part refers to, by the ids of the references: the last word of its kind, and where."""
    folder, name = posixpath.split(source)
    handler = _Relations(folder)
    _parse(parts, posixpath.join(folder, "_rels", f"{name}.rels"), handler)
    return handler.found


def _insist_on_few(found: Sized) -> None:
    if len(found) > _SHEETS_MAX:
        raise MalformedPartError(f"it has more than {_SHEETS_MAX} sheets")


class _Relations:
    def __init__(self, folder: str) -> None:
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            path = posixpath.join("/", self._folder, attributes.get("Target", ""))
            part = posixpath.normpath(path).lstrip("/")
            self.found[attributes.get("Id", "")] = (kind, part)
            _insist_on_few(self.found)

    def end(self, name: str, text: str) -> None:
        pass


class _Sheets:
    def __init__(self) -> None:
        self.found: list[tuple[str, str, bool]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            # The prefix of the relationship's id is the writer's choice.
            ids = [value for key, value in attributes.items() if key.endswith(":id")]
            visible = attributes.get("state", "visible") == "visible"
            self.found.append((attributes.get("name", ""), ids[0] if ids else "", visible))
            _insist_on_few(self.found)

    def end(self, name: str, text: str) -> None:
        pass


class _Shared:
    """Rich text is joined; how it is read aloud (``rPh``) is no part of it."""

    def __init__(self, shared: SharedText) -> None:
        self._shared = shared
        self._pieces = LongText()
        self._spoken = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._pieces.take()
        elif name == "rPh":
            self._spoken = True

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self._spoken:
            self._pieces.add(text)
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            if len(self._shared) == _SHARED_MAX:
                raise MalformedPartError("it has more than ten million texts")
            self._shared.append(self._pieces.take())


# Built-in formats of dates and times, with those of East Asian versions: ECMA-376, 18.8.30.
_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LITERAL = re.compile(r'"[^"]*"|\[(?![hmsHMS]+\])[^\]]*\]|[\\_*].')
_WHOLE = re.compile("[0-9]{1,9}")
_DATE_LETTER = re.compile("[ymdhsYMDHS年月日]")


class _Styles:
    def __init__(self) -> None:
        self._custom: dict[int, bool] = {}
        self._formats: list[int] = []
        self._cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and len(self._custom) < _STYLES_MAX:
            code = _LITERAL.sub("", attributes.get("formatCode", "")[:1000])
            self._custom[_whole(attributes.get("numFmtId"))] = bool(_DATE_LETTER.search(code))
        elif name == "cellXfs":
            self._cells = True
        elif name == "xf" and self._cells and len(self._formats) < _STYLES_MAX:
            self._formats.append(_whole(attributes.get("numFmtId")))

    def end(self, name: str, _: str) -> None:
        if name == "cellXfs":
            self._cells = False

    def dates(self) -> frozenset[str]:
        return frozenset(
            str(style)
            for style, number in enumerate(self._formats)
            if self._custom.get(number, number in _DATES)
        )


def _whole(text: str | None) -> int:
    return int(text) if text and _WHOLE.fullmatch(text) else 0
