"""Charts as SVG, drawn on the server: no script, no inline style, and a title for each bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from hongbao.money import format_yuan

WIDTH, HEIGHT = 600, 120
_BAR = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}')
_END = Markup("</title></rect>")
_CHART = Markup(
    '<div class="chart"><p class="axis">¥{}</p>{}'
    '<p class="axis"><span>{}</span><span>{}</span></p></div>'
)
_SVG = Markup(
    '<svg class="{}" role="img" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-label="{}">'
)


class Bar(NamedTuple):
    """One bar, or one part of a stacked one.

    Attributes:
        value: how long it is, compared with the others.
        title: what it says, in words.
        kind: a class of ``console.css``, which gives its colour.
        place: what is written below it, if it is the first or the last.
    """

    value: int
    title: str
    kind: str = "bar"
    place: str = ""


def columns(bars: Sequence[Bar], label: str) -> Markup:
    """Bars of money beside each other, the highest as high as the chart, with what it comes to.

    Args:
        bars: from left to right, in fen.
        label: what the chart shows.
    """
    most = max((bar.value for bar in bars), default=0)
    highest = most or 1
    step = WIDTH / (len(bars) or 1)
    drawn = [
        _rectangle(bar, place * step + 1, HEIGHT * (1 - bar.value / highest), max(step - 2, 1),
                   HEIGHT * bar.value / highest)
        for place, bar in enumerate(bars)
    ]  # fmt: skip
    return _CHART.format(
        format_yuan(most), _drawn(drawn, "columns", HEIGHT, label),
        *((bars[0].place, bars[-1].place) if bars else ("", "")),
    )  # fmt: skip


def stacked(parts: Sequence[Bar], label: str) -> Markup:
    """One bar in parts, such as what became of a campaign.

    Args:
        parts: from left to right.
        label: what the bar shows.
    """
    total = sum(part.value for part in parts) or 1
    height, x, drawn = 10, 0.0, []
    for part in parts:
        width = WIDTH * part.value / total
        if part.value:
            drawn.append(_rectangle(part, x, 0, width, height))
        x += width
    return _drawn(drawn, "stacked", height, label)


def _rectangle(bar: Bar, x: float, y: float, width: float, height: float) -> Markup:
    return _BAR.format(bar.kind, x, y, width, height, bar.title) + _END


def _drawn(bars: Sequence[Markup], kind: str, height: int, label: str) -> Markup:
    return _SVG.format(kind, WIDTH, height, label) + Markup("").join(bars) + Markup("</svg>")
