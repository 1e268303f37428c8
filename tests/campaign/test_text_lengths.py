"""Texts that may be too long for WeChat are found in the list, before a row of it is refused."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from hongbao.wire.assumptions import Assumptions, TextLimits
from list_maker import a_payer, check, csv_file, payee, problems_in, warned

if TYPE_CHECKING:
    from pathlib import Path


def _list(header: str, *lines: str) -> str:
    return "\n".join([header, *lines, ""])


LONGEST = {"send_name": 31, "act_name": 31, "wishing": 127, "remark": 255}


@pytest.mark.parametrize("name", LONGEST)
def test_texts_too_long_in_bytes_are_refused(tmp_path: Path, name: str) -> None:
    """WeChat may count bytes, and would refuse the whole list row by row."""
    most = LONGEST[name]
    chinese = "中" * (most // 3)
    fits = [chinese, "x" * most]
    long = [chinese + "中", "x" * (most + 1)]
    text = _list(
        f"openid,amount,{name}", *(f"{payee(n)},1,{said}" for n, said in enumerate([*fits, *long]))
    )
    found = check(csv_file(tmp_path, text))
    assert problems_in(found) == [
        (
            f"row {row}, {name}: is {len(said.encode())} bytes of UTF-8, and WeChat may count "
            f"bytes: keep it to {most}, or see text_limits in the settings"
        )
        for row, said in enumerate(long, start=4)
    ]
    assert warned(found) == []


def test_where_lengths_count_characters_long_bytes_are_warned_of(tmp_path: Path) -> None:
    text = _list("openid,amount,act_name", *(f"{payee(n)},1,{'中' * 12}" for n in range(2_500)))
    payer = a_payer(assumptions=Assumptions(text_limits=TextLimits.CHARACTERS))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check(csv_file(tmp_path, text), payer=payer)
    assert found.ok
    assert warned(found) == [
        (
            "act_name is 36 bytes of UTF-8, and WeChat may count bytes: keep it to 31 "
            "(2500 rows: 2, 3, 4, 5, 6, ...)"
        )
    ]
