"""Receipts and bills behind links are had whole, over real TLS, by their hash; or nothing is."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from transfer_samples import NOW, NUMBER, PUBLIC, encoded, signed_headers
from wechat_line import FakeApp, serving

from hongbao import (
    AsyncMerchantTransfer,
    Bill,
    BillAccount,
    ConfigurationError,
    InvalidRequest,
    MerchantTransfer,
    NoBill,
    NoBillReason,
    OutcomeUnknown,
    ReceiptFile,
    UntrustedReply,
)
from hongbao.simulator.exchange import Answer
from hongbao.wire.bill.columns import COLUMNS
from hongbao.wire.transfer.replies import ElectronicReceipt
from test_transfers import credentials_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.folder.folder import SimulatorFolder

DAY = date(2026, 11, 28)
BILL = (",".join(COLUMNS) + "\r\n" + "`x" * 100_000 + "\r\n").encode()
RECEIPT = b"%PDF-1.7 " + b"x" * 100_000
LINK, FILE = "/v3/bill/fundflowbill", "/v3/billdownload/file"


class _Shop:
    """A server that answers as it is told, and a way to ask it."""

    def __init__(self, folder: SimulatorFolder, port: int, kind: str, app: FakeApp) -> None:
        self.url = f"https://localhost:{port}"
        self.credentials = credentials_with(base_url=self.url, ca_path=folder.ca_path)
        self.app = app
        self.file = Answer(200, BILL)
        self.said: dict[str, Any] = {
            "download_url": f"{self.url}{FILE}?token=A%2B1",
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(BILL, usedforsecurity=False).hexdigest(),
        }
        self.status = 200
        self._kind = kind

    def respond(self, exchange: Exchange) -> Answer:
        if exchange.path != LINK:
            return self.file
        body = encoded(self.said)
        return Answer(self.status, body, headers=tuple(signed_headers(body).items()))

    def ask(self, method: Callable[[Any], Any]) -> Any:
        if self._kind == "blocking":
            with MerchantTransfer(self.credentials, clock=lambda: NOW) as client:
                return method(client)

        async def run() -> Any:
            async with AsyncMerchantTransfer(self.credentials, clock=lambda: NOW) as client:
                return await method(client)

        return asyncio.run(run())

    def bill(self, to: Path, **more: Any) -> Any:
        return self.ask(lambda it: it.download_fund_flow(DAY, BillAccount.OPERATION, to=to, **more))

    def receipt(self, to: Path, **changes: Any) -> Any:
        said = {
            "state": "FINISHED",
            "hash_type": "SHA256",
            "hash_value": hashlib.sha256(RECEIPT).hexdigest(),
            "download_url": f"{self.url}/anywhere/receipt?token=B",
        }
        found = ElectronicReceipt.read(said | changes)
        return self.ask(lambda it: it.fetch_receipt(found, NUMBER, to=to))


@pytest.fixture(params=["blocking", "asyncio"])
def shop(request: pytest.FixtureRequest, wechat_folder: SimulatorFolder) -> Iterator[_Shop]:
    def respond(exchange: Exchange) -> Answer:
        return made.respond(exchange)

    app = FakeApp(respond)
    with serving(wechat_folder, app) as line:
        made = _Shop(wechat_folder, line.port.number, request.param, app)
        yield made


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bill_is_in_the_file_as_it_was_sent(shop: _Shop, tmp_path: Path) -> None:
    to = tmp_path / "bill.csv"
    bill = shop.bill(to)
    assert isinstance(bill, Bill)
    assert (bill.account, bill.bill_date, bill.plain_bytes) == ("Operation", DAY, len(BILL))
    assert to.read_bytes() == BILL
    link, file = shop.app.seen
    assert (link.method, file.method, file.path) == ("GET", "GET", FILE)
    assert file.headers[b"accept"] == b"*/*"
    assert b"signature=" in file.headers[b"authorization"]


def test_a_bill_in_gzip_is_unpacked(shop: _Shop, tmp_path: Path) -> None:
    packed = gzip.compress(BILL)
    shop.file = Answer(200, packed)
    for hashed in (packed, BILL):
        shop.said["hash_value"] = hashlib.sha1(hashed, usedforsecurity=False).hexdigest()
        assert shop.bill(tmp_path / "bill.csv", compressed=True).compressed
        assert (tmp_path / "bill.csv").read_bytes() == BILL


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("NO_STATEMENT_EXIST", NoBillReason.NO_BILL_EXIST),
        ("STATEMENT_CREATING", NoBillReason.BILL_CREATING),
    ],
)
def test_that_there_is_no_bill_is_a_value(
    shop: _Shop, tmp_path: Path, code: str, why: NoBillReason
) -> None:
    shop.status, shop.said = 400, {"code": code, "message": "x"}
    answer = shop.bill(tmp_path / "bill.csv")
    assert answer == NoBill(bill_date=DAY, account=BillAccount.OPERATION, why=why)
    assert _left(tmp_path) == []


def test_a_refusal_of_another_kind_is_an_error(shop: _Shop, tmp_path: Path) -> None:
    shop.status, shop.said = 403, {"code": "NO_AUTH", "message": "x"}
    with pytest.raises(OutcomeUnknown) as caught:
        shop.bill(tmp_path / "bill.csv")
    assert (caught.value.err_code, caught.value.mch_billno) == ("NO_AUTH", "20261128/Operation")


@pytest.mark.parametrize(
    "changes",
    [
        {"hash_value": "0" * 40},
        {"hash_type": "SM3"},
        {"download_url": "http://localhost/x"},
        {"download_url": "https://me@localhost/x"},
        {"download_url": "x"},
    ],
)
def test_a_bill_that_is_not_what_its_link_says_leaves_nothing(
    shop: _Shop, tmp_path: Path, changes: dict[str, str]
) -> None:
    shop.said |= changes
    with pytest.raises(UntrustedReply):
        shop.bill(tmp_path / "bill.csv")
    assert _left(tmp_path) == []


@pytest.mark.parametrize(
    "file",
    [
        Answer(200, b'{"code":"PARAM_ERROR"}'),
        Answer(200, b"<xml><a>b</a></xml>"),
        Answer(500, BILL),
        Answer(200, BILL, cut=5_000),
    ],
    ids=["JSON", "XML", "500", "cut"],
)
def test_what_is_no_whole_bill_leaves_nothing(shop: _Shop, tmp_path: Path, file: Answer) -> None:
    shop.file = file
    with pytest.raises(OutcomeUnknown):
        shop.bill(tmp_path / "bill.csv")
    assert _left(tmp_path) == []


def test_a_receipt_is_in_the_file_once_its_hash_is_right(shop: _Shop, tmp_path: Path) -> None:
    shop.file = Answer(200, RECEIPT)
    to = tmp_path / "receipt.pdf"
    found = shop.receipt(to)
    assert found == ReceiptFile(
        path=to, hash_type="SHA256", hash_value=hashlib.sha256(RECEIPT).hexdigest()
    )
    assert to.read_bytes() == RECEIPT


@pytest.mark.parametrize(
    "changes", [{"hash_value": "0" * 64}, {"hash_type": "MD5"}, {"download_url": "ftp://x/y"}]
)
def test_a_receipt_whose_hash_cannot_be_checked_leaves_nothing(
    shop: _Shop, tmp_path: Path, changes: dict[str, str]
) -> None:
    shop.file = Answer(200, RECEIPT)
    with pytest.raises(UntrustedReply) as caught:
        shop.receipt(tmp_path / "receipt.pdf", **changes)
    assert caught.value.mch_billno == NUMBER
    assert _left(tmp_path) == []


def test_a_receipt_that_is_not_finished_is_not_asked_for(shop: _Shop, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="FINISHED"):
        shop.receipt(tmp_path / "receipt.pdf", state="GENERATING")
    assert shop.app.seen == []


def test_where_nothing_can_be_written_it_is_said(shop: _Shop, tmp_path: Path) -> None:
    for method in (shop.bill, shop.receipt):
        shop.file = Answer(200, BILL if method == shop.bill else RECEIPT)
        with pytest.raises(ConfigurationError, match="cannot be written"):
            method(tmp_path / "nowhere" / "file")


def test_the_key_that_the_reply_is_asked_by_is_named(shop: _Shop, tmp_path: Path) -> None:
    shop.bill(tmp_path / "bill.csv")
    assert shop.app.seen[0].headers[b"wechatpay-serial"] == PUBLIC.serial.encode()
