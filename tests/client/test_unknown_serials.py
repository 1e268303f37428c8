"""A serial that is not known proves nothing and fetches nothing: it may be a test of WeChat's."""

from __future__ import annotations

from typing import Any

import pytest
from transfer_samples import NOW, PLATFORM, QUERY, TRANSFER, VECTORS, good, name_of, prepared

from hongbao import (
    NotificationRefused,
    OutcomeUnknown,
    TransferNotFound,
    V3Credentials,
)
from hongbao.client.transfer.notifications import NotificationReader
from test_transfers import both, credentials_with, reply

UNHEARD_OF = ("5B2E00C0FFEE", "PUB_KEY_ID_0119000123452026112900291100000009")


@pytest.fixture(scope="module")
def certificate_alone() -> V3Credentials:
    """Of a merchant who would fetch certificates, if anything did by itself."""
    return credentials_with(
        public_key_id=None,
        public_key_pem=None,
        platform_cert_pems=(VECTORS["platform_certificate"],),
    )


@both
@pytest.mark.parametrize("serial", UNHEARD_OF)
@pytest.mark.parametrize("message", [TRANSFER, QUERY], ids=name_of)
@pytest.mark.parametrize("code", [None, "PARAM_ERROR", "NOT_FOUND"])
def test_a_reply_by_a_serial_that_is_not_known_is_unknown_and_fetches_nothing(
    certificate_alone: V3Credentials, play: Any, message: Any, code: str | None, serial: str
) -> None:
    said, status = (good(message), 200) if code is None else ({"code": code}, 404)
    heard = reply(said, status, serial=serial)
    error, requests = play(certificate_alone, lambda it: it.call(message), heard)
    assert isinstance(error, OutcomeUnknown)
    assert not isinstance(error, TransferNotFound)
    assert "Wechatpay-Serial is not known" in error.why
    assert [it.path for it in requests] == [prepared(message).path]
    assert [key.serial for key in certificate_alone.wechat_keys] == [PLATFORM.serial]


@pytest.mark.parametrize("serial", UNHEARD_OF)
def test_a_notification_by_a_serial_that_is_not_known_is_refused(
    certificate_alone: V3Credentials, serial: str
) -> None:
    said = VECTORS["notifications"]["fail_overdue_platform_cert"]
    reader = NotificationReader(certificate_alone, clock=lambda: NOW)
    headers = {**said["headers"], "Wechatpay-Serial": serial}
    refused = reader.read(headers, said["body"].encode())
    assert isinstance(refused, NotificationRefused)
    assert refused.http_status == 401
    assert "not known" in refused.why
