"""The merchant's API certificate: from files or bytes to an ``ssl.SSLContext`` that is fit to pay.

Whatever is wrong with it shows here, before any money moves. Knows no connections and no clock.
The private key never lies unencrypted on a disk. PEM is judged with the standard library alone:
``cryptography`` takes 10 MB and 50 ms to import, so it is left to those who bring PKCS#12.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from hongbao.client import key_pair, pem
from hongbao.client.der import read_facts
from hongbao.client.key_pair import read_file
from hongbao.errors import ConfigurationError
from hongbao.sentences import say
from hongbao.wire.caution import warn

if TYPE_CHECKING:
    from datetime import datetime
    from os import PathLike

    from hongbao.client.der import CertificateFacts
    from hongbao.client.key_pair import KeyPair

EXPIRY_WARNING = timedelta(days=30)  # WeChat lets an old and a new one overlap for days only

_GET_IT = say("Take it from the merchant platform (账户中心 > API安全 > 申请API证书).")
_GET_AUTHORITY = say("Give the authority's certificate, such as the simulator's ca.pem.")
_CLOCK = say("Check this machine's clock and that this is the merchant's current certificate.")


class CertificateExpiring(UserWarning):
    """The merchant's certificate ends within 30 days: get a new one before payments stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantCertificate:
    """Where the certificate and its key are; the repr shows paths alone, pickling is refused.

    Give exactly one of: ``cert_path`` and ``key_path``, ``cert_pem`` and ``key_pem``,
    ``p12_path``, ``p12``. Nothing is read before ``client_context``.

    Attributes:
        cert_path: PEM certificate, such as ``apiclient_cert.pem``; its chain may follow in it.
        key_path: PEM private key, such as ``apiclient_key.pem``.
        cert_pem: the certificate itself; see ``pem`` for the shapes that are read.
        key_pem: the private key itself.
        key_password: of an encrypted PEM key.
        p12_path: both as PKCS#12, such as ``apiclient_cert.p12``.
        p12: the same itself, or its base64.
        p12_password: if left out, the ``mch_id``, as WeChat sets it, and none are tried.

    Raises:
        ConfigurationError: if none or several are given, or half of a pair.
    """

    cert_path: str | PathLike[str] | None = None
    key_path: str | PathLike[str] | None = None
    cert_pem: bytes | str | None = field(default=None, repr=False)
    key_pem: bytes | str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    p12_path: str | PathLike[str] | None = None
    p12: bytes | str | None = field(default=None, repr=False)
    p12_password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        ways = (("cert_path", "key_path"), ("cert_pem", "key_pem"), ("p12_path",), ("p12",))
        given = [way for way in ways if any(getattr(self, name) is not None for name in way)]
        if len(given) != 1:
            raise ConfigurationError(
                setting="certificate",
                problem=say("is given in {count} ways", count=len(given))
                if given
                else say("is not given"),
                remedy=say(
                    "Give one of cert_path and key_path, cert_pem and key_pem, p12_path, p12."
                ),
            )
        for name in given[0]:
            if getattr(self, name) is None:
                raise ConfigurationError(
                    setting=name,
                    problem=say("is missing"),
                    remedy=say("Give {names} together.", names=" and ".join(given[0])),
                )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a MerchantCertificate is not pickled: it holds the private key")


def client_context(
    certificate: MerchantCertificate,
    *,
    mch_id: str,
    now: datetime,
    ca_path: str | PathLike[str] | None = None,
    ca_pem: bytes | str | None = None,
    check_common_name: bool = True,
) -> ssl.SSLContext:
    """A context that shows the merchant's certificate, and verifies the server in any case.

    TLS 1.2 at least. Warns with ``CertificateExpiring`` in the certificate's last 30 days.

    Args:
        certificate: the certificate and its key.
        mch_id: the merchant whose certificate it must be.
        now: the aware time by which its dates are judged.
        ca_path: trust the authorities of this PEM file alone; the system's if left out.
        ca_pem: the same itself.
        check_common_name: whether its common name must be ``mch_id``. WeChat's certificates are
            like that as far as is known; no official page says so.

    Raises:
        ConfigurationError: which file or setting is wrong, in what way, and what to do.
    """
    pair = read_pair(certificate, mch_id)
    facts = _facts(pair)
    check_dates(pair.cert_setting, facts, now)
    if check_common_name and mch_id not in facts.common_names:
        owner = " ".join(facts.common_names) or "nobody"
        raise ConfigurationError(
            setting=pair.cert_setting,
            problem=say("belongs to {owner}, not to mch_id {mch_id}", owner=owner, mch_id=mch_id),
            remedy=say("Use the certificate of this merchant, or fix mch_id."),
        )
    context = verifying_context(ca_path, ca_pem)
    key_pair.load(context, pair)
    return context


