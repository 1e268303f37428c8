"""All targets by their names, and the seeds that are kept for each."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
SEEDS = _HERE / "seeds"

# What the tests make of valid messages, worlds and lists serves here too.
sys.path += [str(_HERE.parent / "tests" / part) for part in ("", "wire", "simulator", "campaign")]

import bill_targets  # noqa: E402  # see above
import certificate_targets  # noqa: E402  # see above
import http_targets  # noqa: E402  # see above
import list_targets  # noqa: E402  # see above
import phone_targets  # noqa: E402  # see above
import simulator_targets  # noqa: E402  # see above
import transfer_targets  # noqa: E402  # see above
import wire_targets  # noqa: E402  # see above

TARGETS = {
    **wire_targets.TARGETS,
    **transfer_targets.TARGETS,
    **http_targets.TARGETS,
    **simulator_targets.TARGETS,
    **phone_targets.TARGETS,
    **certificate_targets.TARGETS,
    **list_targets.TARGETS,
    **bill_targets.TARGETS,
}


def seeds_of(name: str) -> list[Path]:
    """The bytes that are kept for a target: ordinary ones, hostile ones, and old findings."""
    return sorted((SEEDS / name).iterdir())
