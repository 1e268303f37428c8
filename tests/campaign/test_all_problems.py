"""Nothing that is wrong with a row hides anything else that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.redpack.rules import packet_rules
from hongbao.rails.transfer.rules import transfer_rules
from list_maker import a_payer, check, csv_file, listed, payee, problems_in, xlsx_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hongbao.rails.port import RowRules


@pytest.mark.parametrize("rail", ["redpack", "transfer"])
def test_a_missing_text_hides_nothing_that_is_wrong_with_the_rows(
    tmp_path: Path, rail: str
) -> None:
    rules: Mapping[str, RowRules] = packet_rules() if rail == "redpack" else transfer_rules()
    lines = [
        f"{payee(1)},0.09,", f"{payee(2)},many,k\x7f", "bad openid,1.00,", f"{payee(4)},1.00,",
    ]  # fmt: skip
    text = listed(*lines, header="openid,amount,key")
    payer = a_payer(rail=rail, rules=rules, texts={}, limits=PayerLimits(day_amount_max=5))
    found = problems_in(check(csv_file(tmp_path, text), payer=payer))
    missing = [it for it in found if it.endswith("is missing, in the list and in the settings")]
    assert len(missing) == len(next(iter(rules.values())).kind.required)
    assert [it.partition(":")[0] for it in found if it not in missing] == [
        "row 2, amount", "row 2, amount", "row 3, amount", "row 3, key", "row 4, openid",
        "row 4, amount", "row 5, amount",
    ]  # fmt: skip


def test_all_that_is_wrong_with_a_row_is_said_though_a_cell_of_it_cannot_be_read(
    tmp_path: Path,
) -> None:
    path = xlsx_file(
        tmp_path,
        [("openid", "", "amount", "kind"), ("bad openid", "left over", True, "lottery")],
    )
    found = problems_in(check(path))
    assert [it.partition(":")[0] for it in found] == [
        "row 2", "row 2, openid", "row 2, amount", "row 2, kind",
    ]  # fmt: skip
