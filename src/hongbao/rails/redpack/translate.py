"""Translates payouts into WeChat's requests, and WeChat's answers into our words.

Only this module knows both: above it there are billnos and payees, below it ``mch_billno`` and
``re_openid``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.english import joined
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.payout import SECOND
from hongbao.rails import failures
from hongbao.rails.outcome import Found, OrderStatus, SendAccepted
from hongbao.rails.redpack.kinds import KINDS
from hongbao.sentences import say
from hongbao.wire import replies
from hongbao.wire.caution import noting
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hongbao.errors import HongbaoError
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.rails.outcome import QueryOutcome, SendOutcome
    from hongbao.rails.redpack.kinds import PacketKind
    from hongbao.wire.messages import Query, QueryWork, ToUser


PAYER_TERMS = ("profile", "app_id", "sub_mch_id", "msgappid")
"""The terms that say who pays; they are not part of a message."""

_TERMS = frozenset(PAYER_TERMS).union(
    *[(*kind.texts, *kind.from_settings) for kind in KINDS.values()]
)

# Fields that ``encode`` needs and no row of a list has: see ``wire.codec``.
_OF_THE_SETTINGS = frozenset({"client_ip", "work", "sub_mch_id", "msgappid"})


def message_of(payout: Payout, terms: Mapping[str, Any]) -> ToUser[replies.Accepted]:
    """The request that pays a payout. In a mixed list, the terms of other kinds are left out.

    Warnings about the content come once, when a list is read, and not here for each payout.

    Args:
        payout: the payout.
        terms: the rest of its request's content, as WeChat spells it.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """
    kind = _kind(payout)
    taken = (*kind.texts, *kind.from_settings)
    said: dict[str, Any] = {name: terms[name] for name in taken if terms.get(name) is not None}
    for name in kind.required:
        if name not in said:
            raise _invalid(payout, name, "given", "nothing")
    for name in terms.keys() - _TERMS:
        raise _invalid(
            payout, name, say("one of {values}", values=joined(sorted(_TERMS))), say("another name")
        )
    if kind.shared:
        said["total_num"] = payout.people
    elif payout.people != 1:
        raise _invalid(
            payout, "total_num", say("1 for {name}", name=payout.kind), str(payout.people)
        )
    with noting():
        return kind.message(
            mch_billno=payout.billno,
            re_openid=payout.payee,
            total_amount=payout.amount,
            **said,
        )


def another(request: ToUser[replies.Accepted], payout: Payout) -> ToUser[replies.Accepted]:
    """The request that pays a payout, from that of another with the same kind, people and terms.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """
    return request.another(
        mch_billno=payout.billno, re_openid=payout.payee, total_amount=payout.amount
    )


def query_of(payout: Payout) -> Query | QueryWork:
    """The request that queries a payout.

    Raises:
        InvalidRequest: if its kind is unknown.
    """
    return _kind(payout).query(mch_billno=payout.billno)


def sent(reply: replies.Accepted) -> SendAccepted:
    """An accepting reply."""
    voucher = reply.package if isinstance(reply, replies.AcceptedMiniProgram) else None
    return SendAccepted(listid=reply.send_listid, voucher=voucher)


def found(reply: replies.PacketInfo) -> Found:
    """A query's reply."""
    times = [claim.rcv_time for claim in reply.claims]
    return Found(
        status=status_of(reply.status, reply.reason),
        said=str(reply.status),
        amount=reply.total_amount,
        listid=reply.detail_id,
        reason=reply.reason,
        claimed=reply.claimed_amount,
        refunded=reply.refund_amount,
        sent_at=_latest(reply.send_time),
        settled_at=_latest(*times, reply.refund_time),
        receivers=tuple([claim.openid for claim in reply.claims if claim.openid]),
    )


_STATUS: Mapping[str, OrderStatus] = {
    Status.SENT: OrderStatus.WAITING_FOR_USER,
    Status.RECEIVED: OrderStatus.COLLECTED,
    Status.RFUND_ING: OrderStatus.RETURNING,
    Status.REFUND: OrderStatus.RETURNED,
    Status.FAILED: OrderStatus.FAILED,
}


def status_of(status: Status | str, reason: str) -> OrderStatus:
    """The status of an order, from WeChat's.

    A packet that is SENDING with a reason lacks balance, limit or trust, and waits for a resend.

    Args:
        status: WeChat's status, or its text if it is unknown.
        reason: WeChat's reason.
    """
    if status is Status.SENDING:
        return OrderStatus.HELD if reason else OrderStatus.PENDING
    return _STATUS.get(status, OrderStatus.UNRECOGNISED)


def send_failure(error: HongbaoError) -> SendOutcome:
    """What an error of a send means for the money."""
    return failures.send_failure(error, _OF_THE_SETTINGS)


def query_failure(error: HongbaoError) -> QueryOutcome:
    """What an error of a query means for the payout."""
    return failures.query_failure(error, _OF_THE_SETTINGS)


def _kind(payout: Payout) -> PacketKind:
    try:
        return KINDS[payout.kind]
    except KeyError:
        raise _invalid(
            payout, "kind", say("one of {values}", values=joined(KINDS)), payout.kind
        ) from None


def _invalid(payout: Payout, field: str, rule: str, found: str) -> InvalidRequest:
    return InvalidRequest(field=field, rule=rule, found=found, mch_billno=payout.billno)


def _latest(*times: datetime | None) -> Instant | None:
    given = [time for time in times if time is not None]
    return int(max(given).timestamp()) * SECOND if given else None
