"""WeChat's own keys in a simulated world, and what is signed and sealed with them."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hongbao.simulator.faults import FaultKind
from hongbao.wire.transfer import json_body, signing
from hongbao.wire.transfer.wechat_keys import PROBE_BEGINS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_NONCE_CHARS, _SEALED_NONCE_CHARS = 32, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WechatSigningKey:
    """A key of WeChat's side.

    Attributes:
        serial: by which replies name it.
        private_key: RSA.
        certificate_pem: of a platform certificate; None for the public key.
        not_before: when the certificate begins, as WeChat writes it.
        not_after: when it ends.
    """

    serial: str
    private_key: RSAPrivateKey = field(repr=False)
    certificate_pem: bytes | None = None
    not_before: str = ""
    not_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WechatSide:
    """The two keys of WeChat's side.

    Attributes:
        public: the one whose public half merchants have as WeChat's public key.
        platform: the one of a platform certificate.
    """

    public: WechatSigningKey
    platform: WechatSigningKey

    def find(self, serial: str) -> WechatSigningKey | None:
        """A key by its serial, in either case."""
        for key in (self.public, self.platform):
            if key.serial.lower() == serial.lower():
                return key
        return None


@dataclass(slots=True, kw_only=True)
class MerchantV3:
    """What a merchant has of V3.

    Attributes:
        api_v3_key: 32 characters.
        certificates: the public keys of its certificates, by their serials in capitals.
        public_key_in_use: whether WeChat's public key serves it.
        platform_in_use: whether platform certificates serve it. Both, while it moves.
        product_opened: whether transfers are opened for it.
        authorizations_opened: whether the family without confirming is.
        scenes: the scenes that are opened, each with its greatest amount in fen.
        red_packet_scenes: those that may look like a red packet.
        day_max: fen that may be transferred on a Beijing day; None for no limit.
        user_day_max: fen that one user may receive on a day; None for no limit.
    """

    api_v3_key: str = field(repr=False)
    certificates: dict[str, RSAPublicKey] = field(default_factory=dict, repr=False)
    public_key_in_use: bool = True
    platform_in_use: bool = True
    product_opened: bool = True
    authorizations_opened: bool = False
    scenes: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("1000", "1002", "1004", "1005", "1009", "1010", "1011", "1013"), 1_000_000
        )
    )
    red_packet_scenes: frozenset[str] = frozenset({"1000"})
    day_max: int | None = 10_000_000
    user_day_max: int | None = 1_000_000

    def serves(self, key: WechatSigningKey) -> bool:
        """Whether a key of WeChat's side is one of this merchant's."""
        return self.platform_in_use if key.certificate_pem else self.public_key_in_use


def signed(
    key: WechatSigningKey, body: bytes, *, now: float, salt: str
) -> tuple[tuple[str, str], ...]:
    """The headers of what WeChat signs.

    Args:
        key: with which.
        body: the bytes.
        now: seconds since the epoch.
        salt: makes the nonce.
    """
    nonce = sha256(f"{salt}/nonce".encode()).hexdigest()[:_NONCE_CHARS].upper()
    timestamp = str(int(now))
    return (
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", key.serial),
        (
            "Wechatpay-Signature",
            signing.sign(key.private_key, signing.reply_text(timestamp, nonce, body)),
        ),
        ("Wechatpay-Signature-Type", signing.SCHEME),
    )


def signed_badly(
    headers: Mapping[str, str], kind: FaultKind, *, stale: Mapping[str, str]
) -> dict[str, str]:
    """Headers with a signature that proves nothing.

    Args:
        headers: rightly signed.
        kind: one of ``faults.OF_TRANSFERS``.
        stale: the same headers, signed too long ago.
    """
    signature = headers.get("Wechatpay-Signature", "")
    match kind:
        case FaultKind.UNSIGNED_REPLY:
            return {name: it for name, it in headers.items() if not name.startswith("Wechatpay-")}
        case FaultKind.PROBE_REPLY:
            # As WeChat's: what stands behind the mark need not be base64.
            probe = f"{PROBE_BEGINS}{signature[len(PROBE_BEGINS) + 1 :]}"
            return {**headers, "Wechatpay-Signature": probe}
        case FaultKind.WRONG_SIGNATURE:
            return {**headers, "Wechatpay-Nonce": "0" * 32}
        case FaultKind.STALE_SIGNATURE:
            return {**headers, **stale}
        case FaultKind.FOREIGN_SERIAL:
            return {**headers, "Wechatpay-Serial": "7F" * 20}
        case _:
            return dict(headers)


def sealed(plain: bytes, api_v3_key: str, *, associated: str, salt: str) -> dict[str, str]:
    """What WeChat seals with the APIv3 key."""
    nonce = sha256(f"{salt}/sealed".encode()).hexdigest()[:_SEALED_NONCE_CHARS]
    box = AESGCM(api_v3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "associated_data": associated,
        "ciphertext": b64encode(box).decode(),
        "nonce": nonce,
    }


def notification(
    document: Mapping[str, Any],
    api_v3_key: str,
    *,
    event_id: str,
    event_type: str,
    created: str,
) -> bytes:
    """The body of a notification."""
    resource = sealed(
        json_body.encode(document), api_v3_key, associated="mch_payment", salt=event_id
    )
    return json.dumps(
        {
            "id": event_id,
            "create_time": created,
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": "商家转账单据终态通知",
            "resource": {"original_type": "mch_payment", **resource},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
