"""How a child that a test forked ends."""

from __future__ import annotations

import os
from typing import Any


def exit_with(act: Any) -> None:
    """End the child without pytest's own ending; 0 if it went well."""
    code = 1
    try:
        code = 0 if act() else 2
    finally:
        os._exit(code)
