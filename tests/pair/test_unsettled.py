"""What a client is told on either side of each question that is a setting of the simulator.

Money moves at most once for a number, whichever side is set.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import (
    GroupPacketWarning,
    OutcomeUnknown,
    Query,
    QueryWork,
    RedPack,
    Refused,
    Status,
)
from hongbao.simulator.claims import ClaimRefused
from hongbao.simulator.settings import (
    AmountMismatch,
    BadWorkSign,
    ContentType,
    ExpiredCertificate,
    NotFoundAs,
    RefusalShape,
    RepeatOfPaid,
    Settings,
)
from hongbao.testing.memory import MemoryTransport
from hongbao.wire.assumptions import TextLimits
from lines import OPENIDS, group, mini_program, normal, preorder, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao import Message
    from hongbao.simulator.exchange import Answer, Exchange
    from hongbao.testing.wechat import SimulatedWeChat

DAY = 86_400
TOLD = "told"


def told(wechat: SimulatedWeChat, message: Message[Any], **changes: Any) -> str:
    """What one call came to: ``TOLD``, or the disposition and code of a refusal, or unknown."""
    mini = message.ENDPOINT.name == "sendminiprogramhb"
    merchant = wechat.merchant(mini_program=mini, **changes)
    with RedPack(merchant, transport=wechat.transport()) as red_pack:
        return _end_of(red_pack, message)


def _end_of(red_pack: RedPack, message: Message[Any]) -> str:
    try:
        red_pack.call(message)
    except Refused as refusal:
        return f"{refusal.disposition} {refusal.err_code}"
    except OutcomeUnknown as doubt:
        return f"unknown {doubt.err_code}"
    return TOLD


def status(wechat: SimulatedWeChat, number: str) -> Status | str:
    with RedPack(wechat.merchant(), transport=wechat.transport()) as red_pack:
        return red_pack.query(number).status


def strict_openids(wechat: SimulatedWeChat) -> None:
    wechat.set(strict_openids=True)
    assert told(wechat, normal("B1")) == "NO OPENID_ERROR"
    wechat.world.register(OPENIDS["sendredpack"], wechat.merchant().app_id)
    assert told(wechat, normal("B1")) == TOLD


def repeat_of_paid(wechat: SimulatedWeChat) -> None:
    assert [told(wechat, normal("B1")) for _ in range(2)] == [TOLD, TOLD]
    wechat.set(repeat_of_paid=RepeatOfPaid.REFUSE)
    assert told(wechat, normal("B1")) == "unknown FATAL_ERROR"


def amount_mismatch(wechat: SimulatedWeChat) -> None:
    assert told(wechat, normal("B1")) == TOLD
    seen = []
    for mismatch in AmountMismatch:
        wechat.set(amount_mismatch=mismatch)
        seen.append(told(wechat, normal("B1", total_amount=200)))
    assert seen == ["unknown 金额和原始单参数不一致", "NO PARAM_ERROR"]


def bad_work_sign(wechat: SimulatedWeChat) -> None:
    merchant = wechat.simulated()
    merchant.work_secrets = dict.fromkeys(merchant.work_secrets, "reset")
    seen = []
    for how in BadWorkSign:
        wechat.set(bad_work_sign=how)
        seen.append(told(wechat, work("B1")))
    assert seen == ["NO WORKWX_SIGN_ERROR", "NO SIGN_ERROR", "unknown SYSTEMERROR"]


def refusal_shapes(wechat: SimulatedWeChat) -> None:
    wechat.top_up(-wechat.simulated().paying_account.balance)
    for shape in RefusalShape:
        wechat.set(refusal_shapes={"NOTENOUGH": shape})
        assert told(wechat, normal("B1")) == "OPEN NOTENOUGH"


def content_type(wechat: SimulatedWeChat) -> None:
    for header in ContentType:
        wechat.set(content_type=header)
        assert told(wechat, normal("B1")) == TOLD


def not_found_as(wechat: SimulatedWeChat) -> None:
    seen = []
    for how in NotFoundAs:
        wechat.set(not_found_as=how)
        seen.append((told(wechat, Query("B1")), told(wechat, QueryWork("B1"))))
    assert seen == [("unknown NOT_FOUND",) * 2, ("unknown SYSTEMERROR",) * 2]


class _Expired:
    """WeChat's side of a connection whose certificate has run out."""

    def __init__(self, wechat: SimulatedWeChat) -> None:
        self._app = wechat.app

    def handle(self, exchange: Exchange, /) -> Answer:
        return self._app.handle(exchange._replace(certificate_expired=True))

    def refuses_connection(self) -> bool:
        return False


def expired_certificate(wechat: SimulatedWeChat) -> None:
    seen = []
    for how in ExpiredCertificate:
        wechat.set(expired_certificate=how)
        transport = MemoryTransport(_Expired(wechat), certificate_mch_id=wechat.mch_id)
        with RedPack(wechat.merchant(), transport=transport) as red_pack:
            seen.append(_end_of(red_pack, normal("B1")))
    assert seen == ["NO CA_ERROR", "NO HTTP_400_BAD_CERTIFICATE"]


def mini_program_client_ip(wechat: SimulatedWeChat) -> None:
    """Ours sends none, so that it is right either way."""
    for tolerant in (True, False):
        wechat.set(mini_program_client_ip=tolerant)
        assert told(wechat, mini_program("B1")) == TOLD


