"""Draws the state diagrams of ``docs/reference/states.md`` from the tables of the code.

``python tests/docs/state_diagram.py`` writes them anew; a test holds that they are up to date. Only
where a state stands is said here: one that is new has no place yet, and so cannot be forgotten.
"""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from hongbao.ledger.model.campaign import CAMPAIGN_STEPS, CampaignState
from hongbao.ledger.model.payout import STEPS, State
from hongbao.wire.status import STEPS as PACKET_STEPS
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

_WIDTH, _HEIGHT = 116.0, 38.0
_COLUMN, _ROW = 190.0, 100.0
_MARGIN = 14.0
_ASIDE = 7.0
"""So far apart are two steps that lead there and back."""


StateT = TypeVar("StateT", bound=StrEnum)


class Diagram(NamedTuple, Generic[StateT]):
    """A table of steps, and where each state stands: its column and row."""

    steps: Mapping[StateT, frozenset[StateT]]
    places: Mapping[StateT, tuple[float, float]]


DIAGRAMS: dict[str, Diagram[Any]] = {
    "payout-states.svg": Diagram(
        STEPS,
        {
            State.CANCELLED: (0, 0),
            State.WAITING: (0, 1),
            State.REFUSED: (0, 2),
            State.IN_DOUBT: (1, 1),
            State.AWAITING_USER: (2, 0),
            State.SENT: (2.3, 1),
            State.RECEIVED: (3.3, 0),
            State.RETURNED: (3.3, 2),
        },
    ),
    "campaign-states.svg": Diagram(
        CAMPAIGN_STEPS,
        {
            CampaignState.IMPORTING: (0, 1),
            CampaignState.DRAFT: (1, 1),
            CampaignState.APPROVED: (2, 0),
            CampaignState.RUNNING: (3, 1),
            CampaignState.CANCELLED: (1, 2),
            CampaignState.PAUSED: (3, 2),
        },
    ),
    "packet-states.svg": Diagram(
        PACKET_STEPS,
        {
            Status.SENDING: (0, 0),
            Status.FAILED: (0, 1),
            Status.SENT: (1, 0),
            Status.RECEIVED: (2, 1),
            Status.RFUND_ING: (2, 0),
            Status.REFUND: (3, 0),
        },
    ),
}

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" \
viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="14">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" \
orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
"""
_STEP = (
    '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="#555" '
    'stroke-width="1.4" marker-end="url(#head)"/>\n'
)
_STATE = (
    '<rect x="{:.1f}" y="{:.1f}" width="{:g}" height="{:g}" rx="8" fill="{}" stroke="#333"/>\n'
    '<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>\n'
)


def drawn(diagram: Diagram[Any]) -> str:
    """The picture of a table, as SVG. A state that nothing leads out of is grey."""
    middles = {state: _middle(*diagram.places[state]) for state in diagram.steps}
    width = max(x for x, _ in middles.values()) + _WIDTH / 2 + _MARGIN
    height = max(y for _, y in middles.values()) + _HEIGHT / 2 + _MARGIN
    parts = [_HEAD.format(width=width, height=height)]
    for earlier, steps in diagram.steps.items():
        for later in sorted(steps):
            aside = _ASIDE if earlier in diagram.steps[later] else 0.0
            parts.append(_STEP.format(*_line(middles[earlier], middles[later], aside)))
    for state, (x, y) in middles.items():
        fill = "#fff3d6" if diagram.steps[state] else "#e8e8e8"
        box = (x - _WIDTH / 2, y - _HEIGHT / 2, _WIDTH, _HEIGHT, fill)
        parts.append(_STATE.format(*box, x, y + 5, state))
    return "".join([*parts, "</svg>\n"])


def _middle(column: float, row: float) -> tuple[float, float]:
    x = _MARGIN + _WIDTH / 2 + column * _COLUMN
    return x, _MARGIN + _HEIGHT / 2 + row * _ROW


def _line(
    start: tuple[float, float], end: tuple[float, float], aside: float
) -> tuple[float, float, float, float]:
    """From the edge of one box to that of another, a little to the right of the way."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    shift = (-dy / length * aside, dx / length * aside)
    # So much of the way lies within a box.
    inside = min(_WIDTH / 2 / abs(dx) if dx else 1.0, _HEIGHT / 2 / abs(dy) if dy else 1.0)
    return (
        start[0] + inside * dx + shift[0],
        start[1] + inside * dy + shift[1],
        end[0] - inside * dx + shift[0],
        end[1] - inside * dy + shift[1],
    )


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (FOLDER / name).write_text(drawn(diagram), encoding="utf-8")
