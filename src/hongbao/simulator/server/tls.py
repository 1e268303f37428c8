"""The server's end of one TLS connection: bytes in, bytes out. Sans-IO; it knows no HTTP.

It does not use asyncio's TLS, because the simulator has to break connections on purpose: to end one
in the middle of a reply without TLS's close_notify. asyncio's layer gives no control over that.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

# A record holds 16 KiB: four of them at once.
_READ_BYTES = 64 * 1024
_X509_V_FLAG_NO_CHECK_TIME = 0x200000  # openssl/x509_vfy.h; Python has no name for it


class Certificate(NamedTuple):
    """A client's certificate whose chain has been verified.

    Attributes:
        common_name: the subject's common name, which is the ``mch_id``.
        begins: seconds since the epoch.
        ends: seconds since the epoch.
    """

    common_name: str
    begins: float
    ends: float


class TlsFailed(Exception):
    """The connection is of no further use, once what is left to send (an alert) is sent.

    Attributes:
        spoke_http: whether the client spoke HTTP without TLS.
    """

    def __init__(self, *, spoke_http: bool = False) -> None:
        super().__init__("TLS failed")
        self.spoke_http = spoke_http


def server_context(*, certificate: Path, key: Path, client_ca: Path) -> ssl.SSLContext:
    """TLS as WeChat's nginx has it: it asks for a certificate and admits clients without one.

    A client with no certificate or an expired one gets an HTTP reply that says so. A certificate of
    another authority ends the handshake with an alert: OpenSSL can do otherwise only in C.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(client_ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= _X509_V_FLAG_NO_CHECK_TIME
    context.set_alpn_protocols(["http/1.1"])
    return context


class TlsEnd:
    """One connection's TLS.

    Attributes:
        established: whether the handshake is done.
        ended: whether the client has sent its close_notify.
    """

    __slots__ = ("_in", "_object", "_out", "ended", "established")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_side=True)
        self.established = False
        self.ended = False

    def receive(self, data: bytes) -> bytes:
        """Decrypt data from the network. Send ``outgoing`` afterwards.

        Raises:
            TlsFailed: if it is not TLS, or the handshake fails.
        """
        self._in.write(data)
        try:
            if not self.established:
                self._object.do_handshake()
                self.established = True
            return self._read()
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLError as error:
            spoke_http = error.reason in {"HTTP_REQUEST", "HTTPS_PROXY_REQUEST"}
            raise TlsFailed(spoke_http=spoke_http) from None

    def send(self, data: bytes) -> bytes:
        """Encrypt data for the network."""
        try:
            self._object.write(data)
        except ssl.SSLError:
            raise TlsFailed from None
        return self._out.read()

    def farewell(self) -> bytes:
        """The close_notify to send to the network."""
        # It raises because the client's close_notify is missing, or there was no handshake.
        with suppress(ssl.SSLError):
            self._object.unwrap()
        return self._out.read()

    def outgoing(self) -> bytes:
        """The handshake's data for the network."""
        return self._out.read()

    def client_certificate(self) -> Certificate | None:
        """The client's certificate; None if it sent none."""
        shown: dict[str, Any] | None = self._object.getpeercert()
        if not shown:
            return None
        subject = dict(attribute for names in shown["subject"] for attribute in names)
        return Certificate(
            subject.get("commonName", ""),
            ssl.cert_time_to_seconds(shown["notBefore"]),
            ssl.cert_time_to_seconds(shown["notAfter"]),
        )

    def _read(self) -> bytes:
        parts: list[bytes] = []
        try:
            while True:
                part = self._object.read(_READ_BYTES)
                if not part:
                    self.ended = True
                    break
                parts.append(part)
                if not self._in.pending and not self._object.pending():
                    break  # asking once more would cost an exception
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        return b"".join(parts)
