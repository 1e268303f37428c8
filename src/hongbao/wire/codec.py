"""From a message to signed bytes, and from bytes to the reply or to what its absence means.

Decode first, classify second, raise last. What is not understood is unknown: that is the law which
keeps a success from being reported as a failure, and a failure of reading from becoming a second
payment.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hongbao.errors import (
    Disposition,
    InvalidRequest,
    OutcomeUnknown,
    PacketNotFound,
    Refused,
    UntrustedReply,
)
from hongbao.sentences import say
from hongbao.wire import codes, document, signature
from hongbao.wire.replies import Accepted, IncompleteReply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.wire.assumptions import Assumptions
    from hongbao.wire.document import Document
    from hongbao.wire.endpoints import Endpoint
    from hongbao.wire.messages import Message

ReplyT = TypeVar("ReplyT")

# 32 and 128 are documented. What is longer would go on into logs and books.
_CODE_CHARS_MAX = 64
_TEXT_CHARS_MAX = 512
_NOT_FOUND = "NOT_FOUND"
# In place of these, WeChat says 0 if it could not read the request: nothing is echoed then.
_UNREAD = ("mch_id", "total_amount")
_OF_AN_ORDER = ("send_listid", "detail_id", "status", "sp_ticket", "package")
"""What only a reply about an order that exists has: a refusal with one contradicts itself."""


class PayingMerchant(Protocol):
    """What the codec must know of the merchant who pays."""

    @property
    def mch_id(self) -> str:
        """The merchant number; the provider's own in provider mode."""
        ...

    @property
    def app_id(self) -> str:
        """The appid under which openids were issued."""
        ...

    @property
    def key(self) -> str:
        """The APIv2 key."""
        ...

    @property
    def client_ip(self) -> str | None:
        """The IPv4 that calls declare, if one is set."""
        ...

    @property
    def provider_mode(self) -> bool:
        """Whether it pays for sub-merchants."""
        ...

    @property
    def sub_mch_id(self) -> str | None:
        """The sub-merchant, if one is chosen."""
        ...

    @property
    def msgappid(self) -> str | None:
        """The appid through which the user is reached."""
        ...

    @property
    def corp_id(self) -> str | None:
        """The WeCom corporation, if there is one."""
        ...

    @property
    def work_secret(self) -> str | None:
        """The WeCom secret, if there is one."""
        ...

    @property
    def assumptions(self) -> Assumptions:
        """What is assumed of WeChat."""
        ...


def encode(message: Message[Any], payer: PayingMerchant, *, nonce: str) -> bytes:
    """The signed document of a message.

    Raises:
        InvalidRequest: if the message and the payer do not go together; nothing was sent.
    """
    values = _values(message, payer, nonce)
    layout = _layout(message, tuple(values))
    signed, sent = layout.frame(values)
    gaps = tuple([values[name].encode() for name in layout.gaps])
    sign = signature.digest_md5(b"%b&key=%b" % (signed % gaps, payer.key.encode()))
    return sent % (*gaps, sign.encode())


def complete(message: Message[Any], payer: PayingMerchant, *, nonce: str) -> dict[str, str]:
    """All fields of a call but ``sign``, in the order in which they are signed.

    Raises:
        InvalidRequest: as for ``encode``.
    """
    values = _values(message, payer, nonce)
    return {name: values[name] for name in _layout(message, tuple(values)).names}


def _values(message: Message[Any], payer: PayingMerchant, nonce: str) -> dict[str, str]:
    endpoint = message.ENDPOINT
    message.check_amount(payer.assumptions)
    values = message.wire | endpoint.constants
    values["mch_id"] = payer.mch_id
    values["nonce_str"] = nonce
    values[endpoint.appid_field] = _appid(message, payer)
    if payer.provider_mode:
        _add_sub_merchant(values, message, payer)
    if endpoint.declares_ip and payer.client_ip:
        values.setdefault("client_ip", payer.client_ip)
    if endpoint.of_wecom and endpoint.moves_money:
        _, secret = _work(message, payer)
        values["workwx_sign"] = signature.workwx_sign(values, secret)
    return values


