"""One figure beside its goal."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """One figure; ``least`` if the goal is a least value rather than a greatest."""

    name: str
    value: float
    unit: str
    goal: float
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.least else self.value <= self.goal

    @property
    def sign(self) -> str:
        """How the value must stand to the goal."""
        return ">=" if self.least else "<="

    def words(self) -> tuple[str, str, str, str]:
        """The line of a table."""
        digits = 0 if self.value >= 100 else 2
        return (
            self.name,
            f"{self.value:,.{digits}f} {self.unit}".strip(),
            f"{self.sign} {self.goal:,} {self.unit}".strip(),
            "yes" if self.holds else "NO",
        )
