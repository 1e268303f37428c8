"""The columns of a fund-flow bill and of its summary, and how a header is read.

Source: https://pay.weixin.qq.com/doc/v2/merchant/4011939779, and bills that people published: the
header comes with and without backticks, in quotes too, and with brackets of either width.
"""

from __future__ import annotations

import csv
from enum import StrEnum

BOM = b"\xef\xbb\xbf"
TICK = "`"
"""Stands before each cell, so that no spreadsheet takes a number for one."""

_BRACKETS = str.maketrans("（）", "()")


class BillColumn(StrEnum):
    """A column, by its header with brackets of half width."""

    BOOKED_AT = "记账时间"
    BUSINESS_NUMBER = "微信支付业务单号"
    FLOW_NUMBER = "资金流水单号"
    NAME = "业务名称"
    KIND = "业务类型"
    DIRECTION = "收支类型"
    AMOUNT = "收支金额(元)"
    BALANCE = "账户结余(元)"
    APPLICANT = "资金变更提交申请人"
    REMARK = "备注"
    VOUCHER = "业务凭证号"


COLUMNS: tuple[BillColumn, ...] = tuple(BillColumn)
"""In the order in which every known bill has them."""

SUMMARY = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
"""The header of the last line but one; the last has its values."""


class Direction(StrEnum):
    """Which way the money went, as the bill says it."""

    IN = "收入"
    OUT = "支出"


def cells_of(line: str) -> list[str]:
    """The cells of any line, without backticks, and without quotes if it has them.

    Values that hold a comma are recognised by the backtick behind it. A line without a leading
    backtick is a header, or was saved again: it is split at each comma that no quotes enclose.
    """
    if line.startswith(TICK):
        return line[len(TICK) :].split(f",{TICK}")
    return quoted_cells(line) if '"' in line else line.split(",")


def quoted_cells(line: str) -> list[str]:
    """The cells of a line of which some are in quotes, as spreadsheets write those with commas.

    No cells if the last is a piece of that before it: a program that split it at its comma, and
    kept as many cells as there are columns, has lost what stood there.
    """
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:  # a carriage return behind a quote
        return []
    ticked = [cell.startswith(TICK) for cell in cells]
    if cells and cells[-1] and not ticked[-1] and all(ticked[:-1]) and any(ticked):
        return []
    return [cell.removeprefix(TICK) for cell in cells]


def names_of(line: str) -> list[str]:
    """The cells of a header, spelt as ``BillColumn`` and ``SUMMARY`` have them."""
    return [cell.strip().translate(_BRACKETS) for cell in cells_of(line)]