_DIFFERING = ("mch_billno", "nonce_str", "re_openid", "total_amount", "workwx_sign")
"""The fields that differ from call to call. The others are often those of the call before."""
_FRAMES_MAX = 64
"""Of one layout, 1 KiB each: a campaign has one or a few."""


class _RequestLayout:
    """A call with certain fields set.

    Attributes:
        names: of the fields, in the order in which they are signed and sent.
        gaps: those of them that differ from call to call.
    """

    def __init__(self, endpoint: Endpoint, given: tuple[str, ...]) -> None:
        self.names = tuple(sorted(given))
        self.gaps = tuple([name for name in self.names if name in _DIFFERING])
        self._numbers = endpoint.numbers
        self._rest = [name for name in self.names if name not in _DIFFERING]
        self._pick = itemgetter(*self._rest)
        self._frames: dict[tuple[str, ...], tuple[bytes, bytes]] = {}

    def frame(self, values: dict[str, str]) -> tuple[bytes, bytes]:
        """The call as it is signed, and as it is sent, with a gap for each value that differs."""
        rest = self._pick(values)
        frame = self._frames.get(rest)
        if frame is None:
            if len(self._frames) >= _FRAMES_MAX:
                self._frames.clear()
            frame = self._frames[rest] = self._frame(dict(zip(self._rest, rest, strict=True)))
        return frame

    def _frame(self, rest: dict[str, str]) -> tuple[bytes, bytes]:
        shown = {
            name: rest[name].replace("%", "%%") if name in rest else "%b" for name in self.names
        }
        sent = document.encode([*shown.items(), ("sign", "%b")], bare=self._numbers)
        return signature.signing_string(shown).encode(), sent


_layouts: dict[tuple[str, tuple[str, ...]], _RequestLayout] = {}


def _layout(message: Message[Any], given: tuple[str, ...]) -> _RequestLayout:
    """The layout for these fields, worked out once: there are few combinations."""
    endpoint = message.ENDPOINT
    layout = _layouts.get((endpoint.name, given))
    if layout is None:
        for name in endpoint.required:
            if name not in given:
                raise _missing(message, name, say("given with the call or set for the merchant"))
        layout = _layouts[endpoint.name, given] = _RequestLayout(endpoint, given)
    return layout


def decode(body: bytes, asked: Message[ReplyT], payer: PayingMerchant) -> ReplyT:
    """The value of a reply that accepts, or what it means that there is none.

    Raises:
        Refused: WeChat refused the call with a code that is in the table.
        UntrustedReply: the bytes are unreadable, wrongly signed, or about another packet.
        OutcomeUnknown: anything else, and every query that failed.
    """
    try:
        reply = document.decode(body)
    except document.MalformedDocument as error:
        raise _untrusted(asked, say("the reply is unreadable: {error}", error=error)) from error
    _check_sign(reply, asked, payer)
    _check_echo(reply, asked, payer)
    verdict = (reply.fields.get("return_code"), reply.fields.get("result_code"))
    if verdict != ("SUCCESS", "SUCCESS"):
        if "FAIL" not in verdict:
            raise _untrusted(asked, say("the reply says neither success nor failure"))
        _check_refusal(reply, asked)
        raise failure(asked, reply.fields)
    try:
        value = asked.read(reply)
    except IncompleteReply as error:
        raise _untrusted(asked, say("the reply says success, but {error}", error=error)) from error
    required = payer.assumptions.send_listid_required
    if required and isinstance(value, Accepted) and not value.send_listid:
        # Users saw SUCCESS with an empty send_listid where nothing had been sent.
        raise _untrusted(asked, say("the reply says success, but no send_listid"))
    return value


