"""What a merchant's server needs of transfers: users' pages, and WeChat's notifications."""

from __future__ import annotations

import asyncio
import http.client
import io
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hongbao.engine import (
    Confirmations,
    Ledger,
    LedgerError,
    State,
    asgi_app,
    read_configuration,
    wsgi_app,
)
from hongbao.engine.notify_app import BODY_BYTES_MAX
from hongbao.engine.notify_server import serving
from hongbao.errors import ConfigurationError
from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_till import Cashier


@contextmanager
def desk() -> Iterator[tuple[Ledger, Confirmations]]:
    """What a server of the merchant's has."""
    configuration = read_configuration(Path("hongbao.toml"))
    with (
        Ledger.of(configuration) as ledger,
        Confirmations(ledger, configuration) as confirmations,
    ):
        yield ledger, confirmations


def test_a_server_opens_the_page_by_the_same_number_again_and_only_while_it_waits(
    cashier: Cashier,
) -> None:
    cashier.write_list(1)
    cashier.new()
    with desk() as (ledger, confirmations):
        with pytest.raises(LedgerError, match="does not wait for its receiver"):
            confirmations.page(cashier.payouts()[0])
        assert cashier.run("campaign", "run", "autumn").code == 0
        (payout,) = cashier.payouts()
        params = confirmations.page(payout).for_mini_program()
        assert params["package"] == cashier.transfer(payout)["package_info"]
        assert confirmations.page(payout).for_mini_program() == params
        said = {**params, "openid": payout.payee}
        cashier.town.control.ask("POST", "confirm", said)
        with pytest.raises(LedgerError, match="does not wait for its receiver: WeChat says"):
            confirmations.page(payout)
        cashier.later(hours=25)
        with pytest.raises(LedgerError, match="24 hours are over"):
            confirmations.page(payout)
        assert ledger.audit().findings == ()
    assert cashier.town.control.merchant(cashier.town.mch_id)["basic"]["balance"] == 999_900
    with Book.open(str(cashier.folder / "books.db")) as book:
        stored = [*(it.voucher for it in book.payouts_of("autumn"))]
    assert stored == [None], "no package is kept"


def test_no_page_is_opened_of_what_is_being_taken_back(cashier: Cashier) -> None:
    """Neither when it was decided, nor after the cancel, nor when its campaign is cancelled."""
    cashier.write_list(2)
    cashier.new()
    assert cashier.run("campaign", "run", "autumn").code == 0
    one, other = cashier.payouts()
    with desk() as (ledger, confirmations):
        refused = partial(pytest.raises, LedgerError, match="it is being taken back")
        ledger.cancel_payout(one.id, by="anna", reason="a mistake")
        with refused():
            confirmations.page(cashier.payouts()[0])
        confirmations.page(other)
        cashier.work()
        with refused():
            confirmations.page(cashier.payouts()[0])
        ledger.cancel("autumn", by="anna", reason="a mistake")
        with refused():
            confirmations.page(other)


def test_a_notification_has_a_worker_ask_and_is_believed_only_by_its_signature(
    cashier: Cashier,
) -> None:
    cashier.write_list(1)
    path = cashier.folder / "hongbao.toml"
    told_where = '[merchants.till.texts]\nnotify_url = "https://pay.example.test/notify/till"'
    text = path.read_text(encoding="utf-8").replace("[merchants.till.texts]", told_where)
    path.write_text(text, encoding="utf-8")
    cashier.new()
    assert cashier.run("campaign", "run", "autumn").code == 0
    (payout,) = cashier.payouts()
    cashier.confirm(payout)
    (sent,) = cashier.town.control.ask("GET", "notifications")["notifications"]
    headers, body = sent["headers"], sent["body"].encode()
    with desk() as (ledger, confirmations):
        assert dict(confirmations.merchants) == {"till": cashier.town.mch_id}
        assert confirmations.notified("till", {}, body) == 401
        assert confirmations.notified("till", headers, body + b" ") == 401
        assert confirmations.notified("nobody", headers, body) == 404
        assert cashier.payouts()[0].due_at == payout.due_at, "nothing was believed"
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert asyncio.run(posted_async(confirmations, "/notify/till", headers, body)) == 204
        asked = [it.kind for it in ledger.history(payout.id)]
        assert asked.count("requested") == 1, "what comes again asks for nothing more"
        assert cashier.payouts()[0].state is State.AWAITING_USER, "a hint decides nothing"
        cashier.work()
        assert cashier.payouts()[0].state is State.RECEIVED
        assert posted(wsgi_app(confirmations), "/notify/till", headers, body) == 204
        assert len(ledger.history(payout.id)) == len(asked) + 1
        large = b"x" * (BODY_BYTES_MAX + 1)
        assert posted(wsgi_app(confirmations), "/notify/till", headers, large) == 413
        assert asyncio.run(posted_async(confirmations, "/notify/till", headers, large)) == 413
        assert posted(wsgi_app(confirmations), "/notify/till", {}, b"", method="GET") == 405
        assert ledger.audit().findings == ()


def test_a_port_of_our_own_takes_notifications_too(cashier: Cashier) -> None:
    with (
        desk() as (_, confirmations),
        serving(confirmations, host="127.0.0.1", port=0) as url,
        closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as line,
    ):
        for path, status in (("/till", 401), ("/nobody", 404)):
            line.request("POST", path, b"forged")
            with line.getresponse() as response:
                assert (response.status, response.read()) == (status, b"")
        with (
            pytest.raises(ConfigurationError, match="cannot be listened on"),
            serving(confirmations, host="127.0.0.1", port=urlsplit(url).port or 0),
        ):
            pass


def posted(
    app: Any, path: str, headers: dict[str, str], body: bytes, *, method: str = "POST"
) -> int:
    """What a WSGI server is answered."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    said: list[str] = []
    assert list(app(environ, lambda status, _: said.append(status))) == []
    return int(said[0][:3])


async def posted_async(
    confirmations: Confirmations, path: str, headers: dict[str, str], body: bytes
) -> int:
    """What an ASGI server is answered."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": pairs}
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await asgi_app(confirmations)(scope, receive, send)
    return int(said[0]["status"])
