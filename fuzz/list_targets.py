"""Lists of payouts: any file ends in findings that make sense, or in our own error."""

from __future__ import annotations

import io
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from hongbao.campaign.table.row import CELLS_MAX, BrokenTableError, UnreadableFileError
from hongbao.campaign.table.table import Reading, open_table
from list_maker import check
from target import Target, insist

# The parts of a workbook, in the order in which they stand in the bytes.
_PARTS = (
    "xl/worksheets/s.xml",
    "xl/shared.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
)
_BETWEEN = b"\0"  # no XML has one
_ZIP = b"PK"
_CELLS = (
    *(
        b"openid",
        b"amount",
        b",",
        b";",
        b"\t",
        b"\r\n",
        b"\r",
        b'"',
        b'""',
        b"1.88",
        b"\xef\xbb\xbf",
        b"sep=;",
        b"\xa6X\xadp",
        "合计".encode(),
        "\u200b".encode(),
        b"1.0E+05",
    ),
    *(
        "金额（元）".encode(),
        "备注".encode("gb18030"),
        b"oTESTuser0000000000000000001",
        b"\xff\xfe",
    ),
)
_MARKUP = (
    *(b'<row r="1">', b"</row>", b'<c r="B2">', b"</c>", b'<c t="s">', b"<v>", b"</v>", b"<f>"),
    *(b'<c t="inlineStr"><is><t>', b"</t></is></c>", b"<rPh>", b"</rPh>", b"<si><t>", b"</t></si>"),
    *(
        b'hidden="1"',
        b'<sheet name="S" r:id="r1"/>',
        b'<xf numFmtId="14"/>',
        b"<cellXfs>",
        b"<numFmts>",
        b'<numFmt numFmtId="164" formatCode="0.00"/>',
        b"<dxfs><dxf>",
        b"#,##0.00_);[Red]",
        b"[$-804]",
        b"[&gt;100]",
        b'<mergeCell ref="B2:B3"/>',
        b'<col min="1" max="2" hidden="1"/>',
        b'<calcPr fullCalcOnLoad="1"/>',
        _BETWEEN,
    ),
    *(b"_x000D_", b"_x005F_", b"1e9", b"0.1000000000000001", b't="d"', b't="e"', b's="1"', _ZIP),
)
_folder = tempfile.TemporaryDirectory(prefix="hongbao-fuzz-")


def check_csv(data: bytes) -> None:
    """Any file that is no zip."""
    if not data.startswith(_ZIP):
        _check(data)


def check_xlsx(data: bytes) -> None:
    """A zip as it is, or the parts of a workbook, to be zipped."""
    _check(data if data.startswith(_ZIP) else zipped(data.split(_BETWEEN)))


def zipped(parts: list[bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A workbook of these parts; the others are the usual ones."""
    stream, given = io.BytesIO(), dict(zip(_USUAL, parts, strict=False))
    with zipfile.ZipFile(stream, "w", compression) as package:
        for name, usual in _USUAL.items():
            package.writestr(name, given.get(name) or usual)
    return stream.getvalue()


def _check(content: bytes) -> None:
    path = Path(_folder.name, "any")
    path.write_bytes(content)
    try:
        _read(path)
    except UnreadableFileError as error:
        insist(error.problem and error.remedy, "an error says what to do")
    found = check(path)
    insist(found.ok is (found.problems == ()), "a list is right if nothing is wrong")
    insist(found.ok is (found.digest is not None), "only a list that is right can be stored")
    insist(found.ok is False or found.total.rows > 0, "a list that is right pays somebody")
    insist(
        found.total.rows <= content.count(b"\n") + content.count(b"\r") + 1
        or content.startswith(_ZIP),
        "nobody is paid who does not stand in a line",
    )
    insist(all(part.amount >= part.rows for part in found.kinds.values()), "nobody gets nothing")


def _read(path: Path) -> None:
    """The rows of a file as they stand in it."""
    before = 0
    with open_table(path, Reading(), len) as table, suppress(BrokenTableError):
        for row in table.rows:
            insist(row.number > before, "rows stand in their order, each once")
            insist(len(row.cells) <= CELLS_MAX, "a row is no wider than a list can be")
            insist(all(cell == cell.strip() for cell in row.cells), "cells are what is seen")
            insist(any(row.cells) or row.faults, "a blank row is none")
            before = row.number


_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="r{number}" Type="{_KINDS}/{kind}" Target="{target}"/>'


_USUAL = dict(
    zip(
        _PARTS,
        (
            "<worksheet/>",
            "<sst/>",
            "<styleSheet/>",
            f'<workbook xmlns:r="{_KINDS}"><sheet name="S" r:id="r1"/></workbook>',
            "<Relationships>"
            + _relation(1, "worksheet", "worksheets/s.xml")
            + _relation(2, "sharedStrings", "shared.xml")
            + _relation(3, "styles", "styles.xml")
            + "</Relationships>",
            f"<Relationships>{_relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        ),
        strict=True,
    )
)

TARGETS = {
    "csv": Target(check_csv, 2048, _CELLS),
    "xlsx": Target(check_xlsx, 4096, _MARKUP),
}
