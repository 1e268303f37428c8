"""How often this process looks for objects that refer to each other and that nobody else needs."""

from __future__ import annotations

import gc

_NEW_OBJECTS = 50_000


def collect_seldom() -> None:
    """Look when there are many new objects, not after every 700.

    Batches of rows and results live for a while and hold no circles: looking at them again and
    again took a tenth of a worker's and of an import's time. Only programs do this, which own
    their process; the library leaves the collector as it finds it.
    """
    gc.set_threshold(_NEW_OBJECTS)
