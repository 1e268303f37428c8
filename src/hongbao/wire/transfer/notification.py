"""What WeChat tells a ``notify_url``: an event, or why it is not believed.

A notification is a hint: it may come twice, late, out of order or not at all, and WeChat advises to
confirm it by a query. Sources: the pages 4012712115 and 4014512908.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from hongbao.sentences import say
from hongbao.wire.transfer import json_body
from hongbao.wire.transfer.json_body import IncompleteObject, MalformedJson, optional_text, text
from hongbao.wire.transfer.replies import AuthorizationInfo, TransferInfo
from hongbao.wire.transfer.sealed_resource import open_resource
from hongbao.wire.transfer.wechat_keys import Header, Provenance, WechatKeys

TRANSFER_FINISHED = "MCHTRANSFER.BILL.FINISHED"
AUTHORIZATION_CONFIRMED = "MCHTRANSFER.AUTHORIZATION.CONFIRMED"
AUTHORIZATION_CLOSED = "MCHTRANSFER.AUTHORIZATION.CLOSED"

_MERCHANT = ("mch_id", "mchid")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedEvent:
    """Something that WeChat tells, by its signature.

    Attributes:
        event_id: the same when it comes again (expected, not promised).
        event_type: WeChat's name for it.
        create_time: when it was made.
        http_status: what to answer, within five seconds, once it is stored: 204, without a body.
    """

    event_id: str
    event_type: str
    create_time: datetime | None
    http_status: int = field(default=204, init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFinished(NotifiedEvent):
    """A transfer has ended: paid, failed or taken back.

    Attributes:
        transfer: as a query would tell it.
        payment_method_type: what it was paid into, such as CFT; often absent.
    """

    transfer: TransferInfo
    payment_method_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationChanged(NotifiedEvent):
    """A user has agreed to be paid without confirming, or that has ended.

    Attributes:
        authorization: as a query would tell it.
    """

    authorization: AuthorizationInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEvent(NotifiedEvent):
    """WeChat tells something else; nothing is known here of what it means.

    Attributes:
        document: what it says.
    """

    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRefused:
    """Nothing to be believed, or to be acted on.

    Attributes:
        provenance: whose word it is. A probe is WeChat's test of whether it is refused; the true
            one follows.
        why: what was seen; nothing of the content.
        http_status: what to answer: 401 if nobody vouches for it; 400 if WeChat signed what cannot
            be read, which should have a person look.
        answer: the body to answer.
    """

    provenance: Provenance
    why: str
    http_status: int
    answer: bytes = b'{"code":"FAIL","message":"refused"}'


Notification: TypeAlias = TransferFinished | AuthorizationChanged | OtherEvent | NotificationRefused


def read_notification(
    header: Header, body: bytes, *, keys: WechatKeys, api_v3_key: str, mch_id: str, now: float
) -> Notification:
    """The event that a notification is of; or its refusal. Any bytes give one or the other.

    Args:
        header: of the request.
        body: as it came, before any framework has read it.
        keys: the keys of WeChat's side.
        api_v3_key: 32 characters.
        mch_id: the merchant that it must be about.
        now: seconds since the epoch.
    """
    finding = keys.judge(header, body, now=now)
    if finding.provenance is not Provenance.SIGNED:
        return NotificationRefused(provenance=finding.provenance, why=finding.why, http_status=401)
    try:
        return _event(json_body.decode(body), api_v3_key, mch_id)
    except (MalformedJson, IncompleteObject) as error:
        return NotificationRefused(provenance=finding.provenance, why=str(error), http_status=400)


def _event(said: Mapping[str, Any], api_v3_key: str, mch_id: str) -> Notification:
    resource = said.get("resource")
    if not isinstance(resource, dict):
        raise IncompleteObject(say("resource is not an object"))
    document = json_body.decode(open_resource(resource, api_v3_key))
    for name in _MERCHANT:
        if name in document and document[name] != mch_id:
            raise IncompleteObject(say("it is about another {name}", name=name))
    event_id, event_type = text(said, "id"), text(said, "event_type")
    create_time = json_body.time(said, "create_time")
    if event_type == TRANSFER_FINISHED:
        if not any(name in document for name in _MERCHANT):
            raise IncompleteObject(say("it names no merchant"))
        return TransferFinished(
            event_id=event_id,
            event_type=event_type,
            create_time=create_time,
            transfer=TransferInfo.read(document),
            payment_method_type=optional_text(document, "payment_method_type"),
        )
    if event_type in (AUTHORIZATION_CONFIRMED, AUTHORIZATION_CLOSED):
        return AuthorizationChanged(
            event_id=event_id,
            event_type=event_type,
            create_time=create_time,
            authorization=AuthorizationInfo.read(document),
        )
    return OtherEvent(
        event_id=event_id, event_type=event_type, create_time=create_time, document=document
    )
