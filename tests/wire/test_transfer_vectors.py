"""Known answers for the V3 transfer: others' code, and OpenSSL, agree on every one of them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from transfer_samples import (
    CANCEL,
    MERCHANT_KEY,
    NOW,
    PAYER,
    PLATFORM,
    PUBLIC,
    QUERY,
    TRANSFER,
    VECTORS,
    WECHAT_KEY,
    getter,
    name_of,
    prepared,
)

from hongbao import OutcomeUnknown, Refused, UntrustedReply
from hongbao.errors import Disposition
from hongbao.wire.transfer import certificates, signing
from hongbao.wire.transfer.notification import (
    AuthorizationChanged,
    NotificationRefused,
    TransferFinished,
    read_notification,
)
from hongbao.wire.transfer.preparing import (
    authorization,
    authorization_of,
    prepare,
    restore,
)
from hongbao.wire.transfer.reading import decode
from hongbao.wire.transfer.state import MoneyStatus
from hongbao.wire.transfer.wechat_keys import Provenance, WechatKeys

_REQUESTS: dict[str, dict[str, str]] = VECTORS["requests"]
_CREATE = restore("transfer", _REQUESTS["create"]["body"].encode(), PUBLIC.serial)


@pytest.mark.parametrize("name", _REQUESTS)
def test_a_request_is_signed_as_others_sign_it(name: str) -> None:
    asked = _REQUESTS[name]
    text = signing.request_text(
        asked["method"], asked["path"], str(NOW), asked["nonce"], asked["body"].encode()
    )
    assert sha256(text).hexdigest() == asked["sha256"]
    assert signing.sign(MERCHANT_KEY, text) == asked["signature"]


def test_a_name_that_others_sealed_is_opened_and_ours_too() -> None:
    sealed = json.loads(_REQUESTS["create"]["body"])["user_name"]
    assert signing.unseal(WECHAT_KEY, b64decode(sealed)) == VECTORS["name"]
    ours = signing.seal(PUBLIC.public_key, VECTORS["name"])
    assert signing.unseal(WECHAT_KEY, b64decode(ours)) == VECTORS["name"]


def _reply(name: str, asked: Any) -> Any:
    said = VECTORS["replies"][name]
    return decode(
        said["status"], getter(said["headers"]), said["body"].encode(), asked, PAYER, now=NOW
    )


@pytest.mark.parametrize("name", ["create_ok_pubkey", "create_ok_platform_cert"])
def test_both_of_wechats_keys_vouch_for_a_reply_at_once(name: str) -> None:
    taken = _reply(name, _CREATE)
    assert (taken.state, taken.money) == ("WAIT_USER_CONFIRM", MoneyStatus.OPEN)
    assert taken.package_info not in repr(taken)


def test_a_query_says_that_nobody_confirmed() -> None:
    found = _reply("query_fail_pubkey", prepared(QUERY))
    assert (found.state, found.fail_reason, found.money) == (
        "FAIL",
        "OVERDUE_CLOSE",
        MoneyStatus.NO,
    )


def test_a_signed_refusal_for_balance_leaves_the_number_open() -> None:
    with pytest.raises(Refused) as caught:
        _reply("error_signed", _CREATE)
    assert (caught.value.err_code, caught.value.disposition) == ("NOT_ENOUGH", Disposition.OPEN)


@pytest.mark.parametrize("name", ["probe_signtest", "unsigned_2xx", "stale_by_301s"])
def test_a_success_that_nobody_vouches_for_is_not_believed(name: str) -> None:
    with pytest.raises(UntrustedReply):
        _reply(name, _CREATE)


def test_an_unsigned_refusal_proves_nothing_and_is_reported() -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        _reply("error_unsigned_401", _CREATE)
    assert caught.value.err_code == "SIGN_ERROR"
    assert "proves nothing" in caught.value.why


def _notified(name: str) -> Any:
    said = VECTORS["notifications"][name]
    return read_notification(
        getter(said["headers"]),
        said["body"].encode(),
        keys=PAYER.wechat_keys,
        api_v3_key=VECTORS["api_v3_key"],
        mch_id=PAYER.mch_id,
        now=NOW,
    )


@pytest.mark.parametrize("name", ["success_pubkey", "fail_overdue_platform_cert"])
def test_a_notification_tells_the_end_of_a_transfer(name: str) -> None:
    event = _notified(name)
    assert isinstance(event, TransferFinished)
    plain = json.loads(VECTORS["notifications"][name]["plain"])
    assert event.transfer.document == plain
    assert event.transfer.state == plain["state"]
    assert event.http_status == 204


def test_a_notification_tells_that_a_user_agreed() -> None:
    event = _notified("authorization_confirmed")
    assert isinstance(event, AuthorizationChanged)
    assert event.authorization.is_in_effect


def test_a_notification_that_was_tampered_with_is_refused() -> None:
    refused = _notified("tampered")
    assert isinstance(refused, NotificationRefused)
    assert (refused.provenance, refused.http_status) == (Provenance.BAD, 401)


def test_a_list_of_certificates_opens_with_the_merchants_key() -> None:
    found = certificates.read_list(VECTORS["certificates"], VECTORS["api_v3_key"])
    assert [key.serial for key in found] == [VECTORS["platform_serial"]]
    assert found[0].public_key.public_numbers() == PLATFORM.public_key.public_numbers()


def _ec_certificate() -> bytes:
    """As of SM2: a certificate whose key is on a curve."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SM2")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(begins).not_valid_after(begins.replace(year=2046))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_a_certificate_of_another_kind_hides_none_of_rsa() -> None:
    key, nonce = VECTORS["api_v3_key"], "c7319a898c5f"
    box = AESGCM(key.encode()).encrypt(nonce.encode(), _ec_certificate(), b"certificate")
    row = VECTORS["certificates"]["data"][0]
    sealed = {**row["encrypt_certificate"], "ciphertext": b64encode(box).decode(), "nonce": nonce}
    both = {"data": [{**row, "serial_no": "07", "encrypt_certificate": sealed}, row]}
    assert [it.serial for it in certificates.read_list(both, key)] == [PLATFORM.serial]


