"""The requests about transfers: one frozen value a call, in WeChat's spelling, checked when made.

A message holds what is said about one transfer. Who pays comes in when it is prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from hongbao.english import AND, counted, joined
from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire.transfer import endpoints, replies
from hongbao.wire.transfer import fields as f
from hongbao.wire.transfer.fields import breach

if TYPE_CHECKING:
    from hongbao.money import Fen
    from hongbao.wire.transfer.assumptions import TransferAssumptions
    from hongbao.wire.transfer.endpoints import TransferEndpoint

ReplyT_co = TypeVar("ReplyT_co", covariant=True)

_PLACEHOLDER = "x"
"""Where the payer's appid or what is sealed will stand: each is right by itself."""


@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)  # abstract
class TransferMessage(Generic[ReplyT_co]):
    """What all requests have in common: a call, a number, a way to read the reply."""

    ENDPOINT: ClassVar[TransferEndpoint]
    NUMBER: ClassVar[str] = "out_bill_no"

    def __post_init__(self) -> None:
        rules = (f.OUT_BILL_NO, f.TRANSFER_BILL_NO, f.OUT_AUTHORIZATION_NO)
        rule = next(rule for rule in rules if rule.name == self.NUMBER)
        rule.check(self.number, self.number)
        document = self.document(app_id=_PLACEHOLDER, sealed_name=_PLACEHOLDER)
        if document is not None:
            self._check(document)
        self._check_whole()

    @property
    def number(self) -> str:
        """What names the order in errors and logs."""
        number: str = getattr(self, self.NUMBER)
        return number

    @property
    def numbers(self) -> Mapping[str, str]:
        """What the reply must be about."""
        return {self.NUMBER: self.number}

    @property
    def query(self) -> str:
        """What follows the path behind a question mark."""
        return ""

    @property
    def name_to_seal(self) -> str | None:
        """A name that is sealed before it is sent."""
        return None

    def document(
        self,
        *,
        app_id: str,
        sealed_name: str,
    ) -> dict[str, object] | None:
        """The body, or None if it has none.

        Args:
            app_id: the payer's, where the message has none of its own.
            sealed_name: what stands for ``name_to_seal``.
        """
        del app_id, sealed_name
        return None

    def read(self, document: Mapping[str, Any]) -> ReplyT_co:
        """The value of a reply that is a success.

        Raises:
            IncompleteObject: if it lacks what a success must have.
        """
        raise NotImplementedError

    def check_assumptions(self, assumptions: TransferAssumptions) -> None:
        """Raise ``InvalidRequest`` if it is outside what is assumed of this merchant."""
        if self.ENDPOINT.of_authorizations and not assumptions.authorizations:
            rule = say("set in TransferAssumptions once WeChat has opened it for the merchant")
            raise self.invalid("authorizations", rule, say("it off"))
        least = assumptions.number_length_min
        for name in ("out_bill_no", "out_authorization_no"):
            number = getattr(self, name, None)
            if number is not None and len(number) < least:
                raise self.invalid(name, say("{least} to 32 of 0-9, A-Z, a-z", least=least), number)

    def _check(self, document: Mapping[str, object]) -> None:
        found = breach(document, self.ENDPOINT.parts)
        if found is not None:
            raise self.invalid(found.pointer.removeprefix("/"), found.rule, _shape(found.value))

    def _check_whole(self) -> None:
        """Raise ``InvalidRequest`` if the fields, each right by itself, do not go together."""

    def invalid(self, name: str, rule: str, found: object) -> InvalidRequest:
        """The error of a field."""
        number: object = self.number  # which a caller may have got wrong
        shown = number if isinstance(number, str) else None
        text = found if isinstance(found, str) else str(found)
        return InvalidRequest(field=name, rule=rule, found=text, mch_billno=shown)


