"""The fixture of the worker's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from worker_stage import WorkerStage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[WorkerStage]:
    """One worker's world."""
    stage = WorkerStage(tmp_path)
    yield stage
    stage.book.close()
