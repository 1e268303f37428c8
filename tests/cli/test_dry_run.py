"""A dry run looks at the books and leaves each row of them as it is, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.ledger.book import Book
from hongbao.ledger.store.metadata import METADATA

if TYPE_CHECKING:
    from campaign_office import Office, Town
    from shop import Run

pytest_plugins = ["books"]


def every_row(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that stands in the books, table by table."""
    with Book.open(url) as book, book._database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("verb", ["new", "extend"])
def test_a_dry_run_leaves_each_row_of_the_books_as_it_is(
    run: Run, office: Office, town: Town, book_url: str, verb: str
) -> None:
    office.database = book_url
    office.configure(town.settings)
    assert run(*office.new(office.write_list(3))).code == 0
    before = every_row(book_url)
    assert len(before["terms"]) == 1
    words = ["openid,amount,wishing", "oTEST_payee_0000000000000009,1.00,一", ""]
    (office.folder / "more.csv").write_text("\n".join(words), encoding="utf-8")
    of = ("--merchant", "demo", "--name", "summer") if verb == "new" else ("spring",)
    files = ("more.csv", *of) if verb == "new" else (*of, "more.csv")
    ran = run("campaign", verb, *files, "--unit", "yuan", "--dry-run", "--json")
    assert ran.json["outcome"] == "checked"
    assert every_row(book_url) == before
