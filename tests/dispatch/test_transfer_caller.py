"""The caller of transfers: payouts in, outcomes out, to a simulated WeChat in memory."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import AsyncMerchantTransfer, InvalidRequest
from hongbao.dispatch.offload import inline
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import (
    CallNotSent,
    CancelBegun,
    Found,
    NotFound,
    OrderStatus,
    Refusal,
    SendTaken,
    Unanswered,
    Unknown,
    Unsendable,
)
from hongbao.rails.transfer.caller import TransferCaller
from hongbao.rails.transfer.report_infos import parse_report_infos
from hongbao.rails.transfer.translate import message_of, status_of
from hongbao.wire.transfer.preparing import prepare
from hongbao.wire.transfer.state import TransferState
from policy_payouts import DAY, NOW, payout

if TYPE_CHECKING:
    from hongbao.client.transport import AsyncTransport, HttpRequest, HttpResponse
    from hongbao.ledger.model.kept_request import KeptRequest
    from hongbao.rails.outcome import Outcome
    from hongbao.testing.wechat import SimulatedWeChat

ALICE = "oTEST_alice_000000000000001"
TERMS = {
    "profile": "till",
    "transfer_scene_id": "1000",
    "transfer_remark": "抽奖",
    "transfer_scene_report_infos": "活动名称=秋季抽奖；奖励说明=一等奖",
}


class NoRequests:
    """Books that nobody asks for a stored request: without a name there is none."""

    def kept_request(self, payout_id: int, attempt: int) -> None:
        """As the port says."""
        raise AssertionError(payout_id, attempt)

    def keep_request(self, payout_id: int, attempt: int, request: KeptRequest) -> KeptRequest:
        """As the port says."""
        raise AssertionError(payout_id, attempt, request)


class _Line:
    """A transport that knows whose it is by what it has sent.

    Args:
        inner: where it goes.
    """

    def __init__(self, inner: AsyncTransport) -> None:
        self._inner = inner
        self.numbers: list[str] = []

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As the port says."""
        self.numbers.append(json.loads(request.body)["out_bill_no"])
        return await self._inner.send(request, timeout_seconds=timeout_seconds)

    async def aclose(self) -> None:
        """As the port says."""


def job(task: Task = Task.SEND, **changes: Any) -> Job:
    """One call to make."""
    said = {"state": State.IN_DOUBT, "task": Task.QUERY, "calls": 1, "payee": ALICE, "amount": 100}
    given = {**said, "billno": "Seven", "kind": "transfer", **changes}
    return Job(payout(**given), 1, task, NOW, NOW + DAY, b"")


def call(wechat: SimulatedWeChat, *jobs: Job, **terms: str) -> list[Outcome]:
    """What comes of them, one after the other."""
    body = {**TERMS, **terms}

    async def run() -> list[Outcome]:
        client = AsyncMerchantTransfer(
            wechat.credentials(), transport=wechat.async_transport(), clock=wechat.world.clock.now
        )
        caller = TransferCaller(
            lambda _: client, terms=lambda _: body, carrier=inline, timeout_seconds=30,
            requests=NoRequests(),
        )  # fmt: skip
        outcomes = [await caller.call(one) for one in jobs]
        await caller.aclose()
        return outcomes

    return asyncio.run(run())


