"""The requests: one frozen value a call, in WeChat's spelling, that checks itself when it is made.

A message holds what is said about one packet. Who pays (mch_id, appid, key) comes in when it is
encoded.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire import endpoints, replies
from hongbao.wire.caution import GroupPacketWarning, warn

if TYPE_CHECKING:
    from typing import Self

    from hongbao.money import Fen
    from hongbao.wire.assumptions import Assumptions
    from hongbao.wire.document import Document
    from hongbao.wire.endpoints import Endpoint
    from hongbao.wire.fields import Field

ReplyT_co = TypeVar("ReplyT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)  # abstract
class Message(Generic[ReplyT_co]):
    """What all requests have in common: an order number, an endpoint, a way to read the reply."""

    ENDPOINT: ClassVar[Endpoint]

    mch_billno: str
    wire: dict[str, str] = field(init=False, repr=False, compare=False)
    """The fields that are set, as text on the wire."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", _texts(self))
        self._check_whole()

    def read(self, reply: Document) -> ReplyT_co:
        """The value of a reply that accepts this message."""
        raise NotImplementedError

    def check_amount(self, assumptions: Assumptions) -> None:
        """Raise ``InvalidRequest`` if the amount is outside what is assumed of this merchant."""

    def _check_whole(self) -> None:
        """Raise ``InvalidRequest`` if the fields, each right by itself, do not go together."""

    def _invalid(self, name: str, rule: str, found: object) -> InvalidRequest:
        shown = found if isinstance(found, str) else str(found)
        return InvalidRequest(field=name, rule=rule, found=shown, mch_billno=self.mch_billno)


_rules: dict[type[Any], dict[str, tuple[Field, bool]]] = {}


def _rules_of(message: type[Any]) -> dict[str, tuple[Field, bool]]:
    """The rule of each attribute of a class, and whether it may be None; worked out once."""
    rules = _rules.get(message)
    if rules is None:
        known = {rule.name: rule for rule in message.ENDPOINT.known}
        attributes = [attribute for attribute in fields(message) if attribute.init]
        rules = {it.name: (known[it.name], it.default is not MISSING) for it in attributes}
        _rules[message] = rules
    return rules


def _texts(message: Message[Any]) -> dict[str, str]:
    """The fields that are set, as text for the wire.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """
    texts, number = {}, message.mch_billno
    for name, (rule, optional) in _rules_of(type(message)).items():
        value = getattr(message, name)
        if value is not None or not optional:
            texts[name] = rule.check(value, number)
    return texts


