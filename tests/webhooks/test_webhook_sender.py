"""One webhook on its way: signed, to the address that was judged, nothing followed, in time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from email.utils import formatdate
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from standardwebhooks.webhooks import Webhook
from webhook_receiver import Receiver, Reply, receiver

from hongbao.webhooks.sender import ReceiverAnswer, Sender
from hongbao.webhooks.signature import SigningSecret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = SigningSecret(bytes(range(32)))
BODY = b'{"type":"payout.sent"}'


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def post(url: str, *bodies: bytes, **options: Any) -> list[ReceiverAnswer]:
    """Post some messages, one after the other, and give the answers."""

    async def run() -> list[ReceiverAnswer]:
        async with Sender(url, [SECRET], **{"allow_private": True, **options}) as sender:
            return [await sender.post(f"evt_{place}", it) for place, it in enumerate(bodies)]

    return asyncio.run(run())


def test_a_receiver_can_verify_what_comes(shop: Receiver) -> None:
    assert post(shop.url, BODY) == [ReceiverAnswer(204, "204")]
    [came] = shop.received
    assert Webhook(SECRET.written).verify(came.body, came.headers) == {"type": "payout.sent"}
    assert came.headers["content-type"] == "application/json"
    assert came.headers["user-agent"].startswith("hongbao/")
    assert (came.headers["webhook-id"], came.path) == ("evt_0", "/hooks")


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_every_2xx_has_arrived(shop: Receiver, status: int) -> None:
    shop.answer = lambda _: Reply(status)
    [answer] = post(shop.url, BODY)
    assert (answer.arrived, answer.gone, answer.troubled) == (True, False, False)


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 429, 500, 503])
def test_nothing_else_has(shop: Receiver, status: int) -> None:
    shop.answer = lambda _: Reply(status, {"location": shop.url})
    [answer] = post(shop.url, BODY)
    assert (answer.arrived, answer.gone) == (False, status == 410)
    assert answer.troubled == (status in {429, 500, 503})
    assert len(shop.received) == 1, "a redirect is not followed"


def test_a_private_address_is_refused_before_anything_is_sent(shop: Receiver) -> None:
    [answer] = post(shop.url, BODY, allow_private=False)
    assert (answer.status, shop.received) == (None, [])
    assert "https" in answer.words
    [answer] = post(shop.url.replace("http:", "https:"), BODY, allow_private=False)
    assert "allow_private" in answer.words
    assert shop.received == []


def test_the_connection_goes_to_the_address_that_was_judged_and_not_to_the_name(
    shop: Receiver,
) -> None:
    """A name that leads elsewhere a moment later reaches nothing: it is not looked up again."""
    url = shop.url.replace("127.0.0.1", "nowhere.invalid")
    [answer] = post(url, BODY, lookup=lambda _: [ip_address("127.0.0.1")])
    assert answer.arrived
    port = shop.url.rpartition(":")[2].partition("/")[0]
    assert shop.received[0].headers["host"] == f"nowhere.invalid:{port}"


def test_of_several_addresses_only_those_that_are_allowed_are_used(shop: Receiver) -> None:
    found = [ip_address("10.0.0.1"), ip_address("169.254.169.254")]
    url = shop.url.replace("http:", "https:")
    [answer] = post(url, BODY, allow_private=False, lookup=lambda _: found)
    assert answer.status is None


def test_the_certificate_must_be_for_the_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.example").configure_cert(context)
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    here = [ip_address("127.0.0.1")]
    with receiver(context) as shop:
        url = shop.url.replace("127.0.0.1", "shop.example")
        assert post(url, BODY, ca_path=ca_path, lookup=lambda _: here)[0].arrived
        other = url.replace("shop.example", "other.example")
        for wrong in ({"url": other, "ca_path": ca_path}, {"url": url}):
            [answer] = post(str(wrong.pop("url")), BODY, lookup=lambda _: here, **wrong)
            assert (answer.status, answer.words) == (None, "no answer (SSLCertVerificationError)")
        assert len(shop.received) == 1


def test_a_receiver_that_is_slow_or_away_is_no_answer(shop: Receiver) -> None:
    def slow(_: object) -> Reply:
        time.sleep(0.5)
        return Reply()

    shop.answer = slow
    assert post(shop.url, BODY, timeout_seconds=0.1) == [ReceiverAnswer(None, "no answer in 0.1 s")]
    assert post("http://127.0.0.1:1/", BODY)[0].words == "no answer (ConnectionRefusedError)"
    [answer] = post("https://nowhere.invalid/", BODY)
    assert (answer.status, answer.troubled) == (None, True)


def test_a_long_answer_is_cut_and_shown_nowhere(shop: Receiver) -> None:
    shop.answer = lambda _: Reply(200, {}, b"secret " * 1_000_000)
    answers = post(shop.url, BODY, BODY)
    assert answers == [ReceiverAnswer(200, "200")] * 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("0", 0), ("later", None), ("-5", None), ("١", None), ("1.5", None)],
)
def test_retry_after_is_read(shop: Receiver, value: str, seconds: float | None) -> None:
    shop.answer = lambda _: Reply(503, {"retry-after": value.encode().decode("latin-1")})
    assert post(shop.url, BODY)[0].retry_after == seconds


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 01 Jan 2024 00:00:00 +9999999999999999",
        "Mon, 01 Jan 2024 00:00:00 +999999999",
        f"Mon, 01 Jan {'9' * 30} 00:00:00 -0000",
        f"{'9' * 5000}",
        "31 Feb 2024 00:00:99999999999",
        "(x",
        "",
    ],
)
def test_no_time_to_wait_that_a_receiver_says_harms_who_posts(shop: Receiver, value: str) -> None:
    shop.answer = lambda _: Reply(503, {"retry-after": value})
    assert post(shop.url, BODY) == [ReceiverAnswer(503, "503")]


def test_a_date_without_a_zone_is_in_gmt(shop: Receiver) -> None:
    shop.answer = lambda _: Reply(503, {"retry-after": "Mon Jan 12 13:47:40 1970"})
    assert post(shop.url, BODY, clock=lambda: 1_000_000.0)[0].retry_after == 60


@pytest.mark.parametrize("name", ["a..b", ".shop.example", "a" * 64])
def test_a_name_that_is_none_is_not_resolved_and_harms_nobody(name: str) -> None:
    [answer] = post(f"https://{name}/", BODY, allow_private=False)
    assert answer == ReceiverAnswer(None, "the name cannot be resolved (gaierror)")


def test_where_one_address_of_a_name_does_not_answer_the_next_one_is_posted_to(
    shop: Receiver,
) -> None:
    """127.0.0.2 refuses: nobody listens there."""
    addresses = [ip_address("127.0.0.2"), ip_address("127.0.0.1")]
    url = shop.url.replace("127.0.0.1", "nowhere.invalid")
    answers = post(url, BODY, BODY, lookup=lambda _: addresses)
    assert [it.words for it in answers] == ["204", "204"]


def test_an_address_that_never_answers_leaves_time_for_the_next_one(shop: Receiver) -> None:
    with socket.socket() as full:
        # Nobody accepts there, and there is room for one connection to wait.
        full.bind(("127.0.0.3", int(shop.url.rpartition(":")[2].partition("/")[0])))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for it in waiting:
            it.setblocking(False)
            it.connect_ex(full.getsockname())
        addresses = [ip_address("127.0.0.3"), ip_address("127.0.0.1")]
        url = shop.url.replace("127.0.0.1", "nowhere.invalid")
        [answer] = post(url, BODY, lookup=lambda _: addresses, timeout_seconds=2.0)
        for it in waiting:
            it.close()
    assert answer.words == "204"


def test_retry_after_may_be_a_date(shop: Receiver) -> None:
    shop.answer = lambda _: Reply(429, {"retry-after": formatdate(1_000_060, usegmt=True)})
    assert post(shop.url, BODY, clock=lambda: 1_000_000.0)[0].retry_after == 60
    assert post(shop.url, BODY, clock=lambda: 1_000_100.0)[0].retry_after == 0


def test_the_signature_is_of_the_moment_of_each_try(shop: Receiver) -> None:
    times = iter([1000.0, 1000.0, 2000.0, 2000.0])
    post(shop.url, BODY, BODY, clock=lambda: next(times))
    assert [it.headers["webhook-timestamp"] for it in shop.received] == ["1000", "2000"]
