"""Whatever a notify_url is sent, it is an event that WeChat vouches for or a refusal."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from transfer_samples import (
    NOW,
    OPENID,
    PAYER,
    QUERY,
    VECTORS,
    encoded,
    getter,
    good,
    signed_headers,
)

from hongbao.beijing import BEIJING
from hongbao.wire.transfer.front_end import FrontEndParams
from hongbao.wire.transfer.notification import (
    Notification,
    NotificationRefused,
    OtherEvent,
    TransferFinished,
    read_notification,
)
from hongbao.wire.transfer.wechat_keys import Provenance

KEY: str = VECTORS["api_v3_key"]
_NONCE = "c7319a898c5f"


def notification(plain: dict[str, Any] | bytes, **changes: object) -> bytes:
    """A notification's body."""
    text = plain if isinstance(plain, bytes) else encoded(plain)
    sealed = AESGCM(KEY.encode()).encrypt(_NONCE.encode(), text, b"mch_payment")
    said: dict[str, Any] = {
        "id": "EV-1",
        "create_time": "2026-11-29T08:15:30+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "MCHTRANSFER.BILL.FINISHED",
        "summary": "x",
        "resource": {
            "original_type": "mch_payment",
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(),
            "associated_data": "mch_payment",
            "nonce": _NONCE,
        },
    }
    return encoded(said | changes)


def read(body: bytes, headers: dict[str, str] | None = None) -> Notification:
    told = signed_headers(body) if headers is None else headers
    return read_notification(
        getter(told),
        body,
        keys=PAYER.wechat_keys,
        api_v3_key=KEY,
        mch_id=PAYER.mch_id,
        now=NOW,
    )


def test_a_real_shape_with_both_spellings_of_the_merchant_is_read() -> None:
    event = read(notification(good(QUERY, mchid=PAYER.mch_id, payment_method_type="CFT")))
    assert isinstance(event, TransferFinished)
    assert (event.event_id, event.payment_method_type) == ("EV-1", "CFT")
    assert OPENID not in repr(event)


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        (good(QUERY, mch_id="1900099999"), "it is about another mch_id"),
        (good(QUERY, mchid="1900099999"), "it is about another mchid"),
        (good(QUERY, mch_id=None), "it names no merchant"),
        (good(QUERY, state=None), "state is not a text"),
        (good(QUERY, transfer_amount="8800"), "transfer_amount is not a whole number"),
        (b"not json", "it is not JSON"),
        (b'{"mch_id":"1","mch_id":"2"}', "a name stands in it twice"),
    ],
)
def test_what_wechat_signed_and_cannot_be_read_is_refused_for_a_person_to_see(
    plain: dict[str, Any] | bytes, why: str
) -> None:
    refused = read(notification(plain))
    assert isinstance(refused, NotificationRefused)
    assert refused.why == why
    assert (refused.provenance, refused.http_status) == (Provenance.SIGNED, 400)
    assert json.loads(refused.answer)["code"] == "FAIL"


_RESOURCE: dict[str, Any] = json.loads(notification(good(QUERY)))["resource"]


@pytest.mark.parametrize(
    "resource",
    [
        _RESOURCE | {"algorithm": "AEAD_SM4_GCM"},
        _RESOURCE | {"nonce": "short"},
        _RESOURCE | {"nonce": None},
        _RESOURCE | {"associated_data": "other"},
        _RESOURCE | {"associated_data": 7},
        _RESOURCE | {"ciphertext": "§"},
        _RESOURCE | {"ciphertext": ""},
        _RESOURCE | {"ciphertext": "QUJD"},
    ],
)
def test_what_does_not_open_is_refused(resource: object) -> None:
    refused = read(notification(good(QUERY), resource=resource))
    assert isinstance(refused, NotificationRefused)
    assert refused.http_status == 400


@pytest.mark.parametrize("resource", [None, "x", []])
def test_what_has_nothing_sealed_is_refused(resource: object) -> None:
    refused = read(notification(good(QUERY), resource=resource))
    assert isinstance(refused, NotificationRefused)
    assert (refused.why, refused.http_status) == ("resource is not an object", 400)


def test_what_nobody_signed_is_refused_before_it_is_opened() -> None:
    body = notification(good(QUERY))
    for headers, provenance in (
        ({}, Provenance.UNSIGNED),
        (signed_headers(b"other"), Provenance.BAD),
        *(
            (
                signed_headers(body) | {"Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{rest}"},
                Provenance.PROBE,
            )
            for rest in ("x", "QUJD", "§")  # of which one alone is base64
        ),
        (signed_headers(body, at=NOW - 301), Provenance.BAD),
        (signed_headers(body, at=NOW + 301), Provenance.BAD),
    ):
        refused = read(body, headers)
        assert isinstance(refused, NotificationRefused)
        assert (refused.provenance, refused.http_status) == (provenance, 401)
        found = PAYER.wechat_keys.judge(getter(headers), body, now=NOW)
        assert refused.why == found.why != ""


_AUTHORIZED = {"out_authorization_no": "AUTH202611290001", "state": "TAKING_EFFECT"}


@pytest.mark.parametrize(
    ("event_type", "plain"),
    [
        ("MCHTRANSFER.BILL.FINISHED", good(QUERY)),
        ("MCHTRANSFER.AUTHORIZATION.CONFIRMED", _AUTHORIZED),
        ("MCHTRANSFER.AUTHORIZATION.CLOSED", _AUTHORIZED | {"state": "CLOSED"}),
        ("MCHTRANSFER.QQWALLETBILL.FINISHED", {"a": 1}),
    ],
)
def test_an_event_has_its_id_by_which_it_is_known_again_its_type_and_its_time(
    event_type: str, plain: dict[str, Any]
) -> None:
    event = read(notification(plain, event_type=event_type, id="EV-7"))
    assert not isinstance(event, NotificationRefused)
    assert (event.event_id, event.event_type, event.http_status) == ("EV-7", event_type, 204)
    assert event.create_time == datetime(2026, 11, 29, 8, 15, 30, tzinfo=BEIJING)
    for lost in ("id", "event_type"):
        refused = read(notification(plain, **{"event_type": event_type, lost: None}))
        assert isinstance(refused, NotificationRefused)
        assert refused.why == f"{lost} is not a text"


def test_an_event_that_is_not_known_is_handed_on_as_it_is() -> None:
    event = read(notification({"a": 1}, event_type="MCHTRANSFER.QQWALLETBILL.FINISHED"))
    assert isinstance(event, OtherEvent)
    assert event.document == {"a": 1}


@given(
    st.binary()
    | st.builds(
        notification, st.dictionaries(st.sampled_from([*good(QUERY)]), st.integers() | st.none())
    )
)
def test_any_bytes_that_are_signed_are_an_event_or_a_refusal(body: bytes) -> None:
    found = read(body)
    assert isinstance(found, NotificationRefused | TransferFinished | OtherEvent)


def test_each_front_end_gets_the_package_as_it_came() -> None:
    params = FrontEndParams(mch_id="1900012345", app_id="wx1", package="aff+/ff==")
    assert "aff+" not in repr(params)
    expected = {"mchId": "1900012345", "appId": "wx1", "package": "aff+/ff=="}
    assert params.for_mini_program() == params.for_h5() == expected
    assert params.for_app() == {
        "businessType": "requestMerchantTransfer",
        "query": "mchId=1900012345&appId=wx1&package=aff%2B%2Fff%3D%3D",
    }
