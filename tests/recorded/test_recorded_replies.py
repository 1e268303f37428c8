"""Replies in the shapes of merchants' public logs: the simulator writes them, a client reads them.

The numbers, names and keys in ``replies`` are made up; the shapes, codes and texts are those of the
logs (see ``docs/explanation/uncertainties.md``). With ``HONGBAO_RECORD`` set they are written anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from hongbao import OutcomeUnknown, Query, Refused, SendGroup, SendNormal, Status
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.settings import NotFoundAs, RefusalShape
from hongbao.wire import document, signature
from hongbao.wire.codec import complete, decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao import Message
    from hongbao.testing.wechat import SimulatedWeChat

REPLIES = Path(__file__).parent / "replies"
OPENID = "oRecorded_00000000000000001"
FRIENDS = ("oRecorded_00000000000000002", "oRecorded_00000000000000003")
HOUR = 3600.0
_TEXTS = {"send_name": "商户", "wishing": "恭喜发财", "act_name": "春节", "remark": "一等奖"}

NORMAL = SendNormal(mch_billno="RECORDED1", re_openid=OPENID, total_amount=100, **_TEXTS)
QUERY = Query("RECORDED1")


def _group() -> SendGroup:
    return SendGroup(
        mch_billno="RECORDED1", re_openid=OPENID, total_amount=300, total_num=3, **_TEXTS
    )


class Reply(NamedTuple):
    """One kind of reply.

    Attributes:
        ends: what a client makes of it: a status, ``paid``, or disposition and code.
        message: what is asked.
        before: what happened before.
        changes: fields that are sent otherwise; a ``key`` signs.
        expired: whether the certificate has run out.
    """

    ends: str
    message: Callable[[], Message[Any]] = lambda: NORMAL
    before: Callable[[SimulatedWeChat], object] = lambda _wechat: None
    changes: dict[str, str] = {}  # noqa: RUF012  # nobody changes it
    expired: bool = False


def _say(wechat: SimulatedWeChat, reply: Reply) -> bytes:
    """The reply to one request with these fields, rightly signed unless a ``key`` is given."""
    merchant, message = wechat.merchant(), reply.message()
    changes = dict(reply.changes)
    key = changes.pop("key", merchant.key)
    said = {**complete(message, merchant, nonce="recorded"), **changes}
    body = document.encode({**said, "sign": signature.sign_md5(said, key)}.items())
    if "body" in changes:
        body = changes["body"].encode()
    path = message.ENDPOINT.path
    return wechat.app.handle(Exchange(path, body, merchant.mch_id, "127.0.0.1", reply.expired)).body


def _paid(wechat: SimulatedWeChat) -> None:
    _say(wechat, Reply("paid"))


def _returned(wechat: SimulatedWeChat) -> None:
    _paid(wechat)
    wechat.advance(24 * HOUR + 900)


def _received(wechat: SimulatedWeChat) -> None:
    _paid(wechat)
    wechat.advance(18)
    wechat.claim("RECORDED1", OPENID)


def _shared(wechat: SimulatedWeChat) -> None:
    _say(wechat, Reply("paid", _group))
    for openid in (OPENID, *FRIENDS):
        wechat.advance(100)
        wechat.claim("RECORDED1", openid)


def _broke(wechat: SimulatedWeChat) -> None:
    wechat.top_up(-wechat.simulated().paying_account.balance)


def _refused(wechat: SimulatedWeChat) -> None:
    _broke(wechat)
    _say(wechat, Reply("OPEN NOTENOUGH"))


def _broke_in_2015(wechat: SimulatedWeChat) -> None:
    _broke(wechat)
    wechat.set(refusal_shapes={"NOTENOUGH": RefusalShape.FAIL})


def _paid_from_elsewhere(wechat: SimulatedWeChat) -> None:
    _returned(wechat)
    wechat.simulated().allowed_ips = frozenset({"198.51.100.1"})


KINDS = {
    "paid": Reply("paid"),
    "param_error": Reply("NO PARAM_ERROR", changes={"total_num": "2"}),
    "param_error_group": Reply("NO PARAM_ERROR", _group, changes={"total_num": "2"}),
    "param_error_openid": Reply("NO PARAM_ERROR", changes={"re_openid": "o!"}),
    "sign_error": Reply("NO SIGN_ERROR", changes={"key": "0" * 32}),
    "ca_error": Reply("NO CA_ERROR", expired=True),
    "product_authority_unopen": Reply(
        "NO PRODUCT_AUTHORITY_UNOPEN",
        before=lambda wechat: setattr(wechat.simulated(), "product_opened", False),
    ),
    "no_auth_of_a_paid_number": Reply(
        "OPEN NO_AUTH", before=_paid_from_elsewhere, changes={"total_amount": "200"}
    ),
    "fatal_error": Reply("unknown FATAL_ERROR", before=_paid, changes={"re_openid": FRIENDS[0]}),
    "notenough": Reply("OPEN NOTENOUGH", before=_broke),
    "notenough_2015": Reply("OPEN NOTENOUGH", before=_broke_in_2015),
    "xml_error": Reply("NO XML_ERROR", changes={"body": "<xml>"}),
    "not_found": Reply("unknown NOT_FOUND", lambda: QUERY),
    "not_found_official_sample": Reply(
        "unknown SYSTEMERROR",
        lambda: QUERY,
        before=lambda wechat: wechat.set(not_found_as=NotFoundAs.SYSTEMERROR),
    ),
    "query_sent": Reply(Status.SENT, lambda: QUERY, before=_paid),
    "query_refund": Reply(Status.REFUND, lambda: QUERY, before=_returned),
    "query_received": Reply(Status.RECEIVED, lambda: QUERY, before=_received),
    "query_group": Reply(Status.RECEIVED, lambda: QUERY, before=_shared),
    "query_notenough": Reply(Status.SENDING, lambda: QUERY, before=_refused),
}
pytestmark = pytest.mark.filterwarnings("ignore::hongbao.GroupPacketWarning")


@pytest.mark.parametrize("kind", KINDS)
def test_the_simulator_answers_to_the_byte(wechat_in_memory: SimulatedWeChat, kind: str) -> None:
    KINDS[kind].before(wechat_in_memory)
    said = _say(wechat_in_memory, KINDS[kind])
    path = REPLIES / f"{kind}.xml"
    if os.environ.get("HONGBAO_RECORD"):
        path.write_bytes(said + b"\n")
    assert said == path.read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_understands_it(wechat_in_memory: SimulatedWeChat, kind: str) -> None:
    """Where the request had another openid or amount than the client's, it must not."""
    reply, merchant = KINDS[kind], wechat_in_memory.merchant()
    body = (REPLIES / f"{kind}.xml").read_bytes().rstrip(b"\n")
    echoed = {"re_openid", "total_amount"} & reply.changes.keys()
    try:
        told = decode(body, reply.message(), merchant)
        end = getattr(told, "status", "paid")
    except Refused as refusal:
        end = f"{refusal.disposition} {refusal.err_code}"
    except OutcomeUnknown as doubt:
        end = f"unknown {doubt.err_code}"
    assert end == ("unknown None" if echoed else reply.ends)


def test_each_recorded_reply_is_of_a_kind() -> None:
    assert {path.stem for path in REPLIES.glob("*.xml")} == set(KINDS)
