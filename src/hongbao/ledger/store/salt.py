"""The salt of these books, and the salted hashes that replace secrets in their histories."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger.store.schema import BOOK

if TYPE_CHECKING:
    from sqlalchemy import Connection


def salted_hash(salt: bytes, secret: str) -> str:
    """The salted SHA-256, in hexadecimal, that replaces a receiver or a voucher in an event."""
    return sha256(salt + secret.encode()).hexdigest()


def book_salt(connection: Connection) -> bytes:
    """The salt of these books."""
    return bytes(connection.execute(select(BOOK.c.salt)).scalar_one())
