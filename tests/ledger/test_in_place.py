"""Books that an earlier version made are brought to the newest one where they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.config import Config
from books import Clock
from sqlalchemy import MetaData, delete, insert

from desk import Desk
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.upgrade import version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_0001 = Path(__file__).parent / "books_of_0001.json"
"""What the first version wrote: campaigns that run, wait for an approval, and are cancelled."""


def _value(stored: Any) -> Any:
    return bytes.fromhex(stored["hex"]) if isinstance(stored, dict) else stored


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Books of the first version, with what it wrote in them."""
    url, server = f"sqlite:///{tmp_path / 'old.db'}", None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_servers").server(request.param)
        url = server.create("of_0001")
    database = Database(url)
    with database.transaction() as connection:
        config = Config()
        config.set_main_option("script_location", "hongbao.ledger.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        tables.reflect(connection)
        connection.execute(delete(tables.tables["book"]))
        written = json.loads(OF_0001.read_text(encoding="utf-8"))
        for name, rows in written.items():
            table = tables.tables[name]
            for row in rows:
                values = {column: _value(it) for column, it in row.items()}
                if name == "campaign":
                    values["open"] = bool(values["open"])
                connection.execute(insert(table).values(values))
        if database.is_postgresql:
            for name in ("payout", "campaign", "merchant", "terms"):
                connection.exec_driver_sql(
                    f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"
                )
    database.close()
    yield url
    if server is not None:
        server.drop("of_0001")


def test_books_of_the_first_version_are_upgraded_in_place_and_sound(old_url: str) -> None:
    assert version_of(old_url).found == "0001"
    Book.upgrade(old_url)
    with Book.open(old_url) as book:
        assert book.audit().findings == ()
        names = [standing.campaign.name for standing in book.campaigns()]
        assert names == ["spring", "summer", "autumn"]
        assert {standing.campaign.parent_id for standing in book.campaigns()} == {None}


def test_the_keys_that_a_cancelled_draft_of_the_first_version_held_are_free(old_url: str) -> None:
    Book.upgrade(old_url)
    clock = Clock()
    with Book.open(old_url, clock=clock) as book:
        desk = Desk(book, old_url, clock)
        before = {payout.key: payout for payout in book.payouts_of("autumn")}
        plan = Plan(
            name="winter", merchant_id=desk.merchant(), profile="demo", budget=None,
            source="list.csv", source_digest=bytes(32),
        )  # fmt: skip
        [terms_id] = book.terms([{"wishing": "恭喜发财"}])
        entries = [Entry(key, "normal", "oUSER_new", 300, 1, terms_id) for key in before]
        book.submit(book.begin_import(plan, by="anna").id, [entries], by="anna")
        assert book.standing("winter").campaign.rows == len(before) == 2
        for payout in book.payouts_of("winter"):
            assert payout.billno == before[payout.key].billno
            assert payout.state is State.WAITING
        assert book.audit().findings == ()
        desk.close()
