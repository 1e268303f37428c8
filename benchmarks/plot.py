"""The clients side by side as an SVG: bars on a logarithmic scale, readable in light and dark."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from client_peers import RAW, SITUATIONS, STREAMS, C

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from side_by_side import Figure

_WIDTH = 860
_LEFT = 210  # where the bars begin: their names stand before
_RIGHT = 740  # where the scale ends: the longest bar's value stands behind
_ROW = 22
_HEADING = 40
_TOP = 56
_BOTTOM = 20
_LEAST = 10.0  # microseconds, where the scale begins
_TICKS = {1e1: "10 µs", 1e2: "100 µs", 1e3: "1 ms", 1e4: "10 ms", 1e5: "100 ms", 1e6: "1 s"}

_READY_MADE = {C.name, RAW.name, STREAMS.name}  # they only carry bytes, and mean nothing by them

_CAPTION = "CPU for one call, on a logarithmic scale: shorter is better"
# The picture brings its own ground, for a page may be dark where the reader's system is light.
_STYLE = """
  .ground { fill: #ffffff }
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .heading { font-weight: 600 }
  .name { text-anchor: end }
  .tick { text-anchor: middle; font-size: 11px; fill: #59636e }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
  line { stroke: #d1d9e0 }
  .ours { fill: #c8322b }
  .bytes { fill: #818b98 }
  .other { fill: #4a7fb5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 }
    text { fill: #f0f6fc }
    .tick { fill: #9198a1 }
    .value { stroke: #0d1117 }
    line { stroke: #3d444d }
    .ours { fill: #f0625b }
    .bytes { fill: #7d8590 }
    .other { fill: #5b9bd8 }
  }
"""


def svg(figures: Sequence[Figure]) -> str:
    """The picture of CPU a call."""
    most = max(figure.cpu_microseconds for figure in figures)
    scale = _Scale(10 ** math.ceil(math.log10(most)))
    groups = {
        f"{situation.name} (1 x: {situation.floor.name})": [
            figure for figure in figures if figure.situation == situation.name
        ]
        for situation in SITUATIONS
    }
    height = _TOP + _HEADING * len(groups) + _ROW * len(figures) + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>CPU of the client's process for one call, by client and situation</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="6"/>',
        f'<text class="heading" x="16" y="26">{_CAPTION}</text>',
        *scale.grid(height),
        *_groups(groups, scale),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


class _Scale:
    """Where on the picture so many microseconds stand."""

    def __init__(self, most: float) -> None:
        self._most = most

    def at(self, microseconds: float) -> float:
        share = math.log(max(microseconds, _LEAST) / _LEAST) / math.log(self._most / _LEAST)
        return _LEFT + share * (_RIGHT - _LEFT)

    def grid(self, height: int) -> Iterator[str]:
        for microseconds, words in _TICKS.items():
            if microseconds <= self._most:
                x = self.at(microseconds)
                y = height - _BOTTOM
                yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{y}"/>'
                yield f'<text class="tick" x="{x:.1f}" y="{_TOP - 6}">{words}</text>'


def _groups(groups: dict[str, list[Figure]], scale: _Scale) -> Iterator[str]:
    y = _TOP
    for name, figures in groups.items():
        yield f'<text class="heading" x="16" y="{y + 26}">{escape(name)}</text>'
        y += _HEADING
        for figure in figures:
            yield from _bar(figure, y, scale)
            y += _ROW


def _bar(figure: Figure, y: int, scale: _Scale) -> Iterator[str]:
    end, middle = scale.at(figure.cpu_microseconds), y + _ROW - 7
    said = f"{figure.cpu_microseconds:,.0f} µs, {figure.ratio:,.1f} x"
    yield f'<text class="name" x="{_LEFT - 8}" y="{middle}">{escape(figure.contender)}</text>'
    yield (
        f'<rect class="{_role(figure)}" x="{_LEFT}" y="{y + 3}" width="{end - _LEFT:.1f}" '
        f'height="{_ROW - 6}" rx="2"/>'
    )
    yield f'<text class="value" x="{end + 6:.1f}" y="{middle}">{said}</text>'


def _role(figure: Figure) -> str:
    if figure.contender.startswith("hongbao"):
        return "ours"
    return "bytes" if figure.contender in _READY_MADE else "other"
