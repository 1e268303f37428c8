"""What a failure of the network or of TLS means, in words, and on which side of the first byte.

Sans-IO: takes exceptions, returns ``NothingSent`` or ``MaybeSent``. No other place judges a foreign
error.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.client.transport import MaybeSent, NothingSent
from hongbao.client.tunnel import NoTunnel
from hongbao.sentences import say, sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.client.proxy import Route

# OpenSSL's reason -> the alert's name in RFC 8446, section 6: those about the peer's certificate.
_CERTIFICATE_ALERTS = {
    "SSLV3_ALERT_NO_CERTIFICATE": "no_certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "bad_certificate",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "unsupported_certificate",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "certificate_revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "certificate_expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "certificate_unknown",
    "TLSV1_ALERT_UNKNOWN_CA": "unknown_ca",
    "TLSV1_ALERT_ACCESS_DENIED": "access_denied",
    "TLSV1_ALERT_DECRYPT_ERROR": "decrypt_error",
    "TLSV1_CERTIFICATE_UNOBTAINABLE": "certificate_unobtainable",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "certificate_required",
}
# TLS 1.2 has no word of its own for "you showed no certificate"; RFC 5246, section 7.4.6.
_HANDSHAKE_FAILURE = "SSLV3_ALERT_HANDSHAKE_FAILURE"

_WRONG_CA = say(
    "its certificate comes from an authority that is not trusted here. Update the system's trust "
    "store (WeChat's servers use DigiCert), or give the right ca_path if this is the simulator"
)
_WRONG_NAME = say("its certificate is for another host. Check base_url, DNS and proxies on the way")
# X509_V_ERR_* of OpenSSL's x509_vfy.h -> what to do.
_VERIFICATION = {
    2: _WRONG_CA,
    9: say("its certificate is not valid yet. Check this machine's clock"),
    10: say(
        "its certificate has expired. Check this machine's clock, or tell the server's operator"
    ),
    18: _WRONG_CA,
    19: _WRONG_CA,
    20: _WRONG_CA,
    21: _WRONG_CA,
    62: _WRONG_NAME,
    64: _WRONG_NAME,
}


def certificate_alert(error: BaseException | None) -> str | None:
    """The name of the TLS alert by which the peer refused our certificate, if it is that."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLCertVerificationError):
        return None
    return _CERTIFICATE_ALERTS.get(error.reason)


@contextmanager
def reaching(route: Route) -> Iterator[None]:
    """Until TLS begins, the network's errors are about the proxy, if there is one."""
    try:
        yield
    except OSError as error:
        if route.proxy is None or isinstance(error, (TimeoutError, NoTunnel)):
            raise
        raise NoTunnel(
            say("the proxy cannot be reached ({reason})", reason=_words(error))
        ) from error


def not_connected(route: Route, error: BaseException) -> NothingSent:
    """Before the first byte: DNS, TCP, a proxy or TLS failed."""
    return NothingSent(say("{route}: {why}", route=str(route), why=_why_not_connected(error)))


def _why_not_connected(error: BaseException) -> str:
    alert = certificate_alert(error)
    if alert:
        return say(
            "the server refused the client certificate (TLS alert {alert}). Check that it is the "
            "merchant's current one",
            alert=alert,
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = _VERIFICATION.get(error.verify_code, say("see the reason and check ca_path"))
        return say(
            "the server is not trusted ({reason}): {advice}",
            reason=error.verify_message,
            advice=advice,
        )
    if isinstance(error, ssl.SSLError) and error.reason == _HANDSHAKE_FAILURE:
        return say(
            "the server ended the TLS handshake (handshake_failure): it found no client "
            "certificate that it takes, or no cipher in common"
        )
    if isinstance(error, TimeoutError):
        return say("connecting took too long")
    if isinstance(error, NoTunnel):
        return sentence_of(error)
    return say("cannot connect ({reason})", reason=_words(error))


def maybe_sent(error: BaseException | None, *, started: bool, fresh: bool) -> MaybeSent:
    """After the first byte: the connection broke.

    Args:
        error: what broke it; None if the end was not marked by an error.
        started: whether a byte of the reply had come.
        fresh: whether this was the connection's first exchange. Only then an alert can belong to
            the handshake, which under TLS 1.3 ends behind the client's first bytes.
    """
    if isinstance(error, TimeoutError):
        return MaybeSent(
            say("the time was up before the rest of the reply came")
            if started
            else say("the time was up before a reply came")
        )
    where = say("in the middle of the reply") if started else say("before any reply")
    alert = certificate_alert(error) if fresh and not started else None
    if alert:
        return MaybeSent(
            say(
                "the server refused the client certificate (TLS alert {alert}) {where}",
                alert=alert,
                where=where,
            ),
            certificate_alert=alert,
        )
    why = say("the connection broke {where}", where=where)
    if error:
        why = say("the connection broke {where} ({reason})", where=where, reason=_words(error))
    if fresh and not started and isinstance(error, (ConnectionError, ssl.SSLEOFError)):
        # A reset may overtake the alert, which is lost then.
        why = say("{why}, perhaps because the server refused the client certificate", why=why)
    return MaybeSent(why)


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "TLS ended without notice").lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
