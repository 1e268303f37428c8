"""Certificates of merchants for the tests, good and bad, in every form."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID
from peers import MCH_ID, world

from hongbao.client.certificate import (
    MerchantCertificate,
    client_context,
)
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PASSWORD = "open sesame"


@cache
def keys(kind: str, number: int) -> Any:
    """A private key; the same each time for one kind and number."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def make(
    *,
    kind: str = "ec",
    common_name: str | None = MCH_ID,
    starts: dt.datetime = NOW - 100 * DAY,
    ends: dt.datetime = NOW + 100 * DAY,
) -> x509.Certificate:
    """A certificate that signs itself."""
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "微信商户系统")]
    if common_name is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    key = keys(kind, 0)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name(attributes))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Root CA")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(
    kind: str = "ec",
    number: int = 0,
    *,
    form: PrivateFormat = PrivateFormat.PKCS8,
    password: str | None = None,
) -> bytes:
    secret: bytes = keys(kind, number).private_bytes(
        serialization.Encoding.PEM,
        form,
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption(),
    )
    return secret


def p12(certificate: x509.Certificate, password: str = MCH_ID, **options: Any) -> bytes:
    chain = options.pop("chain", None)
    builder = PrivateFormat.PKCS12.encryption_builder()
    if options.get("old"):
        builder = (
            builder.kdf_rounds(2000)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())
        )
    encryption = builder.build(password.encode())
    return pkcs12.serialize_key_and_certificates(
        b"Tenpay Certificate", keys("ec", 0), certificate, chain, encryption
    )


def context_of(
    certificate: MerchantCertificate, *, mch_id: str = MCH_ID, now: dt.datetime = NOW, **more: Any
) -> ssl.SSLContext:
    more.setdefault("ca_pem", world().ca.cert_pem.bytes())
    return client_context(certificate, mch_id=mch_id, now=now, **more)


def refusal(certificate: MerchantCertificate, **more: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        context_of(certificate, **more)
    assert caught.value.remedy
    return caught.value


def pair(**options: Any) -> MerchantCertificate:
    return MerchantCertificate(cert_pem=pem(make(**options)), key_pem=key_pem())