def test_a_transfer_is_taken_then_found_locked_then_taken_back(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    sent, seen, back, then = call(
        wechat_in_memory, job(), job(Task.LOOK), job(Task.CANCEL), job(Task.QUERY)
    )
    assert isinstance(sent, SendTaken)
    assert isinstance(seen, Found)
    assert (seen.status, seen.said) == (OrderStatus.LOCKED, "WAIT_USER_CONFIRM")
    assert (seen.amount, seen.listid, seen.receivers) == (100, sent.listid, (ALICE,))
    assert isinstance(back, CancelBegun)
    assert isinstance(then, Found)
    assert then.status in {OrderStatus.CANCELLING, OrderStatus.FAILED}


def test_a_number_that_wechat_does_not_know_is_not_found_and_cannot_be_taken_back(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    asked, back = call(wechat_in_memory, job(Task.QUERY), job(Task.CANCEL))
    assert asked == NotFound()
    assert isinstance(back, Unanswered)
    assert (back.code, back.why) == ("INVALID_REQUEST", "INVALID_REQUEST: 单号错误")


def test_no_package_leaves_the_caller(wechat_in_memory: SimulatedWeChat) -> None:
    (sent,) = call(wechat_in_memory, job())
    assert set(SendTaken.__slots__) == {"listid"}
    assert isinstance(sent, SendTaken)


def test_a_code_that_does_not_say_whether_there_is_an_order_is_confirmed_by_a_query(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    refused, asked = call(wechat_in_memory, job(), job(Task.QUERY), transfer_scene_id="1777")
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.disposition) == ("INVALID_REQUEST", "NO")
    assert asked == NotFound()


@pytest.mark.parametrize("days", [2, 31])
def test_a_number_that_is_too_old_to_be_sent_again_is_open_though_no_query_knows_it(
    wechat_in_memory: SimulatedWeChat, days: int
) -> None:
    """Lost books, filled again with an old list, send numbers that WeChat paid long ago."""
    (first,) = call(wechat_in_memory, job())
    assert isinstance(first, SendTaken)
    wechat_in_memory.world.clock.advance(days * 86_400)
    again, asked = call(wechat_in_memory, job(), job(Task.QUERY))
    assert isinstance(again, Refusal)
    assert (again.code, again.disposition) == ("INVALID_REQUEST", "OPEN")
    assert (asked == NotFound()) is (days > 30)


def test_a_number_that_has_other_content_is_open(wechat_in_memory: SimulatedWeChat) -> None:
    call(wechat_in_memory, job())
    (again,) = call(wechat_in_memory, job(amount=101))
    assert isinstance(again, Refusal)
    assert (again.code, again.disposition) == ("INVALID_REQUEST", "OPEN")


def test_a_reply_that_is_lost_or_not_signed_is_unknown(wechat_in_memory: SimulatedWeChat) -> None:
    wechat_in_memory.fail({"fault": "lose_reply", "endpoint": "transfer", "nth": 1})
    lost, again = call(wechat_in_memory, job(), job())
    assert isinstance(lost, Unknown)
    assert isinstance(again, SendTaken), "the same bytes are the same transfer"
    assert wechat_in_memory.world.transfers.find(wechat_in_memory.mch_id, "Seven") is not None


def test_the_same_payout_makes_the_same_bytes_for_ever(wechat_in_memory: SimulatedWeChat) -> None:
    """Sent again they are compared with the first ones, by whichever version sends them."""
    body = prepare(message_of(job().payout, TERMS), wechat_in_memory.credentials(), now=0).body
    appid = wechat_in_memory.credentials().app_id
    assert json.loads(body)["appid"] == appid
    assert (
        body
        == (
            f'{{"appid":"{appid}","out_bill_no":"Seven","transfer_scene_id":"1000",'
            f'"openid":"{ALICE}","transfer_amount":100,"transfer_remark":"抽奖",'
            '"transfer_scene_report_infos":[{"info_type":"活动名称","info_content":"秋季抽奖"},'
            '{"info_type":"奖励说明","info_content":"一等奖"}]}'
        ).encode()
    )
    styled = job(kind="transfer_red_packet").payout
    body = prepare(
        message_of(styled, {**TERMS, "app_id": "wx1"}), wechat_in_memory.credentials(), now=0
    ).body
    assert json.loads(body)["user_recv_style"] == {"type": "RED_PACKET"}
    assert json.loads(body)["appid"] == "wx1"


@pytest.mark.parametrize(
    ("changes", "terms", "what"),
    [
        ({"kind": "normal"}, {}, "kind"),
        ({"people": 2}, {}, "people"),
        ({}, {"wishing": "x"}, "wishing"),
        ({}, {"transfer_scene_report_infos": "x"}, "transfer_scene_report_infos"),
        ({}, {"transfer_remark": "🎁"}, "transfer_remark"),
    ],
)
def test_what_makes_no_request_is_said_and_nothing_is_sent(
    wechat_in_memory: SimulatedWeChat, changes: dict[str, Any], terms: dict[str, str], what: str
) -> None:
    (outcome,) = call(wechat_in_memory, job(**changes), **terms)
    assert isinstance(outcome, Unsendable)
    assert what in outcome.why
    assert not outcome.settings
    with pytest.raises(InvalidRequest):
        message_of(job(**changes).payout, {**TERMS, **terms})


def test_a_payout_is_paid_by_the_client_of_its_own_settings_which_is_made_once(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    """A profile is a merchant: by another's client another's money would go out."""
    terms = {1: {**TERMS, "profile": "till"}, 2: {**TERMS, "profile": "shop"}, 3: {**TERMS}}
    del terms[3]["profile"]
    asked: list[int] = []
    lines: dict[str, _Line] = {}

    def body(terms_id: int) -> dict[str, Any]:
        asked.append(terms_id)
        return terms[terms_id]

    def client(profile: str) -> AsyncMerchantTransfer:
        assert profile not in lines
        lines[profile] = _Line(wechat_in_memory.async_transport())
        return AsyncMerchantTransfer(
            wechat_in_memory.credentials(),
            transport=lines[profile],
            clock=wechat_in_memory.world.clock.now,
        )

    async def run() -> None:
        caller = TransferCaller(
            client, terms=body, carrier=inline, timeout_seconds=7.5, requests=NoRequests()
        )
        assert caller.timeout_seconds == 7.5
        for terms_id in (1, 2, 1, 3, 2):
            await caller.call(job(terms_id=terms_id, billno=f"Order{terms_id}"))
        await caller.aclose()

    asyncio.run(run())
    assert asked == [1, 2, 3]
    sent = {profile: line.numbers for profile, line in lines.items()}
    assert sent == {"till": ["Order1"] * 2, "shop": ["Order2"] * 2, "": ["Order3"]}


def test_books_that_are_away_send_nothing(wechat_in_memory: SimulatedWeChat) -> None:
    def away(_: int) -> dict[str, Any]:
        raise BookUnavailable(problem="the server is away", undone=True)

    async def run() -> Outcome:
        client = AsyncMerchantTransfer(
            wechat_in_memory.credentials(), transport=wechat_in_memory.async_transport()
        )
        caller = TransferCaller(
            lambda _: client, terms=away, carrier=inline, timeout_seconds=30, requests=NoRequests()
        )
        return await caller.call(job())

    assert asyncio.run(run()) == CallNotSent(why="the server is away")


def test_each_state_of_wechat_has_a_word_of_ours() -> None:
    words = {state: status_of(state) for state in TransferState}
    assert OrderStatus.UNRECOGNISED not in words.values()
    paid = {state for state, word in words.items() if word is OrderStatus.COLLECTED}
    assert paid == {TransferState.SUCCESS}
    dead = {state for state, word in words.items() if word is OrderStatus.FAILED}
    assert dead == {TransferState.FAIL, TransferState.CANCELLED}
    assert status_of("NEW") is OrderStatus.UNRECOGNISED


@pytest.mark.parametrize(
    "text",
    [
        "活动名称=a；奖励说明=b",
        "活动名称：a;奖励说明 = b",
        "活动名称:a\n奖励说明＝b；",
        " ；活动名称=a； ;奖励说明=b",
    ],
)
def test_report_infos_are_read_however_they_are_typed(text: str) -> None:
    assert parse_report_infos(text) == {"活动名称": "a", "奖励说明": "b"}


@pytest.mark.parametrize("text", ["", "；", "a", "a=", "=b", "a=b；a=c"])
def test_report_infos_that_say_nothing_or_the_same_twice_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"活动名称|twice"):
        parse_report_infos(text)
