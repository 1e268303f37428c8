"""The styles of a workbook: in which number format a cell of each style shows what it holds."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.table.format_code import CODE_MAX
from hongbao.campaign.table.number_format import NumberFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLES_MAX = 100_000  # Excel keeps 65,490
_WHOLE = re.compile("[0-9]{1,9}")

_DATE = "yyyy-mm-dd"
_BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    # The reader's own currency: no file says which, and who pays in yuan reads yuan.
    5: '"¥"#,##0;"¥"-#,##0',
    6: '"¥"#,##0;[Red]"¥"-#,##0',
    7: '"¥"#,##0.00;"¥"-#,##0.00',
    8: '"¥"#,##0.00;[Red]"¥"-#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    48: "##0.0E+0",
    49: "@",
    # Dates and times, with those of East Asian versions.
    **dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), _DATE),
}
"""The formats that files name by number alone: ECMA-376, part 1, 18.8.30."""
_AS_IT_IS = frozenset({"", "general", "@"})


class Styles(NamedTuple):
    """How the cells of a workbook show what they hold, by the numbers of their styles.

    Attributes:
        plain: the styles that show it as it is (General, text).
        formats: the number formats of the others.
        conditional: the formats of conditional formatting that have a number format, by their
            numbers.
    """

    plain: frozenset[str] = frozenset({"0"})
    formats: Mapping[str, NumberFormat] = MappingProxyType({})
    conditional: frozenset[str] = frozenset()


class StylesReader:
    """Takes the elements of the part with the styles."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._numbers: list[int] = []
        self._conditional: set[str] = set()
        self._differences = 0
        self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name in {"numFmts", "cellXfs", "dxfs"}:
            self._inside = name
        elif name == "dxf":
            self._differences += 1
        elif name == "numFmt" and self._inside == "dxfs":
            self._conditional.add(str(self._differences - 1))
        elif name == "numFmt" and self._inside == "numFmts" and len(self._codes) < _STYLES_MAX:
            # One character more than a code may have keeps it one that is too long.
            code = attributes.get("formatCode", "")[: CODE_MAX + 1]
            self._codes[_whole(attributes.get("numFmtId"))] = code
        elif name == "xf" and self._inside == "cellXfs" and len(self._numbers) < _STYLES_MAX:
            self._numbers.append(_whole(attributes.get("numFmtId")))

    def end(self, name: str, _: str) -> None:
        """An element ends."""
        if name == self._inside:
            self._inside = ""

    def styles(self) -> Styles:
        """What was found."""
        codes = {**_BUILT_IN, **self._codes}
        known = {number: NumberFormat(code) for number, code in codes.items()}
        formats = {}
        for style, number in enumerate(self._numbers or [0]):
            # Of a format that is not there, the number is all that can be reported.
            formats[str(style)] = known.get(number) or NumberFormat(f"[{number}]")
        plain = {style for style, it in formats.items() if it.code.casefold() in _AS_IT_IS}
        others = {style: it for style, it in formats.items() if style not in plain}
        return Styles(frozenset(plain), others, frozenset(self._conditional))


def _whole(text: str | None) -> int:
    if text is None:
        return 0
    return int(text) if _WHOLE.fullmatch(text) else -1
