"""Who may ask on the loopback: only those who call this machine by its own name."""

from __future__ import annotations

import re

# A web page from evil.example may have made that name resolve to 127.0.0.1.
_LOCAL_HOST = re.compile(rb"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)


def is_local_host(host: bytes) -> bool:
    """Whether a ``Host`` header names this machine."""
    return _LOCAL_HOST.fullmatch(host) is not None
