"""WeChat's keys are read whole: whose they are, from when to when, and of what size."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from transfer_samples import PLATFORM_KEY, VECTORS

from hongbao.wire.transfer.certificates import (
    NotRsa,
    read_certificate,
    read_list,
    read_public_key,
)
from hongbao.wire.transfer.json_body import IncompleteObject
from hongbao.wire.transfer.sealed_resource import open_resource

API_V3_KEY: str = VECTORS["api_v3_key"]
_NONCE = "c7319a898c5f"
_BEGINS, _ENDS = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2031, 1, 2, tzinfo=UTC)


def certificate(serial: int) -> bytes:
    """One of WeChat's, of a serial of our own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(PLATFORM_KEY.public_key()).serial_number(serial)
    builder = builder.not_valid_before(_BEGINS).not_valid_after(_ENDS)
    made = builder.sign(PLATFORM_KEY, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def sealed(plain: bytes, **changes: object) -> dict[str, Any]:
    box = AESGCM(API_V3_KEY.encode()).encrypt(_NONCE.encode(), plain, b"certificate")
    said: dict[str, Any] = {
        "algorithm": "AEAD_AES_256_GCM", "nonce": _NONCE, "associated_data": "certificate",
        "ciphertext": b64encode(box).decode(),
    }  # fmt: skip
    return said | changes


def row(serial_no: object, plain: bytes) -> dict[str, Any]:
    return {"serial_no": serial_no, "encrypt_certificate": sealed(plain)}


def public_key(bits: int) -> bytes:
    """A key of so many bits; nobody has its other half."""
    key = RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_certificate_has_its_serial_its_dates_and_its_key() -> None:
    key = read_certificate(certificate(0xABC))
    assert key.serial == "ABC".rjust(40, "0")
    assert (key.not_before, key.not_after) == (_BEGINS, _ENDS)
    assert key.public_key == PLATFORM_KEY.public_key()
    assert key.is_certificate


def test_a_certificate_holds_from_its_first_second_to_its_last() -> None:
    key = read_certificate(certificate(1))
    begins, ends = _BEGINS.timestamp(), _ENDS.timestamp()
    assert [key.holds_at(at) for at in (begins - 1, begins, ends, ends + 1)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_public_key_has_the_id_that_was_given_and_no_dates() -> None:
    key = read_public_key(VECTORS["wechat_public_key"].encode(), "PUB_KEY_ID_01")
    assert (key.serial, key.not_before, key.not_after) == ("PUB_KEY_ID_01", None, None)
    assert not key.is_certificate
    assert key.holds_at(0)
    assert key.holds_at(4e9)
    pem = key.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert pem.decode().strip() == VECTORS["wechat_public_key"].strip()


@pytest.mark.parametrize("bits", [2048, 8192])
def test_a_key_of_an_ordinary_size_is_read(bits: int) -> None:
    assert read_public_key(public_key(bits), "PUB_KEY_ID_1").public_key.key_size == bits


@pytest.mark.parametrize("bits", [1024, 2047, 8193])
def test_a_key_of_another_size_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=r"^not of 2048 to 8192 bits$") as caught:
        read_public_key(public_key(bits), "PUB_KEY_ID_1")
    assert not isinstance(caught.value, NotRsa)


def test_a_key_of_another_kind_is_told_from_what_is_no_key() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = curve.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(NotRsa, match=r"^not an RSA key$"):
        read_public_key(pem, "PUB_KEY_ID_1")
    for read in (read_certificate, lambda text: read_public_key(text, "PUB_KEY_ID_1")):
        with pytest.raises(ValueError, match=r".") as caught:
            read(b"no key")
        assert not isinstance(caught.value, NotRsa)


@pytest.mark.parametrize("serial_no", ["0F0", "f0", "F0", "F0".rjust(40, "0")])
def test_a_serial_is_the_same_in_either_case_and_without_its_zeros(serial_no: str) -> None:
    found = read_list({"data": [row(serial_no, certificate(0xF0))]}, API_V3_KEY)
    assert [key.serial for key in found] == ["F0".rjust(40, "0")]


@pytest.mark.parametrize("serial_no", ["F", "F00", "F1", "0F"])
def test_a_certificate_under_another_serial_is_refused(serial_no: str) -> None:
    with pytest.raises(IncompleteObject) as caught:
        read_list({"data": [row(serial_no, certificate(0xF0))]}, API_V3_KEY)
    assert str(caught.value) == "a certificate has another serial_no than it is said to have"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "data is not a list"),
        ({"data": {}}, "data is not a list"),
        ({"data": None}, "data is not a list"),
        ({"data": [None] * 101}, "data is not a list"),
        ({"data": [None] * 100}, "a certificate is not an object"),
        ({"data": ["x"]}, "a certificate is not an object"),
        ({"data": [{"serial_no": "1"}]}, "a certificate is not an object"),
        ({"data": [{"encrypt_certificate": "x"}]}, "a certificate is not an object"),
        ({"data": [row(None, certificate(1))]}, "serial_no is not a text"),
        ({"data": [row("1", b"no certificate")]}, "what is sealed is not a certificate"),
        ({"data": [row("1", public_key(2048))]}, "what is sealed is not a certificate"),
    ],
)
def test_a_list_that_is_not_whole_is_refused_as_a_whole(said: dict[str, Any], why: str) -> None:
    with pytest.raises(IncompleteObject) as caught:
        read_list(said, API_V3_KEY)
    assert str(caught.value) == why


def test_an_empty_list_has_no_certificates() -> None:
    assert read_list({"data": []}, API_V3_KEY) == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"algorithm": "AEAD_SM4_GCM"}, "algorithm is not AEAD_AES_256_GCM"),
        ({"algorithm": None}, "algorithm is not a text"),
        ({"nonce": None}, "nonce is not a text"),
        ({"nonce": "c7319a898c5"}, "nonce is not 12 bytes"),
        ({"nonce": "c7319a898c5f0"}, "nonce is not 12 bytes"),
        ({"associated_data": 7}, "associated_data is not a text"),
        ({"associated_data": "other"}, "it does not open with this APIv3 key"),
        ({"associated_data": None}, "it does not open with this APIv3 key"),
        ({"ciphertext": None}, "ciphertext is not a text"),
        ({"ciphertext": "QUJD§"}, "ciphertext is not base64"),
        ({"ciphertext": "QUJ D"}, "ciphertext is not base64"),
        ({"ciphertext": "QUJD"}, "it does not open with this APIv3 key"),
    ],
)
def test_what_is_sealed_opens_only_as_it_was_sealed(changes: dict[str, Any], why: str) -> None:
    assert open_resource(sealed(b"plain"), API_V3_KEY) == b"plain"
    with pytest.raises(IncompleteObject) as caught:
        open_resource(sealed(b"plain", **changes), API_V3_KEY)
    assert str(caught.value) == why
    with pytest.raises(IncompleteObject, match="does not open with this APIv3 key"):
        open_resource(sealed(b"plain"), "x" * 32)


def test_what_was_sealed_with_nothing_beside_it_opens_so() -> None:
    box = AESGCM(API_V3_KEY.encode()).encrypt(_NONCE.encode(), b"plain", b"")
    for associated in ({"associated_data": ""}, {"associated_data": None}):
        said = sealed(b"", **associated, ciphertext=b64encode(box).decode())
        assert open_resource(said, API_V3_KEY) == b"plain"
