"""How the reader of a hint can call this program: not everybody has it on the path."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def typed() -> str:
    """``hongbao`` where that is this program, else the way in which it was called."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{sys.executable} -m hongbao"
    found = shutil.which("hongbao")
    if found is not None and Path(found).resolve() == called.resolve():
        return "hongbao"
    return sys.argv[0]
