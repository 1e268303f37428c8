"""Verifies Ed25519 signatures of decisions."""

from __future__ import annotations


def fits(public: bytes, statement: str, signature: bytes) -> bool:
    """Whether whoever has the private key to this public one has signed this statement."""
    # It takes 0.1 s to import, and most books have no signatures.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # the same
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
