"""The simulator posts V3 notifications by itself: signed, again until taken, and with faults."""

from __future__ import annotations

from functools import partial
from queue import Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from webhook_receiver import Received, Receiver, Reply, receiver

from hongbao import (
    ConfigurationError,
    InvalidRequest,
    MerchantTransfer,
    NotificationRefused,
    TransferFinished,
)
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.server.notifier import Notifier
from hongbao.simulator.simulator import Simulator
from hongbao.simulator.transfer.notices import REPEATS_SECONDS
from phone_stage import ALICE, PhoneStage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.simulator.clock import ManualClock

FIRST, SECOND = "HB20261123A001", "HB20261123A002"
NOTIFY = {"notify_url": "https://pay.example.test/notify/transfer"}


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def phone(simulator: Simulator) -> PhoneStage:
    return PhoneStage(simulator=simulator)


@pytest.fixture
def notifier(simulator: Simulator, shop: Receiver) -> Notifier:
    """Asked by hand, so that no thread is waited for."""
    return Notifier(simulator.simulation, origin(shop))


@pytest.fixture
def merchant(phone: PhoneStage) -> Iterator[MerchantTransfer]:
    with MerchantTransfer(phone.wechat.credentials(), clock=phone.now) as client:
        yield client


def confirmed(phone: PhoneStage, number: str = FIRST) -> None:
    phone.transfer(number, **NOTIFY)
    phone.press(f"/{ALICE}/transfer/{number}/confirm")


def origin(shop: Receiver) -> str:
    parts = urlsplit(shop.url)
    return f"{parts.scheme}://{parts.netloc}"


def read(merchant: MerchantTransfer, request: Received) -> Any:
    return merchant.notifications.read(request.headers, request.body)


def fail(phone: PhoneStage, **rule: object) -> None:
    plan = parse_plan({"rules": [{"endpoint": "notification", **rule}]})
    phone.simulator.simulation.app.script(plan)


def test_the_end_of_a_transfer_is_posted_and_believed(
    phone: PhoneStage, notifier: Notifier, shop: Receiver, merchant: MerchantTransfer
) -> None:
    phone.transfer(FIRST, **NOTIFY)
    assert notifier.post_due() == 0, "it has not ended"
    phone.press(f"/{ALICE}/transfer/{FIRST}/confirm")
    assert notifier.post_due() == 1
    (request,) = shop.received
    assert request.path == "/notify/transfer", "on the server that was given, not on its own"
    event = read(merchant, request)
    assert isinstance(event, TransferFinished)
    assert (event.transfer.out_bill_no, event.transfer.state) == (FIRST, "SUCCESS")
    phone.press("/do/clock", move="day", back="/phone")
    assert notifier.post_due() == 0, "it was taken"


def test_a_transfer_that_names_no_url_is_not_reported(
    phone: PhoneStage, notifier: Notifier
) -> None:
    phone.transfer(FIRST)
    phone.press(f"/{ALICE}/transfer/{FIRST}/confirm")
    assert notifier.post_due() == 0


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_is_not_taken_comes_again_as_often_as_wechat_repeats(
    phone: PhoneStage,
    notifier: Notifier,
    shop: Receiver,
    merchant: MerchantTransfer,
    status: int,
) -> None:
    shop.answer = lambda _: Reply(status, {"Location": shop.url} if status == 302 else {})
    confirmed(phone)
    assert notifier.post_due() == 1
    for seconds in REPEATS_SECONDS:
        phone.later(seconds - 1)
        assert notifier.post_due() == 0
        phone.later(1)
        assert notifier.post_due() == 1
        assert isinstance(read(merchant, shop.received[-1]), TransferFinished)
    assert len(shop.received) == len(REPEATS_SECONDS) + 1
    assert len({request.document["id"] for request in shop.received}) == 1, "the same event"
    phone.press("/do/clock", move="day", back="/phone")
    assert notifier.post_due() == 0, "that was the last time"


def test_a_server_that_is_away_gets_it_later(phone: PhoneStage, shop: Receiver) -> None:
    with receiver() as gone:
        address = origin(gone)
    confirmed(phone)
    Notifier(phone.simulator.simulation, address).post_due()
    assert phone.simulator.simulation.app.journal.last.verdict == "unreachable"
    phone.later(REPEATS_SECONDS[0])
    Notifier(phone.simulator.simulation, origin(shop)).post_due()
    assert len(shop.received) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "unsigned_reply",
        "probe_reply",
        "wrong_signature",
        "stale_signature",
        "foreign_serial",
        "garble_reply",
    ],
)
def test_one_that_proves_nothing_is_refused_and_the_true_one_follows(
    phone: PhoneStage,
    notifier: Notifier,
    shop: Receiver,
    merchant: MerchantTransfer,
    kind: str,
) -> None:
    shop.answer = lambda request: Reply(read(merchant, request).http_status)
    fail(phone, fault=kind, times=1)
    confirmed(phone)
    notifier.post_due()
    assert isinstance(read(merchant, shop.received[0]), NotificationRefused)
    phone.later(REPEATS_SECONDS[0])
    notifier.post_due()
    assert isinstance(read(merchant, shop.received[1]), TransferFinished)
    phone.later(24 * 3600)
    assert notifier.post_due() == 0


