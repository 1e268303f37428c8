"""What is signed: five lines of a request, three of a reply, and the header that carries it.

Source: the pages 4012365342 (requests) and 4012365352 (replies and notifications).
"""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

SCHEME = "WECHATPAY2-SHA256-RSA2048"

# OAEP with SHA-1 is what WeChat's page of sensitive fields has; no collision of SHA-1 weakens it.
_OAEP = OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303  # see above


class Signature(NamedTuple):
    """Who signed what, when.

    Attributes:
        mch_id: the merchant.
        serial_no: of the merchant's certificate, in hex.
        timestamp: seconds since the epoch, as text.
        nonce: letters and digits, at most 32.
        signature: base64.
    """

    mch_id: str
    serial_no: str
    timestamp: str
    nonce: str
    signature: str

    @property
    def header(self) -> str:
        """The value of ``Authorization``."""
        return (
            f'{SCHEME} mchid="{self.mch_id}",nonce_str="{self.nonce}",'
            f'timestamp="{self.timestamp}",serial_no="{self.serial_no}",'
            f'signature="{self.signature}"'
        )


def request_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a request's signature is of.

    Args:
        method: ``GET`` or ``POST``.
        path: with its query, percent-encoded, as it is sent.
        timestamp: seconds since the epoch.
        nonce: as it is sent.
        body: the bytes that are sent; empty if there are none.
    """
    return f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def reply_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the signature of a reply or a notification is of: the bytes as they came."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """RSA PKCS#1 v1.5 with SHA-256, in base64: the same text gives the same signature."""
    return b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def seal(key: RSAPublicKey, text: str) -> str:
    """A sensitive field, such as a name, for the owner of the key: new bytes each time."""
    return b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def unseal(key: RSAPrivateKey, sealed: bytes) -> str:
    """What was sealed.

    Raises:
        ValueError: it was not sealed for this key, or is no text.
    """
    return key.decrypt(sealed, _OAEP).decode()