@dataclass(frozen=True, slots=True, kw_only=True, init=False, repr=False, eq=False)  # abstract
class AnyTransfer(TransferMessage[ReplyT_co]):
    """What every transfer says, whoever confirms it."""

    out_bill_no: str
    transfer_scene_id: str
    transfer_amount: Fen
    transfer_remark: str = field(repr=False)
    transfer_scene_report_infos: Mapping[str, str] = field(repr=False)
    appid: str | None = None
    user_name: str | None = field(default=None, repr=False)
    notify_url: str | None = None
    user_recv_perception: str | None = None

    @property
    def name_to_seal(self) -> str | None:
        """The receiver's name."""
        return self.user_name

    def document(self, *, app_id: str, sealed_name: str) -> dict[str, object]:
        """The body, in the order of WeChat's page."""
        infos = self.transfer_scene_report_infos
        name = None if self.user_name is None else sealed_name
        said = {
            "appid": app_id if self.appid is None else self.appid,
            "out_bill_no": self.out_bill_no,
            "transfer_scene_id": self.transfer_scene_id,
            **self._receiver(),
            "user_name": name,
            "transfer_amount": self.transfer_amount,
            "transfer_remark": self.transfer_remark,
            "notify_url": self.notify_url,
            "user_recv_perception": self.user_recv_perception,
            "transfer_scene_report_infos": [
                {"info_type": kind, "info_content": content} for kind, content in infos.items()
            ],
            **self._more(),
        }
        return {key: value for key, value in said.items() if value is not None}

    def check_assumptions(self, assumptions: TransferAssumptions) -> None:
        """Raise ``InvalidRequest`` if amount, name or scene is outside what is assumed."""
        super(AnyTransfer, self).check_assumptions(assumptions)
        amount, low, high = self.transfer_amount, assumptions.amount_min, assumptions.amount_max
        if amount < low or (high is not None and amount > high):
            rule = (
                say("at least {low} fen", low=low)
                if high is None
                else say("from {low} to {high} fen", low=low, high=high)
            )
            raise self.invalid("transfer_amount", rule, amount)
        if self.user_name is None and amount >= assumptions.name_required_from:
            rule = say("given from {least} fen on", least=assumptions.name_required_from)
            raise self.invalid("user_name", rule, "nothing")
        if self.user_name is not None and amount < assumptions.name_refused_below:
            rule = say("left out below {least} fen", least=assumptions.name_refused_below)
            raise self.invalid("user_name", rule, say("it given"))
        self._check_scene(assumptions)

    def _check_scene(self, assumptions: TransferAssumptions) -> None:
        scene = assumptions.scenes.get(self.transfer_scene_id)
        if scene is None:
            return
        if set(self.transfer_scene_report_infos) != set(scene.report_infos):
            rule = say(
                "exactly {names} for scene {scene}",
                names=joined(scene.report_infos, AND),
                scene=scene.scene_id,
            )
            found = joined(self.transfer_scene_report_infos, AND)
            raise self.invalid("transfer_scene_report_infos", rule, found)
        if self.user_recv_perception not in (None, *scene.perceptions):
            rule = say("left out, or one of {perceptions}", perceptions=joined(scene.perceptions))
            raise self.invalid("user_recv_perception", rule, self.user_recv_perception)

    def __post_init__(self) -> None:
        infos: object = self.transfer_scene_report_infos
        if not isinstance(infos, Mapping):
            rule = say("a mapping of info_type to info_content")
            raise self.invalid(
                "transfer_scene_report_infos", rule, say("a {type}", type=type(infos).__name__)
            )
        super(AnyTransfer, self).__post_init__()

    def _check_whole(self) -> None:
        if self.user_name is not None:
            f.NAME.check(self.user_name, self.out_bill_no)

    def _receiver(self) -> dict[str, object]:
        return {}

    def _more(self) -> dict[str, object]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(AnyTransfer[replies.TransferTaken]):
    """Transfer to a user, who confirms it on a page of WeChat's (商家转账).

    The money is locked until the user confirms, within 24 hours; nobody tells the user so but you.
    A number that comes again with the same content is the same transfer: a lost reply, or a lost
    ``package_info``, comes back by sending the same bytes again (``MerchantTransfer.send``).

    Args:
        out_bill_no: 5 to 32 of 0-9, A-Z, a-z; one for one transfer for ever.
        transfer_scene_id: as the merchant platform shows it, such as ``"1000"``.
        openid: the receiver's, under ``appid``.
        transfer_amount: fen; at least 10.
        transfer_remark: what the receiver sees; 1 to 32 characters.
        transfer_scene_report_infos: what the scene wants reported, by its ``info_type``, such as
            ``{"活动名称": "秋季抽奖", "奖励说明": "一等奖"}`` for 1000.
        appid: of the mini program, official account or app that opens the page; the payer's
            ``app_id`` if left out.
        user_name: the receiver's real name, which is sealed before it is sent. Required from 2000
            yuan, refused below 0.3 yuan.
        notify_url: where WeChat tells the end: https, without a query.
        user_recv_perception: what the user sees it called; better left out: WeChat has refused
            values of its own list.
        user_recv_style: ``"RED_PACKET"`` for a page in the look of a red packet, up to 200 yuan;
            ``"CONFIRM_PAGE"``; WeChat's default if left out.

    Raises:
        InvalidRequest: naming the field and the rule that it breaks.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.TRANSFER

    openid: str = field(repr=False)
    user_recv_style: str | None = None

    def read(self, document: Mapping[str, Any]) -> replies.TransferTaken:
        """The value of a reply that takes it."""
        return replies.TransferTaken.read(document)

    def check_assumptions(self, assumptions: TransferAssumptions) -> None:
        """As ``AnyTransfer``, and whether it may look like a red packet."""
        super(Transfer, self).check_assumptions(assumptions)
        if self.user_recv_style != "RED_PACKET":
            return
        scene, most = assumptions.scenes.get(self.transfer_scene_id), assumptions.red_packet_max
        allowed = scene.red_packet if scene else None
        if not (assumptions.red_packet_unsure_scenes if allowed is None else allowed):
            rule = say("of a scene that may look like a red packet, such as 1000")
            raise self.invalid("transfer_scene_id", rule, self.transfer_scene_id)
        if self.transfer_amount > most:
            raise self.invalid(
                "transfer_amount",
                say("at most {most} fen as a red packet", most=most),
                self.transfer_amount,
            )

    def _receiver(self) -> dict[str, object]:
        return {"openid": self.openid}

    def _more(self) -> dict[str, object]:
        style = self.user_recv_style
        return {"user_recv_style": None if style is None else {"type": style}}


@dataclass(frozen=True, slots=True)
class QueryTransfer(TransferMessage[replies.TransferInfo]):
    """Ask what became of a transfer, by our number. WeChat answers for 30 days.

    Args:
        out_bill_no: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.QUERY

    out_bill_no: str

    def read(self, document: Mapping[str, Any]) -> replies.TransferInfo:
        """What WeChat says of it."""
        return replies.TransferInfo.read(document)