def test_one_whose_answer_is_lost_comes_again_and_one_that_is_lost_comes_for_the_first_time(
    phone: PhoneStage, notifier: Notifier, shop: Receiver
) -> None:
    for kind, before in (("lose_reply", 1), ("lose_request", 0)):
        shop.received.clear()
        fail(phone, fault=kind, times=1)
        confirmed(phone, f"HB2026{before}")
        notifier.post_due()
        assert len(shop.received) == before
        phone.later(REPEATS_SECONDS[0])
        notifier.post_due()
        assert len(shop.received) == before + 1


def test_a_delayed_one_arrives_after_a_later_one(
    phone: PhoneStage,
    notifier: Notifier,
    shop: Receiver,
    merchant: MerchantTransfer,
) -> None:
    fail(phone, fault="delay", seconds=60, times=1, mch_billno=FIRST)
    confirmed(phone, FIRST)
    phone.later(10)
    confirmed(phone, SECOND)
    notifier.post_due()
    phone.later(60)
    notifier.post_due()
    found = [read(merchant, request).transfer.out_bill_no for request in shop.received]
    assert found == [SECOND, FIRST]


def test_a_fault_of_any_call_is_none_of_notifications(
    phone: PhoneStage, notifier: Notifier, shop: Receiver
) -> None:
    confirmed(phone)
    plan = parse_plan({"rules": [{"fault": "lose_request", "times": 1}]})
    phone.simulator.simulation.app.script(plan)
    notifier.post_due()
    assert len(shop.received) == 1
    assert phone.simulator.simulation.app.faults.progress.seen == [0]


def test_a_fault_that_no_notification_can_have_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"rules\[0\]\.fault must"):
        parse_plan({"rules": [{"endpoint": "notification", "fault": "systemerror"}]})


def test_it_is_written_down_with_what_was_sent_and_answered(
    phone: PhoneStage, notifier: Notifier
) -> None:
    confirmed(phone)
    notifier.post_due()
    entry = phone.simulator.simulation.app.journal.last
    assert entry[1:] == ("notification", "1999000001", FIRST, "HTTP 204", "", False)
    page = phone.look(f"/{ALICE}/transfer/{FIRST}").text
    assert "POST /notify/transfer" in page
    assert "&quot;ciphertext&quot;: &quot;(hidden)&quot;" in page
    assert "HTTP 204" in page


def test_a_world_that_is_reset_during_a_post_is_left_alone(
    phone: PhoneStage, notifier: Notifier, shop: Receiver
) -> None:
    def start_over(_request: Received) -> Reply:
        phone.simulator.simulation.start_over()
        return Reply()

    shop.answer = start_over
    confirmed(phone)
    notifier.post_due()
    assert len(phone.simulator.simulation.app.journal) == 0


def test_how_often_it_was_posted_is_kept_with_the_world(
    folder: object, shop: Receiver, tmp_path: Path, wechat_clock: ManualClock
) -> None:
    shop.answer = lambda _: Reply(500)
    start = partial(Simulator.start, tmp_path / "wechat", clock=wechat_clock, keep=True)
    for turn in range(2):
        with start() as running:
            if turn == 0:
                confirmed(PhoneStage(simulator=running))
            Notifier(running.simulation, origin(shop)).post_due()
            (notice,) = running.simulation.world.transfers.notices
            assert notice.attempts == 1
    assert len(shop.received) == 1, "the second time it was not due yet"


def test_a_simulator_posts_by_itself_once_it_knows_where(phone: PhoneStage, shop: Receiver) -> None:
    came: Queue[str] = Queue()

    def note(request: Received) -> Reply:
        came.put(request.path)
        return Reply()

    shop.answer = note
    phone.simulator.post_notifications(f"{origin(shop)}/")
    confirmed(phone)
    assert came.get(timeout=20) == "/notify/transfer"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:9000",
        "ftp://127.0.0.1",
        "http://",
        "http://a:b",
        "http://a/path",
        "http://[a",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(simulator: Simulator, address: str) -> None:
    with pytest.raises(ConfigurationError, match="notify_to"):
        simulator.post_notifications(address)
