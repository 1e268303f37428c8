"""The hidden fields of a form: one that the session's own pages have, one that works once.

And what no field holds, hidden or not.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN, ONCE = "form_token", "form_once"
"""The names of the fields."""

_LENGTH_MAX = 64


def token(cookie: str) -> str:
    """What the forms of a session have: whoever knows it knew the cookie."""
    return sha256(f"form\n{cookie}".encode()).hexdigest()


def is_token(given: str, cookie: str) -> bool:
    """Whether a form was made for this session."""
    return compare_digest(given.encode(), token(cookie).encode())


def once_hash(given: str, cookie: str) -> bytes | None:
    """What is kept of a form that was sent; None if it has no such field."""
    if not given or len(given) > _LENGTH_MAX:
        return None
    return sha256(f"once\n{cookie}\n{given}".encode()).digest()


def are_texts(*given: Mapping[str, str]) -> bool:
    """Whether names and values are what people type: no database takes a NUL, and one fails."""
    return not any("\0" in name or "\0" in it for some in given for name, it in some.items())
