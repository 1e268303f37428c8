"""From a message to the bytes that are kept and sent.

The bytes of a transfer are made once: a name is sealed anew each time, and WeChat may compare what
comes again with what came first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hongbao.errors import ConfigurationError, InvalidRequest
from hongbao.sentences import say
from hongbao.wire.transfer import json_body, signing
from hongbao.wire.transfer.endpoints import (
    TRANSFER,
    TRANSFER_ASKING_AUTHORIZATION,
    TRANSFER_UNDER_AUTHORIZATION,
    TransferEndpoint,
)
from hongbao.wire.transfer.fields import breach
from hongbao.wire.transfer.json_body import MalformedJson
from hongbao.wire.transfer.replies import TransferTaken, TransferUnderAuthorizationTaken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from hongbao.wire.transfer.assumptions import TransferAssumptions
    from hongbao.wire.transfer.messages import TransferMessage
    from hongbao.wire.transfer.wechat_keys import WechatKeys

ReplyT = TypeVar("ReplyT")
ReplyT_co = TypeVar("ReplyT_co", covariant=True)

_IDENTIFYING = (
    *("out_bill_no", "transfer_bill_no", "appid", "openid", "transfer_amount"),
    *("out_authorization_no", "authorization_id"),
)
"""What a reply must agree in where it repeats it: that and the merchant is what a payment is."""
_KEPT: dict[str, tuple[TransferEndpoint, type[TransferTaken]]] = {
    TRANSFER.name: (TRANSFER, TransferTaken),
    TRANSFER_ASKING_AUTHORIZATION.name: (TRANSFER_ASKING_AUTHORIZATION, TransferTaken),
    TRANSFER_UNDER_AUTHORIZATION.name: (
        TRANSFER_UNDER_AUTHORIZATION,
        TransferUnderAuthorizationTaken,
    ),
}


class TransferPayer(Protocol):
    """What the codec must know of the merchant who pays."""

    @property
    def mch_id(self) -> str:
        """The merchant number."""
        ...

    @property
    def app_id(self) -> str:
        """The appid of calls that name none."""
        ...

    @property
    def serial_no(self) -> str:
        """The serial of the merchant's certificate, in hex."""
        ...

    @property
    def private_key(self) -> RSAPrivateKey:
        """Of the merchant's certificate."""
        ...

    @property
    def wechat_keys(self) -> WechatKeys:
        """The keys of WeChat's side."""
        ...

    @property
    def assumptions(self) -> TransferAssumptions:
        """What is assumed of WeChat."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Generic[ReplyT_co]):
    """A request whose bytes are made: what is kept, and sent again byte for byte.

    ``endpoint.name``, ``body`` and ``wechatpay_serial`` are what a program stores before it sends a
    transfer; ``restore`` makes the same request of them. The body holds an openid.

    Attributes:
        endpoint: the call.
        number: of the order.
        path: with its query.
        body: the bytes; empty if it has none.
        wechatpay_serial: the key of WeChat's by which the name is sealed and the reply is signed.
        expected: what the reply must be about.
        reader: reads a success.
    """

    endpoint: TransferEndpoint
    number: str
    path: str
    body: bytes = field(repr=False)
    wechatpay_serial: str
    expected: Mapping[str, object] = field(repr=False, compare=False)
    reader: Callable[[Mapping[str, Any]], ReplyT_co] = field(repr=False, compare=False)

    @property
    def mch_billno(self) -> str:
        """The number, as logs and hooks call it."""
        return self.number


def prepare(
    message: TransferMessage[ReplyT], payer: TransferPayer, *, now: float
) -> Prepared[ReplyT]:
    """Make the bytes of a message.

    Args:
        message: what is asked.
        payer: who asks.
        now: seconds since the epoch, by which the key is chosen that seals.

    Raises:
        InvalidRequest: the message does not fit the merchant; nothing was sent.
        ConfigurationError: there is no key of WeChat's; nothing was sent.
    """
    message.check_assumptions(payer.assumptions)
    key = payer.wechat_keys.preferred(now)
    if key is None:
        raise ConfigurationError(
            setting="public_key_id",
            problem=say("is not given, and no platform certificate holds now"),
            remedy=say("Give WeChat's public key and its id, or fetch the platform certificates."),
        )
    name = message.name_to_seal
    sealed = "" if name is None else signing.seal(key.public_key, name)
    document = message.document(app_id=payer.app_id, sealed_name=sealed)
    body = b"" if document is None else json_body.encode(document)
    return _prepared(message.ENDPOINT, body, document or {}, key.serial, message)


def restore(call: str, body: bytes, wechatpay_serial: str) -> Prepared[TransferTaken]:
    """The request that was kept, to be sent again.

    Args:
        call: ``endpoint.name`` of what was prepared.
        body: its bytes.
        wechatpay_serial: its key.

    Raises:
        InvalidRequest: these are not the bytes of such a transfer.
    """
    if call not in _KEPT:
        rule = say("one of {names}", names=", ".join(_KEPT))
        raise InvalidRequest(field="call", rule=rule, found=repr(call[:32]))
    endpoint, reply = _KEPT[call]
    try:
        document = json_body.decode(body)
    except MalformedJson as error:
        rule = say("the bytes that were prepared")
        raise InvalidRequest(
            field="body", rule=rule, found=say("bytes: {error}", error=error)
        ) from None
    found = breach(document, endpoint.parts)
    if found is not None:
        field_name = found.pointer.removeprefix("/")
        raise InvalidRequest(field=field_name, rule=found.rule, found=say("something else"))
    return Prepared(
        endpoint=endpoint,
        number=document["out_bill_no"],
        path=endpoint.template,
        body=body,
        wechatpay_serial=wechatpay_serial,
        expected=_expected(document),
        reader=reply.read,
    )


def authorization(
    prepared: Prepared[Any], payer: TransferPayer, *, nonce: str, timestamp: int
) -> str:
    """The value of ``Authorization``, made anew each time that the bytes are sent."""
    return authorization_of(
        prepared.endpoint.method,
        prepared.path,
        prepared.body,
        payer,
        nonce=nonce,
        timestamp=timestamp,
    )


def authorization_of(
    method: str, path: str, body: bytes, payer: TransferPayer, *, nonce: str, timestamp: int
) -> str:
    """The same of any request, such as one for a file."""
    text = signing.request_text(method, path, str(timestamp), nonce, body)
    signature = signing.sign(payer.private_key, text)
    return signing.Signature(payer.mch_id, payer.serial_no, str(timestamp), nonce, signature).header


def _prepared(
    endpoint: TransferEndpoint,
    body: bytes,
    document: Mapping[str, object],
    serial: str,
    message: TransferMessage[ReplyT],
) -> Prepared[ReplyT]:
    path = endpoint.template.format(**{gap: getattr(message, gap) for gap in endpoint.gaps})
    return Prepared(
        endpoint=endpoint,
        number=message.number,
        path=f"{path}?{message.query}" if message.query else path,
        body=body,
        wechatpay_serial=serial,
        expected={**_expected(document), **message.numbers},
        reader=message.read,
    )


def _expected(document: Mapping[str, object]) -> dict[str, object]:
    return {name: document[name] for name in _IDENTIFYING if name in document}
