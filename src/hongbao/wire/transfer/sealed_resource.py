"""What WeChat seals with the APIv3 key: notifications, and platform certificates in a list.

AES-256-GCM; the ciphertext is base64 with the tag of 16 bytes at its end. Source: the page
4012071382.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hongbao.sentences import say
from hongbao.wire.transfer.json_body import IncompleteObject, text

ALGORITHM = "AEAD_AES_256_GCM"
NONCE_BYTES = 12


def open_resource(resource: Mapping[str, Any], api_v3_key: str) -> bytes:
    """The plain bytes.

    Args:
        resource: with ``algorithm``, ``nonce``, ``associated_data`` and ``ciphertext``.
        api_v3_key: 32 characters.

    Raises:
        IncompleteObject: something is missing, or it was not sealed with this key.
    """
    if text(resource, "algorithm") != ALGORITHM:
        raise IncompleteObject(say("algorithm is not {algorithm}", algorithm=ALGORITHM))
    nonce = text(resource, "nonce").encode()
    associated = resource.get("associated_data") or ""
    if not isinstance(associated, str):
        raise IncompleteObject(say("associated_data is not a text"))
    ciphertext = text(resource, "ciphertext")
    try:
        sealed = b64decode(ciphertext, validate=True)
    except (NotBase64, ValueError):
        raise IncompleteObject(say("ciphertext is not base64")) from None
    if len(nonce) != NONCE_BYTES:
        raise IncompleteObject(say("nonce is not {count} bytes", count=NONCE_BYTES))
    try:
        return AESGCM(api_v3_key.encode()).decrypt(nonce, sealed, associated.encode())
    except (InvalidTag, ValueError):
        raise IncompleteObject(say("it does not open with this APIv3 key")) from None