def read_certificate(certificate: MerchantCertificate, *, mch_id: str) -> CertificateFacts:
    """Whose certificate it is and from when to when it holds, without judging that.

    Raises:
        ConfigurationError: if it cannot be read.
    """
    return _facts(read_pair(certificate, mch_id))


def insist_on_verification(context: ssl.SSLContext) -> None:
    """Refuse a context that would talk to anybody: replies are unsigned, TLS is the only proof.

    Raises:
        ConfigurationError: if the server's certificate or its name is not checked, or TLS may be
            older than 1.2.
    """
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        problem = say("does not verify the server")
    # ``minimum_version`` is negative where it stands for the oldest that OpenSSL has.
    elif context.minimum_version < ssl.TLSVersion.TLSv1_2:
        problem = say("allows TLS below 1.2")
    else:
        return
    raise ConfigurationError(
        setting="context",
        problem=problem,
        remedy=say("Make it with client_context; to trust an authority of your own, give ca_path."),
    )


def read_pair(certificate: MerchantCertificate, mch_id: str) -> KeyPair:
    """The certificate and its key, as they were given; the key may be encrypted.

    Raises:
        ConfigurationError: either cannot be read.
    """
    it = certificate
    if it.cert_path is not None and it.key_path is not None:
        return key_pair.from_files(it.cert_path, it.key_path, it.key_password)
    if it.cert_pem is not None and it.key_pem is not None:
        return key_pair.from_pem(it.cert_pem, it.key_pem, it.key_password)
    # As WeChat sets it; and none, as tools that convert such files often leave it.
    passwords = (mch_id, "") if it.p12_password is None else (it.p12_password,)
    if it.p12_path is not None:
        data = read_file("p12_path", it.p12_path)
        return key_pair.from_pkcs12(data, passwords, f"p12_path {it.p12_path}")
    return key_pair.from_pkcs12(it.p12 or b"", passwords, "p12")


def _facts(pair: KeyPair) -> CertificateFacts:
    try:
        return read_facts(pair.leaf_der())
    except ValueError as error:
        raise ConfigurationError(
            setting=pair.cert_setting, problem=say("is not a certificate in PEM"), remedy=_GET_IT
        ) from error


def check_dates(setting: str, facts: CertificateFacts, now: datetime) -> None:
    """Warn of a certificate that is about to expire.

    Raises:
        ConfigurationError: it does not hold at ``now``, or that has no time zone.
    """
    if now.tzinfo is None:
        raise ConfigurationError(
            setting="now", problem=say("has no time zone"), remedy=say("Give an aware datetime.")
        )
    if now < facts.not_before:
        problem = say(
            "is not valid before {not_before:%Y-%m-%d %H:%M} UTC", not_before=facts.not_before
        )
        raise ConfigurationError(setting=setting, problem=problem, remedy=_CLOCK)
    if now > facts.not_after:
        problem = say("expired at {not_after:%Y-%m-%d %H:%M} UTC", not_after=facts.not_after)
        raise ConfigurationError(setting=setting, problem=problem, remedy=_GET_IT)
    if now > facts.not_after - EXPIRY_WARNING:
        warn(
            say(
                "{setting} expires at {not_after:%Y-%m-%d %H:%M} UTC. {hint}",
                setting=setting,
                not_after=facts.not_after,
                hint=_GET_IT,
            ),
            CertificateExpiring,
        )


def verifying_context(
    ca_path: str | PathLike[str] | None, ca_pem: bytes | str | None
) -> ssl.SSLContext:
    """A context that verifies the server, shows no certificate, and wants TLS 1.2 at least.

    Raises:
        ConfigurationError: the authorities to be trusted cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_path is None and ca_pem is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context
    if ca_path is not None and ca_pem is not None:
        raise ConfigurationError(
            setting="ca_path",
            problem=say("and ca_pem are both given"),
            remedy=say("Give one of them."),
        )
    setting = "ca_pem" if ca_path is None else f"ca_path {ca_path}"
    text = (ca_pem or b"") if ca_path is None else read_file("ca_path", ca_path)
    authorities = pem.certificates(text, setting, remedy=_GET_AUTHORITY)
    try:
        context.load_verify_locations(cadata=authorities.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError(
            setting=setting, problem=say("holds no certificates in PEM"), remedy=_GET_AUTHORITY
        ) from error
    return context
