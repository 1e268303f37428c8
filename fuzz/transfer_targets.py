"""V3 transfers: a reply, a notification, a list of certificates, a request that was kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from transfer_samples import (
    NOW,
    PAYER,
    PUBLIC,
    TRANSFER_MESSAGES,
    getter,
    prepared,
    signed_headers,
)

from hongbao.errors import Disposition, InvalidRequest, OutcomeUnknown, Refused
from hongbao.wire.transfer import certificates, json_body
from hongbao.wire.transfer.notification import NotificationRefused, TransferFinished
from hongbao.wire.transfer.preparing import restore
from hongbao.wire.transfer.reading import decode
from hongbao.wire.transfer.state import MoneyStatus
from hongbao.wire.transfer.wechat_keys import Provenance
from target import Target, insist
from test_notifications import KEY, notification, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SIGN_IT = 0x80
_WORDS_MAX = 1_500
_STATUSES = (200, 204, 400, 403, 404, 500)
_ASKED = [prepared(message) for message in TRANSFER_MESSAGES]
JSON_WORDS = (
    *(b'{"', b'":"', b'","', b'"}', b'":{"', b'":[', b"]}", b"null", b"NaN", b"1e9", b"\\ud800"),
    *(b"out_bill_no", b"transfer_bill_no", b"state", b"mch_id", b"mchid", b"openid", b"code"),
    *(b"HB20261129A000000000000000001", b"1330000012345292611290000000000001", b"1900012345"),
    *(b"SUCCESS", b"FAIL", b"WAIT_USER_CONFIRM", b"CANCELLED", b"PARAM_ERROR", b"NOT_FOUND"),
)


def read_transfer_reply(data: bytes) -> None:
    """Only what is signed says NO; what is accepted is whole and ours."""
    if len(data) < 2:
        return
    asked = _ASKED[(data[0] & ~_SIGN_IT) % len(_ASKED)]
    status, body, signed = _STATUSES[data[1] % len(_STATUSES)], data[2:], data[0] & _SIGN_IT
    headers = (
        signed_headers(body) if signed else {"Wechatpay-Signature": body[:64].decode("latin-1")}
    )
    try:
        value = decode(status, getter(headers), body, asked, PAYER, now=NOW)
    except Refused as error:
        insist(signed and asked.endpoint.pays, "only a transfer is refused, by a signature")
        insist(error.disposition is not Disposition.UNKNOWN, "a refusal is known to be one")
        insist(error.mch_billno == asked.number, "an error names the number that was asked")
        insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
        return
    except OutcomeUnknown as error:
        insist(error.mch_billno == asked.number, "an error names the number that was asked")
        insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
        return
    insist(signed and status < 300, "what is accepted is signed")
    insist(
        not asked.endpoint.pays or value.money is not MoneyStatus.NO, "what is accepted is alive"
    )
    said = json.loads(body)
    for name in asked.endpoint.echoed:
        insist(said[name] == asked.expected[name], f"what is accepted repeats {name}")


def read_any_notification(data: bytes) -> None:
    """An event that is signed and about our merchant, or a refusal; never an error."""
    how, rest = data[:1], data[1:]
    body = notification(rest) if how == b"\x01" else rest
    found = read(body, signed_headers(body) if how else {})
    if isinstance(found, NotificationRefused):
        insist(found.http_status >= 400, "what is not taken is told so")
        insist(len(found.why) < _WORDS_MAX, "a reason is no longer than a person reads")
        insist(how or found.provenance is not Provenance.SIGNED, "nothing unsigned is believed")
        return
    insist(how, "an event is signed")
    if isinstance(found, TransferFinished):
        said = found.transfer.document
        names = {said.get("mch_id"), said.get("mchid")} - {None}
        insist(names == {PAYER.mch_id}, "an event is about our merchant")


def read_certificate_list(data: bytes) -> None:
    """A list of certificates of RSA, or our own error."""
    try:
        found = certificates.read_list(_resealed(json_body.decode(data)), KEY)
    except ValueError as error:
        insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
        return
    insist(all(key.is_certificate and key.not_after for key in found), "each has its dates")


def _resealed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A text in place of what is sealed is sealed: hardly any bytes would open otherwise."""
    pem = document.get("pem")
    if not isinstance(pem, str):
        return document
    resource = json.loads(notification(pem.encode()))["resource"]
    return {"data": [{"serial_no": document.get("serial_no"), "encrypt_certificate": resource}]}


def restore_transfer(data: bytes) -> None:
    """A transfer whose bytes are exactly these, or our own error."""
    for call in ("transfer", "transfer_asking_authorization", "transfer_under_authorization"):
        try:
            kept = restore(call, data, PUBLIC.serial)
        except InvalidRequest as error:
            insist(len(str(error)) < _WORDS_MAX, "an error is no longer than a person reads")
            continue
        insist(kept.body == data, "what was kept is sent to the byte")
        insist(json.loads(data)["out_bill_no"] == kept.number, "it is about the number in it")


_READERS: dict[str, Callable[[bytes], None]] = {
    "transfer_reply": read_transfer_reply,
    "notification": read_any_notification,
    "certificate_list": read_certificate_list,
    "kept_transfer": restore_transfer,
}
TARGETS = {name: Target(reader, 4096, JSON_WORDS) for name, reader in _READERS.items()}
