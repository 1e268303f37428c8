"""What a breaker judges: why payouts of a campaign were refused, and other marks of trouble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK_SIGN = "+"
"""Stands in every mark and in no code, so that one column counts both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Counts of one campaign since it was last resumed.

    Whoever resumes has seen what was before; what is counted again stops it again.

    Attributes:
        refused: payouts that a send was refused of for good, or that a query found dead, by the
            code; whether or not a query has confirmed the refusal yet.
        marks: the marks of steps, such as ``"SYSTEMERROR+NOT_FOUND"``.
        paid: payouts that are paid, whether before it was resumed or since.
    """

    refused: Mapping[str, int]
    marks: Mapping[str, int]
    paid: int

    @classmethod
    def of(cls, counts: Mapping[str, int], *, paid: int) -> Causes:
        """Codes and marks told apart.

        Args:
            counts: payouts by code, and steps by mark.
            paid: payouts that are paid.
        """
        return cls(
            refused={code: count for code, count in counts.items() if MARK_SIGN not in code},
            marks={mark: count for mark, count in counts.items() if MARK_SIGN in mark},
            paid=paid,
        )

    @property
    def refused_total(self) -> int:
        """Payouts that were refused."""
        return sum(self.refused.values())

    @property
    def answered(self) -> int:
        """Payouts that are paid or refused."""
        return self.paid + self.refused_total
