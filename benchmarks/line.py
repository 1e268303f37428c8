"""One figure beside its goal."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Line(NamedTuple):
    """One figure; ``least`` if the goal is a least value rather than a greatest.

    Attributes:
        name: of what.
        value: it.
        unit: its unit.
        goal: what it should be.
        least: whether the goal is a least value.
        swing: how far the rounds are apart, as a share of the value; None if there was one.
    """

    name: str
    value: float
    unit: str
    goal: float
    least: bool = False
    swing: float | None = None

    @classmethod
    def of(
        cls, name: str, rounds: Sequence[float], unit: str, goal: float, *, least: bool = False
    ) -> Line:
        """The median of several rounds."""
        value = median(rounds)
        swing = (max(rounds) - min(rounds)) / value if value and len(rounds) > 1 else None
        return cls(name, value, unit, goal, least, swing)

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.least else self.value <= self.goal

    @property
    def sign(self) -> str:
        """How the value must stand to the goal."""
        return ">=" if self.least else "<="

    def words(self) -> tuple[str, str, str, str, str]:
        """The line of a table."""
        digits = 0 if self.value >= 100 else 2
        return (
            self.name,
            f"{self.value:,.{digits}f} {self.unit}".strip(),
            f"{self.sign} {self.goal:,} {self.unit}".strip(),
            "yes" if self.holds else "NO",
            "" if self.swing is None else f"{self.swing:.0%}",
        )
