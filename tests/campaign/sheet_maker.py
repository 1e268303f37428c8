"""Workbooks of parts that the tests write themselves, as libraries and programs write them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from list_maker import payee

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EXCEL = "Microsoft Excel"


def package(
    folder: Path,
    sheet: str,
    shared: str = "",
    *,
    styles: str = "",
    application: str = "",
    calculation: str = "",
    rename: Callable[[str], str] = str,
    without: str = "",
) -> Path:
    """A workbook of one sheet.

    Args:
        folder: where it is written.
        sheet: the whole part of the sheet.
        shared: that of the shared strings; it is named, and missing, if left out.
        styles: that of the styles; there is none if left out.
        application: the program that says that it saved the file; none says so if left out.
        calculation: the element ``calcPr``.
        rename: how a part is called in the zip.
        without: a part that is named and missing.
    """
    path = folder / "own.xlsx"
    main = f"<w xmlns:q='{_KINDS}'><sheet name='S' q:id='r1'/>{calculation}</w>"
    parts = {"xl/worksheets/s.xml": sheet, "xl/workbook.xml": main}
    related = [("worksheet", "worksheets/s.xml")]
    if shared:
        related.append(("sharedStrings", "shared.xml"))
        parts["xl/shared.xml"] = shared
    if styles:
        related.append(("styles", "styles.xml"))
        parts["xl/styles.xml"] = styles
    top = [("officeDocument", "/xl/workbook.xml")]
    if application:
        top.append(("extended-properties", "docProps/app.xml"))
        parts["docProps/app.xml"] = f"<P><Application>{application}</Application></P>"
    parts["_rels/.rels"] = f"<x:Relationships xmlns:x='p'>{_relations(top)}</x:Relationships>"
    parts["xl/_rels/workbook.xml.rels"] = f"<R>{_relations(related)}</R>"
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in parts.items():
            if name != without:
                zipped.writestr(_entry(rename(name)), content)
    return path


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.filename = name  # as it stands, also with backslashes
    return entry


def _relations(kinds: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f'<Relationship Id="r{number}" Type="{_KINDS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(kinds, 1)
    )


def styles_of(*codes: str, within: str = "numFmts") -> str:
    """The part of styles in which style 1 has the first of these formats, style 2 the next."""
    numbers = range(164, 164 + len(codes))
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>'
        for number, code in zip(numbers, codes, strict=True)
    )
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in numbers)
    return f'<st><{within}>{formats}</{within}><cellXfs><xf numFmtId="0"/>{cells}</cellXfs></st>'


def text(value: str, style: int = 0) -> str:
    """A cell of text."""
    return f'<c t="inlineStr" s="{style}"><is><t>{escape(value)}</t></is></c>'


def number(value: str, style: int = 0) -> str:
    """A cell of a number, as it is stored."""
    return f'<c s="{style}"><v>{value}</v></c>'


def formula(said: str, result: str | None, kind: str = "n") -> str:
    """A cell of a formula, with what is stored as its result."""
    value = "" if result is None else f"<v>{result}</v>"
    return f'<c t="{kind}"><f>{escape(said)}</f>{value}</c>'


def filling(reference: str, result: str | None, kind: str = "n", *, of: str = "array") -> str:
    """The first cell of a range that one formula fills, and where the rest of it stands."""
    value = "" if result is None else f"<v>{result}</v>"
    return f'<c t="{kind}"><f t="{of}" ref="{reference}">A1&amp;B1</f>{value}</c>'


def sheet_of(
    header: Sequence[str], *rows: Sequence[str], before: str = "", behind: str = ""
) -> str:
    """The part of a sheet: a header, then rows of cells, each behind a receiver of its own."""
    lines = ["".join(map(text, ("openid", *header)))]
    lines += [text(payee(place)) + "".join(cells) for place, cells in enumerate(rows, 1)]
    data = "".join(f"<row>{line}</row>" for line in lines)
    return f"<ws>{before}<sheetData>{data}</sheetData>{behind}</ws>"
