"""Signatures: others accept ours, we accept theirs, and neither accepts what was changed."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hongbao.webhooks.signature import (
    ID,
    SIGNATURE,
    TIMESTAMP,
    SecretMalformed,
    SignatureRefused,
    SigningSecret,
    headers,
    verify,
)

SECRET = SigningSecret(bytes(range(32)))
OLD = SigningSecret(bytes(range(24)))
NOW = 1_795_399_200
BODY = json.dumps({"type": "payout.sent", "data": {"key": "订单-1"}}, ensure_ascii=False).encode()


def test_a_vector_of_the_specification() -> None:
    """From the text of Standard Webhooks' reference implementations."""
    secret = SigningSecret.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@given(st.binary(min_size=24, max_size=64), st.text())
def test_the_package_of_others_accepts_what_is_signed_here(key: bytes, text: str) -> None:
    secret = SigningSecret(key)
    body = json.dumps({"text": text}).encode()
    signed = headers([secret], "evt_1", int(time.time()), body)
    assert Webhook(secret.written).verify(body, signed) == {"text": text}


@given(st.binary(min_size=24, max_size=64))
def test_what_the_package_of_others_signs_is_accepted_here(key: bytes) -> None:
    secret = SigningSecret(key)
    signature = Webhook(secret.written).sign("evt_1", datetime.fromtimestamp(NOW, UTC), "{}")
    signed = {ID: "evt_1", TIMESTAMP: str(NOW), SIGNATURE: signature}
    assert verify([secret], signed, b"{}", now=NOW) == "evt_1"


def test_while_a_secret_is_rotated_whoever_knows_either_accepts_it() -> None:
    signed = headers([SECRET, OLD], "evt_1", int(time.time()), BODY)
    for secret in (SECRET, OLD):
        assert Webhook(secret.written).verify(BODY, signed)
        assert verify([secret], signed, BODY, now=time.time()) == "evt_1"


@pytest.mark.parametrize(
    "changes",
    [
        {ID: "evt_2"},
        {TIMESTAMP: str(NOW + 1)},
        {SIGNATURE: "v1,AAAA"},
        {SIGNATURE: "nothing"},
        {SIGNATURE: "v1,\N{SNOWMAN}"},
        {TIMESTAMP: "soon"},
        {TIMESTAMP: "²"},
        {TIMESTAMP: "1" * 5_000},
        {TIMESTAMP: ""},
        {ID: ""},
        {SIGNATURE: ""},
    ],
)
def test_whatever_was_changed_is_refused(changes: dict[str, str]) -> None:
    signed = headers([SECRET], "evt_1", NOW, BODY) | changes
    with pytest.raises(SignatureRefused):
        verify([SECRET], signed, BODY, now=NOW)


def test_another_body_or_another_secret_is_refused_by_us_and_by_others() -> None:
    now = int(time.time())
    signed = headers([SECRET], "evt_1", now, BODY)
    for secret, body in ((OLD, BODY), (SECRET, BODY + b" ")):
        with pytest.raises(SignatureRefused):
            verify([secret], signed, body, now=now)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret.written).verify(body, signed)


@pytest.mark.parametrize("late", [-301, 301])
def test_a_recording_of_an_old_one_is_refused(late: int) -> None:
    signed = headers([SECRET], "evt_1", NOW, BODY)
    with pytest.raises(SignatureRefused, match="too far"):
        verify([SECRET], signed, BODY, now=NOW + late)
    assert verify([SECRET], signed, BODY, now=NOW + late, tolerance_seconds=400) == "evt_1"


def test_headers_are_found_in_any_letter_case() -> None:
    signed = {name.title(): it for name, it in headers([SECRET], "e", NOW, BODY).items()}
    assert verify([SECRET], signed, BODY, now=NOW) == "e"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_" + b64encode(bytes(23)).decode(),
        "whsec_" + b64encode(bytes(65)).decode(),
        "whsec_" + b64encode(bytes(32)).decode().rstrip("="),
        "whsec_" + b64encode(bytes(32)).decode() + "\n",
        "whsec_密密密密密密密密密密密密密密密密密密密密密密密密",
    ],
)
def test_what_is_no_secret_is_refused_without_showing_it(written: str) -> None:
    with pytest.raises(SecretMalformed) as caught:
        SigningSecret.read(written)
    assert len(written) < 10 or written not in str(caught.value)


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_read_as_it_is_written_always_padded(key: bytes) -> None:
    secret = SigningSecret(key)
    assert SigningSecret.read(secret.written) == secret
    assert (len(secret.written) - len("whsec_")) % 4 == 0


def test_no_repr_shows_a_secret() -> None:
    assert repr(SECRET) == "SigningSecret(…)"
