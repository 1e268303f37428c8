"""WeChat's platform certificates: as PEM, and as the list in which WeChat gives them.

Source: the page 4012069173. A merchant who has WeChat's public key only gets none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hongbao.sentences import say
from hongbao.wire.transfer.json_body import IncompleteObject, text
from hongbao.wire.transfer.sealed_resource import open_resource
from hongbao.wire.transfer.wechat_keys import WechatKey

_BITS_MIN, _BITS_MAX = 2048, 8192
_SERIALS_MAX = 100


class NotRsa(ValueError):
    """A key of another kind: WeChat has some of SM2, too."""


def read_certificate(pem: bytes) -> WechatKey:
    """The key of a platform certificate, with its dates.

    Raises:
        NotRsa: its key is of another kind.
        ValueError: it is no certificate, or its key is not of an ordinary size.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except UnsupportedAlgorithm as error:
        raise NotRsa(str(error)) from None
    except x509.InvalidVersion as error:
        raise ValueError(str(error)) from None
    return WechatKey(
        serial=serial_of(certificate),
        public_key=_rsa(key),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def read_public_key(pem: bytes, key_id: str) -> WechatKey:
    """WeChat's public key.

    Raises:
        NotRsa: it is of another kind.
        ValueError: it is no key, or is not of an ordinary size.
    """
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise NotRsa(str(error)) from None
    return WechatKey(serial=key_id, public_key=_rsa(key))


def serial_of(certificate: x509.Certificate) -> str:
    """A certificate's serial as WeChat writes it: 40 capital hexadecimal digits."""
    return f"{certificate.serial_number:040X}"


def read_list(document: Mapping[str, Any], api_v3_key: str) -> tuple[WechatKey, ...]:
    """The certificates in a reply of ``/v3/certificates``; those of other kinds are left out.

    Raises:
        IncompleteObject: one cannot be opened with this key, or is not the one that it says it is.
    """
    rows = document.get("data")
    if not isinstance(rows, list) or len(rows) > _SERIALS_MAX:
        raise IncompleteObject(say("data is not a list"))
    found = [_of_row(row, api_v3_key) for row in rows]
    return tuple([key for key in found if key is not None])


def _of_row(row: object, api_v3_key: str) -> WechatKey | None:
    sealed = row.get("encrypt_certificate") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(sealed, dict):
        raise IncompleteObject(say("a certificate is not an object"))
    pem = open_resource(sealed, api_v3_key)
    try:
        key = read_certificate(pem)
    except NotRsa:
        return None
    except ValueError:
        raise IncompleteObject(say("what is sealed is not a certificate")) from None
    if text(row, "serial_no").upper().lstrip("0") != key.serial.lstrip("0"):
        raise IncompleteObject(say("a certificate has another serial_no than it is said to have"))
    return key


def _rsa(key: object) -> RSAPublicKey:
    if not isinstance(key, RSAPublicKey):
        raise NotRsa(say("not an RSA key"))
    if not _BITS_MIN <= key.key_size <= _BITS_MAX:
        raise ValueError(say("not of {least} to {most} bits", least=_BITS_MIN, most=_BITS_MAX))
    return key
