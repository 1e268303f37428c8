"""Times as V3 writes them: RFC 3339, in Beijing."""

from __future__ import annotations

from datetime import datetime

from hongbao.beijing import BEIJING


def written(moment: float) -> str:
    """``2026-11-29T08:00:01+08:00``."""
    return datetime.fromtimestamp(int(moment), BEIJING).isoformat()
