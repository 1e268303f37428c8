"""A workbook: which sheet holds the list, its texts and styles, and whether its formulas count."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.table.parts import LongText, MalformedPartError
from hongbao.campaign.table.styles import Styles, StylesReader
from hongbao.campaign.table.trust import doubt
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized

    from hongbao.campaign.table.parts import Handler, Parts
    from hongbao.campaign.table.shared_text import SharedText

_SHARED_MAX = 10_000_000
_SHEETS_MAX = 10_000
_SMALL_PART_BYTES_MAX = 64 * 1024**2
"""Of what stands around rows and texts: a thousand times what Excel writes for an ordinary list."""
_WORDS_MAX = 1_000


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
        styles: how cells show what they hold.
        doubt: why the results of its formulas are none; empty if they are.
    """

    sheets: tuple[Sheet, ...]
    shared: str | None
    styles: Styles
    doubt: str


def read_workbook(parts: Parts) -> Workbook:
    """What a workbook has.

    Raises:
        MalformedPartError: if it is no workbook, or if it has no sheet of rows.
    """
    top = _relations(parts, "")
    main = next((part for kind, part in top.values() if kind == "officeDocument"), None)
    if main is None:
        raise MalformedPartError(say("it is a zip file, but no workbook"))
    related = _relations(parts, main)
    handler = _Sheets()
    _parse(parts, main, handler)
    sheets = tuple(
        Sheet(name, related[relation][1], visible)
        for name, relation, visible in handler.found
        if related.get(relation, ("", ""))[0] == "worksheet"
    )
    if not sheets:
        raise MalformedPartError(say("it has no sheet with rows"))
    by_kind = dict(related.values())
    shared = by_kind.get("sharedStrings")
    if shared is not None and shared not in parts:
        raise MalformedPartError(
            say("it has no part {name}, which holds its texts", name=shared[:64])
        )
    return Workbook(
        sheets,
        shared,
        _read_styles(parts, by_kind.get("styles")),
        doubt(_application(parts, top), handler.calculation),
    )


def _read_styles(parts: Parts, part: str | None) -> Styles:
    if part is None:
        return Styles()
    reader = StylesReader()
    _parse(parts, part, reader)
    return reader.styles()


def _application(parts: Parts, top: Mapping[str, tuple[str, str]]) -> str:
    """Which program saved the workbook, as it calls itself; empty if it does not."""
    kinds = {"extended-properties", "extendedProperties"}  # the latter in the strict variant
    part = next((part for kind, part in top.values() if kind in kinds), None)
    if part is None or part not in parts:
        return ""
    handler = _Properties()
    _parse(parts, part, handler)
    return handler.application


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
        raise MalformedPartError(say("it has more than {most} sheets", most=_SHEETS_MAX))


class _Relations:
    def __init__(self, folder: str) -> None:
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = attributes.get("Target", "").replace("\\", "/")
            path = posixpath.join("/", self._folder, target)
            part = posixpath.normpath(path).lstrip("/")
            self.found[attributes.get("Id", "")] = (kind, part)
            _insist_on_few(self.found)

    def end(self, name: str, text: str) -> None:
        pass


class _Sheets:
    def __init__(self) -> None:
        self.found: list[tuple[str, str, bool]] = []
        self.calculation: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "calcPr":
            self.calculation = dict(attributes)
        elif name == "sheet":
            # The prefix of the relationship's id is the writer's choice.
            ids = [value for key, value in attributes.items() if key.endswith(":id")]
            visible = attributes.get("state", "visible") == "visible"
            self.found.append((attributes.get("name", ""), ids[0] if ids else "", visible))
            _insist_on_few(self.found)

    def end(self, name: str, text: str) -> None:
        pass


class _Properties:
    def __init__(self) -> None:
        self.application = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        pass

    def end(self, name: str, text: str) -> None:
        if name == "Application":
            self.application = text.strip()[:_WORDS_MAX]


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
                raise MalformedPartError(say("it has more than ten million texts"))
            self._shared.append(self._pieces.take())
