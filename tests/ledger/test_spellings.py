"""Keys that the books hold in other spellings, and all keys of a merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from hongbao.ledger.store.schema import PAYOUT
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk


def respell(desk: Desk, key: str, stored: str) -> None:
    """Store a key as earlier versions did: as it came."""
    with desk.transaction() as connection, disarmed(connection):
        connection.execute(update(PAYOUT).where(PAYOUT.c.key == key).values(key=stored))


@pytest.mark.parametrize(
    ("stored", "spelt"),
    [
        ("１００１", "1001"),
        ("100\uff11", "1001"),
        (" 1001", "1001"),
        ("1001\t", "1001"),
        ("\r\n1001", "1001"),
        ("cafe\u0301", "caf\u00e9"),
        ("1001\u3000", "1001"),
    ],
)
def test_a_key_that_was_stored_as_it_came_is_found_by_its_normal_form(
    desk: Desk, stored: str, spelt: str
) -> None:
    draft = desk.draft(2)
    respell(desk, "spring/1", stored)
    assert desk.book.spellings.outdated(draft.merchant_id) == {spelt: stored}


@pytest.mark.parametrize("stored", ["spring/1", "a b", "生日/7", "caf\u00e9", "007"])
def test_a_key_in_its_normal_form_is_not_outdated(desk: Desk, stored: str) -> None:
    draft = desk.draft(2)
    respell(desk, "spring/1", stored)
    assert desk.book.spellings.outdated(draft.merchant_id) == {}


def test_all_keys_of_a_merchant_are_read_as_they_are_stored(desk: Desk) -> None:
    draft = desk.draft(4)
    respell(desk, "spring/2", ' 00So\\"1')
    pages = list(desk.book.spellings.keys(draft.merchant_id))
    assert pages == [["spring/0", "spring/1", ' 00So\\"1', "spring/3"]]


def test_each_merchant_has_keys_of_its_own(desk: Desk) -> None:
    desk.draft(1)
    respell(desk, "spring/0", " SO-1")
    other = desk.channel("1900099999")
    assert desk.book.spellings.outdated(other) == {}
    assert list(desk.book.spellings.keys(other)) == []
