"""Tables that are too long to be held, sent as they are read."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

_BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""


def streamed_csv(name: str, parts: Iterator[str]) -> Response:
    """A CSV file of which each part is made when the one before it is sent.

    The first one is made at once: what is wrong with what is asked for is then said on a page, and
    breaks no download off.

    Args:
        name: of the file.
        parts: its text.

    Raises:
        HongbaoError: as the first part does.
    """
    first = next(parts, "")
    return StreamingResponse(
        chain((_BOM + first,), parts), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