@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)  # abstract
class ToUser(Message[ReplyT_co]):
    """A packet that names its receiver."""

    re_openid: str = field(repr=False)
    total_amount: Fen
    wishing: str
    act_name: str
    remark: str
    scene_id: str | None = None

    def another(self, *, mch_billno: str, re_openid: str, total_amount: Fen) -> Self:
        """The same packet to another receiver: only what differs is checked.

        Raises:
            InvalidRequest: naming the field and the rule that it breaks.
        """
        changed = {"mch_billno": mch_billno, "re_openid": re_openid, "total_amount": total_amount}
        rules, texts = _rules_of(type(self)), self.wire.copy()
        other, put = object.__new__(type(self)), object.__setattr__
        for name in rules:
            put(other, name, changed[name] if name in changed else getattr(self, name))
        for name, value in changed.items():
            texts[name] = rules[name][0].check(value, mch_billno)
        put(other, "wire", texts)
        return other

    def check_amount(self, assumptions: Assumptions) -> None:
        """Raise ``InvalidRequest`` if the amount wants a ``scene_id``."""
        # Never add a scene by oneself: merchants opened since late 2024 have none, and are
        # refused with one.
        low, high = assumptions.amount_min, assumptions.amount_max
        if self.scene_id is None and not low <= self.total_amount <= high:
            rule = say("from {low} to {high} fen unless a scene_id is given", low=low, high=high)
            raise self._invalid("total_amount", rule, self.total_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNormal(ToUser[replies.Accepted]):
    """Send a normal packet (sendredpack) to one follower or user of an official account.

    Args:
        mch_billno: the order number, 1 to 28 of 0-9, A-Z, a-z; see ``new_billno``.
        re_openid: the receiver's openid under the merchant's appid.
        total_amount: fen; 100 to 20000 unless ``scene_id`` is given.
        send_name: who sends, as the user sees it; 1 to 32 characters.
        wishing: the greeting; 1 to 128 characters.
        act_name: the activity; 1 to 32 characters. Users were safe with 10 Chinese ones.
        remark: 1 to 256 characters.
        client_ip: the calling machine's IPv4; the merchant's ``client_ip`` if left out.
        scene_id: ``PRODUCT_1`` to ``PRODUCT_8``, only if it is opened for the merchant.
        risk_info: as ``RiskInfo(...).encode()`` gives it.
        consume_mch_id: legacy: whose money is used in service-provider mode.

    Raises:
        InvalidRequest: naming the field and the rule it breaks.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.SENDREDPACK

    send_name: str
    client_ip: str | None = None
    risk_info: str | None = field(default=None, repr=False)
    consume_mch_id: str | None = None

    def read(self, reply: Document) -> replies.Accepted:
        """The value of a reply that accepts this message."""
        return replies.Accepted.read(reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMiniProgram(ToUser[replies.AcceptedMiniProgram]):
    """Send a mini-program packet (sendminiprogramhb), to be claimed with ``wx.sendBizRedPacket``.

    Args:
        mch_billno: as for ``SendNormal``.
        re_openid: the receiver's openid under the mini program's appid.
        total_amount: fen; 100 to 20000 unless ``scene_id`` is given.
        send_name: as for ``SendNormal``.
        wishing: as for ``SendNormal``.
        act_name: as for ``SendNormal``.
        remark: as for ``SendNormal``.
        scene_id: as for ``SendNormal``.

    Raises:
        InvalidRequest: naming the field and the rule it breaks.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.SENDMINIPROGRAMHB

    send_name: str

    def read(self, reply: Document) -> replies.AcceptedMiniProgram:
        """The value of a reply that accepts this message, with the ``package`` to claim it by."""
        return replies.AcceptedMiniProgram.read(reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGroup(ToUser[replies.AcceptedGroup]):
    """Send a group (裂变) packet (sendgroupredpack): one user gets it and shares it with friends.

    WeChat marks this call as switched off since 2024-06-05. Each use warns with
    ``GroupPacketWarning``.

    Args:
        mch_billno: as for ``SendNormal``.
        re_openid: the seed user's openid under the merchant's appid.
        total_amount: fen, of all shares; 100 to 20000 a share on average.
        total_num: how many receive, the seed user included; 3 to 20.
        send_name: as for ``SendNormal``.
        wishing: as for ``SendNormal``.
        act_name: as for ``SendNormal``.
        remark: as for ``SendNormal``.
        scene_id: as for ``SendNormal``.
        risk_info: as for ``SendNormal``.
        consume_mch_id: as for ``SendNormal``.

    Raises:
        InvalidRequest: naming the field and the rule it breaks.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.SENDGROUPREDPACK

    total_num: int
    send_name: str
    risk_info: str | None = field(default=None, repr=False)
    consume_mch_id: str | None = None

    def read(self, reply: Document) -> replies.AcceptedGroup:
        """The value of a reply that accepts this message."""
        return replies.AcceptedGroup.read(reply)

    def check_amount(self, assumptions: Assumptions) -> None:
        """Raise ``InvalidRequest`` if the total, the people or the average is out of range."""
        people, total = self.total_num, self.total_amount
        if people > assumptions.group_people_max:
            raise self._invalid(
                "total_num", say("3 to {most}", most=assumptions.group_people_max), people
            )
        if total > assumptions.group_total_max:
            raise self._invalid(
                "total_amount", say("at most {most} fen", most=assumptions.group_total_max), total
            )
        low, high = assumptions.amount_min * people, assumptions.amount_max * people
        if self.scene_id is None and not low <= total <= high:
            rule = say(
                "from {low} to {high} fen for {people} people unless a scene_id is given",
                low=low,
                high=high,
                people=people,
            )
            raise self._invalid("total_amount", rule, total)

    def _check_whole(self) -> None:
        warn(
            say("WeChat marks group packets as switched off since 2024-06-05."), GroupPacketWarning
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preorder(Message[replies.Preordered]):
    """Order a packet beforehand (hbpreorder, 红包预下单).

    The reply has the ticket by which a lottery gives it away.

    Args:
        mch_billno: as for ``SendNormal``.
        hb_type: ``NORMAL`` or ``GROUP``.
        total_amount: fen; 100 to 100000.
        total_num: 1 for ``NORMAL``, more for ``GROUP``.
        send_name: 1 to 32 characters.
        wishing: 1 to 16 characters: shorter than elsewhere.
        act_name: 1 to 32 characters.
        remark: 1 to 32 characters: shorter than elsewhere.
        risk_cntl: ``NORMAL``, or which of WeChat's checks to ignore: ``IGN_FREQ_LMT``,
            ``IGN_DAY_LMT``, ``IGN_FREQ_DAY_LMT``.

    Raises:
        InvalidRequest: naming the field and the rule it breaks.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.HBPREORDER

    total_amount: Fen
    send_name: str
    wishing: str
    act_name: str
    remark: str
    hb_type: str = "NORMAL"
    total_num: int = 1
    risk_cntl: str = "NORMAL"

    def read(self, reply: Document) -> replies.Preordered:
        """The value of a reply that accepts this message, with its ticket."""
        return replies.Preordered.read(reply)

    def _check_whole(self) -> None:
        if (self.total_num == 1) is not (self.hb_type == "NORMAL"):
            raise self._invalid("total_num", say("1 for NORMAL and more for GROUP"), self.total_num)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWork(ToUser[replies.AcceptedWork]):
    """Send a WeCom (企业微信) packet (sendworkwxredpack) to an employee or customer.

    Args:
        mch_billno: as for ``SendNormal``.
        re_openid: from WeCom's ``user/convert_to_openid``.
        total_amount: fen; 100 to 20000 unless ``scene_id`` is given.
        wishing: as for ``SendNormal``.
        act_name: as for ``SendNormal``.
        remark: as for ``SendNormal``.
        sender_name: send in a person's name; 1 to 128 characters. Either this or ``agentid``.
        agentid: send in the name of a WeCom application. Either this or ``sender_name``.
        sender_header_media_id: the avatar, as WeCom's material API names it.
        scene_id: as for ``SendNormal``.

    Raises:
        InvalidRequest: naming the field and the rule it breaks.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.SENDWORKWXREDPACK

    sender_name: str | None = None
    agentid: int | None = None
    sender_header_media_id: str | None = None

    def read(self, reply: Document) -> replies.AcceptedWork:
        """The value of a reply that accepts this message."""
        return replies.AcceptedWork.read(reply)

    def _check_whole(self) -> None:
        if (self.sender_name is None) is (self.agentid is None):
            both = "neither" if self.agentid is None else "both"
            raise self._invalid("sender_name", say("given, or else agentid; not both"), both)


@dataclass(frozen=True, slots=True)
class Query(Message[replies.PacketInfo]):
    """Ask what became of a normal, mini-program or group packet (gethbinfo).

    WeChat answers for 30 days.

    Args:
        mch_billno: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.GETHBINFO

    mch_billno: str

    def read(self, reply: Document) -> replies.PacketInfo:
        """What WeChat says of the packet."""
        return replies.PacketInfo.read(reply)


@dataclass(frozen=True, slots=True)
class QueryWork(Message[replies.WorkPacketInfo]):
    """Ask what became of a WeCom packet (queryworkwxredpack). It answers for 30 days.

    Args:
        mch_billno: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[Endpoint] = endpoints.QUERYWORKWXREDPACK

    mch_billno: str

    def read(self, reply: Document) -> replies.WorkPacketInfo:
        """What WeChat says of the packet."""
        return replies.WorkPacketInfo.read(reply)


AnyMessage = SendNormal | SendMiniProgram | SendGroup | Preorder | SendWork | Query | QueryWork
