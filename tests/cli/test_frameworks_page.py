"""docs/howto/frameworks.md is typed as it stands: an order and its red packet, in each."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from hongbao.engine import BudgetExceeded, Ledger, Mandate, read_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign_office import Office

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "frameworks.md"
SOMEBODY = "oTEST_payee_0000000000000001"


def block(heading: str) -> str:
    """The Python of a part of the page."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}")[2].partition("\n## ")[0]
    [found] = re.findall(r"^```python\n(.*?)^```$", part, flags=re.DOTALL | re.MULTILINE)
    return str(found)


def typed(heading: str) -> dict[str, Any]:
    """What stands there once it is run."""
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(block(heading), "page", "exec"), names)
    return names


@pytest.fixture
def url(office: Office, postgresql_url: str) -> Iterator[str]:
    """Books and a shop's orders in one database, with a merchant "shop" whom two have approved."""
    settings = office.folder / "hongbao.toml"
    text = settings.read_text(encoding="utf-8").replace("merchants.demo", "merchants.shop")
    text = re.sub(r"^database = .*$", f'database = "{postgresql_url}"', text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    configuration = read_configuration(None)
    with Ledger.of(configuration) as ledger:
        mandate = Mandate(total=5_000, day_amount=5_000, day_count=10, largest=1_000)
        draft = ledger.begin_standing("refunds", configuration.payer("shop"), mandate, by="anna")
        ledger.approve("refunds", digest=draft.digest, by="bert")
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("CREATE TABLE shop_order (id int, refunded bool)")
        connection.execute("INSERT INTO shop_order VALUES (1, false), (2, false)")
    yield postgresql_url
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE shop_order")


def stands(url: str) -> tuple[list[str], int]:
    """The keys that are owed, and how many orders are refunded."""
    with Ledger.of(read_configuration(None)) as ledger:
        keys = [payout.key for payout in ledger.payouts_of("refunds")]
    with psycopg.connect(url) as connection:
        [[count]] = connection.execute("SELECT count(*) FROM shop_order WHERE refunded").fetchall()
    return keys, int(count)


def test_django(url: str) -> None:
    import django
    from django.conf import settings
    from django.db import connections

    where = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql", "NAME": where.path[1:], "USER": where.username,
        "HOST": where.hostname, "PORT": where.port,
    }  # fmt: skip
    settings.configure(DATABASES={"default": database})
    django.setup()
    names = typed("Django")
    names["refund"](1, SOMEBODY, 500)
    assert stands(url) == (["order-1"], 1)
    with pytest.raises(BudgetExceeded):
        names["refund"](2, SOMEBODY, 1_001)
    assert stands(url) == (["order-1"], 1), "and the order is not refunded either"
    names["ledger"].close()
    connections.close_all()


def test_fastapi(url: str) -> None:
    names = typed("FastAPI")

    async def ask() -> None:
        transport = httpx.ASGITransport(names["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
            for _ in range(2):
                reply = await client.post(f"/orders/1/refund?openid={SOMEBODY}&fen=500")
                assert (reply.status_code, reply.json()["state"]) == (200, "waiting")
            with pytest.raises(BudgetExceeded):
                await client.post(f"/orders/2/refund?openid={SOMEBODY}&fen=1001")

    asyncio.run(ask())
    assert stands(url) == (["order-1"], 1)
    names["ledger"].close()
    names["engine"].dispose()


def test_celery(url: str) -> None:
    names = typed("Celery")
    names["app"].conf.task_always_eager = True
    for _ in range(2):
        assert names["refund"].delay(1, SOMEBODY, 500).get() == "waiting"
    assert stands(url)[0] == ["order-1"]


def test_several_at_once(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed("Several at once")
    assert capsys.readouterr().out == "[800, 500]\n"
    assert stands(url)[0] == ["prize-1", "prize-2"]
