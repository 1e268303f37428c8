"""Writes a file completely or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECRET = 0o600
PUBLIC = 0o644


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """Write a file completely or not at all; ``mode`` holds from the first byte on."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)  # noqa: PTH101  # a string, fresh from mkstemp
        os.replace(temporary, path)  # noqa: PTH105  # the same
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108  # the same
        raise
