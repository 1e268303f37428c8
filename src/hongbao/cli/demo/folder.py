"""A demo's folder: gone at the end, unless it is kept and all went well."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hongbao.cli.signals import unheeded

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def throwaway(*, kept: bool) -> Iterator[Path]:
    """A folder for as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="hongbao-demo-"))
    try:
        yield folder
    except BaseException:
        _remove(folder)
        raise
    if not kept:
        _remove(folder)


def _remove(folder: Path) -> None:
    with unheeded():
        shutil.rmtree(folder, ignore_errors=True)
