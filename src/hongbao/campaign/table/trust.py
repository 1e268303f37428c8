"""Whether the results that a workbook stores beside its formulas are results.

Libraries write formulas and do not calculate them. What stands beside is a placeholder (EasyExcel,
POI's streaming writer: ``0.0``; XlsxWriter: ``0``), what the cell held before (excelize, POI), or
nothing (openpyxl, SheetJS). Only a program that calculates leaves results, so the file has to say
that one saved it last; else the formulas of a file are refused, with the cure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hongbao.campaign.table.around import is_true
from hongbao.english import SEMICOLON, joined
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALCULATES = re.compile(
    r"Microsoft (Macintosh )?Excel( Online)?|(LibreOffice|Collabora|OpenOffice|WPS|ONLYOFFICE"
    r"|gnumeric|Numbers|SoftMaker|PlanMaker).*",
    re.IGNORECASE,
)
_NAME_MAX = 60
PLACEHOLDERS = frozenset({"0", "0.0"})
"""What stands in the place of a result, also in files that say that Excel saved them (exceljs, and
whatever fills a template). No list means a zero by a formula."""
_FORMULA_MAX = 40
_LONG_WORD = re.compile(r"[\w-]{16,}", re.ASCII)
_CURE = say("open the file in a spreadsheet program and save it once, or paste the values")


def doubt(application: str, calculation: Mapping[str, str]) -> str:
    """Why the results in a workbook are none; empty if they can be relied on.

    Args:
        application: the program that saved it, as it calls itself; empty if it does not.
        calculation: the attributes of the workbook's ``calcPr``.
    """
    if is_true(calculation.get("fullCalcOnLoad")):
        return say("the file asks to be calculated when it is opened")
    if calculation.get("calcCompleted") in {"0", "false"}:
        return say("the file was saved before it was calculated")
    if _CALCULATES.fullmatch(application):
        return ""
    if not application:
        return say("the file does not say that a program that calculates saved it")
    return say(
        "{application!r} saved it, which is not known to calculate",
        application=application[:_NAME_MAX],
    )


def no_result(formula: str, why: str = "") -> str:
    """What is wrong with the cell of a formula without a result.

    Args:
        formula: as stored, without the equals sign; empty if the cell shares that of another.
        why: what speaks against the result that is stored, if there is one.
    """
    said = _LONG_WORD.sub("…", formula)  # a receiver, perhaps
    said = said if len(said) <= _FORMULA_MAX else f"{said[:_FORMULA_MAX]}…"
    more = [part for part in (f"={said}" if said else "", why) if part]
    if not more:
        return say("is a formula without a stored result: {cure}", cure=_CURE)
    return say(
        "is a formula without a stored result ({more}): {cure}",
        more=joined(more, SEMICOLON),
        cure=_CURE,
    )
