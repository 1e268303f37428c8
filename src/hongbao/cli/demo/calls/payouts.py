"""The demo's campaign: sends every row, and keeps what came of each. It knows no simulator.

A row's number is derived from its key, so that the same row twice is the same packet. Whatever may
or may not have been paid is sent again with the SAME number, once; that is what the number is for.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, assert_never

from hongbao.billno import new_billno
from hongbao.cli.demo.calls.recipients import Kind
from hongbao.errors import HongbaoError, InvalidRequest, NotSent, OutcomeUnknown, Refused
from hongbao.money import parse_yuan
from hongbao.wire import messages
from hongbao.wire.caution import GroupPacketWarning
from hongbao.wire.codes import UNKNOWN_CODE, rows_of
from hongbao.wire.replies import AcceptedMiniProgram, Preordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.cli.demo.calls.recipients import Recipient
    from hongbao.client.sync import RedPack
    from hongbao.errors import Disposition
    from hongbao.wire.messages import AnyMessage
    from hongbao.wire.replies import PacketInfo


class End(StrEnum):
    """How a row ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not sent"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One row and what came of it.

    Attributes:
        row: the row.
        mch_billno: its number.
        end: how it ended.
        why: in a word or a code, unless it was accepted.
        words: the same in a sentence.
        disposition: of a refusal.
        claim_by: the package or ticket by which it is claimed, if it takes one.
        resent: whether it was sent again after an unknown end.
        repeats: whether an earlier row had the same number.
    """

    row: Recipient
    mch_billno: str
    end: End
    why: str = ""
    words: str = ""
    disposition: Disposition | None = None
    claim_by: str | None = None
    resent: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Who sends what.

    Attributes:
        official: with the official account's appid, and WeCom.
        mini_program: the same merchant with the mini program's appid.
    """

    official: RedPack
    mini_program: RedPack

    def of(self, kind: Kind) -> RedPack:
        """The client for a kind of packet."""
        return self.mini_program if kind is Kind.MINI_PROGRAM else self.official


def number_of(row: Recipient, clients: Clients) -> str:
    """The row's order number: the same key gives the same for ever."""
    return new_billno(clients.official.merchant.mch_id, row.key)


def send_row(
    row: Recipient, clients: Clients, *, seen: set[str], wait: Callable[[], None]
) -> Payout:
    """Send one row; if its end is unknown, once more with the same number.

    Args:
        row: what to send.
        clients: who sends.
        seen: the numbers of earlier rows; this row's is added.
        wait: lets the second pass that WeChat wants between two sends of one number.
    """
    mch_billno = number_of(row, clients)
    repeats = mch_billno in seen
    seen.add(mch_billno)
    payout = _send_once(row, clients, mch_billno)
    if payout.end is End.UNKNOWN:
        wait()
        payout = replace(_send_once(row, clients, mch_billno), resent=True)
    return replace(payout, repeats=repeats)


def query(payout: Payout, clients: Clients) -> PacketInfo | None:
    """What became of a number; None if WeChat knows nothing of it.

    Raises:
        OutcomeUnknown: if the query itself fails.
    """
    client = clients.of(payout.row.kind)
    try:
        if payout.row.kind is Kind.WORK:
            return client.query_work(payout.mch_billno)
        return client.query(payout.mch_billno)
    except OutcomeUnknown as error:
        if error.err_code == "NOT_FOUND":
            return None
        raise


def _send_once(row: Recipient, clients: Clients, mch_billno: str) -> Payout:
    payout = Payout(row=row, mch_billno=mch_billno, end=End.ACCEPTED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GroupPacketWarning)
            reply = clients.of(row.kind).call(make_message(row, mch_billno))
    except HongbaoError as error:
        return _not_accepted(payout, error)
    match reply:
        case AcceptedMiniProgram():
            return replace(payout, claim_by=reply.package)
        case Preordered():
            return replace(payout, claim_by=reply.sp_ticket)
        case _:
            return payout


def _not_accepted(payout: Payout, error: HongbaoError) -> Payout:
    match error:
        case InvalidRequest(field=field, rule=rule):
            words = f"{field} must be {rule}"
            return replace(payout, end=End.INVALID, why=f"InvalidRequest: {field}", words=words)
        case NotSent():
            return replace(payout, end=End.NOT_SENT, why="NotSent", words=error.why)
        case Refused():
            # Where several causes share a code, WeChat's text has told them apart in the advice.
            row = next(iter(rows_of(error.err_code)), UNKNOWN_CODE)
            words = row.meaning if error.advice == row.advice else error.advice
            return replace(
                payout,
                end=End.REFUSED,
                why=error.err_code,
                words=words,
                disposition=error.disposition,
            )
        case OutcomeUnknown():
            why, words = error.err_code or type(error).__name__, error.why
            return replace(payout, end=End.UNKNOWN, why=why, words=words)
        case _:
            raise error


def make_message(row: Recipient, mch_billno: str) -> AnyMessage:
    """A row as a request.

    Raises:
        InvalidRequest: if the protocol forbids what the row says.
    """
    amount, texts = parse_yuan(row.amount_yuan), row.texts
    if row.kind is Kind.PREORDER:
        return messages.Preorder(
            mch_billno=mch_billno,
            total_amount=amount,
            total_num=row.people,
            hb_type="NORMAL" if row.people == 1 else "GROUP",
            **texts,
        )
    send = partial(
        _SENDS[row.kind],
        mch_billno=mch_billno,
        re_openid=row.openid,
        total_amount=amount,
        scene_id=row.scene_id,
        wishing=texts["wishing"],
        act_name=texts["act_name"],
        remark=texts["remark"],
    )
    match row.kind:
        case Kind.WORK:
            return send(sender_name=texts["send_name"])
        case Kind.GROUP:
            return send(send_name=texts["send_name"], total_num=row.people)
        case Kind.NORMAL | Kind.MINI_PROGRAM:
            return send(send_name=texts["send_name"])
        case _:
            assert_never(row.kind)


_SENDS: dict[Kind, Callable[..., AnyMessage]] = {
    Kind.NORMAL: messages.SendNormal,
    Kind.MINI_PROGRAM: messages.SendMiniProgram,
    Kind.GROUP: messages.SendGroup,
    Kind.WORK: messages.SendWork,
}
