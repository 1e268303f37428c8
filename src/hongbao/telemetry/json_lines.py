"""Log records as JSON, one a line: of each call its id, and what the log says of it."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIX = "hongbao_"


class JsonLines(logging.Formatter):
    """Formats records; what hongbao adds to them stands without its prefix."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {
            name.removeprefix(_PREFIX): value
            for name, value in vars(record).items()
            if name.startswith(_PREFIX) and value is not None
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__  # its text may hold anything
        return json.dumps(line, ensure_ascii=False, default=str)


@contextmanager
def logged_to(path: Path) -> Iterator[None]:
    """Append a line for each record of hongbao's to a file, as long as this lasts.

    Raises:
        OSError: if it cannot be written.
    """
    log = logging.getLogger("hongbao")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonLines())
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
        handler.close()
