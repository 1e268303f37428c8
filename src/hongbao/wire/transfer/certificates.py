"""WeChat's platform certificates: as PEM, and as the list in which WeChat gives them.

Source: the page 4012069173. A merchant who has WeChat's public key only gets none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hongbao.wire.transfer.json_body import IncompleteObject, text
from hongbao.wire.transfer.sealed_resource import open_resource
from hongbao.wire.transfer.wechat_keys import WechatKey

_BITS_MIN, _BITS_MAX = 2048, 8192
_SERIALS_MAX = 100


def read_certificate(pem: bytes) -> WechatKey:
    """The key of a platform certificate, with its dates.

    Raises:
        ValueError: it is none, or its key is not RSA of an ordinary size.
    """
    certificate = x509.load_pem_x509_certificate(pem)
    return WechatKey(
        serial=serial_of(certificate),
        public_key=_rsa(certificate.public_key()),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def read_public_key(pem: bytes, key_id: str) -> WechatKey:
    """WeChat's public key.

    Raises:
        ValueError: it is none, or is not RSA of an ordinary size.
    """
    return WechatKey(serial=key_id, public_key=_rsa(load_pem_public_key(pem)))


def serial_of(certificate: x509.Certificate) -> str:
    """A certificate's serial as WeChat writes it: 40 capital hexadecimal digits."""
    return f"{certificate.serial_number:040X}"


def read_list(document: Mapping[str, Any], api_v3_key: str) -> tuple[WechatKey, ...]:
    """The certificates in a reply of ``/v3/certificates`` that are RSA's.

    Raises:
        IncompleteObject: one cannot be opened with this key, or is not the one that it says it is.
    """
    rows = document.get("data")
    if not isinstance(rows, list) or len(rows) > _SERIALS_MAX:
        raise IncompleteObject("data is not a list")
    return tuple(_of_row(row, api_v3_key) for row in rows)


def _of_row(row: object, api_v3_key: str) -> WechatKey:
    sealed = row.get("encrypt_certificate") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(sealed, dict):
        raise IncompleteObject("a certificate is not an object")
    pem = open_resource(sealed, api_v3_key)
    try:
        key = read_certificate(pem)
    except ValueError:
        raise IncompleteObject("what is sealed is not a certificate of RSA") from None
    if text(row, "serial_no").upper().lstrip("0") != key.serial.lstrip("0"):
        raise IncompleteObject("a certificate has another serial_no than it is said to have")
    return key


def _rsa(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey) or not _BITS_MIN <= key.key_size <= _BITS_MAX:
        raise ValueError(f"not an RSA key of {_BITS_MIN} to {_BITS_MAX} bits")
    return key
