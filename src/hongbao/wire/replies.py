"""The replies: one frozen value a call.

Lists are always lists, and fields that are not known here are kept. Openids, packages and tickets
are left out of every repr. Times are Beijing time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hongbao.beijing import BEIJING
from hongbao.digits import whole_number
from hongbao.sentences import say
from hongbao.wire.status import parse_status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from hongbao.money import Fen
    from hongbao.wire.document import Document
    from hongbao.wire.status import Status

"""WeChat's times carry no zone; no other reading fits."""


class IncompleteReply(ValueError):
    """A reply says success but lacks, or garbles, what a success must say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """WeChat took the packet: it is paid for, and waits for its receiver.

    Attributes:
        mch_billno: echoed.
        mch_id: echoed.
        wxappid: echoed.
        re_openid: echoed.
        total_amount: fen, echoed.
        send_listid: WeChat's own order number.
        send_time: only in replies of 2015 and 2016.
        fields: every flat field of the reply as it came, those not known here too.
    """

    mch_billno: str
    mch_id: str
    wxappid: str
    re_openid: str = field(repr=False)
    total_amount: Fen
    send_listid: str
    send_time: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, reply: Document) -> Self:
        """Take the value out of a reply.

        Raises:
            IncompleteReply: if a field that a success must have is absent or unreadable.
        """
        return cls(**_accepted(reply.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMiniProgram(Accepted):
    """An accepted mini-program packet.

    Attributes:
        package: what ``claim_params`` signs for the user's ``wx.sendBizRedPacket``.
    """

    package: str = field(repr=False)

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``Accepted.read``. Without a ``package`` the user could never claim it."""
        return cls(package=_text(reply.fields, "package"), **_accepted(reply.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedGroup(Accepted):
    """An accepted group packet.

    Attributes:
        total_num: among how many; seen in real replies, not documented.
    """

    total_num: int | None = None

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``Accepted.read``."""
        total_num = _optional_number(reply.fields, "total_num")
        return cls(total_num=total_num, **_accepted(reply.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedWork(Accepted):
    """An accepted WeCom packet.

    Attributes:
        sender_name: echoed.
        sender_header_media_id: echoed.
    """

    sender_name: str | None = None
    sender_header_media_id: str | None = None

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``Accepted.read``."""
        return cls(
            sender_name=reply.fields.get("sender_name"),
            sender_header_media_id=reply.fields.get("sender_header_media_id"),
            **_accepted(reply.fields),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preordered:
    """A packet that is paid for and waits to be given away; its ticket is good for 72 hours.

    Attributes:
        mch_billno: echoed.
        mch_id: echoed.
        wxappid: echoed.
        total_amount: fen, echoed.
        sp_ticket: one ticket gives one packet; it goes into ``setprizebucket``.
        detail_id: WeChat's own order number.
        send_time: when it was ordered.
        fields: every flat field of the reply as it came, those not known here too.
    """

    mch_billno: str
    mch_id: str
    wxappid: str
    total_amount: Fen
    sp_ticket: str = field(repr=False)
    detail_id: str
    send_time: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``Accepted.read``."""
        fields = reply.fields
        return cls(
            mch_billno=_text(fields, "mch_billno"),
            mch_id=_text(fields, "mch_id"),
            wxappid=_text(fields, "wxappid"),
            total_amount=_number(fields, "total_amount"),
            sp_ticket=_text(fields, "sp_ticket"),
            detail_id=fields.get("detail_id", ""),
            send_time=_time(fields, "send_time"),
            fields=fields,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One share that was claimed.

    Attributes:
        openid: who claimed it.
        amount: fen.
        rcv_time: when; missing in some real replies.
    """

    openid: str = field(repr=False)
    amount: Fen
    rcv_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketInfo:
    """What became of a packet.

    Attributes:
        mch_billno: echoed.
        mch_id: echoed.
        detail_id: WeChat's own number for the packet.
        status: a ``Status``, or WeChat's text where it is not one that is known here.
        total_amount: fen.
        send_type: API, UPLOAD or ACTIVITY.
        hb_type: NORMAL or GROUP.
        total_num: among how many.
        reason: why it failed, or why it is still SENDING.
        send_time: when it was sent.
        refund_time: when the rest went back.
        refund_amount: fen that went back.
        wishing: as sent; often missing.
        remark: as sent; often missing.
        act_name: as sent; often missing.
        claims: every share that was claimed, none lost; empty until then.
        fields: every flat field of the reply as it came, those not known here too.
    """

    mch_billno: str
    mch_id: str
    status: Status | str
    total_amount: Fen
    detail_id: str = ""
    send_type: str = ""
    hb_type: str = ""
    total_num: int | None = None
    reason: str = ""
    send_time: datetime | None = None
    refund_time: datetime | None = None
    refund_amount: Fen = 0
    wishing: str = ""
    remark: str = ""
    act_name: str = ""
    claims: tuple[Claim, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def claimed_amount(self) -> Fen:
        """Fen that users have claimed."""
        return sum(claim.amount for claim in self.claims)

    def __post_init__(self) -> None:
        if self.claimed_amount + self.refund_amount > self.total_amount:
            raise IncompleteReply(say("more is claimed and refunded than was sent"))

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``Accepted.read``. Only number, status and amount must be there."""
        claims = tuple([_claim(row) for row in reply.lists.get("hblist", [])])
        return cls(claims=claims, **_info(reply.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPacketInfo(PacketInfo):
    """What became of a WeCom packet.

    Attributes:
        sender_name: as sent.
        sender_header_media_id: as sent.
    """

    sender_name: str = ""
    sender_header_media_id: str = ""

    @classmethod
    def read(cls, reply: Document) -> Self:
        """As ``PacketInfo.read``; its one claim stands flat in the reply."""
        fields = reply.fields
        return cls(
            claims=(_claim(fields),) if fields.get("amount") else (),
            sender_name=fields.get("sender_name", ""),
            sender_header_media_id=fields.get("sender_header_media_id", ""),
            **_info(fields),
        )


def _accepted(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "mch_billno": _text(fields, "mch_billno"),
        "mch_id": _text(fields, "mch_id"),
        "wxappid": _text(fields, "wxappid"),
        "re_openid": _text(fields, "re_openid"),
        "total_amount": _number(fields, "total_amount"),
        "send_listid": fields.get("send_listid", ""),
        "send_time": _time(fields, "send_time"),
        "fields": fields,
    }


def _info(fields: Mapping[str, str]) -> dict[str, Any]:
    texts = ("detail_id", "send_type", "hb_type", "reason", "wishing", "remark", "act_name")
    return {
        "mch_billno": _text(fields, "mch_billno"),
        "mch_id": _text(fields, "mch_id"),
        "status": parse_status(_text(fields, "status")),
        "total_amount": _number(fields, "total_amount"),
        "total_num": _optional_number(fields, "total_num"),
        "refund_amount": _optional_number(fields, "refund_amount") or 0,
        "send_time": _time(fields, "send_time"),
        "refund_time": _time(fields, "refund_time"),
        **{name: fields.get(name, "") for name in texts},
        "fields": fields,
    }


def _claim(row: Mapping[str, str]) -> Claim:
    return Claim(
        openid=row.get("openid", ""),
        amount=_number(row, "amount"),
        rcv_time=_time(row, "rcv_time"),
    )


def _text(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise IncompleteReply(f"no {name}")
    return value


_NUMBER_DIGITS_MAX = (
    12  # a trillion fen is beyond any packet; longer digits are garbage, and slow to read
)


def _number(fields: Mapping[str, str], name: str) -> int:
    number = whole_number(fields.get(name, ""), digits=_NUMBER_DIGITS_MAX)
    if number is None:
        raise IncompleteReply(say("{name} is not a whole number", name=name))
    return number


def _optional_number(fields: Mapping[str, str], name: str) -> int | None:
    return _number(fields, name) if fields.get(name) else None


def _time(fields: Mapping[str, str], name: str) -> datetime | None:
    """A time; None where there is none that can be read. How it came stands in ``fields``."""
    text = fields.get(name)
    if not text:
        return None
    digits = text.replace("-", "").replace(" ", "").replace(":", "")
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
