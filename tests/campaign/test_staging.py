"""What the rows of a list show of themselves while they wait on the disk."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from hongbao.campaign.staging.lines import Line, Repeat, UserRow
from hongbao.ledger.model.campaign import ListedRow

USER = "oUSER_secret_0001"
KEY = f"spring/{USER}"


@pytest.mark.parametrize(
    "row",
    [
        Line(2, KEY, True, "normal", USER, 188, 1, 1),
        ListedRow(2, KEY, "normal", USER, 188, 1, b"", "{}"),
        Repeat(USER, 2, False, 1),
        UserRow(USER, 2, 188, 0, 0),
    ],
    ids=lambda row: type(row).__name__,
)
def test_no_row_shows_its_receiver(row: NamedTuple) -> None:
    assert USER not in repr(row)
    assert "number=2" in repr(row)
