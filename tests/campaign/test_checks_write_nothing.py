"""A check only reads: whatever it finds, the books are afterwards what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.ledger.store.metadata import METADATA
from list_maker import TEXTS, a_payer, check, csv_file, listed, payee, problems_in, rows, store

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

A, B, C = (payee(n) for n in (1, 2, 3))
WORDED = "openid,amount,wishing,key"


def every_row(books: Book) -> dict[str, list[tuple[Any, ...]]]:
    """All that stands in the books, table by table."""
    with books._database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("summer", {"pay_again": "so"}),
        ("summer", {"leave_out": ("spring",)}),
        ("spring", {}),
        ("spring", {"purpose": Purpose.EXTEND, "allow_repeats": True}),
        ("spring", {"purpose": Purpose.REPLACE}),
    ],
)
def test_a_check_leaves_each_row_of_the_books_as_it_is(
    tmp_path: Path, books: Book, name: str, how: dict[str, Any]
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00,x,K1", f"{B},1.00,y,K2", header=WORDED)), books)
    new = listed(f"{A},1.00,new words,K1", f"{C},1.00,others,K3", f"{A},2.00,,", header=WORDED)
    before = every_row(books)
    assert before["payout"]
    check(csv_file(tmp_path, new, "new.csv"), name=name, books=books, **how)
    assert every_row(books) == before


def test_terms_that_the_books_do_not_have_are_compared_without_storing_them(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00,x,K1", f"{B},1.00,y,K2", header=WORDED)), books)
    before = every_row(books)["terms"]
    changed = csv_file(tmp_path, listed(f"{A},1.00,z,K1", f"{B},1.00,y,K2", header=WORDED), "b.csv")
    [problem] = problems_in(check(changed, name="summer", books=books))
    assert problem == (
        "row 2, key: the key 'K1' is in spring (draft) already, with other content: "
        "wishing was x and is now z"
    )
    assert every_row(books)["terms"] == before


def test_who_pays_is_compared_with_the_terms(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(2))
    store(path, books)
    assert not check(path, books=books).problems
    more = {**TEXTS, "remark": "another"}
    [problem, *_] = problems_in(check(path, books=books, payer=a_payer(texts=more)))
    assert problem.endswith(f"remark was {TEXTS['remark']} and is now another")
