"""What the books have already of the rows that they are given, and what they did with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A key that is already in the books.

    Attributes:
        payout_id: the payout with this key.
        campaign_id: that payout's campaign.
        state: that payout's state.
        differences: ``(field, in the books, now)`` for each field that differs, with payees masked;
            empty if the content is the same or the key is free.
        free: whether that payout was cancelled with its campaign before any call. Then a new one
            takes over its key and number, whatever its content.
    """

    payout_id: int
    campaign_id: int
    state: State
    differences: tuple[tuple[str, str, str], ...]
    free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What was done with submitted rows.

    Attributes:
        new: how many were added.
        known: how many were already in the books with the same content.
        elsewhere: how many of those are in another campaign, so that this one does not pay them.
    """

    new: int = 0
    known: int = 0
    elsewhere: int = 0

    def __add__(self, other: Submitted) -> Submitted:
        """The sums of both."""
        return Submitted(
            new=self.new + other.new,
            known=self.known + other.known,
            elsewhere=self.elsewhere + other.elsewhere,
        )
