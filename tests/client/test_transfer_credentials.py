"""Who pays by V3 is checked when it is made, and shows no key in any way."""

from __future__ import annotations

import pickle
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from transfer_samples import MERCHANT_KEY, NOW, PUBLIC, VECTORS

from hongbao import ConfigurationError, V3Credentials
from hongbao.wire.transfer import signing
from test_transfers import credentials_with

if TYPE_CHECKING:
    from pathlib import Path

_THEN = datetime.fromtimestamp(NOW, UTC)
_NO_KEY = {"key_pem": None, "serial_no": ""}


def test_the_serial_is_read_out_of_the_certificate(tmp_path: Path) -> None:
    serial = VECTORS["serial_no"]
    by_pem = credentials_with(cert_pem=VECTORS["merchant_certificate"], serial_no="", now=_THEN)
    assert by_pem.serial_no == serial
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_text(VECTORS["merchant_certificate"], encoding="utf-8")
    key.write_text(VECTORS["merchant_key"], encoding="utf-8")
    by_path = credentials_with(**_NO_KEY, cert_path=cert, key_path=key, now=_THEN)
    assert by_path.serial_no == serial
    certificate = x509.load_pem_x509_certificate(VECTORS["merchant_certificate"].encode())
    bag = pkcs12.serialize_key_and_certificates(
        b"x",
        MERCHANT_KEY,
        certificate,
        None,
        serialization.BestAvailableEncryption(VECTORS["mch_id"].encode()),
    )
    assert credentials_with(**_NO_KEY, p12=bag, now=_THEN).serial_no == serial


def test_keys_come_from_files_and_from_variables_that_lost_their_lines(tmp_path: Path) -> None:
    key, public = tmp_path / "key.pem", tmp_path / "pub_key.pem"
    key.write_text(VECTORS["merchant_key"], encoding="utf-8")
    public.write_text(VECTORS["wechat_public_key"], encoding="utf-8")
    platform = tmp_path / "platform.pem"
    platform.write_text(VECTORS["platform_certificate"], encoding="utf-8")
    found = credentials_with(
        key_pem=None,
        key_path=key,
        public_key_pem=None,
        public_key_path=public,
        platform_cert_paths=(platform,),
    )
    assert {it.serial for it in found.wechat_keys} == {PUBLIC.serial, VECTORS["platform_serial"]}
    one_line = VECTORS["wechat_public_key"].replace("\n", "\\n")
    assert credentials_with(public_key_pem=one_line).wechat_keys.find(PUBLIC.serial) is not None


def _ec_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"app_id": "wx 1"}, "app_id"),
        ({"mch_id": ""}, "mch_id"),
        ({"api_v3_key": "short"}, "api_v3_key"),
        ({"total_seconds": 0}, "total_seconds"),
        ({"base_url": "http://x"}, "base_url"),
        ({"serial_no": ""}, "serial_no"),
        ({"serial_no": "xyz"}, "serial_no"),
        ({"key_pem": None}, "key_path"),
        ({"key_path": "/nowhere"}, "key_path"),
        ({"key_pem": VECTORS["wechat_public_key"]}, "key_pem"),
        ({"key_pem": _ec_key()}, "key_pem"),
        ({"key_password": "not needed"}, "key_pem"),
        ({"cert_pem": VECTORS["platform_certificate"], "now": _THEN}, "key_pem"),
        (
            {"cert_pem": VECTORS["merchant_certificate"], "serial_no": "ab" * 20, "now": _THEN},
            "serial_no",
        ),
        ({"public_key_id": None}, "public_key_id"),
        ({"public_key_id": "0119"}, "public_key_id"),
        ({"public_key_pem": None}, "public_key_path"),
        ({"public_key_pem": VECTORS["platform_certificate"]}, "public_key_pem"),
        ({"platform_cert_pems": ("x",)}, "platform_cert_pems[0]"),
        ({"ca_pem": "x"}, "ca_pem"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(changes: dict[str, Any], setting: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        credentials_with(**changes)
    assert caught.value.setting.partition(" ")[0] == setting
    assert caught.value.remedy


def test_a_key_that_is_encrypted_says_that_its_password_is_missing() -> None:
    key = serialization.load_pem_private_key(VECTORS["merchant_key"].encode(), None)
    for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        cipher = serialization.BestAvailableEncryption(b"open sesame")
        text = key.private_bytes(serialization.Encoding.PEM, form, cipher)
        with pytest.raises(ConfigurationError, match="is encrypted, and no key_password is given"):
            credentials_with(key_pem=text)
        assert credentials_with(key_pem=text, key_password="open sesame").private_key.key_size


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00+00:00", "2060-01-01T00:00:00+00:00"])
def test_a_certificate_that_does_not_hold_now_is_found_at_start(at: str) -> None:
    with pytest.raises(ConfigurationError, match="cert_pem"):
        credentials_with(cert_pem=VECTORS["merchant_certificate"], now=datetime.fromisoformat(at))


def _secrets() -> list[str]:
    lines = [
        line for name in ("merchant_key", "wechat_private_key") for line in VECTORS[name].split()
    ]
    return [VECTORS["api_v3_key"], *(line for line in lines if len(line) > 40)]


def test_no_repr_and_no_error_shows_a_key() -> None:
    shown = [repr(credentials_with(proxy="http://me:hidden@127.0.0.1:8080"))]
    broken = VECTORS["merchant_key"].replace("M", "§", 3)
    for changes in ({"key_pem": broken}, {"key_password": "hidden"}, {"serial_no": ""}):
        with pytest.raises(ConfigurationError) as caught:
            credentials_with(**changes)
        shown += ["".join(traceback.format_exception(caught.value)), str(vars(caught.value))]
    for text in shown:
        assert not [secret for secret in [*_secrets(), "hidden"] if secret in text]


def test_credentials_cross_no_process_border() -> None:
    with pytest.raises(TypeError, match="holds secrets"):
        pickle.dumps(credentials_with())


def test_a_name_that_wechat_sealed_for_the_merchant_is_opened() -> None:
    found = credentials_with()
    sealed = signing.seal(MERCHANT_KEY.public_key(), "测试甲")
    assert found.open_name(sealed) == "测试甲"
    for other in ("§", "QUJD", signing.seal(PUBLIC.public_key, "测试甲")):
        with pytest.raises(ValueError, match="not sealed for this merchant"):
            found.open_name(other)


def test_a_copy_that_knows_more_keys_is_otherwise_the_same() -> None:
    found = credentials_with()
    twin = found.with_wechat_keys([])
    assert isinstance(twin, V3Credentials)
    assert twin.private_key is found.private_key
    assert twin.mch_id == found.mch_id