@dataclass(frozen=True, slots=True)
class QueryTransferByWechatsNumber(TransferMessage[replies.TransferInfo]):
    """Ask what became of a transfer, by WeChat's number. WeChat answers for 30 days.

    Args:
        transfer_bill_no: of ``TransferTaken``.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.QUERY_BY_WECHATS_NUMBER
    NUMBER: ClassVar[str] = "transfer_bill_no"

    transfer_bill_no: str

    def read(self, document: Mapping[str, Any]) -> replies.TransferInfo:
        """What WeChat says of it."""
        return replies.TransferInfo.read(document)


@dataclass(frozen=True, slots=True)
class CancelTransfer(TransferMessage[replies.TransferCanceling]):
    """Take a transfer back that the user has not confirmed.

    WeChat works on it afterwards, and the user may be faster: a query says what came of it.

    Args:
        out_bill_no: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.CANCEL

    out_bill_no: str

    def read(self, document: Mapping[str, Any]) -> replies.TransferCanceling:
        """What WeChat says of it."""
        return replies.TransferCanceling.read(document)


@dataclass(frozen=True, slots=True)
class ApplyReceipt(TransferMessage[replies.ElectronicReceipt]):
    """Apply for the electronic receipt (电子回单) of a transfer that is paid; may be repeated.

    WeChat makes one only if the transfer had a ``user_name``, and for six months.

    Args:
        out_bill_no: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.APPLY_RECEIPT

    out_bill_no: str

    def document(self, *, app_id: str, sealed_name: str) -> dict[str, object]:
        """The body."""
        del app_id, sealed_name
        return {"out_bill_no": self.out_bill_no}

    def read(self, document: Mapping[str, Any]) -> replies.ElectronicReceipt:
        """Where it stands."""
        return replies.ElectronicReceipt.read(document)


@dataclass(frozen=True, slots=True)
class QueryReceipt(TransferMessage[replies.ElectronicReceipt]):
    """Ask where the electronic receipt of a transfer stands, and for the link to it.

    Args:
        out_bill_no: the number under which it was sent.

    Raises:
        InvalidRequest: if the number breaks its rule.
    """

    ENDPOINT: ClassVar[TransferEndpoint] = endpoints.QUERY_RECEIPT

    out_bill_no: str

    def read(self, document: Mapping[str, Any]) -> replies.ElectronicReceipt:
        """Where it stands."""
        return replies.ElectronicReceipt.read(document)


def _shape(value: object) -> str:
    """What a value looks like, without saying it."""
    if value is None:
        return "nothing"
    if type(value) is int:
        return str(value)
    return (
        counted(len(value), "character")
        if isinstance(value, str)
        else say("a {type}", type=type(value).__name__)
    )
