"""Translates payouts into WeChat's V3 requests, and WeChat's answers into our words.

Only this module knows both: above it there are billnos and payees, below it ``out_bill_no`` and
``openid``. A request that is made again has the same bytes, unless a name is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao.english import joined
from hongbao.errors import Disposition, InvalidRequest, Refused
from hongbao.ledger.model.payout import SECOND
from hongbao.rails import failures
from hongbao.rails.outcome import CancelBegun, Found, OrderStatus, Refusal, SendTaken, Unknown
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.rules import message
from hongbao.sentences import say
from hongbao.wire.transfer.codes import has_order
from hongbao.wire.transfer.fail_reasons import fail_reason
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer
from hongbao.wire.transfer.state import FINAL, TransferState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hongbao.errors import HongbaoError
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.rails.outcome import CancelOutcome, QueryOutcome, SendOutcome
    from hongbao.rails.transfer.kinds import TransferKind
    from hongbao.wire.transfer.messages import Transfer
    from hongbao.wire.transfer.replies import TransferCanceling, TransferInfo, TransferTaken

PAYER_TERMS = ("profile", "app_id")
"""The terms that say who pays."""

_TERMS = frozenset(PAYER_TERMS).union(*[kind.texts for kind in KINDS.values()])
_OF_THE_SETTINGS = frozenset({"appid", "authorizations"})
_AMBIGUOUS = "INVALID_REQUEST"
"""One code for what leaves an order and for what does not; only a text tells (4.2)."""

_STATUS: Mapping[str, OrderStatus] = {
    TransferState.ACCEPTED: OrderStatus.PENDING,
    TransferState.PROCESSING: OrderStatus.PENDING,
    TransferState.WAIT_USER_CONFIRM: OrderStatus.LOCKED,
    TransferState.TRANSFERING: OrderStatus.CONFIRMED,
    TransferState.CANCELING: OrderStatus.CANCELLING,
    TransferState.SUCCESS: OrderStatus.COLLECTED,
    TransferState.FAIL: OrderStatus.FAILED,
    TransferState.CANCELLED: OrderStatus.FAILED,
}
_LOCKED = frozenset({OrderStatus.LOCKED, OrderStatus.CONFIRMED, OrderStatus.CANCELLING})
_BEING_LOCKED = say(
    "WeChat is locking its money: where the operating account has too little, it tries for 24 hours"
)


def message_of(payout: Payout, terms: Mapping[str, Any]) -> Transfer:
    """The request that pays a payout. In a mixed list, the terms of other kinds are left out.

    Args:
        payout: the payout.
        terms: the rest of its request's content.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """
    kind = _kind(payout)
    for name in kind.required:
        if terms.get(name) is None:
            raise _invalid(payout, name, "given", "nothing")
    for name in terms.keys() - _TERMS:
        raise _invalid(
            payout, name, say("one of {values}", values=joined(sorted(_TERMS))), say("another name")
        )
    if payout.people != 1:
        raise _invalid(payout, "people", say("1 for {name}", name=payout.kind), str(payout.people))
    return message(
        kind,
        number=payout.billno,
        payee=payout.payee,
        amount=payout.amount,
        appid=terms.get("app_id"),
        texts=terms,
    )


def query_of(payout: Payout) -> QueryTransfer:
    """The request that queries a payout."""
    _kind(payout)
    return QueryTransfer(out_bill_no=payout.billno)


def cancel_of(payout: Payout) -> CancelTransfer:
    """The request that takes a payout back."""
    _kind(payout)
    return CancelTransfer(out_bill_no=payout.billno)


def sent(reply: TransferTaken) -> SendOutcome:
    """A reply that takes a transfer. Its package is not kept: the same bytes bring it again."""
    status = status_of(reply.state)
    if status in _LOCKED:
        return SendTaken(listid=reply.transfer_bill_no)
    pending = status is OrderStatus.PENDING
    return Unknown(
        code=str(reply.state), why=_BEING_LOCKED if pending else say("a query says the rest")
    )


def found(reply: TransferInfo) -> Found:
    """A query's reply."""
    status = status_of(reply.state)
    failed = reply.state == TransferState.FAIL
    cancelled = reply.state == TransferState.CANCELLED
    return Found(
        status=status,
        said=str(reply.state),
        amount=reply.transfer_amount,
        listid=reply.transfer_bill_no,
        reason=fail_reason(reply.fail_reason).meaning if failed else "",
        claimed=reply.transfer_amount if status is OrderStatus.COLLECTED else 0,
        refunded=0,
        sent_at=_instant(reply.create_time),
        settled_at=_instant(reply.update_time) if reply.state in FINAL else None,
        receivers=(reply.openid,) if reply.openid else (),
        code=(reply.fail_reason or None) if failed else str(reply.state) if cancelled else None,
    )


def cancelled(reply: TransferCanceling) -> CancelBegun:
    """A cancel's reply. CANCELLED too is believed only when a query says so."""
    return CancelBegun(said=str(reply.state))


def status_of(state: TransferState | str) -> OrderStatus:
    """The status of an order, from WeChat's state, or its text if it is unknown."""
    return _STATUS.get(state, OrderStatus.UNRECOGNISED)


def send_failure(error: HongbaoError) -> SendOutcome:
    """What an error of a send means for the money.

    A refusal whose code does not say whether there is an order counts as NO, which the engine
    believes only once a query, by WeChat's signature, does not know the number either. But where
    its text says that there is one it stays open: queries may have forgotten that order.
    """
    if isinstance(error, Refused) and error.err_code == _AMBIGUOUS:
        known = has_order(error.err_code_des)
        doubt = Disposition.OPEN if known else Disposition.NO
        return Refusal(disposition=doubt, code=_AMBIGUOUS, text=error.err_code_des)
    return failures.send_failure(error, _OF_THE_SETTINGS)


def query_failure(error: HongbaoError) -> QueryOutcome:
    """What an error of a query means for the payout."""
    return failures.query_failure(error, _OF_THE_SETTINGS)


def cancel_failure(error: HongbaoError) -> CancelOutcome:
    """What an error of a cancel means: it may have been taken all the same."""
    return failures.unanswered(error, _OF_THE_SETTINGS)


def _kind(payout: Payout) -> TransferKind:
    try:
        return KINDS[payout.kind]
    except KeyError:
        raise _invalid(
            payout, "kind", say("one of {values}", values=joined(KINDS)), payout.kind
        ) from None


def _invalid(payout: Payout, field: str, rule: str, found_there: str) -> InvalidRequest:
    return InvalidRequest(field=field, rule=rule, found=found_there, mch_billno=payout.billno)


def _instant(time: datetime | None) -> Instant | None:
    return None if time is None else int(time.timestamp()) * SECOND
