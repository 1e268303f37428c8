"""Fund-flow bills are had whole, byte for byte and by any transport; or nothing is written."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import stat
from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from wechat_line import FakeApp, serving

from hongbao import (
    AsyncRedPack,
    Bill,
    BillAccount,
    ConfigurationError,
    InvalidRequest,
    Limits,
    Merchant,
    NoBill,
    NoBillReason,
    NotSent,
    OutcomeUnknown,
    RedPack,
    UntrustedReply,
)
from hongbao.client.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from hongbao.simulator.exchange import Answer
from hongbao.wire import document, signature
from hongbao.wire.bill.body import BillBody, DigestOf
from hongbao.wire.bill.columns import COLUMNS
from hongbao.wire.bill.reader import MalformedBill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.client.fund_flow import FundFlowAnswer
    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.folder.folder import SimulatorFolder

Fetch: TypeAlias = Callable[..., "FundFlowAnswer"]

DAY = date(2026, 11, 29)
BILL = (",".join(COLUMNS) + "\r\n" + "`x" * 200_000 + "\r\n").encode()
NONE = (
    b"<xml><return_code>FAIL</return_code><return_msg>x</return_msg><err_code>%b</err_code></xml>"
)


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


class World:
    """A server that answers as it is told, and a way to ask it."""

    def __init__(self, folder: SimulatorFolder, port: int, kind: str, app: FakeApp) -> None:
        url = f"https://localhost:{port}"
        self.merchant = Merchant(**folder.settings(None, base_url=url, mini_program=False))
        self.app = app
        self.answer = Answer(200, BILL)
        self._kind = kind

    def fetch(self, to: Path, **more: Any) -> FundFlowAnswer:
        """Ask once."""
        asked = {"bill_date": DAY, "account": BillAccount.BASIC, "to": to, **more}
        limits = Limits(download_bytes_max=3_000_000)
        if not self._kind.startswith("async"):
            other = HttpxTransport(self.merchant, limits=limits) if "httpx" in self._kind else None
            with RedPack(self.merchant, transport=other, limits=limits) as red_pack:
                try:
                    return red_pack.download_fund_flow(**asked)
                finally:
                    if other is not None:
                        other.close()

        async def run() -> FundFlowAnswer:
            other = (
                AsyncHttpxTransport(self.merchant, limits=limits) if "httpx" in self._kind else None
            )
            async with AsyncRedPack(self.merchant, transport=other, limits=limits) as red_pack:
                try:
                    return await red_pack.download_fund_flow(**asked)
                finally:
                    if other is not None:
                        await other.aclose()

        return asyncio.run(run())


@pytest.fixture(params=["blocking", "asyncio", "httpx", "async httpx"])
def world(request: pytest.FixtureRequest, wechat_folder: SimulatorFolder) -> Iterator[World]:
    def respond(_: Exchange) -> Answer:
        return made.answer

    app = FakeApp(respond)
    with serving(wechat_folder, app) as line:
        made = World(wechat_folder, line.port.number, request.param, app)
        yield made


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bill_is_in_the_file_as_it_was_sent(world: World, tmp_path: Path) -> None:
    world.answer = Answer(200, BILL, headers=(("Digest", f"SHA={_sha1(BILL)}"),))
    assert world.fetch(tmp_path / "bill.csv") == Bill(
        bill_date=DAY,
        account=BillAccount.BASIC,
        path=tmp_path / "bill.csv",
        plain_bytes=len(BILL),
        sha256=hashlib.sha256(BILL).hexdigest(),
        compressed=False,
        digest_of=DigestOf.PLAIN,
    )
    assert (tmp_path / "bill.csv").read_bytes() == BILL
    assert stat.S_IMODE((tmp_path / "bill.csv").stat().st_mode) == 0o600
    assert _left(tmp_path) == ["bill.csv"]
    (seen,) = world.app.seen
    said = document.decode(seen.body).fields
    key = world.merchant.key
    assert said.pop("sign") == signature.sign_hmac_sha256(said, key)
    assert said.pop("nonce_str")
    assert (seen.method, seen.path) == ("POST", "/pay/downloadfundflow")
    assert said == {
        "appid": world.merchant.app_id,
        "mch_id": world.merchant.mch_id,
        "sign_type": "HMAC-SHA256",
        "bill_date": "20261129",
        "account_type": "Basic",
    }


@pytest.mark.parametrize(
    ("digest", "of"),
    [
        ("SHA=" + _sha1(BILL), DigestOf.PLAIN),
        ("SHA-1=" + _sha1(BILL).upper(), DigestOf.PLAIN),
        ("SHA=" + b64encode(bytes.fromhex(_sha1(BILL))).decode(), DigestOf.PLAIN),
        ("SHA=" + _sha1(gzip.compress(BILL, mtime=0)), DigestOf.COMPRESSED),
        (None, None),
    ],
)
def test_gzip_is_unpacked_whoever_asked_for_it_and_its_digest_may_be_of_either(
    world: World, tmp_path: Path, digest: str | None, of: DigestOf | None
) -> None:
    headers = () if digest is None else (("Digest", digest),)
    world.answer = Answer(200, gzip.compress(BILL, mtime=0), headers=headers)
    found = world.fetch(tmp_path / "bill.csv", compressed=True)
    assert isinstance(found, Bill)
    assert (found.compressed, found.digest_of) == (True, of)
    assert (tmp_path / "bill.csv").read_bytes() == BILL
    assert document.decode(world.app.seen[0].body).fields["tar_type"] == "GZIP"


@pytest.mark.parametrize("code", NoBillReason)
def test_that_there_is_no_bill_is_an_answer(
    world: World, tmp_path: Path, code: NoBillReason
) -> None:
    world.answer = Answer(200, NONE % code.encode())
    found = world.fetch(tmp_path / "bill.csv", account="Operation")
    assert found == NoBill(bill_date=DAY, account=BillAccount.OPERATION, why=code)
    assert _left(tmp_path) == []


@pytest.mark.parametrize(
    ("answer", "code", "untrusted"),
    [
        (Answer(200, NONE % b"SYSTEMERROR"), "SYSTEMERROR", False),
        (Answer(200, NONE % b"PARAM_ERROR"), "PARAM_ERROR", False),
        (Answer(200, NONE % b""), None, False),
        (Answer(503, b"<html>busy</html>"), None, False),
        (Answer(404, BILL), None, False),
        (Answer(400, b"No required SSL certificate was sent"), None, False),
        (Answer(400, b"<html>The SSL certificate error"), "HTTP_400_BAD_CERTIFICATE", False),
        (Answer(200, b"<xml><return_code>SUCCESS</return_code></xml>"), None, True),
        (Answer(200, (NONE % b"NO_BILL_EXIST")[:-6] + b"<sign>A</sign></xml>"), None, True),
        (Answer(200, b"<html>a page</html>"), None, True),
        (Answer(200, b"<" * 2_000_000), None, True),
        (Answer(200, b""), None, True),
        (Answer(200, b"No Bill Exist"), None, True),
        (Answer(200, BILL[20:]), None, True),
        (Answer(200, gzip.compress(BILL)[:-9]), None, True),
        (Answer(200, gzip.compress(BILL) + b"more"), None, True),
        (Answer(200, gzip.compress(BILL)[:200] + b"x" * 50), None, True),
        (Answer(200, BILL, headers=(("Digest", f"SHA={'0' * 40}"),)), None, True),
        (Answer(200, BILL, headers=(("Digest", "SHA-256=abc"),)), None, True),
        (Answer(200, BILL, cut=200_000), None, False),
        (Answer(200, BILL * 10), None, False),
    ],
    ids=str,
)
def test_whatever_is_no_whole_bill_is_unknown_and_leaves_no_file(
    world: World,
    tmp_path: Path,
    answer: Answer,
    code: str | None,
    untrusted: bool,  # noqa: FBT001
) -> None:
    (tmp_path / "bill.csv").write_bytes(b"an older one")
    world.answer = answer
    with pytest.raises(OutcomeUnknown) as caught:
        world.fetch(tmp_path / "bill.csv")
    assert (caught.value.err_code, isinstance(caught.value, UntrustedReply)) == (code, untrusted)
    assert caught.value.mch_billno == "20261129/Basic"
    assert _left(tmp_path) == ["bill.csv"]
    assert (tmp_path / "bill.csv").read_bytes() == b"an older one"


def test_the_second_host_is_asked_when_the_first_breaks_off_in_the_middle(
    wechat_folder: SimulatorFolder, tmp_path: Path
) -> None:
    first = FakeApp(lambda _: Answer(200, BILL, cut=100_000))
    second = FakeApp(lambda _: Answer(200, BILL))
    with serving(wechat_folder, first) as one, serving(wechat_folder, second) as other:
        urls = [f"https://localhost:{line.port.number}" for line in (one, other)]
        settings = wechat_folder.settings(None, base_url=urls[0], mini_program=False)
        with RedPack(Merchant(**settings, backup_url=urls[1])) as red_pack:
            found = red_pack.download_fund_flow(DAY, "Basic", to=tmp_path / "bill.csv")
    assert isinstance(found, Bill)
    assert (tmp_path / "bill.csv").read_bytes() == BILL
    assert _left(tmp_path) == ["bill.csv"]


def test_a_server_that_never_answers_is_left_when_the_time_is_up(
    world: World, tmp_path: Path
) -> None:
    world.answer = Answer(200, b"", hang=True)
    with pytest.raises(OutcomeUnknown):
        world.fetch(tmp_path / "bill.csv", total_seconds=0.3)
    assert _left(tmp_path) == []


def test_nothing_is_sent_when_the_time_is_up_before(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotSent):
        world.fetch(tmp_path / "bill.csv", total_seconds=-1.0)
    assert world.app.seen == []


def test_a_file_that_cannot_be_written_is_said_to_be_one(world: World, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        world.fetch(tmp_path / "nowhere" / "bill.csv")
    assert caught.value.setting == os.fspath(tmp_path / "nowhere" / "bill.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError):
        world.fetch(tmp_path / "folder")
    assert _left(tmp_path) == ["folder"]


@pytest.mark.parametrize(
    "wrong",
    [{"bill_date": "20261129"}, {"bill_date": datetime(2026, 11, 29)}, {"account": "basic"}],  # noqa: DTZ001
)
def test_what_cannot_be_asked_is_not(world: World, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        world.fetch(tmp_path / "bill.csv", **wrong)
    assert world.app.seen == []


def test_a_transport_that_cannot_stream_is_refused(merchant: Merchant, tmp_path: Path) -> None:
    class Sends:
        def send(self, request: object, *, timeout_seconds: float) -> Any:
            raise AssertionError("not asked")

        def close(self) -> None:
            raise AssertionError("not asked")

    with pytest.raises(ConfigurationError, match="download"):
        RedPack(merchant, transport=Sends()).download_fund_flow(DAY, "Basic", to=tmp_path / "a")


@pytest.mark.parametrize("size", [1, 3, 50, 10**6])
@pytest.mark.parametrize(
    "sent", [BILL, gzip.compress(BILL), gzip.compress(BILL[:70]) + gzip.compress(BILL[70:])]
)
def test_a_body_is_the_same_however_it_is_cut(sent: bytes, size: int) -> None:
    sent, bill = (sent, BILL) if size > 3 else (sent[:3000], b"")
    body, plain = BillBody(), b""
    for at in range(0, len(sent), size):
        plain += b"".join(body.take(sent[at : at + size]))
    if bill:
        assert plain + b"".join(body.end()) == bill
    else:
        assert BILL.startswith(plain)


def test_gzip_that_grows_without_end_is_broken_off() -> None:
    bomb = gzip.compress(BILL + b"0" * 50_000_000)
    body, sizes = BillBody(plain_bytes_max=10_000_000), [0]
    with pytest.raises(MalformedBill, match="longer than"):
        sizes.extend(map(len, body.take(bomb)))
    assert max(sizes) <= 256 * 1024
