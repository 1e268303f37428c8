"""Which language a browser asks for."""

from __future__ import annotations

from hongbao.sentences import Tongue


def preferred(accepted: str) -> Tongue:
    """The language that a browser asks for first, by its ``Accept-Language``."""
    weighed = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.strip().partition("-")[0].lower()
        if primary in set(Tongue):
            weighed.append((-_weight(weight), place, Tongue(primary)))
    return min(weighed)[2] if weighed else Tongue.ENGLISH


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