def client_ip_required(wechat: SimulatedWeChat) -> None:
    """Ours always sends one."""
    for required in (True, False):
        wechat.set(client_ip_required=required)
        assert told(wechat, normal("B1")) == TOLD


def text_limits(wechat: SimulatedWeChat) -> None:
    """A single call is warned by bytes and sent; a list would have been refused."""
    long = normal("B1", act_name="春" * 11)
    assert told(wechat, long) == "NO PARAM_ERROR"
    wechat.set(text_limits=TextLimits.CHARACTERS)
    assert told(wechat, long) == TOLD


def same_number_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(same_number_seconds=1.0)
    assert [told(wechat, normal("B1")) for _ in range(2)] == [TOLD, "OPEN FREQ_LIMIT"]
    wechat.advance(1)
    assert told(wechat, normal("B1")) == TOLD


def refusals_held(wechat: SimulatedWeChat) -> None:
    stranger = "oFOREIGN_000000000000000001"
    assert told(wechat, normal("B1", re_openid=stranger)) == "NO OPENID_ERROR"
    assert told(wechat, Query("B1")) == "unknown NOT_FOUND"
    wechat.set(refusals_held={"OPENID_ERROR": True})
    assert told(wechat, normal("B1", re_openid=stranger)) == "NO OPENID_ERROR"
    assert status(wechat, "B1") is Status.SENDING


def order_lifetime_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(order_lifetime_seconds=3.0 * DAY)
    wechat.top_up(-wechat.simulated().paying_account.balance)
    assert told(wechat, normal("B1")) == "OPEN NOTENOUGH"
    wechat.advance(2 * DAY)
    assert status(wechat, "B1") is Status.SENDING
    wechat.advance(DAY)
    assert status(wechat, "B1") is Status.FAILED
    assert told(wechat, normal("B1")) == "NO SEND_FAILED"


def claim_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(claim_seconds=3.0 * DAY)
    assert told(wechat, normal("B1")) == TOLD
    wechat.advance(2 * DAY)
    assert status(wechat, "B1") is Status.SENT
    wechat.advance(DAY)
    assert status(wechat, "B1") is Status.RFUND_ING


def ticket_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(ticket_seconds=float(DAY))
    with RedPack(wechat.merchant(), transport=wechat.transport()) as red_pack:
        tickets = [red_pack.call(preorder(number)).sp_ticket for number in ("B1", "B2")]
    wechat.advance(DAY - 1)
    assert wechat.draw(tickets[0], "oWinner").amount == 200
    wechat.advance(1)
    with pytest.raises(ClaimRefused, match="expired"):
        wechat.draw(tickets[1], "oWinner")


def refund_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(refund_seconds=0.0)
    assert told(wechat, normal("B1")) == TOLD
    wechat.advance(DAY)
    assert status(wechat, "B1") is Status.REFUND


def query_seconds(wechat: SimulatedWeChat) -> None:
    wechat.set(query_seconds=60.0)
    assert told(wechat, normal("B1")) == TOLD
    wechat.advance(60)
    assert status(wechat, "B1") is Status.SENT
    wechat.advance(1)
    assert told(wechat, Query("B1")) == "unknown NOT_FOUND"


def group_people_max(wechat: SimulatedWeChat) -> None:
    wechat.set(group_people_max=3)
    assert told(wechat, group("B1")) == TOLD
    wechat.set(group_people_max=2)
    assert told(wechat, group("B2")) == "NO PARAM_ERROR"


def group_amount_max(wechat: SimulatedWeChat) -> None:
    wechat.set(group_amount_max=899)
    assert told(wechat, group("B1")) == "NO MONEY_LIMIT"
    wechat.set(group_amount_max=900)
    assert told(wechat, group("B1")) == TOLD


def packets_max(wechat: SimulatedWeChat) -> None:
    wechat.set(packets_max=0)
    assert told(wechat, normal("B1")) == "unknown SYSTEMERROR"
    wechat.set(packets_max=1)
    assert told(wechat, normal("B1")) == TOLD


SIDES: dict[str, Callable[[SimulatedWeChat], None]] = {
    side.__name__: side
    for side in (
        strict_openids, repeat_of_paid, amount_mismatch, bad_work_sign, refusal_shapes,
        content_type, not_found_as, expired_certificate, mini_program_client_ip,
        client_ip_required, text_limits, same_number_seconds, refusals_held,
        order_lifetime_seconds, claim_seconds, ticket_seconds, refund_seconds, query_seconds,
        group_people_max, group_amount_max, packets_max,
    )
}  # fmt: skip


@pytest.mark.filterwarnings(f"ignore::hongbao.{GroupPacketWarning.__name__}")
@pytest.mark.filterwarnings("ignore:act_name")
@pytest.mark.parametrize("setting", SIDES)
def test_a_client_understands_either_side_of_a_setting(
    wechat_in_memory: SimulatedWeChat, setting: str
) -> None:
    SIDES[setting](wechat_in_memory)
    wechat_in_memory.audit()
    assert all(wechat_in_memory.payments(f"B{number}") <= 1 for number in (1, 2))


def test_every_setting_is_looked_at_from_a_client_s_side() -> None:
    names = {known.name for known in fields(Settings)}
    # Those of bills and transfers have tests of their own: ``test_bill_settings``, ``simulator``.
    assert set(SIDES) == {name for name in names if not name.startswith(("bill_", "transfer_"))}
