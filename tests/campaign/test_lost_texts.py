"""Texts that a program left in the place of the one that was meant reach no receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from list_maker import a_payer, check, csv_file, payee, problems_in

if TYPE_CHECKING:
    from pathlib import Path


def _worded(folder: Path, text: str, column: str = "wishing") -> Path:
    quoted = text.replace('"', '""')
    return csv_file(folder, f'openid,amount,{column}\n{payee(1)},1.88,"{quoted}"\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nan", "has no value"), ("NaN", "has no value"), ("<NA>", "has no value"),
        ("NaT", "has no value"), ("None", "has no value"), ("NULL", "has no value"),
        ("\\N", "has no value"), ("undefined", "has no value"), ("[object Object]", "has no value"),
        ("#N/A", "a spreadsheet's error"), ("#REF!", "a spreadsheet's error"),
        ("#NAME?", "a spreadsheet's error"), ("######", "a spreadsheet's error"),
        ("????", "is question marks alone"), ("??, ???!", "is question marks alone"),
        ("'=1+1", "begins with an apostrophe"), ("'-5", "begins with an apostrophe"),
        ("'@ad", "begins with an apostrophe"), ("'+86", "begins with an apostrophe"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", ["wishing", "send_name", "act_name", "remark"])
def test_a_text_that_a_program_left_is_refused_in_every_column(
    tmp_path: Path, text: str, said: str, column: str
) -> None:
    (problem,) = problems_in(check(_worded(tmp_path, text, column)))
    assert problem.startswith(f"row 2, {column}: ")
    assert said in problem


@pytest.mark.parametrize(
    "text",
    [
        "none", "N/A", "Nanjing", "null und nichtig", "really??", "？？？", "?", "2?", "-5", "+86",
        "'tis the season", "# 1", "##", "@ad", "=",
    ],
)  # fmt: skip
def test_a_text_that_somebody_may_have_meant_is_left_alone(tmp_path: Path, text: str) -> None:
    assert check(_worded(tmp_path, text, "remark")).ok


def test_a_text_of_the_settings_is_judged_once_for_all_rows(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"openid,amount\n{payee(1)},1.88\n{payee(2)},1.88\n")
    texts = {"send_name": "茶馆", "wishing": "????", "act_name": "新春", "remark": "抽奖"}
    (problem,) = problems_in(check(path, payer=a_payer(texts=texts)))
    assert problem.startswith("the list, wishing: is question marks alone")


def test_a_key_that_a_database_wrote_for_nothing_is_no_key(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"openid,amount,key\n{payee(1)},1.88,\\N\n")
    (problem,) = problems_in(check(path))
    assert "is what a program writes where it has no value" in problem
