"""A report has the columns of one language or both, and lines of some payouts or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from hongbao.campaign.report.columns import COLUMNS, ReportHeaders, is_report
from hongbao.ledger.model.payout import State
from report_books import PAYOUTS, Fixed, read, report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("headers", "begins", "ends"),
    [
        (ReportHeaders.EN, "no key openid kind state billno", "meaning advice"),
        (ReportHeaders.ZH, "序号 业务单号 用户openid 红包类型 状态 商户订单号", "含义 建议"),
    ],
)  # fmt: skip
def test_a_report_has_the_columns_and_words_of_one_language(
    tmp_path: Path, headers: ReportHeaders, begins: str, ends: str
) -> None:
    report(tmp_path / "r.csv", Fixed(PAYOUTS), headers=headers)
    fourth = read(tmp_path / "r.csv")[3]
    names = list(fourth)
    assert (names[:6], names[-2:]) == (begins.split(), ends.split())
    assert len(names) == len(COLUMNS) - 3
    assert is_report(names)
    chinese = headers is ReportHeaders.ZH
    assert fourth[names[4]] == ("被拒绝：未付款" if chinese else "refused: not paid")
    assert fourth[names[-2]].isascii() is not chinese
    report(tmp_path / "r.xlsx", Fixed(PAYOUTS), headers=headers)
    sheet = load_workbook(tmp_path / "r.xlsx")["payouts"]
    assert [cell.value for cell in sheet[1]] == names
    assert sheet.cell(2, 1 + names.index("金额（元）" if chinese else "amount_yuan")).value == 2


def test_a_report_of_some_payouts_has_the_summary_of_all_and_says_how_many(tmp_path: Path) -> None:
    standing = report(
        tmp_path / "r.csv", Fixed(PAYOUTS), only=lambda it: it.state is State.IN_DOUBT
    )
    assert standing.rows == len(PAYOUTS)
    assert [it["no"] for it in read(tmp_path / "r.csv")] == ["5", "6"]
    *figures, last = read(tmp_path / "r.summary.csv")
    assert last == {
        "figure": "lines written", "项目": "所列明细", "payouts": "2", "yuan": "4.00", "detail": ""
    }  # fmt: skip
    [planned] = [it for it in figures if it["figure"] == "planned"]
    assert planned["payouts"] == str(len(PAYOUTS))


def test_a_report_of_no_payouts_says_that_there_are_none(tmp_path: Path) -> None:
    report(tmp_path / "r.csv", Fixed(PAYOUTS), only=lambda _: False)
    assert read(tmp_path / "r.csv") == []
    assert read(tmp_path / "r.summary.csv")[-1]["payouts"] == "0"
