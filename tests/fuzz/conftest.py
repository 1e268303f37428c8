"""The targets stand in the top-level folder ``fuzz``, and know where what they need stands."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "fuzz"))

import targets  # noqa: F401  # see above
