"""The merchant's certificate: PEM, PKCS#12, and what the DER inside says."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime

from cryptography import x509

from hongbao.client.certificate import MerchantCertificate, client_context, read_certificate
from hongbao.client.der import read_facts
from hongbao.errors import ConfigurationError
from target import Target, insist

MCH_ID = "10000100"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
_BETWEEN = b"\0"
_CERTIFICATE, _KEY, _PASSWORD, _AUTHORITY = range(4)
_LINES = (
    *(b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n", _BETWEEN),
    *(b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"),
    *(b"\\n", b"\\r\\n", b"\\/", b"\xef\xbb\xbf", b"\xff\xfe", b"MII"),
    *(b"-----BEGIN EC PRIVATE KEY-----\n", b"Proc-Type: 4,ENCRYPTED\n", b"DEK-Info: DES-CBC,00\n"),
)
_TAGS = (
    b"\x30\x80",
    b"\x30\x82\xff\xff",
    b"\x02\x04\x7f\xff\xff\xff",
    b"\x17\x0d",
    b"\x18\x0f",
    b"\xa0\x03",
)


def load_pem(data: bytes) -> None:
    """Certificate, key, password and authority, as far as they are given."""
    parts = [*data.split(_BETWEEN, _AUTHORITY), b"", b"", b""]
    password = parts[_PASSWORD].decode("latin-1") or None
    _load(
        MerchantCertificate(
            cert_pem=parts[_CERTIFICATE], key_pem=parts[_KEY], key_password=password
        ),
        parts[_AUTHORITY] or None,
    )


def load_pkcs12(data: bytes) -> None:
    """With the password that WeChat sets."""
    _load(MerchantCertificate(p12=data), None)


def _load(certificate: MerchantCertificate, authority: bytes | None) -> None:
    """A context that verifies the server, or our own error, which says what to do."""
    with warnings.catch_warnings(action="ignore"):
        for check_name in (False, True):
            try:
                context = client_context(
                    certificate,
                    mch_id=MCH_ID,
                    now=NOW,
                    ca_pem=authority or b"",
                    check_common_name=check_name,
                )
            except ConfigurationError as error:
                insist(error.problem and error.remedy, "an error says what to do")
            else:
                insist(context.verify_mode is ssl.CERT_REQUIRED, "the server is verified")
                facts = read_certificate(certificate, mch_id=MCH_ID)
                insist(facts.not_before <= NOW <= facts.not_after, "it is valid by its dates")


def read_certificate_facts(der: bytes) -> None:
    """The facts that another reader finds, or a ``ValueError``."""
    try:
        facts = read_facts(der)
    except ValueError:
        return
    insist(all(isinstance(name, str) for name in facts.common_names), "names are text")
    try:
        foreign = x509.load_der_x509_certificate(der)
        dates = foreign.not_valid_before_utc, foreign.not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        return
    insist(dates == (facts.not_before, facts.not_after), "another reader finds the same dates")


TARGETS = {
    "pem": Target(load_pem, 8192, _LINES),
    "pkcs12": Target(load_pkcs12, 4096, _TAGS),
    "certificate_facts": Target(read_certificate_facts, 2048, _TAGS),
}
