"""Receivers who are left out of a list: whoever is in a campaign, or stands in another list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.errors import ConfigurationError
from list_maker import check, csv_file, listed, payee, rows, store, warned, xlsx_file
from standings import stand

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

A, B, C = (payee(n) for n in (1, 2, 3))


def test_whoever_is_in_a_campaign_is_left_out_whatever_the_amount(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00")), books)
    more = csv_file(tmp_path, listed(f"{A},5.00", f"{B},1.00", f"{C},1.00"), "b.csv")
    found = check(more, name="summer", books=books, leave_out=("spring",))
    assert found.ok
    assert (found.total.rows, found.new.rows) == (3, 1)
    [left] = found.left_out
    assert (left.name, *left.sum, left.refused) == ("spring", 2, 600, 0)
    assert warned(found) == ["left out, because their receivers are in spring: 2 rows, 6.00 yuan"]
    assert store(more, books, name="summer", leave_out=("spring",)).new == 1
    assert [it.payee for it in books.payouts_of("summer")] == [C]
    assert json.loads(books.decisions("summer")[0].body)["left_out"] == [
        {"of": "spring", "id": books.standing("spring").campaign.id, "rows": 2, "amount": 600}
    ]


def test_several_are_left_out_one_after_the_other(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    store(csv_file(tmp_path, listed(f"{B},1.00"), "b.csv"), books, name="summer")
    path = csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{C},1.00"), "c.csv")
    found = check(path, name="autumn", books=books, leave_out=("spring", "summer"))
    assert [(it.name, it.sum.rows) for it in found.left_out] == [("spring", 1), ("summer", 1)]
    assert found.new.rows == 1


def test_who_was_only_cancelled_is_in_no_campaign_and_who_was_refused_is(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{C},1.00")), books)
    for row, state in ((1, "refused"), (2, "cancelled")):
        stand(books, state, rows=[row])
    path = csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{C},1.00"), "b.csv")
    found = check(path, name="summer", books=books, leave_out=("spring",))
    assert (found.new.rows, found.left_out[0].sum.rows, found.left_out[0].refused) == (1, 2, 1)
    assert "1 receiver of them was refused there and got nothing" in warned(found)[0]


def test_several_who_were_refused_are_told_as_several(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    stand(books, "refused", rows=[1, 2])
    path = csv_file(tmp_path, rows(4), "b.csv")
    assert warned(check(path, name="summer", books=books, leave_out=("spring",))) == [
        (
            "left out, because their receivers are in spring: 3 rows, 5.64 yuan; 2 receivers of "
            "them were refused there and got nothing: `hongbao payout reopen` pays them there, or "
            "says why not"
        )
    ]


def test_nobody_is_in_a_campaign_that_was_cancelled(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    with books._database.transaction() as connection:  # cut short: all rows wait yet
        connection.exec_driver_sql("UPDATE campaign SET state = 'cancelled'")
    path = csv_file(tmp_path, rows(3), "b.csv")
    assert check(path, name="summer", books=books, leave_out=("spring",)).new.rows == 3


def test_whoever_stands_in_another_list_is_left_out(tmp_path: Path, books: Book) -> None:
    others = csv_file(tmp_path, f"编号,收款人\n1,{A}\n2,{B}\n", "others.csv")
    sheet = xlsx_file(tmp_path, [("openid", "x"), (payee(4), 1)], "others.xlsx")
    path = csv_file(tmp_path, rows(5))
    found = check(path, books=books, leave_out=(str(others), str(sheet)))
    assert [(it.sum.rows, it.refused) for it in found.left_out] == [(2, 0), (1, 0)]
    assert found.new.rows == 2
    assert check(path, leave_out=(str(others),)).new.rows == 3


def test_a_column_of_another_list_goes_by_the_map_of_this_one(tmp_path: Path) -> None:
    others = csv_file(tmp_path, f"会员\n{A}\n", "others.csv")
    path = csv_file(tmp_path, f"会员,amount\n{A},1.00\n{B},1.00\n")
    found = check(path, columns={"会员": "openid"}, leave_out=(str(others),))
    assert found.new.rows == 1


def test_a_column_without_a_name_goes_by_the_map_too(tmp_path: Path) -> None:
    others = csv_file(tmp_path, f"编号,\n1,{A}\n", "others.csv")
    path = csv_file(tmp_path, f",amount\n{A},1.00\n{B},1.00\n")
    assert check(path, columns={"": "openid"}, leave_out=(str(others),)).new.rows == 1


NO_COLUMN = "has no single column of openids. Name one column openid."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nx\n", f"others.csv: {NO_COLUMN}"),
        ("openid,payee\nx,y\n", f"others.csv: {NO_COLUMN}"),
        ("", "others.csv: is empty. Give a list with a header and one row a payout."),
        (
            "openid\noTES…0001\n",
            (
                "others.csv: has a masked openid in row 2. Give a file with whole openids: a "
                "report is written so with --in-full."
            ),
        ),
        (
            'openid\n"oTEST\n',
            'others.csv: row 2: a quote (") opens here and never closes. Correct the file.',
        ),
    ],
)
def test_a_list_that_names_nobody_leaves_nobody_out_in_silence(
    tmp_path: Path, text: str, message: str
) -> None:
    others = csv_file(tmp_path, text, "others.csv")
    with pytest.raises(ConfigurationError) as caught:
        check(csv_file(tmp_path, rows(2)), leave_out=(str(others),))
    assert str(caught.value) == f"{tmp_path / message}"


def test_an_empty_sheet_leaves_nobody_out_in_silence(tmp_path: Path) -> None:
    empty = xlsx_file(tmp_path, [], "others.xlsx")
    with pytest.raises(ConfigurationError) as caught:
        check(csv_file(tmp_path, rows(2)), leave_out=(str(empty),))
    assert str(caught.value) == f"{empty}: {NO_COLUMN}"


def test_a_row_that_ends_before_the_column_of_openids_leaves_nobody_out(tmp_path: Path) -> None:
    others = csv_file(tmp_path, f"编号,openid\n1\n2,{A}\n3\n", "others.csv")
    assert check(csv_file(tmp_path, rows(2)), leave_out=(str(others),)).new.rows == 1


def test_a_long_list_is_left_out_from_its_first_receiver_to_its_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongbao.campaign.compare.leaving_out._AT_ONCE", 4)
    for many in range(1, 10):
        others = csv_file(tmp_path, rows(many), "others.csv")
        found = check(csv_file(tmp_path, rows(10)), leave_out=(str(others),))
        assert (found.left_out[0].sum.rows, found.new.rows) == (many, 10 - many)


def test_what_is_left_out_has_to_be_there_and_to_be_one_thing(
    tmp_path: Path, books: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_file(tmp_path, rows(2))
    with pytest.raises(ConfigurationError) as caught:
        check(path, books=books, leave_out=("nowhere",))
    assert str(caught.value) == (
        "--except nowhere: is neither a campaign of this merchant in the books nor a file. Run: "
        "hongbao campaign list"
    )
    store(path, books)
    monkeypatch.chdir(tmp_path)
    csv_file(tmp_path, rows(1), "spring")
    with pytest.raises(ConfigurationError) as caught:
        check(path, name="summer", books=books, leave_out=("spring",))
    assert str(caught.value) == (
        "--except spring: is both a campaign and a file. Write ./spring for the file, or move it "
        "away."
    )
    found = check(path, name="summer", books=books, leave_out=("./spring",))
    assert found.left_out[0].sum.rows == 1
