"""Makes the certificates of the simulator's own authority; knows neither files nor the protocol.

All of them have ``MARK`` as their organisation, so that nobody mistakes one for WeChat's.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MARK = "hongbao simulator - not WeChat"

KEY_BITS = 2048  # as WeChat's own
AUTHORITY_DAYS = 3650
SERVER_DAYS = 398  # the longest that some clients accept
MERCHANT_DAYS = 1826  # five years, as WeChat's merchant certificates
PLATFORM_DAYS = 365 * 50
CLOCK_SKEW = timedelta(days=1)
"""Certificates are valid from this long before they are made: containers' clocks differ."""
RENEWED_BEFORE = timedelta(days=1)
"""A certificate that ends sooner is renewed at start: a test run should not see it end."""
# Enough to be a real derivation, few enough for old tools; OpenSSL's own default.
_PKCS12_ROUNDS = 2048


def make_key() -> rsa.RSAPrivateKey:
    """A new private key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def make_authority(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    """The authority's own certificate. Renewed with the same key, it still verifies old ones."""
    name = _name("hongbao simulator CA")
    builder = _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
    usage = _usage(signs_certificates=True)
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


class CertificateAuthority:
    """Issues certificates.

    Args:
        certificate: the authority's own.
        key: its private key.
    """

    def __init__(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        self.certificate = certificate
        self._key = key

    def server(
        self, key: rsa.RSAPrivateKey, names: Sequence[str], now: datetime
    ) -> x509.Certificate:
        """A server's certificate, valid for host names and IP addresses."""
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = self._leaf("hongbao simulator", key, now, SERVER_DAYS)
        builder = builder.add_extension(alternatives, critical=False)
        return self._sign(builder, ExtendedKeyUsageOID.SERVER_AUTH)

    def merchant(self, key: rsa.RSAPrivateKey, mch_id: str, now: datetime) -> x509.Certificate:
        """A merchant's certificate; its common name is the ``mch_id``."""
        builder = self._leaf(mch_id, key, now, MERCHANT_DAYS)
        return self._sign(builder, ExtendedKeyUsageOID.CLIENT_AUTH)

    def platform(self, key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
        """A certificate of WeChat's side of V3, for any time that a simulated clock may show."""
        earlier = now - timedelta(days=PLATFORM_DAYS)
        builder = self._leaf("hongbao simulator platform", key, earlier, 2 * PLATFORM_DAYS)
        return self._sign(builder, ExtendedKeyUsageOID.CLIENT_AUTH)

    def vouches_for(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Whether this authority issued a certificate that stays valid for a while."""
        return is_issued_by(certificate, self.certificate) and lasts(certificate, now)

    def _leaf(
        self, common_name: str, key: rsa.RSAPrivateKey, now: datetime, days: int
    ) -> x509.CertificateBuilder:
        issuer = self.certificate.subject
        return _builder(_name(common_name), issuer, key.public_key(), now, days).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
            critical=False,
        )

    def _sign(
        self, builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier
    ) -> x509.Certificate:
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    """A private key as PEM (PKCS#8, not encrypted), as ``apiclient_key.pem`` is."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pkcs12_bytes(
    certificate: x509.Certificate, key: rsa.RSAPrivateKey, *, name: str, password: str
) -> bytes:
    """Certificate and key as PKCS#12, with 3DES and SHA-1, so that old tools can read it."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_PKCS12_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303  # what the readers of old files expect
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, encryption)


def is_issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether a certificate names an authority as its issuer and is signed by it."""
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001  # cryptography raises four kinds; each means "no"
        return False
    return True


def lasts(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether a certificate is valid and stays so for a while."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins <= now and now + RENEWED_BEFORE < ends


def covers(certificate: x509.Certificate, names: Sequence[str]) -> bool:
    """Whether a server's certificate is valid for all these host names and addresses."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return {_general_name(name) for name in names} <= set(found)


def is_marked(certificate: x509.Certificate) -> bool:
    """Whether a certificate claims to be the simulator's."""
    organisations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return [attribute.value for attribute in organisations] == [MARK]


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: rsa.RSAPublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(public_key)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(identifier, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