def failure(asked: Message[Any], fields: Mapping[str, str]) -> Refused | OutcomeUnknown:
    """What a reply means that is not a success."""
    endpoint = asked.ENDPOINT
    # Cut behind the blanks: what remains of a long one must not be a code that is known.
    err_code = codes.normalize(fields.get("err_code", ""))[:_CODE_CHARS_MAX]
    text = (fields.get("err_code_des") or fields.get("return_msg") or "")[:_TEXT_CHARS_MAX]
    row = codes.look_up(endpoint.letter, err_code)
    advice = codes.advise(row, text)
    if row.disposition is Disposition.UNKNOWN or not endpoint.moves_money:
        unknown = not endpoint.moves_money and err_code == _NOT_FOUND
        return (PacketNotFound if unknown else OutcomeUnknown)(
            mch_billno=asked.mch_billno,
            endpoint=endpoint.name,
            why=say("{code}: {text}", code=err_code or say("no err_code"), text=text),
            err_code=err_code or None,
            err_code_des=text,
            advice=advice,
        )
    return Refused(
        mch_billno=asked.mch_billno,
        endpoint=endpoint.name,
        err_code=err_code,
        err_code_des=text,
        disposition=row.disposition,
        advice=advice,
    )


def _appid(message: Message[Any], payer: PayingMerchant) -> str:
    if not message.ENDPOINT.of_wecom:
        return payer.app_id
    corp_id, _ = _work(message, payer)
    return corp_id


def _work(message: Message[Any], payer: PayingMerchant) -> tuple[str, str]:
    """The WeCom corporation that pays, and its secret."""
    if not payer.corp_id or not payer.work_secret:
        raise _missing(message, "work", say("set for the merchant: WorkWx(corp_id=, secret=)"))
    return payer.corp_id, payer.work_secret


def _add_sub_merchant(values: dict[str, str], message: Message[Any], payer: PayingMerchant) -> None:
    endpoint = message.ENDPOINT
    if endpoint.provider_mode:
        for name, value in (("sub_mch_id", payer.sub_mch_id), ("msgappid", payer.msgappid)):
            if not value:
                raise _missing(
                    message, name, say("chosen with .sub_merchant(sub_mch_id, msgappid=)")
                )
            values[name] = value
    elif endpoint.moves_money:
        # Sending it anyway would take the provider's own money.
        raise _missing(
            message, "sub_mch_id", say("left to other calls: {name} has none", name=endpoint.name)
        )


def _missing(message: Message[Any], name: str, rule: str) -> InvalidRequest:
    return InvalidRequest(field=name, rule=rule, found="nothing", mch_billno=message.mch_billno)


def _check_sign(reply: Document, asked: Message[Any], payer: PayingMerchant) -> None:
    # Most red packet replies carry no sign, so none is required. How a list would be signed is
    # documented nowhere, so a reply with one is left to TLS rather than refused.
    signed = reply.fields.get("sign") and not reply.lists
    if signed and not signature.verify_md5(reply.fields, payer.key):
        raise _untrusted(asked, say("the reply's sign is wrong"))


def _check_echo(reply: Document, asked: Message[Any], payer: PayingMerchant) -> None:
    endpoint, fields = asked.ENDPOINT, reply.fields
    ours = {**asked.wire, "mch_id": payer.mch_id, endpoint.appid_field: _appid(asked, payer)}
    for name in endpoint.echoed:
        echoed = fields.get(name)
        if echoed and echoed != ours[name]:
            unread = echoed == "0" and name in _UNREAD
            if unread and fields.get("return_code") == "FAIL":
                continue
            raise _untrusted(asked, say("the reply is about another {name}", name=name))


def _check_refusal(reply: Document, asked: Message[Any]) -> None:
    """Trust no refusal, and no NOT_FOUND, that names the order which it denies."""
    for name in _OF_AN_ORDER:
        if reply.fields.get(name):
            raise _untrusted(asked, say("the reply says FAIL, but has a {name}", name=name))


def _untrusted(asked: Message[Any], why: str) -> UntrustedReply:
    return UntrustedReply(mch_billno=asked.mch_billno, endpoint=asked.ENDPOINT.name, why=why)
