"""The files of reports: readable by their owner alone, and there only when they are whole."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def is_workbook(path: Path) -> bool:
    """Whether a file is to be a workbook; else it is to be a CSV.

    Raises:
        ConfigurationError: if its name says neither.
    """
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise ConfigurationError(
            setting=str(path),
            problem=say("is neither .csv nor .xlsx"),
            remedy=say("Give a path such as spring.csv or spring.xlsx."),
        )
    return kind == ".xlsx"


def files_of(path: Path) -> tuple[Path, ...]:
    """All files that a report to this path writes."""
    return (path, summary_path(path)) if path.suffix.lower() == ".csv" else (path,)


def summary_path(path: Path) -> Path:
    """Where the summary of a report in CSV stands: ``spring.csv`` has ``spring.summary.csv``."""
    return path.with_suffix(f".summary{path.suffix}")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write a file that takes the place of ``path`` when it is whole.

    Raises:
        ConfigurationError: if it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:  # from here on: a signal may come when the file is made and nobody knows of it yet
        # It says who was paid, perhaps in full: nobody else's business, as the books are.
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        yield part
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(
            setting=str(path),
            problem=say("cannot be written ({strerror})", strerror=error.strerror),
            remedy=say("Check that its folder is there, may be written and has room."),
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
