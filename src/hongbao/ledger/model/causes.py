"""The counts that a breaker judges: refusals of a campaign's payouts and other signs of trouble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK_SIGN = "+"
"""Every mark contains it and no code does, so that one column can count both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Counts of one campaign since it was last resumed.

    The person who resumes it has seen the earlier ones; only new ones stop it again.

    Attributes:
        refused: by code, the payouts whose send was refused for good or that a query found dead,
            whether or not a query has confirmed the refusal yet.
        marks: the marks of steps, such as ``"SYSTEMERROR+NOT_FOUND"``.
        paid: the payouts that are paid, or have their money locked, before or after it was resumed.
    """

    refused: Mapping[str, int]
    marks: Mapping[str, int]
    paid: int

    @classmethod
    def of(cls, counts: Mapping[str, int], *, paid: int) -> Causes:
        """Separate codes from marks.

        Args:
            counts: payouts by code, and steps by mark.
            paid: the payouts that are paid.
        """
        return cls(
            refused={code: count for code, count in counts.items() if MARK_SIGN not in code},
            marks={mark: count for mark, count in counts.items() if MARK_SIGN in mark},
            paid=paid,
        )

    @property
    def refused_total(self) -> int:
        """How many payouts were refused."""
        return sum(self.refused.values())

    @property
    def answered(self) -> int:
        """How many payouts are paid or refused."""
        return self.paid + self.refused_total
