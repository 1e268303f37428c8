"""The caller: payouts in, outcomes out, over the client to a simulated WeChat in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import AsyncRedPack
from hongbao.dispatch.offload import inline
from hongbao.errors import BookUnavailable, ConfigurationError
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import (
    CallNotSent,
    Found,
    NotFound,
    Refusal,
    SendAccepted,
    Unanswered,
    Unknown,
    Unsendable,
)
from hongbao.rails.redpack.caller import RedPackCaller
from hongbao.rails.terms_cache import TERMS_MAX
from policy_payouts import DAY, NOW, payout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.rails.outcome import Outcome
    from hongbao.rails.redpack.caller import Account
    from hongbao.testing.wechat import SimulatedWeChat

ALICE = "oTEST_alice_000000000000001"
TERMS = {
    "profile": "demo",
    "send_name": "商户",
    "wishing": "恭喜发财",
    "act_name": "春节",
    "remark": "一等奖",
}


class Terms:
    """Where the books' terms come from.

    Attributes:
        body: what each is.
        read: which were read.
        away: whether the database is.
    """

    def __init__(self) -> None:
        self.body: dict[str, Any] = dict(TERMS)
        self.read: list[int] = []
        self.away = False

    def __call__(self, terms_id: int) -> dict[str, Any]:
        """As ``Book.terms_body``."""
        self.read.append(terms_id)
        if self.away:
            raise BookUnavailable(problem="the server is away", undone=True)
        return self.body


def job(task: Task = Task.SEND, **changes: Any) -> Job:
    """One call to make."""
    said = {"state": State.IN_DOUBT, "task": Task.QUERY, "calls": 1, "payee": ALICE, "amount": 100}
    return Job(payout(**{**said, "billno": "A1", **changes}), 1, task, NOW, NOW + DAY, b"")


def call(wechat: SimulatedWeChat, *jobs: Job, terms: Terms | None = None) -> list[Outcome]:
    """What comes of them, one after the other."""

    async def run() -> list[Outcome]:
        caller = _caller(wechat, terms or Terms())
        outcomes = [await caller.call(one) for one in jobs]
        await caller.aclose()
        return outcomes

    return asyncio.run(run())


def _caller(wechat: SimulatedWeChat, terms: Terms) -> RedPackCaller:
    def client(account: Account) -> AsyncRedPack:
        if account.profile != "demo":
            raise ConfigurationError(
                setting=account.profile, problem="is not there", remedy="Name another."
            )
        merchant = wechat.merchant(mini_program=account.app_id is not None)
        return AsyncRedPack(merchant, transport=wechat.async_transport())

    return RedPackCaller(client, terms=terms, carrier=inline, timeout_seconds=30.0)


def test_a_send_and_a_query_say_what_became_of_it(wechat_in_memory: SimulatedWeChat) -> None:
    sent, asked = call(wechat_in_memory, job(), job(Task.QUERY))
    packet = wechat_in_memory.packet("A1")
    assert packet is not None
    assert isinstance(sent, SendAccepted)
    assert isinstance(asked, Found)
    assert (asked.said, asked.amount, asked.listid) == ("SENT", 100, sent.listid)


def test_payouts_with_the_same_terms_are_each_paid_as_they_are(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    jobs = [
        job(billno="A1", amount=100),
        job(billno="A2", amount=200, payee="oTEST_bob_00000000000000001"),
        job(billno="A3", amount=900, kind="group", people=3),
        job(billno="A4", amount=900, kind="group", people=4),
    ]
    outcomes = call(wechat_in_memory, *jobs)
    assert all(isinstance(outcome, SendAccepted) for outcome in outcomes)
    for one in jobs:
        packet = wechat_in_memory.packet(one.payout.billno)
        assert packet is not None
        paid = (packet.re_openid, packet.total_amount, int(packet.terms.total_num))
        assert paid == (one.payout.payee, one.payout.amount, one.payout.people)


def test_the_terms_say_with_which_appid_it_is_sent(wechat_in_memory: SimulatedWeChat) -> None:
    terms = Terms()
    terms.body["app_id"] = wechat_in_memory.merchant(mini_program=True).app_id
    (sent,) = call(wechat_in_memory, job(kind="mini_program"), terms=terms)
    assert isinstance(sent, SendAccepted)
    assert sent.voucher
    assert sent.voucher not in repr(sent)


@pytest.mark.parametrize(
    ("fault", "task", "expected"),
    [
        ("lose_reply", Task.SEND, Unknown),
        ("systemerror", Task.SEND, Unknown),
        ("unknown_code", Task.SEND, Unknown),
        ("garble_reply", Task.SEND, Unknown),
        ("hang", Task.SEND, Unknown),
        ("refuse_connect", Task.SEND, CallNotSent),
        ("refuse_connect", Task.QUERY, CallNotSent),
        ("lose_reply", Task.QUERY, Unanswered),
        ("http_500", Task.QUERY, Unanswered),
    ],
)
def test_what_goes_wrong_on_the_way_is_an_outcome(
    wechat_in_memory: SimulatedWeChat, fault: str, task: Task, expected: type[Outcome]
) -> None:
    wechat_in_memory.fail(fault)
    (outcome,) = call(wechat_in_memory, job(task))
    assert isinstance(outcome, expected)


def test_a_refusal_is_reported_with_its_code(wechat_in_memory: SimulatedWeChat) -> None:
    (outcome,) = call(wechat_in_memory, job(payee="oFOREIGN_0000000000000000001"))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "OPENID_ERROR"


def test_a_number_that_is_not_known_is_not_found(wechat_in_memory: SimulatedWeChat) -> None:
    assert call(wechat_in_memory, job(Task.QUERY)) == [NotFound()]


def test_what_no_message_can_hold_is_never_sent(wechat_in_memory: SimulatedWeChat) -> None:
    (outcome,) = call(wechat_in_memory, job(amount=1))
    assert isinstance(outcome, Unsendable)
    assert not outcome.settings
    assert ALICE not in outcome.why
    assert not wechat_in_memory.journal()


def test_settings_that_are_not_there_are_the_merchants_fault(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    terms = Terms()
    terms.body["profile"] = "another"
    for task in Task.SEND, Task.QUERY:
        (outcome,) = call(wechat_in_memory, job(task), terms=terms)
        assert isinstance(outcome, Unsendable)
        assert outcome.settings


def test_while_the_books_are_away_nothing_is_sent(wechat_in_memory: SimulatedWeChat) -> None:
    terms = Terms()
    terms.away = True
    outcomes = call(wechat_in_memory, job(), job(Task.QUERY), terms=terms)
    assert all(isinstance(outcome, CallNotSent) for outcome in outcomes)
    assert not wechat_in_memory.journal()


def test_terms_are_read_once_for_all_who_want_them(wechat_in_memory: SimulatedWeChat) -> None:
    terms = Terms()

    async def run() -> Sequence[Outcome]:
        caller = _caller(wechat_in_memory, terms)
        jobs = [job(billno=f"A{number}") for number in range(10)]
        return await asyncio.gather(*[caller.call(one) for one in jobs])

    outcomes = asyncio.run(run())
    assert all(isinstance(outcome, SendAccepted) for outcome in outcomes)
    assert len(terms.read) == 1


def test_so_many_terms_are_kept_and_no_more(wechat_in_memory: SimulatedWeChat) -> None:
    terms = Terms()
    many = [job(Task.QUERY, terms_id=number) for number in range(TERMS_MAX + 5)]
    call(wechat_in_memory, *many, many[-1], many[0], terms=terms)
    # The last one is still there, the first one is not.
    assert terms.read == [*range(TERMS_MAX + 5), 0]
