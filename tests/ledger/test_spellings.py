"""Keys that the books hold in other spellings, and keys that look like one another."""

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


def test_keys_are_alike_but_for_leading_zeros_and_capitals(desk: Desk) -> None:
    draft = desk.draft(4, name="00SO")
    respell(desk, "00SO/3", "7A")
    found = desk.book.spellings.alike
    assert sorted(found(draft.merchant_id, ["so/0", "so/2", "7a", "so/9"])) == [
        "00SO/0", "00SO/2", "7A",
    ]  # fmt: skip
    assert found(draft.merchant_id, ["SO/0", "00so/0", "o/0", "so"]) == []
    assert found(draft.merchant_id, []) == []


@pytest.mark.parametrize("key", ["a,b", 'a"b', "a\\b", "{a}", "a'b", "null", "a b"])
def test_keys_of_any_characters_are_alike(desk: Desk, key: str) -> None:
    draft = desk.draft(1)
    respell(desk, "spring/0", key)
    assert desk.book.spellings.alike(draft.merchant_id, ["x", key]) == [key]


def test_letters_beyond_ascii_are_alike_only_as_they_are(desk: Desk) -> None:
    draft = desk.draft(1)
    respell(desk, "spring/0", "0Ärger")
    assert desk.book.spellings.alike(draft.merchant_id, ["Ärger"]) == ["0Ärger"]
    assert desk.book.spellings.alike(draft.merchant_id, ["ärger"]) == []


def test_each_merchant_has_keys_of_its_own(desk: Desk) -> None:
    desk.draft(1)
    respell(desk, "spring/0", " SO-1")
    other = desk.merchant("1900099999")
    assert desk.book.spellings.outdated(other) == {}
    assert desk.book.spellings.alike(other, [" so-1"]) == []
