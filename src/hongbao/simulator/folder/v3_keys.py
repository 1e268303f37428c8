"""The keys of V3 out of a folder's certificates."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hongbao.simulator.folder.certificates import certificate_pem
from hongbao.simulator.transfer.moments import written
from hongbao.simulator.transfer.wechat_side import MerchantV3, WechatSide, WechatSigningKey
from hongbao.wire.transfer.certificates import serial_of
from hongbao.wire.transfer.wechat_keys import PUBLIC_KEY_BEGINS

if TYPE_CHECKING:
    from pathlib import Path

CertifiedKey: TypeAlias = tuple[x509.Certificate, rsa.RSAPrivateKey]


def wechat_side(public: CertifiedKey, platform: CertifiedKey) -> WechatSide:
    """WeChat's own keys."""
    certificate, key = platform
    return WechatSide(
        public=WechatSigningKey(
            serial=f"{PUBLIC_KEY_BEGINS}{serial_of(public[0])}", private_key=public[1]
        ),
        platform=WechatSigningKey(
            serial=serial_of(certificate),
            private_key=key,
            certificate_pem=certificate_pem(certificate),
            not_before=written(certificate.not_valid_before_utc.timestamp()),
            not_after=written(certificate.not_valid_after_utc.timestamp()),
        ),
    )


def public_key_pem(key: WechatSigningKey) -> bytes:
    """The public half, as merchants have it."""
    public = key.private_key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def merchant_v3(api_v3_key: str, certificate: x509.Certificate | None) -> MerchantV3:
    """What a merchant has of V3."""
    found: dict[str, rsa.RSAPublicKey] = {}
    if certificate is not None:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            found[serial_of(certificate)] = key
    return MerchantV3(api_v3_key=api_v3_key, certificates=found)


def with_relative_paths(values: dict[str, Any], place: Path) -> dict[str, Any]:
    """A merchant's settings with paths as they are from its folder, so that it may be moved."""

    def shorter(name: str, value: object) -> object:
        if name.endswith("_path"):
            return os.path.relpath(str(value), place)
        if isinstance(value, tuple):
            return [os.path.relpath(path, place) for path in value]
        return value

    return {name: shorter(name, value) for name, value in values.items()}
