"""A payout within the caller's own transaction on PostgreSQL: both are committed, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy
from psycopg.rows import dict_row

from hongbao.engine import BudgetExceeded, KeyReused, Ledger, LedgerError, Mandate
from hongbao.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Office

MANDATE = Mandate(total=1_000, day_amount=1_000, day_count=100, largest=500)
SOMEBODY = "oTEST_payee_0000000000000001"


class Shop:
    """A program whose orders stand in the same database as the books."""

    def __init__(self, ledger: Ledger, url: str) -> None:
        from hongbao.engine import read_configuration

        self.ledger = ledger
        self.merchant = read_configuration(None).payer("demo")
        draft = ledger.begin_standing("refunds", self.merchant, MANDATE, by="anna")
        ledger.approve("refunds", digest=draft.digest, by="bert")
        self.url = url
        with self.connected() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS shop_order (id int, paid bool)")
            connection.execute("TRUNCATE shop_order")

    def connected(self, **options: Any) -> psycopg.Connection[Any]:
        """A connection of the program's own."""
        return psycopg.connect(self.url, **options)

    def owe(
        self, connection: psycopg.Connection[Any], key: str = "order-1", fen: int = 100
    ) -> None:
        """Within a transaction of the program's."""
        self.ledger.within(connection).enqueue(
            campaign="refunds", merchant=self.merchant, key=key, openid=SOMEBODY, amount_fen=fen
        )

    @property
    def keys(self) -> list[str]:
        """What is owed."""
        return [payout.key for payout in self.ledger.payouts_of("refunds")]

    @property
    def orders(self) -> int:
        """How many orders there are."""
        with self.connected() as connection:
            [[count]] = connection.execute("SELECT count(*) FROM shop_order").fetchall()
            return int(count)


@pytest.fixture
def shop(office: Office, postgresql_url: str) -> Iterator[Shop]:
    with Ledger.open(postgresql_url) as ledger:
        found = Shop(ledger, postgresql_url)
        yield found
        with found.connected() as connection:
            connection.execute("DROP TABLE shop_order")


def order(connection: psycopg.Connection[Any]) -> None:
    connection.execute("INSERT INTO shop_order VALUES (1, true)")


def test_an_order_and_what_is_owed_are_committed_together(shop: Shop) -> None:
    with shop.connected() as connection:
        order(connection)
        shop.owe(connection)
        assert (shop.keys, shop.orders) == ([], 0), "nobody sees it before the commit"
    assert (shop.keys, shop.orders) == (["order-1"], 1)
    assert shop.ledger.audit().findings == ()


def test_what_is_rolled_back_is_not_owed(shop: Shop) -> None:
    with shop.connected() as connection:
        order(connection)
        shop.owe(connection)
        connection.rollback()
    assert (shop.keys, shop.orders) == ([], 0)
    assert shop.ledger.changes()[-1].about == "campaign"
    assert shop.ledger.audit().findings == ()


def test_what_is_refused_leaves_the_callers_transaction_usable(shop: Shop) -> None:
    with shop.connected() as connection:
        shop.owe(connection, "order-1", 100)
        with pytest.raises(KeyReused):
            shop.owe(connection, "order-1", 200)
        with pytest.raises(BudgetExceeded):
            shop.owe(connection, "order-2", 501)
        order(connection)
    assert (shop.keys, shop.orders) == (["order-1"], 1)


def test_the_same_key_is_stored_once_whoever_asks(shop: Shop) -> None:
    for _ in range(2):
        with shop.connected() as connection:
            shop.owe(connection)
    assert shop.keys == ["order-1"]


def test_the_callers_settings_rows_and_savepoints_are_left_as_they_were(shop: Shop) -> None:
    with shop.connected(row_factory=dict_row) as connection:
        connection.execute("SET LOCAL lock_timeout = '1234ms'")
        with connection.transaction():
            order(connection)
            shop.owe(connection)
        names = ("lock_timeout", "enable_seqscan", "idle_in_transaction_session_timeout")
        found = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in names]
        assert found == [
            {"lock_timeout": "1234ms"},
            {"enable_seqscan": "on"},
            {"idle_in_transaction_session_timeout": "0"},
        ]


def test_a_connection_of_sqlalchemys_lends_its_drivers(shop: Shop) -> None:
    engine = sqlalchemy.create_engine(shop.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO shop_order VALUES (1, true)")
        driver: Any = connection.connection.driver_connection
        shop.owe(driver)
    engine.dispose()
    assert (shop.keys, shop.orders) == (["order-1"], 1)


def test_a_connection_without_a_transaction_is_refused(shop: Shop) -> None:
    with (
        shop.connected(autocommit=True) as connection,
        pytest.raises(LedgerError, match="in no transaction"),
    ):
        shop.owe(connection)
    with (
        shop.connected(autocommit=True) as connection,
        connection.transaction(),
    ):
        shop.owe(connection)
    assert shop.keys == ["order-1"]


def test_what_is_no_connection_to_these_books_is_refused(
    shop: Shop, office: Office, postgres: str
) -> None:
    wrong: Any = "postgresql://"
    with pytest.raises(LedgerError, match=r"not a psycopg\.Connection"):
        shop.ledger.within(wrong)
    with psycopg.connect(postgres) as elsewhere, pytest.raises(LedgerError):
        shop.ledger.within(elsewhere)
    with (
        Ledger.open(str(office.folder / "other.db")) as lite,
        shop.connected() as connection,
        pytest.raises(LedgerError, match="on SQLite"),
    ):
        lite.within(connection)


def test_a_list_of_payouts_is_stored_as_a_whole_or_not_at_all(shop: Shop) -> None:
    def asked(*amounts: int) -> list[dict[str, Any]]:
        return [
            {
                "key": f"order-{place}",
                "openid": SOMEBODY,
                "amount_fen": fen,
                "wishing": f"No {place}",
            }
            for place, fen in enumerate(amounts)
        ]

    whose: dict[str, Any] = {"campaign": "refunds", "merchant": shop.merchant}
    with pytest.raises(BudgetExceeded):
        shop.ledger.enqueue_many(asked(400, 400, 400), **whose)
    for wrong in ({"key": "a", "amount_fen": 100}, {"key": "a", "amount_fen": 100, "openid": ""}):
        with pytest.raises(InvalidRequest) as caught:
            shop.ledger.enqueue_many([*asked(400), wrong], **whose)
        assert caught.value.field == "payouts[1].openid"
    assert shop.keys == []
    found = shop.ledger.enqueue_many(asked(400, 300), **whose)
    assert [it.amount for it in found] == [400, 300]
    again = shop.ledger.enqueue_many(asked(400, 300), **whose)
    assert [it.id for it in again] == [it.id for it in found]
    with shop.connected() as connection:
        shop.ledger.within(connection).enqueue_many(asked(400, 300, 100), **whose)
    assert shop.keys == ["order-0", "order-1", "order-2"]
