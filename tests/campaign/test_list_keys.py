"""One key is one key in every list: other spellings are known, damaged ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hongbao.billno import derive_billno
from hongbao.business_key import key_fault
from hongbao.campaign.notes import ROWS_SHOWN
from hongbao.ledger.store.database import Database, is_postgresql
from list_maker import check, csv_file, payee, problems_in, store_text, warned, xlsx_file

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book


def keyed(*keys: str) -> str:
    """A list of these keys, each with a receiver of its own."""
    lines = [f'{payee(row)},1.88,"{key}"' for row, key in enumerate(keys, 1)]
    return "\n".join(["openid,amount,key", *lines, ""])


def respell(book_url: str, key: str, stored: str) -> None:
    """Make of a stored key what an earlier version stored of another spelling."""
    database = Database(book_url)
    values = {
        "key": key,
        "stored": stored,
        "billno": derive_billno("1900012345", stored),
    }
    with database.transaction() as connection:
        on = " ON payout" if is_postgresql(connection) else ""
        connection.exec_driver_sql(f"DROP TRIGGER payout_content{on}")
        respelled = "UPDATE payout SET key = :stored, billno = :billno WHERE key = :key"
        connection.execute(text(respelled), values)
    database.close()


@pytest.mark.parametrize(
    "spelling", ["１００１", " 1001\t", "\u200b1001\ufeff", "\u00a01001", "1001\u3000"]
)
def test_a_key_in_another_spelling_is_known(tmp_path: Path, books: Book, spelling: str) -> None:
    store_text(tmp_path, books, keyed("1001"))
    found = check(csv_file(tmp_path, keyed(spelling)), name="second", books=books)
    assert found.ok
    assert (found.elsewhere.rows, found.new.rows) == (1, 0)


def test_two_spellings_of_a_key_in_a_list_are_one(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, keyed("SO-1", "ＳＯ-1")))
    assert problems_in(found) == ["row 3, key: this key stands in row 2 already"]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ('=""1001""', "is a formula"),
        ("'1001", "quotation mark"),
        ('""1001""', "quotation mark"),
        ("1001.0", "empty fraction"),
        ("1.001E+03", "was shortened"),
        ("2.02611e+17", "was shortened"),
        ("nan", "no value"),
        ("10\u200b01", "not seen"),
        ("x" * 129, "must be 1 to 128 characters"),
        ("a\x07b", "must be 1 to 128 characters"),
    ],
)
def test_a_damaged_key_is_refused_with_what_to_do(tmp_path: Path, key: str, why: str) -> None:
    (problem,) = problems_in(check(csv_file(tmp_path, keyed(key))))
    assert problem.startswith("row 2, key: ")
    assert why in problem


def test_a_damaged_key_is_refused_in_a_sheet_too(tmp_path: Path) -> None:
    cells = [("openid", "amount", "key"), (payee(1), 1.88, "1001.0"), (payee(2), 1.88, "'1002")]
    problems = problems_in(check(xlsx_file(tmp_path, cells)))
    assert [problem.partition(":")[0] for problem in problems] == ["row 2, key", "row 3, key"]


@pytest.mark.parametrize(
    ("stored", "listed"),
    [
        ("0012345", "12345"), ("12345", "0012345"), ("0012345", "00012345"), ("SO-1", "so-1"),
        ("so-1", "SO-1"), ("sO-1", "So-1"),
        ("0A7", "A7"), ("0Ärger", "Ärger"), ("0a'b", "A'B"), ("0a\\b", "a\\b"), ("0{a},b", "{A},B"),
    ],
)  # fmt: skip
def test_a_key_like_one_in_the_books_is_reported(
    tmp_path: Path, books: Book, stored: str, listed: str
) -> None:
    store_text(tmp_path, books, keyed(stored, "00077777"))
    found = check(csv_file(tmp_path, keyed(listed, "other")), name="second", books=books)
    assert found.ok
    warning = warned(found)[0]  # that they get the same amounts again is problems_in, too
    assert warning == (
        "these keys differ from keys in the books in leading zeros or letter case alone, and are "
        f"paid as other payments: {listed!r} in row 2, {stored!r} in the books (row 2)"
    )


@pytest.mark.parametrize("listed", ["0ärger", "Arger", "ärger", "Ärger0"])
def test_a_key_that_differs_in_more_is_not_reported(
    tmp_path: Path, books: Book, listed: str
) -> None:
    store_text(tmp_path, books, keyed("0Ärger", "00077777"))
    found = check(csv_file(tmp_path, keyed(listed, "other")), name="second", books=books)
    assert not any("letter case" in it for it in warned(found))


def test_all_keys_that_are_like_some_in_the_books_are_counted_and_the_first_are_shown(
    tmp_path: Path, books: Book
) -> None:
    store_text(tmp_path, books, keyed(*(f"0A{number}" for number in range(30))))
    listed = keyed(*(f"a{number}" for number in range(30)))
    found = check(csv_file(tmp_path, listed), name="second", books=books)
    assert (found.cautions[0].rows, found.cautions[0].first[:3]) == (30, (2, 3, 4))
    assert len(found.cautions[0].first) == ROWS_SHOWN


def test_keys_that_look_alike_and_are_made_of_their_receiver_are_reported_masked(
    tmp_path: Path,
) -> None:
    same = payee(1)
    for one, other in ((same, same.upper()), (same, f"00{same}"), (f"A{same}", f"a{same}")):
        lines = [f"{same},1.88,{one}", f"{same},1.88,{other}"]
        text = "\n".join(["openid,amount,key", *lines, ""])
        (warning,) = warned(check(csv_file(tmp_path, text), allow_repeats=True))
        assert same.lower() not in warning.lower()
        assert warning.count("oTES…0001' in") == 2


@pytest.mark.parametrize(("length", "fault"), [(0, True), (1, False), (128, False), (129, True)])
def test_a_key_has_1_to_128_characters(length: int, *, fault: bool) -> None:
    told = key_fault("x" * length)
    assert told == ("must be 1 to 128 characters without control characters" if fault else "")


def test_a_key_that_is_known_itself_is_not_reported_for_another(
    tmp_path: Path, books: Book
) -> None:
    store_text(tmp_path, books, keyed("SO-1", "other"))
    assert (
        warned(check(csv_file(tmp_path, keyed("SO-1", "other")), name="first", books=books)) == []
    )


def test_keys_of_a_list_that_look_alike_are_reported(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, keyed("0012345", "so-1", "12345", "SO-1", "other")))
    assert found.ok
    assert warned(found) == [
        (
            "these keys differ from keys in this list in leading zeros or letter case alone, and "
            "are paid as other payments: 'so-1' in row 3, 'SO-1' in this list (2 rows: 3, 4)"
        )
    ]


def test_numbers_that_all_lost_their_last_digits_are_reported(tmp_path: Path) -> None:
    found = check(csv_file(tmp_path, keyed("202611290000001000", "202611290000002000")))
    assert warned(found) == [
        (
            "2 keys of more than 15 digits, and all of them end in zeros: a spreadsheet keeps no "
            "more digits; compare them with where they come from"
        )
    ]
    whole = check(csv_file(tmp_path, keyed("202611290000001000", "202611290000002001")))
    assert warned(whole) == []


def test_a_key_that_an_earlier_version_stored_in_another_spelling_is_known(
    tmp_path: Path, books: Book, book_url: str
) -> None:
    store_text(tmp_path, books, keyed("SO-1", "SO-2"))
    respell(book_url, "SO-1", "ＳＯ-1")
    for spelling in ("SO-1", "ＳＯ-1", " SO-1"):
        found = check(csv_file(tmp_path, keyed(spelling, "SO-2")), name="second", books=books)
        assert found.ok, problems_in(found)
        assert (found.elsewhere.rows, found.new.rows) == (2, 0)
        (payout,) = books.find(spelling)
        assert payout.key == "ＳＯ-1"
        assert books.find(payout.billno) == [payout]


def test_the_keys_of_a_campaign_whose_name_is_spelt_otherwise_stay_known(
    tmp_path: Path, books: Book, book_url: str
) -> None:
    listed = f"openid,amount\n{payee(1)},1.88\n"
    store_text(tmp_path, books, listed, name="ｓｐｒｉｎｇ")
    (payout,) = books.payouts_of("ｓｐｒｉｎｇ")
    assert payout.key.startswith("spring/")
    respell(book_url, payout.key, payout.key.replace("spring", "ｓｐｒｉｎｇ"))
    found = check(csv_file(tmp_path, listed), name="ｓｐｒｉｎｇ", books=books)
    assert (found.known.rows, found.new.rows) == (1, 0)
