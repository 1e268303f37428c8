"""``docs/performance.md``: what is measured stands in it between marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PATH = Path(__file__).parent.parent / "docs" / "performance.md"
PLOT_PATH = PATH.with_suffix(".svg")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def write(name: str, text: str) -> None:
    """Put a text into the page, between the marks of its name."""
    begin, end = f"<!-- {name}: written by make bench -->", f"<!-- end of {name} -->"
    before, begun, rest = PATH.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise RuntimeError(f"{PATH} has no place for {name}")
    PATH.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
