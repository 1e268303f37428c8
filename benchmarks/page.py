"""The tables of ``docs/benchmarks.md``, each between its marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def write(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Put a table into the page, between the marks of its name."""
    begin, end = f"<!-- {name}: written by make bench -->", f"<!-- end of {name} -->"
    before, begun, rest = _PAGE.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise RuntimeError(f"{_PAGE} has no place for {name}")
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    table = "\n".join(lines)
    _PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
