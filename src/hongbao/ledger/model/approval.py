"""Who must approve a campaign before it is sent: how many, and whether others than who made it.

Pure values. The settings say it, the campaign keeps what was said when its list was stored, and
whoever approves cannot make it less: the stricter counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from hongbao.beijing import DAY

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

APPROVED_FOR: Instant = DAY
"""So long the approval of one of two people waits for the other's, and a full one for a worker that
begins to pay. The mandate of a standing campaign holds until it is ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """How a campaign is approved.

    Attributes:
        approvers: how many people must approve it: 1 or 2.
        two_from: from this sum on it must be two; None is never.
        apart: whether nobody approves who has stored rows of it. With two approvers nobody does.
        signed: whether whatever people decide about it must be signed by an operator.
    """

    approvers: int = 1
    two_from: Fen | None = None
    apart: bool = False
    signed: bool = False

    def needed(self, amount: Fen) -> int:
        """How many people must approve so much money."""
        return 2 if self.two_from is not None and amount >= self.two_from else self.approvers

    def parts(self, amount: Fen) -> bool:
        """Whether nobody approves so much money who has stored rows of it."""
        return self.apart or self.needed(amount) > 1

    def stricter(self, other: ApprovalPolicy) -> ApprovalPolicy:
        """What both want."""
        amounts = [it for it in (self.two_from, other.two_from) if it is not None]
        return ApprovalPolicy(
            approvers=max(self.approvers, other.approvers),
            two_from=min(amounts, default=None),
            apart=self.apart or other.apart,
            signed=self.signed or other.signed,
        )

    @property
    def of_two(self) -> bool:
        """Whether money takes two people, from some sum on at least; then limits do, too."""
        return self.apart or self.approvers > 1 or self.two_from is not None

    @property
    def strict(self) -> bool:
        """Whether it wants more than one approval by anybody."""
        return self != ANYBODY


ANYBODY = ApprovalPolicy()
"""One person approves, whoever it is."""


def identity(actor: str) -> str:
    """Who somebody is, at whichever machine, however it is typed: ``li`` of ``Ｌi@office``.

    Letter case and full-width letters make nobody another person. Triggers of the database say the
    same of the case of ASCII letters.
    """
    return normalize("NFKC", actor).partition("@")[0].strip().casefold()