def test_what_was_prepared_is_sent_again_to_the_byte() -> None:
    body = _REQUESTS["create"]["body"].encode()
    assert _CREATE.body == body
    assert _CREATE.path == _REQUESTS["create"]["path"]
    query = prepare(QUERY, PAYER, now=NOW)
    assert (query.path, query.body) == (_REQUESTS["query_out"]["path"], b"")


def test_the_public_key_is_preferred_and_no_key_is_dropped_for_a_new_one() -> None:
    keys = WechatKeys([PLATFORM]).with_more([PUBLIC])
    assert keys.preferred(NOW) == PUBLIC
    assert {key.serial for key in keys} == {PLATFORM.serial, PUBLIC.serial}
    assert WechatKeys([PLATFORM]).preferred(NOW) == PLATFORM
    assert WechatKeys([]).preferred(NOW) is None
    assert repr(keys) == f"WechatKeys({PLATFORM.serial}, {PUBLIC.serial})"


@pytest.mark.parametrize("message", [QUERY, TRANSFER, CANCEL], ids=name_of)
def test_a_request_is_signed_for_its_merchant_over_what_is_sent(message: Any) -> None:
    asked = prepared(message)
    header = authorization(asked, PAYER, nonce="Once", timestamp=NOW)
    path, body = asked.path, asked.body
    text = f"{asked.endpoint.method}\n{path}\n{NOW}\nOnce\n".encode() + body + b"\n"
    signature = header.partition('signature="')[2].rstrip('"')
    MERCHANT_KEY.public_key().verify(b64decode(signature), text, PKCS1v15(), hashes.SHA256())
    assert header == (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{PAYER.mch_id}",nonce_str="Once",timestamp="{NOW}",'
        f'serial_no="{PAYER.serial_no}",signature="{signature}"'
    )
    assert header == authorization_of(
        asked.endpoint.method, path, body, PAYER, nonce="Once", timestamp=NOW
    )
