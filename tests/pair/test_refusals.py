"""A refusal means the same in whatever shape it comes, and nothing where it repeats another packet.

Client and engine read what the simulator writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao import OutcomeUnknown, Query, RedPack, Refused, UntrustedReply
from hongbao.rails.outcome import NotFound, Unanswered
from hongbao.rails.redpack.translate import query_failure, send_failure
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.settings import NotFoundAs, RefusalShape
from hongbao.wire import codes, document
from hongbao.wire.codec import decode, encode
from lines import SENDS, normal

if TYPE_CHECKING:
    from hongbao import HongbaoError, Message
    from hongbao.testing.wechat import SimulatedWeChat

SWITCHES = {
    "product_opened": SENDS,
    "api_method_on": SENDS,
    "wecom_competence": ("sendworkwxredpack",),
    "group_allowed": ("sendgroupredpack",),
}
"""What of a merchant refuses which sends, each with a code of its own."""
CAUSES = [(switch, call) for switch, calls in SWITCHES.items() for call in calls]
CAUSES += [(cause, call) for cause in ("balance", "unknown_code", "systemerror") for call in SENDS]


def _provoke(wechat: SimulatedWeChat, cause: str) -> None:
    if cause in SWITCHES:
        setattr(wechat.simulated(), cause, False)
    elif cause == "balance":
        wechat.top_up(-wechat.simulated().paying_account.balance)
    else:
        wechat.fail(cause)


def _error(wechat: SimulatedWeChat, message: Message[Any]) -> HongbaoError:
    mini_program = message.ENDPOINT.name == "sendminiprogramhb"
    merchant = wechat.merchant(mini_program=mini_program)
    with (
        RedPack(merchant, transport=wechat.transport()) as red_pack,
        pytest.raises((Refused, OutcomeUnknown)) as caught,
    ):
        red_pack.call(message)
    return caught.value


@pytest.mark.parametrize("shape", RefusalShape)
@pytest.mark.parametrize(("cause", "call"), CAUSES)
def test_a_refusal_means_the_same_in_every_shape(
    wechat_in_memory: SimulatedWeChat, cause: str, call: str, shape: RefusalShape
) -> None:
    wechat, message = wechat_in_memory, SENDS[call]("B1")
    _provoke(wechat, cause)
    usual = _error(wechat, message)
    wechat.set(refusal_shapes=dict.fromkeys((row.err_code for row in codes.CODES), shape))
    other = _error(wechat, message)
    assert (type(other), vars(other)) == (type(usual), vars(usual))
    assert send_failure(other) == send_failure(usual)
    assert not isinstance(other, UntrustedReply)
    assert wechat.payments("B1") == 0


@pytest.mark.parametrize("shape", [RefusalShape.SUCCESS, RefusalShape.FAIL])
@pytest.mark.parametrize("name", ["mch_billno", "mch_id", "wxappid", "re_openid", "total_amount"])
def test_a_refusal_that_repeats_something_else_is_about_another_packet(
    wechat_in_memory: SimulatedWeChat, name: str, shape: RefusalShape
) -> None:
    """So the outcome is unknown, and no second number is given on its word."""
    wechat, message = wechat_in_memory, normal("B1")
    _provoke(wechat, "balance")
    wechat.set(refusal_shapes={"NOTENOUGH": shape})
    merchant = wechat.merchant()
    body = encode(message, merchant, nonce="n0nce")
    path = message.ENDPOINT.path
    reply = wechat.app.handle(Exchange(path, body, merchant.mch_id, "127.0.0.1")).body
    with pytest.raises(Refused, match="NOTENOUGH"):
        decode(reply, message, merchant)
    told = document.decode(reply).fields
    changed = document.encode({**told, name: told[name][:-1] + "7"}.items())
    with pytest.raises(UntrustedReply, match=f"about another {name}"):
        decode(changed, message, merchant)


def test_zeros_repeat_nothing_where_wechat_could_not_read_the_request(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    """And count as something else wherever they could be meant."""
    merchant, message = wechat_in_memory.merchant(), normal("B1")
    path = message.ENDPOINT.path
    unread = wechat_in_memory.app.handle(Exchange(path, b"<xml>", merchant.mch_id, "127.0.0.1"))
    with pytest.raises(Refused, match="XML_ERROR"):
        decode(unread.body, message, merchant)
    told = document.decode(unread.body).fields
    for changes in ({"return_code": "SUCCESS"}, {"mch_billno": "0"}, {"mch_id": "00"}):
        with pytest.raises(UntrustedReply, match="about another"):
            decode(document.encode({**told, **changes}.items()), message, merchant)


def test_a_number_that_does_not_exist_is_unknown_in_either_of_wechats_ways(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    """Told as SYSTEMERROR it differs from a busy system in the text alone, which nobody reads.

    So the engine asks again, and takes it neither for a reason to send nor for the proof that a
    refused number is dead.
    """
    plain = _error(wechat_in_memory, Query("NOBODY"))
    assert isinstance(query_failure(plain), NotFound)
    wechat_in_memory.set(not_found_as=NotFoundAs.SYSTEMERROR)
    busy = _error(wechat_in_memory, Query("NOBODY"))
    assert isinstance(busy, OutcomeUnknown)
    assert isinstance(query_failure(busy), Unanswered)
